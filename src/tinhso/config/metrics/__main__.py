"""The process of the metrics: `python -m tinhso.config.metrics`. It answers while the web is busy, at a port of its own."""

import hmac
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast
from wsgiref.simple_server import WSGIRequestHandler, make_server

import click

from tinhso.config.bootstrap import setup

Answer = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[dict[str, Any], Answer], Iterable[bytes]]


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="An address that only the watching machine reaches."
)
@click.option("--port", type=click.IntRange(1, 65_535), required=True)
def main(host: str, port: int) -> None:
    """Answer `/metrics` until told to stop; one fetch at a time."""
    setup()
    logging.getLogger("django").setLevel(logging.ERROR)
    with make_server(host, port, application(), handler_class=_Quiet) as server:
        server.serve_forever()


def application() -> Application:
    """The WSGI application; the folder of the counts is cleared of processes that are no more."""
    from django.conf import settings
    from prometheus_client import CollectorRegistry, make_wsgi_app
    from prometheus_client.multiprocess import MultiProcessCollector

    from tinhso.config.metrics.state import State
    from tinhso.lib import meters

    registry = CollectorRegistry(auto_describe=False)
    folder = Path(settings.METRICS_DIR) if settings.METRICS_DIR else None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        meters.forget_the_dead(folder, counts=True)
        MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]  # the library's
    registry.register(State())
    tell = cast("Application", make_wsgi_app(registry))

    def serve(environ: dict[str, Any], start: Answer) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != "/metrics":
            return _plain(start, "404 Not Found")
        if not _may_read(environ, settings.METRICS_TOKEN):
            return _plain(start, "401 Unauthorized")
        if folder is not None:
            meters.forget_the_dead(folder)
        return tell(environ, start)

    return serve


def _may_read(environ: dict[str, Any], token: str) -> bool:
    scheme, _, shown = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return not token or (scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), token.encode()))


def _plain(start: Answer, status: str) -> Iterable[bytes]:
    headers = [("Content-Type", "text/plain"), *([("WWW-Authenticate", "Bearer")] if status[:3] == "401" else [])]
    start(status, headers)
    return [status.encode()]


class _Quiet(WSGIRequestHandler):
    """Fetches every few seconds are not worth a line each; a connection the database has ended is not used again."""

    def handle(self) -> None:
        """One fetch."""
        from django.db import close_old_connections

        close_old_connections()
        super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    main()
