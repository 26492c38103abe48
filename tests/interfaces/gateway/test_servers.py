"""Two exchange servers, each a process with its own database, keys and log; calls between them over mutual TLS."""

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography import x509

from tests.factories.exchange import ASKER, SERVICE, STRANGER, Stage, registry
from tests.factories.other_server import SERVER, OtherServer, other_server, own_certificates, take_certificates
from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.models import Message
from tinhso.apps.exchange.providers import keyfiles
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now

pytestmark = pytest.mark.django_db
OWN = "TEST/GOV/H48/gateway"
THERE = "TEST/GOV/H49/kho"
LIAR, DEAD, BARE, FALSE, LOST = (f"TEST/GOV/{code}/gateway" for code in ("H50", "H51", "H52", "H53", "H54"))
_ANY = [{"method": "*", "path": "/**"}]


def _behind(server: str, *systems: str) -> dict[str, Any]:
    _, member_class, code, _ = server.split("/")
    return {
        "class": member_class, "code": code, "name": code, "server": server, "valid_from": "2025-07-01",
        "subsystems": [{"code": one, "name": one} for one in systems],
    }  # fmt: skip


def _right(client: str, service: str) -> dict[str, Any]:
    return {
        "clients": [client], "service": service, "document": "278/2025/NĐ-CP", "purpose": "Giải quyết thủ tục",
        "fields": [], "valid_from": "2025-07-01",
    }  # fmt: skip


def _server(code: str, port: int) -> dict[str, Any]:
    return {"code": code, "address": f"https://127.0.0.1:{port}", "timeout_s": 1, "valid_from": "2025-07-01"}


def _theirs(provider: str, tls_port: int) -> dict[str, Any]:
    near = {"connection": "network", "networks": ["127.0.0.0/8"]}
    services = [
        {"code": code, "name": code, "kind": "REST", "address": provider, "endpoints": _ANY} for code in ("tra", "kin")
    ]
    systems = [{"code": "kho", "name": "kho", **near, "services": services}, {"code": "hoi", "name": "hoi", **near}]
    own = {"class": "GOV", "code": "H49", "name": "Tỉnh khác", "valid_from": "2025-07-01", "subsystems": systems}
    return {
        "instance": "TEST", "servers": [_server(OWN, tls_port)],
        "members": [own, _behind(OWN, "mot-cua") | {"code": "H48.01"}, _behind(OWN, "dancu") | {"code": "G01"}],
        "rights": [_right(ASKER, f"{THERE}/tra")],
    }  # fmt: skip


class _Peer:
    """A server that shows a certificate, reads a request, and says what it was told to say (nothing: it waits)."""

    def __init__(self, folder: Path, owner: str) -> None:
        certificate, self.raw = keyfiles.make_key(folder, owner, days=9, at=now())
        fingerprint = keyfiles.fingerprint_of(certificate)
        self.owner = owner
        self.pem = certificate.public_bytes(keyfiles.serialization.Encoding.PEM).decode()
        self.files = folder / "shown.pem", folder / f"{fingerprint}.key"
        self.fingerprint = fingerprint
        self.files[0].write_text(self.pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.files)
        self.says: Callable[[dict[str, str]], bytes] = lambda _headers: b""
        self.end = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, args=[context], daemon=True).start()

    def _serve(self, context: ssl.SSLContext) -> None:
        while True:
            try:
                raw, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=[raw, context], daemon=True).start()

    def _answer(self, raw: socket.socket, context: ssl.SSLContext) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(raw, server_side=True) as one:
            lines = one.recv(65_536).decode("latin-1").partition("\r\n\r\n")[0].split("\r\n")[1:]
            said = self.says(dict(line.split(": ", 1) for line in lines))
            if said:
                one.sendall(said)
            else:
                self.end.wait(5)


