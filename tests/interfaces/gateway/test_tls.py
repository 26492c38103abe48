"""Certificates on both sides: what the gateway shows to a strict provider, what it asks of those who come (mTLS)."""

import socket
import ssl
import threading
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from tests.factories.exchange import PROVIDER, SERVICE, SMALL, STRANGER, Stage, token_for
from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.enums import KeyUse
from tinhso.apps.exchange.models import Certificate, Service
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now
from tinhso.lib.xroad import parse_client

pytestmark = pytest.mark.django_db


class _Strict:
    """A provider's server: TLS, a certificate of the exchange asked of whoever connects; it tells whose it saw."""

    def __init__(self, certificate: str, key: str, authority: str) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.context.load_verify_locations(authority)
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                raw, _ = self.socket.accept()
            except OSError:
                return
            try:
                with self.context.wrap_socket(raw, server_side=True) as one:
                    one.recv(65_536)
                    peer = one.getpeercert() or {}
                    name = str(dict(part[0] for part in peer["subject"])["commonName"]).encode()
                    one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(name), name))
            except (ssl.SSLError, OSError):
                continue


@pytest.fixture(scope="module")
def strict(stage: Stage, django_db_blocker: pytest.FixtureRequest) -> Iterator[_Strict]:
    """Its certificate comes from the exchange's own authority."""
    own = actions.make_connection_key(owner=PROVIDER, use=KeyUse.CLIENT, hosts=("127.0.0.1",), actor=SYSTEM, at=now())
    folder = queries.key_folder()
    pem = folder / "strict.pem"
    pem.write_text(Certificate.objects.get(fingerprint=own).pem)
    found = _Strict(str(pem), str(folder / f"{own}.key"), str(queries.authority_file()))
    Service.objects.filter(code="dead").update(base_url=f"https://127.0.0.1:{found.port}")
    yield found
    found.socket.close()


def test_without_a_certificate_nothing_is_answered_with_one_it_is(stage: Stage, strict: _Strict) -> None:
    stage.change(lambda: actions.tell_expiring(actor=SYSTEM, at=now()) or _touch())
    refused = stage.call("/x", service=f"{PROVIDER}/dead", method="POST", content=b"x")
    assert refused.headers["x-road-error"] == "Server.ServerProxy.NetworkError"
    stage.change(
        lambda: actions.make_connection_key(
            owner="TEST/GOV/H48.01/gateway", use=KeyUse.SERVER, hosts=("gateway.test",), actor=SYSTEM, at=now()
        )
    )
    found = stage.call("/x", service=f"{PROVIDER}/dead", method="POST", content=b"x")
    assert (found.status_code, found.text) == (200, "TEST/GOV/H48.01/gateway")


def test_a_system_proves_itself_by_its_certificate_until_that_is_revoked(stage: Stage) -> None:
    own, made = (
        stage.change(
            partial(actions.make_connection_key, owner=owner, use=use, hosts=("127.0.0.1",), actor=SYSTEM, at=now())
        )
        for use, owner in ((KeyUse.SERVER, "TEST/GOV/H48.01/gateway"), (KeyUse.CLIENT, STRANGER))
    )
    url = f"https://127.0.0.1:{stage.tls_port}/r1/{SERVICE}/ok"
    context = ssl.create_default_context(cafile=queries.authority_file())
    with httpx.Client(verify=context) as bare, pytest.raises(httpx.TransportError):
        bare.get(url, headers={"X-Road-Client": STRANGER})
    context = ssl.create_default_context(cafile=queries.authority_file())
    context.load_cert_chain(*queries.connection_files(made))
    with httpx.Client(verify=context) as shown:
        assert shown.get(url, headers={"X-Road-Client": STRANGER}).text == "ok"
        other = shown.get(url, headers={"X-Road-Client": SMALL})
        assert other.headers["x-road-error"] == "Server.ClientProxy.AuthenticationFailed"
        stage.change(lambda: actions.revoke_certificate(fingerprint=made, reason="Mất máy", actor=SYSTEM, at=now()))
        ended = shown.get(url, headers={"X-Road-Client": STRANGER})
        assert ended.headers["x-road-error"] == "Server.ClientProxy.AuthenticationFailed"
    stage.change(lambda: actions.revoke_certificate(fingerprint=own, reason="Hết việc", actor=SYSTEM, at=now()))


def test_a_token_does_not_stand_in_for_a_certificate(stage: Stage) -> None:
    token = stage.change(lambda: token_for(parse_client(STRANGER)))
    found = stage.call("/ok", client=STRANGER, headers={"Authorization": f"Bearer {token}"})
    assert found.headers["x-road-error"] == "Server.ClientProxy.AuthenticationFailed"


def _touch() -> str:
    """A change of the registry, so that it is read again."""
    return actions.make_connection_key(owner="x", use=KeyUse.CLIENT, hosts=("x",), actor=SYSTEM, at=now())
