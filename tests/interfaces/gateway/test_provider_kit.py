"""The example for agencies, run as it is printed: offers a service to the gateway alone, uses one, checks a webhook."""

import base64
import json
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.factories.exchange import ASKER, PROVIDER, SERVICE, SMALL, Stage, token_for
from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.enums import KeyUse
from tinhso.apps.exchange.models import Certificate, Service
from tinhso.apps.subscriptions import rules
from tinhso.apps.subscriptions.data import FeedItem
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now
from tinhso.lib.xroad import parse_client

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(shutil.which("node") is None, reason="no Node here")]
EXAMPLE = "docs/how-to/provider-kit/agency.mjs"
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@dataclass
class Agency:
    """The example as a running server, and the folder of its keys."""

    root: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[str]

    def run(self, code: str, **more: str) -> Any:
        """What an expression over the example's functions gives, as JSON."""
        program = f"import * as kit from '{self.root / EXAMPLE}';\nconsole.log(JSON.stringify(await ({code})));"
        done = subprocess.run(
            ["node", "--input-type=module", "-e", program], env=os.environ | more, capture_output=True, text=True,
            check=False, timeout=30,
        )  # fmt: skip
        return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else done.stderr


@pytest.fixture(scope="module")
def agency(stage: Stage, project_root: Path) -> Iterator[Agency]:
    """Its certificate comes from the exchange's authority, like the gateway's, whose fingerprint it knows."""
    gateway = actions.make_connection_key(
        owner="TEST/GOV/H48.01/gateway", use=KeyUse.SERVER, hosts=("gateway.test",), actor=SYSTEM, at=now()
    )
    own = actions.make_connection_key(owner=PROVIDER, use=KeyUse.CLIENT, hosts=("127.0.0.1",), actor=SYSTEM, at=now())
    folder = queries.key_folder()
    (folder / "agency.pem").write_text(Certificate.objects.get(fingerprint=own).pem)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        "PORT": str(port), "HOST": "127.0.0.1", "KEY": str(folder / f"{own}.key"), "CERT": str(folder / "agency.pem"),
        "CA": str(queries.authority_file()), "GATEWAY_FINGERPRINT": gateway, "ALLOWED_CLIENTS": ASKER,
    }  # fmt: skip
    process = subprocess.Popen(
        ["node", EXAMPLE], cwd=project_root, env=os.environ | environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    Service.objects.filter(code="dead").update(base_url=f"https://127.0.0.1:{port}")
    try:
        yield Agency(project_root, port, environment, process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_it_is_short() -> None:
    lines = (Path(__file__).resolve().parents[3] / EXAMPLE).read_text().splitlines()
    assert len(lines) <= 60


def test_it_offers_a_service_to_the_gateway_alone(stage: Stage, agency: Agency) -> None:
    stage.change(
        lambda: actions.make_connection_key(owner="x", use=KeyUse.CLIENT, hosts=("x",), actor=SYSTEM, at=now())
    )
    dead = f"{PROVIDER}/dead"
    found = stage.call("/households/H-001", service=dead)
    assert (found.status_code, found.json()) == (200, {"code": "H-001", "status": "poor"})
    missing = stage.call("/households/H-999", service=dead)
    assert (missing.status_code, "x-road-error" in missing.headers) == (404, False)
    assert stage.call("/openapi.json", service=dead).json()["openapi"] == "3.1.0"

    address, asking = f"https://127.0.0.1:{agency.port}/households/H-001", {"X-Road-Client": ASKER}
    trust = ssl.create_default_context(cafile=agency.environment["CA"])
    with httpx.Client(verify=trust) as bare, pytest.raises(httpx.HTTPError):
        bare.get(address, headers=asking)
    trust.load_cert_chain(agency.environment["CERT"], agency.environment["KEY"])
    with httpx.Client(verify=trust) as stranger:
        refused = stranger.get(address, headers=asking)
    assert (refused.status_code, refused.json()) == (403, {"code": "NOT_THE_GATEWAY"})


def test_it_looks_at_who_asks_behind_the_gateway(agency: Agency) -> None:
    request = "{method: 'GET', url: '/households/H-001', headers: {'x-road-client': 'TEST/GOV/H48.02/khac'}}"
    told = agency.run(f"kit.answer({request})", ALLOWED_CLIENTS=ASKER)
    assert told == [403, {"code": "CLIENT_NOT_ALLOWED"}]


def test_it_uses_a_service_and_knows_whose_error_it_is(stage: Stage, agency: Agency) -> None:
    token = stage.change(lambda: token_for(parse_client(SMALL)))
    environment = {"GATEWAY": stage.url, "CLIENT": SMALL, "TOKEN": token}
    found = agency.run(f"kit.ask('{SERVICE}', '/status/404', {{officer: 'VN-1', issue: 'H48-1'}})", **environment)
    assert (found["status"], found["body"]) == (404, {"code": "KHONG_TIM_THAY"}), "the provider's own answer"
    assert found["id"]
    assert found["hash"]
    assert stage.provider.asked[-1][2]["x-road-issue"] == "H48-1"
    refused = agency.run(f"kit.ask('{PROVIDER}/dead', '/households/H-001')", **environment)
    assert "Server.ServerProxy.AccessDenied" in refused


def test_it_believes_signed_and_recent_events_alone(agency: Agency) -> None:
    key = Ed25519PrivateKey.generate()
    item = FeedItem(7, "case.received", AT, "H48.12-1", "x", {"case": "Hồ sơ"})
    body = rules.body_of(item)
    headers = rules.signed_headers(item, body, at=AT, sign=key.sign)
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()

    def taken(sent: dict[str, str], content: bytes, at: datetime) -> str:
        text = base64.b64encode(content).decode()
        return f"kit.take({json.dumps(sent)}, Buffer.from('{text}', 'base64'), {at.timestamp()})"

    tries = (
        taken(headers, body, AT), taken(headers, body + b" ", AT), taken({**headers, "webhook-id": "evt_8"}, body, AT),
        taken(headers, body, AT + timedelta(minutes=6)),
    )  # fmt: skip
    assert agency.run(f"[{', '.join(tries)}]", EVENT_KEY=public) == [200, 401, 401, 400]