class Pair:
    """This server and the other one; a peer that lies, one that is not believed, one that says nothing."""

    def __init__(self, stage: Stage, other: OtherServer, liar: _Peer, lost: _Peer) -> None:
        self.stage, self.other, self.liar, self.lost = stage, other, liar, lost

    def call(self, service: str, path: str = "/echo", **more: Any) -> httpx.Response:
        """A system of ours asks."""
        return self.stage.call(path, service=service, method="POST", **more)

    def back(self, service: str, path: str = "/echo", **more: Any) -> httpx.Response:
        """A system of theirs asks, at their server."""
        headers = {"X-Road-Client": "TEST/GOV/H49/hoi"} | more.pop("headers", {})
        return self.stage.http.post(f"{self.other.url}/r1/{service}{path}", headers=headers, **more)

    def straight(
        self, headers: dict[str, str], content: Any = b"x", client: str = "TEST/GOV/H49/hoi"
    ) -> httpx.Response:  # fmt: skip
        """A request to our port for certificates, made with the other server's certificate."""
        (pem,) = (pem for _, use, pem in self.other.certificates if use == "server")
        private = self.other.keys / f"{keyfiles.fingerprint_of(x509.load_pem_x509_certificate(pem.encode()))}.key"
        certificate = private.with_suffix(".shown")
        certificate.write_text(pem)
        with self.shown(certificate, private) as http:
            return self.ask(http, headers, content, client)

    def shown(self, certificate: Path, key: Path) -> httpx.Client:
        """A connection on which a certificate is shown."""
        context = ssl.create_default_context(cafile=queries.authority_file())
        context.load_cert_chain(certificate, key)
        return httpx.Client(verify=context)

    def ask(self, http: httpx.Client, headers: dict[str, str], content: Any, client: str) -> httpx.Response:
        """A request as another server would send it."""
        given = {"X-Road-Client": client, "X-Road-Request-Id": str(uuid4()), "X-Road-Id": "m-straight"} | headers
        url = f"https://127.0.0.1:{self.stage.tls_port}/r1/{SERVICE}/echo"
        return http.post(url, headers=given, content=content)


def _signature(pair: Pair) -> str:
    """A header with a key that is known, and a signature that is nothing."""
    name = next(key for key, one in queries.read_registry().verifying_keys.items() if one.owner == "TEST/GOV/H49")
    return f"{name} {base64.b64encode(bytes(64)).decode()}"


