"""A small HTTP/1.1 load generator: keep-alive connections, one thread a client, as little processor time as possible.

The generator shares the machine with what it measures, so requests are rendered to bytes before the clock starts.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

CLIENTS = 8
Lot = TypeVar("Lot")
_TIMEOUT_S = 60.0


class TrafficError(RuntimeError):
    """A request of the measurement was not answered as it must be."""


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers (lower-case names), body as it was on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


@dataclass
class Result:
    """All answers of one run."""

    seconds: float
    times: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second, all clients together."""
        return len(self.times) / self.seconds

    def percentile_ms(self, share: float) -> float:
        """The time within which this share of the requests was answered, in milliseconds."""
        return percentile(self.times, share) * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile; `share` 0.95 for p95."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def render(method: str, path: str, *, port: int, headers: dict[str, str], body: object = None) -> bytes:
    """A request as bytes; a body goes as JSON."""
    payload = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    given = {"Host": f"127.0.0.1:{port}", "Connection": "keep-alive", **headers}
    if body is not None:
        given |= {"Content-Type": "application/json", "Content-Length": str(len(payload))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + payload


def render_form(path: str, values: dict[str, str], *, port: int, cookies: str) -> bytes:
    """A form as a page sends it."""
    payload = urlencode(values).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: keep-alive\r\nCookie: {cookies}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(payload)}\r\n\r\n"
    )
    return head.encode() + payload


class Connection:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""

    def ask(self, request: bytes) -> Answer:
        """Send one request and read its answer whole."""
        started = time.perf_counter()
        self._socket.sendall(request)
        while b"\r\n\r\n" not in self._held:
            self._more()
        head, _, rest = self._held.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        self._held = rest
        body = self._chunks() if "chunked" in headers.get("transfer-encoding", "") else self._exactly(headers)
        return Answer(int(status_line.split(" ", 2)[1]), headers, body, time.perf_counter() - started)

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> None:
        part = self._socket.recv(65_536)
        if not part:
            raise TrafficError("the server closed the connection")
        self._held += part

    def _take(self, size: int) -> bytes:
        while len(self._held) < size:
            self._more()
        taken, self._held = self._held[:size], self._held[size:]
        return taken

    def _exactly(self, headers: dict[str, str]) -> bytes:
        return self._take(int(headers.get("content-length", "0")))

    def _chunks(self) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in self._held:
                self._more()
            size, _, self._held = self._held.partition(b"\r\n")
            length = int(size.split(b";")[0], 16)
            body += self._take(length)
            self._take(2)
            if length == 0:
                return body


def ask_once(port: int, request: bytes) -> Answer:
    """One request on a connection of its own."""
    connection = Connection(port)
    try:
        return connection.ask(request)
    finally:
        connection.close()


def run(port: int, requests: Sequence[bytes], *, clients: int = CLIENTS, expect: int = 200) -> Result:
    """Send all requests, spread over the clients; any answer but `expect` stops the measurement.

    Raises:
        TrafficError: with the first wrong answer.
    """

    def way(walk: Walk, request: bytes) -> None:
        walk.ask("", request, expect=expect)

    return walk_all(port, requests, way, clients=clients)[""]


class Walk:
    """What one client does: requests one after the other, whose times are kept by the name of the step."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.times: dict[str, list[float]] = {}

    def ask(self, step: str, request: bytes, *, expect: int = 200) -> Answer:
        """One request of this step.

        Raises:
            TrafficError: any answer but `expect`.
        """
        answer = self._connection.ask(request)
        self.times.setdefault(step, []).append(answer.seconds)
        if answer.status != expect:
            raise TrafficError(f"{step} {answer.status}: {answer.body[:500].decode(errors='replace')}")
        return answer


def walk_all(
    port: int, lots: Sequence[Lot], way: Callable[[Walk, Lot], None], *, clients: int = CLIENTS
) -> dict[str, Result]:
    """Go the whole way with each of the lots, spread over the clients: the times of each step, by its name.

    Raises:
        TrafficError: with the first wrong answer, which stops the measurement.
    """
    walks: list[Walk] = []
    wrong: list[str] = []
    begin = threading.Barrier(clients + 1)

    def client(own: Sequence[Lot]) -> None:
        connection = Connection(port)
        walk = Walk(connection)
        walks.append(walk)
        begin.wait()
        try:
            for lot in own:
                way(walk, lot)
        except (
            OSError,
            TrafficError,
            KeyError,
            ValueError,
        ) as error:  # the latter two: not the answer that was expected
            wrong.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=client, args=(lots[number::clients],)) for number in range(clients)]
    for thread in threads:
        thread.start()
    begin.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    if wrong:
        raise TrafficError(wrong[0])
    steps = list(dict.fromkeys(step for walk in walks for step in walk.times))
    return {step: Result(seconds, [one for walk in walks for one in walk.times.get(step, [])]) for step in steps}
