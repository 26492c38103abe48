"""The process of the exchange's gateway: the application loaded once, then as many workers as are asked for."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from typing import Any

import click

_PR_SET_PDEATHSIG = 1


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
    if workers == 1:
        _serve(application, plain, secure)
        return
    sys.exit(_watch([_fork(application, plain, secure) for _ in range(workers)]))


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


def _fork(application: Any, plain: Any, secure: Any) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    # A worker must not outlive the process that owns the port.
    ctypes.CDLL("libc.so.6").prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    status = 1
    try:
        if os.getppid() == parent:
            _serve(application, plain, secure)
            status = 0
    finally:
        os._exit(status)


def _watch(workers: list[int]) -> int:
    """Wait until all have ended. One that ends unasked ends the others: who keeps the gateway running starts it anew."""

    def tell(*_signal: object) -> None:
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, tell)
    worst, left = 0, set(workers)
    while left:
        ended, status = os.wait()
        left.discard(ended)
        workers[:] = left
        worst = max(worst, abs(os.waitstatus_to_exitcode(status)))
        tell()
    return worst


if __name__ == "__main__":
    main()
