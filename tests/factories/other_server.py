"""The exchange server of another organisation: a gateway in a process of its own, with its own database, keys and log.

As a program it publishes the registry it is given, tells its certificates, takes those of its partner, and serves.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from tests.database import _PATTERN
from tests.factories.snapshots import database_address
from tests.simulators.serving import _free_port

SERVER = "TEST/GOV/H49/gateway"
_DATABASE = "tinhso_other_server"


@dataclass
class OtherServer:
    """A running one. `certificates`: (owner, use, PEM) of what its partner shall believe."""

    url: str
    tls_port: int
    keys: Path
    certificates: list[tuple[str, str, str]]
    address: dict[str, Any]
    process: "subprocess.Popen[str]"

    def introduce(self, certificates: list[tuple[str, str, str]]) -> None:
        """Give it the partner's certificates; it serves then."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(certificates) + "\n")
        self.process.stdin.flush()
        if self.process.stdout.readline().strip() != "serving":
            raise RuntimeError("the other server does not serve")

    def lines(self, message_id: str) -> list[dict[str, Any]]:
        """Its own log of a message."""
        with psycopg.connect(**self.address, row_factory=psycopg.rows.dict_row) as beside:
            found = beside.execute("SELECT * FROM exchange_message WHERE message_id = %s ORDER BY id", [message_id])
            return found.fetchall()


@contextmanager
def other_server(registry: dict[str, Any], folder: Path) -> Iterator[OtherServer]:
    """Start one whose registry is this; it serves once it has been introduced to its partner."""
    own = database_address()
    with psycopg.connect(**own | {"dbname": "postgres"}, autocommit=True) as beside:
        if not beside.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_PATTERN]).fetchone():
            pytest.skip("the second province copies the database of a run that began its own server")
        beside.execute(f"DROP DATABASE IF EXISTS {_DATABASE}")
        beside.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE {_PATTERN}")
        port, tls_port = _free_port(), _free_port()
        place = urlencode({key: own[key] for key in ("user", "password", "host", "port") if key in own})
        environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "tinhso.config.settings_gateway", "TINHSO_DATA_DIR": str(folder),
            "DATABASE_URL": f"postgresql:///{_DATABASE}?{place}",
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.factories.other_server", str(port), str(tls_port)], env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(registry) + "\n")
            process.stdin.flush()
            certificates = [tuple(one) for one in json.loads(process.stdout.readline())]
            keys = folder / "keys" / "exchange"
            address = own | {"dbname": _DATABASE}
            yield OtherServer(f"http://127.0.0.1:{port}", tls_port, keys, certificates, address, process)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            beside.execute(f"DROP DATABASE {_DATABASE} WITH (FORCE)")


def own_certificates() -> list[tuple[str, str, str]]:
    """(owner, use, PEM) of what this installation's partners shall believe: its server's, its members' signing keys."""
    from tinhso.apps.exchange.enums import KeyUse
    from tinhso.apps.exchange.models import Certificate
    from tinhso.apps.exchange.queries import key_folder

    rows = Certificate.objects.filter(use__in=[KeyUse.SERVER, KeyUse.SIGN])
    held = [row for row in rows if (key_folder() / f"{row.fingerprint}.key").exists()]
    return [(row.owner, row.use, row.pem) for row in held]


def take_certificates(certificates: list[tuple[str, str, str]]) -> None:
    """Enter a partner's certificates in the present registry."""
    from tinhso.apps.exchange.actions import add_certificate
    from tinhso.apps.exchange.enums import KeyUse
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    for owner, use, pem in certificates:
        add_certificate(owner=owner, use=KeyUse(use), pem=pem.encode(), actor=SYSTEM, at=now())


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _main(port: int, tls_port: int) -> None:
    from tinhso.config import gateway

    application = gateway.load()
    from django.db import connections

    from tinhso.apps.exchange.actions import ensure_server_key, make_missing_keys, publish_registry
    from tinhso.interfaces.gateway.server import listen
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    publish_registry(value=json.loads(sys.stdin.readline()), actor=SYSTEM, at=now())
    make_missing_keys(actor=SYSTEM, at=now())
    ensure_server_key(owner=SERVER, hosts=("127.0.0.1",), actor=SYSTEM, at=now())
    _tell(json.dumps(own_certificates()))
    take_certificates(json.loads(sys.stdin.readline()))
    connections.close_all()
    plain, secure = [listen("127.0.0.1", port)], [listen("127.0.0.1", tls_port)]
    _tell("serving")
    gateway._serve(application, plain, secure)


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]))
