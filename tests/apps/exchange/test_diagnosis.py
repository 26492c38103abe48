"""The way to a provider, step by step, against real sockets: nothing there, mute, not TLS, a stranger's certificate, well."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tinhso.apps.exchange.data import DiagnosisStep
from tinhso.apps.exchange.providers import diagnosis, keyfiles
from tinhso.kernel.clock import now

OK = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port whose every connection is handled by `serve`."""
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                one, _ = server.accept()
            except OSError:
                return
            try:
                serve(one)
            except OSError:
                continue

    threading.Thread(target=run, daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        server.close()


def says(answer: bytes) -> Callable[[socket.socket], None]:
    def serve(one: socket.socket) -> None:
        with one:
            one.recv(4_096)
            one.sendall(answer)

    return serve


def steps(address: str, *, authority: Path | None = None, at: datetime | None = None) -> list[DiagnosisStep]:
    return list(diagnosis.steps_to(address, authority=authority, shown=None, at=at or now(), seconds=0.3))


def told(found: list[DiagnosisStep]) -> list[bool | None]:
    return [one.ok for one in found]


def test_a_dead_port_stops_at_the_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        found = steps(f"http://127.0.0.1:{taken.getsockname()[1]}/x")
    assert told(found) == [True, False, None]
    assert "từ chối" in found[1].words
    assert found[2].words == "Chưa thử, vì bước trước không qua."


def test_a_name_that_is_nowhere_is_told() -> None:
    found = steps("http://khong-co.invalid/x")
    assert told(found) == [False, None, None]


def test_mute_slow_and_strange_software() -> None:
    began = time.perf_counter()
    held: list[socket.socket] = []
    with listening(held.append) as port:
        mute = steps(f"http://127.0.0.1:{port}/x")
    assert told(mute) == [True, True, False]
    assert time.perf_counter() - began < 2
    for answer, words in ((b"SSH-2.0\r\n", "không phải HTTP"), (b"HTTP/1.1 503 x\r\n\r\n", "503")):
        with listening(says(answer)) as port:
            found = steps(f"http://127.0.0.1:{port}/x")
        assert told(found) == [True, True, False]
        assert words in found[2].words


def test_any_answer_shows_that_it_lives() -> None:
    with listening(says(OK)) as port:
        assert told(steps(f"http://127.0.0.1:{port}/x")) == [True, True, True]
        assert told(steps(f"https://127.0.0.1:{port}/x")) == [True, True, False, None, None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


def secured(folder: Path, host: str) -> Callable[[socket.socket], None]:
    """A TLS server with a certificate of the folder's authority for a host."""
    certificate, _ = keyfiles.make_key(folder, "TEST/GOV/G01", hosts=(host,), days=30, at=now())
    name = keyfiles.fingerprint_of(certificate)
    pem = folder / f"{name}.crt"
    pem.write_bytes(certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, folder / f"{name}.key")

    def serve(one: socket.socket) -> None:
        with context.wrap_socket(one, server_side=True) as inner:
            says(OK)(inner)

    return serve


def test_whose_certificate_and_until_when(folder: Path) -> None:
    with listening(secured(folder, "127.0.0.1")) as port:
        well = steps(f"https://127.0.0.1:{port}/", authority=folder / keyfiles.AUTHORITY)
        stranger = steps(f"https://127.0.0.1:{port}/")
        later = steps(
            f"https://127.0.0.1:{port}/", authority=folder / keyfiles.AUTHORITY, at=datetime(2046, 1, 1, tzinfo=UTC)
        )
    assert told(well) == [True] * 5
    assert "còn 29 ngày" in well[3].words or "còn 30 ngày" in well[3].words
    assert told(stranger) == [True, True, False, False, None]
    assert "không thuộc danh sách tin cậy" in stranger[3].words
    assert "Cấp cho" in stranger[3].words
    assert "đã hết hạn" in later[3].words


def test_a_certificate_of_another_host(folder: Path) -> None:
    with listening(secured(folder, "may-khac.test")) as port:
        found = steps(f"https://127.0.0.1:{port}/", authority=folder / keyfiles.AUTHORITY)
    assert told(found) == [True, True, False, False, None]
    assert "không phải của «127.0.0.1»" in found[3].words
