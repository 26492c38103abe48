"""The worker process: runs jobs from the queue in the database until told to stop."""

import logging
from typing import TYPE_CHECKING, cast

from tinhso.config.bootstrap import setup, spare_collector

if TYPE_CHECKING:
    from procrastinate.contrib.django.django_connector import DjangoConnector


def main() -> None:
    """Run jobs; SIGTERM finishes the ones under way."""
    setup()
    from procrastinate.contrib.django import app

    spare_collector()
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    connector = cast("DjangoConnector", app.connector)
    with app.replace_connector(connector.get_worker_connector()) as worker_app:
        worker_app.run_worker(concurrency=2, install_signal_handlers=True, shutdown_graceful_timeout=10)


if __name__ == "__main__":
    main()
