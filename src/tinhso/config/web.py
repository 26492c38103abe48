"""The web process: Granian with the application loaded once, before its workers fork.

Each worker starting from nothing would import the whole product for itself, at every start and for every worker. One
that is killed is forked anew at once; the others go on serving.
"""

import ctypes
import gc
import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

import click

from tinhso.config.bootstrap import spare_collector
from tinhso.config.logs import SERVER_LOGGING

_PR_SET_PDEATHSIG = 1


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65_535), required=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
def main(host: str, port: int, workers: int) -> None:
    """Serve pages and API until told to stop."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    application = _load_everything()
    multiprocessing.set_start_method("fork")
    server = Granian(
        "tinhso.config.wsgi:application", address=host, port=port, workers=workers, interface=Interfaces.WSGI,
        blocking_threads=4, backpressure=64, log_level=LogLevels.warning, log_dictconfig=SERVER_LOGGING,
        respawn_failed_workers=True,
    )  # fmt: skip
    server.respawned_wrks = _Born()
    server.serve(target_loader=_loader(application, os.getpid()), wrap_loader=False)


class _Born(dict[int, float]):
    """When each worker was made anew. Granian gives up on one that dies within 5.5 seconds of its birth.

    Two kills in a row are no reason to take the whole server down; a worker that dies within half a second never got to
    serve, and then the server does end, for who keeps it to tell.
    """

    def get(self, key: int, default: Any = 0) -> Any:
        """The birth, five seconds earlier than it was."""
        return super().get(key, default) - 5.0


def _load_everything() -> Any:
    """The application, with what a first request would import; spares the workers from copying it when they collect.

    Nothing that is imported is thrown away again, so looking for garbage meanwhile would only cost time.
    """
    gc.disable()
    from django.urls import get_resolver

    from tinhso.config.wsgi import application

    assert get_resolver().url_patterns  # noqa: S101 - reading them is what imports every view
    spare_collector()
    gc.enable()
    return application


def _loader(application: Any, parent: int) -> Callable[[], Any]:
    def load() -> Any:
        """Called in a new worker: it must not outlive the server that owns the port."""
        ctypes.CDLL("libc.so.6").prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
        return application

    return load


if __name__ == "__main__":
    main()