@pytest.fixture(scope="module")
def pair(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("other")
    provider = queries.read_registry().services
    address = next(one.address for key, one in provider.items() if str(key) == SERVICE)
    actions.ensure_server_key(owner=OWN, hosts=("127.0.0.1",), actor=SYSTEM, at=now())
    liar, false, lost = (_Peer(tmp_path_factory.mktemp("peer"), owner) for owner in (LIAR, FALSE, LOST))
    with other_server(_theirs(address, stage.tls_port), folder) as other:
        value = registry(address)
        value["servers"] = [
            _server(SERVER, other.tls_port), _server(DEAD, 9), _server(BARE, liar.port),
            *[_server(one.owner, one.port) for one in (liar, false, lost)],
        ]  # fmt: skip
        value["members"] += [
            _behind(SERVER, "kho", "hoi"),
            *[_behind(one, "kho") for one in (LIAR, DEAD, BARE, FALSE, LOST)],
        ]
        value["rights"] = [*value["rights"], _right("TEST/GOV/H49/hoi", SERVICE)]
        given = [
            *other.certificates, (LIAR, "server", liar.pem), (LOST, "server", lost.pem),
            (DEAD, "server", _made(folder, DEAD)), (FALSE, "server", _made(folder, FALSE)),
        ]  # fmt: skip
        stage.change(lambda: (actions.publish_registry(value=value, actor=SYSTEM, at=now()), take_certificates(given)))
        stage.outside(lambda: other.introduce(own_certificates()))
        yield Pair(stage, other, liar, lost)
        for one in (liar, false, lost):
            one.end.set()
            one.socket.close()


def _made(folder: Path, owner: str) -> str:
    certificate, _ = keyfiles.make_key(folder / "more", owner, days=9, at=now())
    return certificate.public_bytes(keyfiles.serialization.Encoding.PEM).decode()


_PROOF = (
    "exchange_id", "client", "service", "issue", "request_head", "request_hash", "request_signature", "request_key",
    "response_head", "response_hash", "response_signature", "response_key", "status",
)  # fmt: skip


def _ours(message_id: str) -> list[dict[str, Any]]:
    return list(Message.objects.filter(message_id=message_id).order_by("id").values())


def _proof(line: dict[str, Any]) -> list[Any]:
    return [bytes(value) if isinstance(value, memoryview) else value for value in (line[name] for name in _PROOF)]


def test_a_call_passes_and_both_logs_hold_the_same_proof(pair: Pair) -> None:
    headers = {"X-Road-Id": "s-1", "X-Road-Issue": "H48.12-261001-0007", "X-Mine": "1"}
    found = pair.call(f"{THERE}/tra", headers=headers, json={"ten": "Nhạn"})
    assert (found.status_code, found.json()) == (200, {"ten": "Nhạn"})
    assert found.headers["x-own"] == "1"
    assert "tinhso-signature" not in found.headers
    _, _, sent, _ = pair.stage.provider.asked[-1]
    assert (sent["x-road-client"], sent["x-mine"], "tinhso-signature" in sent) == (ASKER, "1", False)
    ours, theirs = _ours("s-1"), pair.other.lines("s-1")
    assert [line["kind"] for line in (*ours, *theirs)] == ["request", "response"] * 2
    assert _proof(ours[1]) == _proof(theirs[1])
    assert base64.b64decode(found.headers["x-road-request-hash"]) == bytes(ours[1]["request_hash"])
    assert (ours[1]["right_id"], theirs[1]["purpose"]) == (None, "Giải quyết thủ tục")
    while pair.stage.outside(lambda: actions.seal_messages(actor=SYSTEM, at=now())):
        pass
    assert queries.verify_messages().problems == (), "signatures made elsewhere are checked with the keys given to us"


def test_a_member_behind_another_server_asks_ours(pair: Pair) -> None:
    found = pair.back(SERVICE, content=b"noi dung", headers={"X-Road-Id": "s-back"})
    assert (found.status_code, found.content) == (200, b"noi dung")
    ours, theirs = _ours("s-back"), pair.other.lines("s-back")
    assert _proof(ours[1]) == _proof(theirs[1])
    assert ours[1]["purpose"] == "Giải quyết thủ tục"


@pytest.mark.parametrize("size", [0, 65_536, 65_537, 1_000_003])
def test_bodies_of_any_size_pass_signed(pair: Pair, size: int) -> None:
    def pieces() -> Iterator[bytes]:
        for start in range(0, size, 50_000):
            yield b"x" * min(50_000, size - start)

    found = pair.call(f"{THERE}/tra", content=pieces(), headers={"X-Road-Id": f"s-{size}"})
    assert len(found.content) == size
    (line,) = (one for one in pair.other.lines(f"s-{size}") if one["kind"] == "response")
    assert (line["request_size"], line["response_size"], line["response_signature"] is None) == (size, size, False)
    assert _proof(line) == _proof(_ours(f"s-{size}")[1])


@pytest.mark.parametrize(
    ("service", "path", "error"),
    [
        (f"{THERE}/kin", "/x", "Server.ServerProxy.AccessDenied"),
        (f"{THERE}/nothing", "/x", "Server.ServerProxy.UnknownService"),
        ("TEST/GOV/H49/nowhere/x", "/x", "Server.ServerProxy.UnknownMember"),
        ("TEST/GOV/H51/kho/x", "/x", "Server.ClientProxy.NetworkError"),
        ("TEST/GOV/H52/kho/x", "/x", "Server.ClientProxy.SslAuthenticationFailed"),
        ("TEST/GOV/H53/kho/x", "/x", "Server.ClientProxy.SslAuthenticationFailed"),
    ],
)
def test_what_fails_between_servers_is_told_and_logged(pair: Pair, service: str, path: str, error: str) -> None:
    name = f"s-{error}-{service}"
    found = pair.call(service, path, content=b"x", headers={"X-Road-Id": name})
    assert (found.status_code, found.headers["x-road-error"], found.json()["type"]) == (500, error, error)
    assert [line["error"] for line in _ours(name)][-1] == error


def test_a_providers_own_error_and_metaservices_pass(pair: Pair) -> None:
    found = pair.call(f"{THERE}/tra", "/status/503", content=b"x")
    assert (found.status_code, found.json()) == (503, {"code": "KHONG_TIM_THAY"})
    assert "x-road-error" not in found.headers
    listed = pair.stage.call("", service=f"{THERE}/listMethods").json()
    assert sorted(one["service_code"] for one in listed["service"]) == ["kin", "tra"]


def test_a_server_that_says_nothing_is_not_waited_for(pair: Pair) -> None:
    pair.liar.says = lambda _headers: b""
    found = pair.call("TEST/GOV/H50/kho/x", content=b"x")
    assert found.headers["x-road-error"] == "Server.ClientProxy.ServiceFailed.Timeout"


def _lying(own: dict[str, str], *, signature: str = "", of_request: bytes = b"") -> bytes:
    """An answer as a server would give it, with the request's hash where it is not told."""
    head = [
        ("x-road-client", own["x-road-client"]), ("x-road-service", "TEST/GOV/H50/kho/x"),
        ("x-road-id", own["x-road-id"]), ("x-road-request-id", own["x-road-request-id"]),
        ("x-road-request-hash", base64.b64encode(of_request).decode()),
    ]  # fmt: skip
    lines = [*head, *([("tinhso-signature", signature)] if signature else []), ("content-length", "2")]
    return ("HTTP/1.1 200 OK\r\n" + "".join(f"{key}: {value}\r\n" for key, value in lines) + "\r\nok").encode()


@pytest.mark.parametrize(
    ("case", "error"),
    [
        ("unsigned", "Server.ClientProxy.InvalidSignatureValue"),
        ("nonsense", "Server.ClientProxy.InvalidSignatureValue"),
        ("another member", "Server.ClientProxy.InvalidSignatureValue"),
        ("another request", "Server.ClientProxy.InconsistentResponse"),
        ("no HTTP", "Server.ClientProxy.NetworkError"),
        ("its own error", "Server.ServerProxy.InternalError"),
    ],
)
def test_a_server_that_lies_is_not_believed(pair: Pair, case: str, error: str) -> None:
    signature = _signature(pair)

    def says(headers: dict[str, str]) -> bytes:
        request = Message.objects.filter(message_id=headers["x-road-id"], kind="request").values_list("request_hash")
        (asked,) = pair.stage.outside(lambda: request.get())
        given = {"of_request": bytes(asked), "signature": signature}
        if case == "unsigned":
            given["signature"] = ""
        elif case == "nonsense":
            given["signature"] = "x y"
        elif case == "another request":
            given["of_request"] = bytes(64)
        elif case == "no HTTP":
            return b"nothing like it\r\n\r\n"
        elif case == "its own error":
            return b"HTTP/1.1 500 X\r\nx-road-error: <script>\r\ncontent-length: 2\r\n\r\n{}"
        return _lying(headers, **given)

    pair.liar.says = says
    found = pair.call("TEST/GOV/H50/kho/x", content=b"x", headers={"X-Road-Id": f"s-lie-{case}"})
    assert found.headers["x-road-error"] == error


@pytest.mark.parametrize("content", [b"x", b"x" * 200_000], ids=["whole", "in pieces"])
def test_a_request_with_a_wrong_signature_reaches_no_provider(pair: Pair, content: bytes) -> None:
    before = len(pair.stage.provider.asked)
    found = pair.straight({"Tinhso-Signature": _signature(pair)}, content)
    assert found.headers["x-road-error"] == "Server.ServerProxy.InvalidSignatureValue"
    assert pair.straight({}, content).headers["x-road-error"] == "Server.ServerProxy.InvalidSignatureValue"
    assert len(pair.stage.provider.asked) == before, "what it has heard of it is no whole request"


def test_a_server_speaks_for_its_own_members_only(pair: Pair) -> None:
    signed = {"Tinhso-Signature": _signature(pair)}
    own = pair.straight(signed, client=ASKER)
    assert own.headers["x-road-error"] == "Server.ServerProxy.UnknownMember"
    other = pair.straight(signed, client="TEST/GOV/H50/kho")
    assert other.headers["x-road-error"] == "Server.ServerProxy.SslAuthenticationFailed"
    plain = pair.stage.call("/ok", client="TEST/GOV/H49/hoi")
    assert plain.headers["x-road-error"] == "Server.ClientProxy.UnknownMember"
    unknown = pair.straight(signed, client=STRANGER)
    assert unknown.headers["x-road-error"] == "Server.ServerProxy.UnknownMember"


def test_a_server_whose_certificate_is_revoked_is_heard_and_asked_no_more(pair: Pair) -> None:
    pair.lost.says = lambda headers: _lying(headers)
    asked: dict[str, Any] = {"headers": {}, "content": b"x", "client": "TEST/GOV/H54/kho"}
    with pair.shown(*pair.lost.files) as http:
        before = pair.call("TEST/GOV/H54/kho/x", content=b"x"), pair.ask(http, **asked)
        pair.stage.change(
            lambda: actions.revoke_certificate(
                fingerprint=pair.lost.fingerprint, reason="Mất máy", actor=SYSTEM, at=now()
            )
        )
        after = pair.call("TEST/GOV/H54/kho/x", content=b"x"), pair.ask(http, **asked)
    assert [one.headers["x-road-error"] for one in (*before, *after)] == [
        "Server.ClientProxy.InconsistentResponse", "Server.ServerProxy.AccessDenied",
        "Server.ClientProxy.SslAuthenticationFailed", "Server.ClientProxy.UnknownMember",
    ]  # fmt: skip
