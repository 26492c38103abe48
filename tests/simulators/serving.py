"""Serves an ASGI application over real HTTP on loopback, in a thread, for tests."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from granian.server.embed import Server
from starlette.types import ASGIApp


@contextmanager
def serve(app: ASGIApp) -> Iterator[str]:
    """The address (`http://127.0.0.1:port`) under which the application answers inside the block."""
    port = _free_port()
    started, loop = threading.Event(), asyncio.new_event_loop()
    server: list[Server] = []

    async def run() -> None:
        server.append(Server(app, address="127.0.0.1", port=port, interface="asgi", log_enabled=False))
        started.set()
        await server[0].serve()

    def main() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(run())
        loop.close()

    thread = threading.Thread(target=main, daemon=True)
    thread.start()
    started.wait(10)
    _wait_for(port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(server[0].stop)
        thread.join(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.025)
    raise TimeoutError(f"nothing answers on port {port}")
