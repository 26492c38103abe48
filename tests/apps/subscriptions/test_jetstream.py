"""Events in a real JetStream, where a NATS server and its library are at hand (`apt install nats-server`, `nats-py`)."""

import asyncio
import importlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tinhso.apps.subscriptions import rules
from tinhso.apps.subscriptions.data import DeliveryFailed, FeedItem
from tinhso.apps.subscriptions.providers.jetstream import JetStream

SERVER = os.environ.get("NATS_SERVER") or shutil.which("nats-server") or "/usr/sbin/nats-server"
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def nats() -> Any:
    return pytest.importorskip("nats", reason="nats-py is not installed")


@pytest.fixture(scope="module")
def server(nats: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with JetStream on a free port, and a stream that takes `tinhso.>`."""
    if not Path(SERVER).exists():
        pytest.skip("no nats-server here")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    store = tmp_path_factory.mktemp("nats")
    command = [SERVER, "-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(store), "-l", str(store / "log")]
    process, url = subprocess.Popen(command), f"nats://127.0.0.1:{port}"

    async def prepare() -> None:
        connection = await nats.connect(url, max_reconnect_attempts=100, reconnect_time_wait=0.05)
        await connection.jetstream().add_stream(name="TINHSO", subjects=["tinhso.>"])
        await connection.close()

    try:
        asyncio.run(prepare())
        yield url
    finally:
        process.kill()
        process.wait()


def told(position: int, kind: str = "case.received") -> tuple[bytes, dict[str, str]]:
    item = FeedItem(position, kind, AT, "H48.12-1", "x", {"case": "H48.12-1"})
    body = rules.body_of(item)
    return body, rules.signed_headers(item, body, at=AT, sign=lambda _: b"s" * 64)


def test_events_are_stored_once_in_order_under_their_types(nats: Any, server: str) -> None:
    with JetStream(server, prefix="tinhso.events") as way:
        for position in (1, 2, 2, 3):
            way.send(*told(position))

    async def read() -> list[tuple[str, dict[str, str], bytes]]:
        connection = await nats.connect(server)
        subscription = await connection.jetstream().pull_subscribe("tinhso.>", durable="reader")
        found = [(one.subject, dict(one.headers or {}), one.data) for one in await subscription.fetch(10, timeout=1)]
        await connection.close()
        return found

    found = asyncio.run(read())
    assert [headers["Nats-Msg-Id"] for _, headers, _ in found] == ["evt_1", "evt_2", "evt_3"]
    assert {subject for subject, _, _ in found} == {"tinhso.events.case.received"}
    assert [body for _, _, body in found] == [told(position)[0] for position in (1, 2, 3)]
    assert found[0][1]["webhook-signature"].startswith("v1a,")


def test_without_a_stream_for_it_or_a_server_it_fails_in_words(nats: Any, server: str) -> None:
    with JetStream(server, prefix="elsewhere") as way, pytest.raises(DeliveryFailed, match="JetStream"):
        way.send(*told(1))
    with pytest.raises(DeliveryFailed, match="Không nối được NATS"), JetStream("nats://127.0.0.1:9", prefix="x"):
        pass


def test_without_an_address_or_the_library_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeliveryFailed, match="TINHSO_NATS_URL"), JetStream("", prefix="x"):
        pass

    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(DeliveryFailed, match="nats-py"), JetStream("nats://127.0.0.1:9", prefix="x"):
        pass
