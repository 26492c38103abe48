"""The process of the exchange's gateway: the application loaded once, then as many workers as are asked for.

The parent holds the ports: while a worker that died is replaced, callers wait instead of being refused.
"""

import asyncio
import os
import signal
import sys
from typing import Any

import click

from tinhso.config.preforked import Keeper


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65_535), required=True)
@click.option("--tls-port", type=click.IntRange(1, 65_535), help="Port where every client shows its certificate.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
def main(host: str, port: int, tls_port: int | None, workers: int) -> None:
    """Exchange messages until told to stop."""
    application = load()
    from tinhso.config.bootstrap import spare_collector
    from tinhso.interfaces.gateway.server import listen

    plain, secure = [listen(host, port)], [listen(host, tls_port)] if tls_port else []
    spare_collector()
    sys.exit(Keeper(lambda: _serve(application, plain, secure), processes=workers).run())


def load() -> Any:
    """The application, with Django set up for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tinhso.config.settings_gateway")
    import django

    django.setup()
    from tinhso.interfaces.gateway.app import Application

    return Application()


def _serve(application: Any, plain: Any, secure: Any) -> None:
    import uvloop

    from tinhso.interfaces.gateway.server import Server

    async def run() -> None:
        server = Server(application, plain, secure)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stop)
        await server.serve()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


if __name__ == "__main__":
    main()
