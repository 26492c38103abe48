"""The process of the exchange's gateway: Granian with the application loaded once, before its workers fork."""

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import click

_PR_SET_PDEATHSIG = 1


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65_535), required=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
def main(host: str, port: int, workers: int) -> None:
    """Exchange messages until told to stop."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    application = load()
    # The writer of the log asks for its turn many times a second; the usual 5 ms would be added to every answer.
    sys.setswitchinterval(0.0005)
    gc.collect()
    gc.freeze()
    multiprocessing.set_start_method("fork")
    server = Granian(
        "tinhso.config.gateway:load", address=host, port=port, workers=workers, interface=Interfaces.ASGI,
        websockets=False, log_level=LogLevels.warning,
    )  # fmt: skip
    server.serve(target_loader=_loader(application, os.getpid()), wrap_loader=False)


def load() -> Any:
    """The application, with Django set up for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tinhso.config.settings_gateway")
    import django

    django.setup()
    from tinhso.interfaces.gateway.app import Application

    return Application()


def _loader(application: Any, parent: int) -> Callable[[], Any]:
    def give() -> Any:
        """Called in a new worker: it must not outlive the server that owns the port."""
        ctypes.CDLL("libc.so.6").prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
        return application

    return give


if __name__ == "__main__":
    main()
