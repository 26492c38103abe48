"""Serves an ASGI application for tests: over real HTTP on loopback, in a thread; or without any network, in a call."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
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


class _Within(httpx.BaseTransport):
    def __init__(self, app: ASGIApp) -> None:
        self._transport = httpx.ASGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        content = request.read()

        async def ask() -> httpx.Response:
            asked = httpx.Request(request.method, request.url, headers=request.headers, content=content)
            answer = await self._transport.handle_async_request(asked)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        return asyncio.run(ask())


def within(app: ASGIApp) -> httpx.Client:
    """A client that calls the application in this process: cheap, and good for all that needs no real connection."""
    return httpx.Client(transport=_Within(app), base_url="http://within")


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
