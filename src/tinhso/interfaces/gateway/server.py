"""The gateway's own server: listens on a plain port and on one where every client shows a certificate."""

import asyncio
import socket
from collections.abc import Callable, Sequence

import structlog

from tinhso.interfaces.gateway.app import Application
from tinhso.interfaces.gateway.connections import Application as Serving
from tinhso.interfaces.gateway.connections import Connection

_SWEEP_S = 1.0
_FINISH_S = 15.0  # exchanges under way when the server is told to stop may take so long to end
_HANDSHAKE_S = 10.0
_log = structlog.get_logger(__name__)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; processes that fork share it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.create_server((host, port), family=family, backlog=1_024)
    found.setblocking(False)
    return found


class Server:
    """Serves the gateway on sockets that listen already, until told to stop."""

    def __init__(
        self, application: Application, plain: Sequence[socket.socket], secure: Sequence[socket.socket] = ()
    ) -> None:
        self.gateway = application
        self.application: Serving = application.__call__
        self.connections: set[Connection] = set()
        self.is_stopping = False
        self._plain, self._secure = plain, secure
        self._stopped = asyncio.Event()

    async def serve(self, started: Callable[[], None] = lambda: None) -> None:
        """Run until `stop`; then finish what is under way."""
        loop = asyncio.get_running_loop()
        gateway = await self.gateway.start()
        servers = [await loop.create_server(lambda: Connection(self), sock=one) for one in self._plain]
        if self._secure:
            servers += [
                await loop.create_server(
                    lambda: Connection(self), sock=one, ssl=gateway.shown, ssl_handshake_timeout=_HANDSHAKE_S
                )
                for one in self._secure
            ]
        sweeping = asyncio.create_task(self._sweep())
        started()
        await self._stopped.wait()
        self.is_stopping = True
        for server in servers:
            server.close()
        for one in list(self.connections):
            one.close_if_idle()
        until = loop.time() + _FINISH_S
        while self.connections and loop.time() < until:
            await asyncio.sleep(0.02)
        sweeping.cancel()
        for one in list(self.connections):
            one.cut()
        await self.gateway.stop()
        await asyncio.sleep(0.01)  # what was cut is let go of in the loop's next turns

    def stop(self) -> None:
        """Stop listening; called in the loop that serves."""
        self._stopped.set()

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SWEEP_S)
            at = loop.time()
            for one in list(self.connections):
                one.expire(at)
