"""The way to a provider that believes certificates of the exchange only (mTLS)."""

import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from tests.factories.exchange import PROVIDER, Stage
from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.enums import KeyUse
from tinhso.apps.exchange.models import Certificate, Service
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now

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


def _touch() -> str:
    """A change of the registry, so that it is read again."""
    return actions.make_connection_key(owner="x", use=KeyUse.CLIENT, hosts=("x",), actor=SYSTEM, at=now())
