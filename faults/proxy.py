"""`python -m faults.proxy LISTEN TARGET SHARE SEED LOG`: a line that breaks, between a client and a server.

Of the pieces that clients send, a share meets a fault: cut before the server hears of it, cut after the server has
answered and before the client hears, cut in the middle of the answer, or slow. Each is a line of the log when it has
happened. Signal USR1 makes the line good for ever.
"""

import asyncio
import os
import random
import signal
import socket
import struct
import sys

_FAULTS = ("cut before", "cut after", "cut within", "slow")
_SLOW_S = 0.4


class Line:
    """One listening port and where it leads."""

    def __init__(self, target: int, share: float, seed: int, log: int) -> None:
        self.target, self.share, self.log = target, share, log
        self.dice = random.Random(seed)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection, for as long as it lasts."""
        try:
            onward = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            _reset(writer)
            return
        state = {"fault": ""}
        await asyncio.gather(
            self._forward(reader, onward[1], writer, state), self._back(onward[0], writer, onward[1], state)
        )

    async def _forward(
        self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, client: asyncio.StreamWriter,
        state: dict[str, str],
    ) -> None:  # fmt: skip
        try:
            while piece := await reader.read(65_536):
                fault = self.dice.choice(_FAULTS) if self.dice.random() < self.share else ""
                if fault == "cut before":
                    self._note(fault)
                    break
                if fault == "slow":
                    self._note(fault)
                    await asyncio.sleep(_SLOW_S)
                else:
                    state["fault"] = fault
                server.write(piece)
                await server.drain()
        except (ConnectionError, OSError):
            pass
        if not state["fault"]:
            _reset(client)
        server.close()

    async def _back(
        self, reader: asyncio.StreamReader, client: asyncio.StreamWriter, server: asyncio.StreamWriter,
        state: dict[str, str],
    ) -> None:  # fmt: skip
        try:
            while piece := await reader.read(65_536):
                if state["fault"] == "cut within":
                    client.write(piece[: len(piece) // 2])
                    await client.drain()
                if state["fault"]:
                    self._note(state["fault"])
                    break
                client.write(piece)
                await client.drain()
        except (ConnectionError, OSError):
            pass
        _reset(client)
        server.close()

    def _note(self, fault: str) -> None:
        os.write(self.log, f"{fault}\n".encode())


def _reset(writer: asyncio.StreamWriter) -> None:
    """Hang up rudely: what was not sent yet is thrown away."""
    found = writer.get_extra_info("socket")
    if found is not None and found.fileno() >= 0:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def main(listen: int, target: int, share: float, seed: int, path: str) -> None:
    """Until killed."""
    line = Line(target, share, seed, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: setattr(line, "share", 0.0))
    server = await asyncio.start_server(line.serve, "127.0.0.1", listen, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), sys.argv[5]))
