"""Providers that are dead, slow or lying; a gateway that is killed under load."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from django.db import connection

from tests.factories.exchange import ASKER, PROVIDER, SERVICE, Stage
from tests.factories.snapshots import database_address
from tests.simulators.serving import _free_port, _wait_for
from tinhso.apps.exchange import actions
from tinhso.apps.exchange.models import Message
from tinhso.interfaces.gateway.breaker import Breaker
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now
from tinhso.lib.xroad import parse_client, parse_target

pytestmark = pytest.mark.django_db


def test_a_breaker_opens_rests_and_lets_one_try() -> None:
    clock = [0.0]
    breaker = Breaker(lambda: clock[0], failures_to_open=2, rest_s=5.0)
    for _ in range(2):
        assert breaker.admit()
        breaker.failed()
    assert not breaker.admit()
    clock[0] = 5.0
    assert (breaker.admit(), breaker.admit()) == (True, False)
    breaker.failed()
    assert not breaker.admit()
    clock[0] = 10.0
    assert breaker.admit()
    breaker.gave_up()
    assert breaker.admit()
    breaker.succeeded()
    assert (breaker.is_open, breaker.admit(), breaker.admit()) == (False, True, True)


def test_a_dead_provider_is_left_alone_after_some_tries(stage: Stage) -> None:
    errors = [stage.call(service=f"{PROVIDER}/dead-too").headers["x-road-error"] for _ in range(5)]
    assert errors[:3] == ["Server.ServerProxy.NetworkError"] * 3
    assert errors[3:] == ["Server.ServerProxy.ServiceFailed.CircuitOpen"] * 2
    assert stage.call("/ok").status_code == 200


@pytest.mark.sweep
def test_a_slow_provider_fills_its_own_lane_only(stage: Stage) -> None:
    def slow(_number: int) -> httpx.Response:
        return stage.call("/slow?s=0.6", service=f"{PROVIDER}/lane")

    with ThreadPoolExecutor(3) as many:
        waiting = many.map(slow, range(3))
        time.sleep(0.2)
        started = time.monotonic()
        assert stage.call("/ok").status_code == 200
        assert time.monotonic() - started < 0.4
        found = Counter(one.headers.get("x-road-error", "") for one in waiting)
    assert found == {"": 2, "Server.ServerProxy.ServiceFailed.Busy": 1}


@pytest.mark.parametrize(("method", "asked"), [("GET", 2), ("PUT", 2), ("DELETE", 2), ("POST", 1), ("PATCH", 1)])
def test_only_what_may_be_repeated_is_asked_again(stage: Stage, method: str, asked: int) -> None:
    stage.liar.says, stage.liar.asked = b"", 0
    time.sleep(0.25)  # whatever failed before: the breaker has rested
    found = stage.call(
        "/x", service=f"{PROVIDER}/liar", method=method, content=b"x" if method in {"PUT", "POST", "PATCH"} else None
    )
    assert (found.headers["x-road-error"], stage.liar.asked) == ("Server.ServerProxy.NetworkError", asked)


@pytest.mark.parametrize(
    "says",
    [
        b"nothing like HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ],
    ids=lambda says: says[:40].decode(),
)
def test_a_lying_provider_is_not_believed(stage: Stage, says: bytes) -> None:
    stage.liar.says = says
    time.sleep(0.25)
    found = stage.call("/x", service=f"{PROVIDER}/liar", method="POST", content=b"x")
    assert (found.status_code, found.headers["x-road-error"]) == (500, "Server.ServerProxy.NetworkError")


def test_what_comes_after_an_answer_is_not_the_next_one(stage: Stage) -> None:
    stage.liar.says = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale"
    time.sleep(0.25)
    found = [stage.call("/x", service=f"{PROVIDER}/liar", method="POST", content=b"x").text for _ in range(2)]
    assert found == ["ok", "ok"]


_FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON exchange_message FOR EACH ROW EXECUTE FUNCTION no_room();
"""


def test_a_full_disk_stops_the_exchange_and_nothing_else_is_needed_to_go_on(stage: Stage) -> None:
    before = len(stage.provider.asked)
    stage.outside(lambda: _execute(_FULL))
    try:
        found = stage.call("/echo", method="POST", content=b"x", headers={"X-Road-Id": "m-full"})
    finally:
        stage.outside(lambda: _execute("DROP FUNCTION no_room CASCADE"))
    assert found.headers["x-road-error"] == "Server.ServerProxy.LoggingFailed"
    assert len(stage.provider.asked) == before, "what is not in the log is not asked"
    assert stage.call("/echo", method="POST", content=b"x").status_code == 200


def test_a_log_whose_connection_is_killed_under_load_has_all_that_was_answered_once(stage: Stage) -> None:
    answered: list[str] = []

    def ask(worker: int) -> None:
        for number in range(25):
            name = f"cut-{worker}-{number}"
            if stage.call("/echo", method="POST", content=b"x", headers={"X-Road-Id": name}).status_code == 200:
                answered.append(name)

    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database() "
        "AND query LIKE '%%exchange_message%%FROM STDIN%%'"
    )
    with ThreadPoolExecutor(4) as many:
        asking = [many.submit(ask, worker) for worker in range(4)]
        killed = sum(stage.outside(lambda: _execute(kill)) for _ in range(3))
        for one in asking:
            one.result()
    logged = Counter(
        Message.objects.filter(message_id__startswith="cut-", kind="response", error="").values_list(
            "message_id", flat=True
        )
    )
    assert killed >= 1
    assert len(answered) == 100
    assert logged == Counter(answered)


def _execute(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount


@pytest.mark.sweep
@pytest.mark.parametrize("point", ["journal:before_commit", "journal:after_commit"])
def test_a_gateway_killed_under_load_has_logged_all_it_answered(stage: Stage, point: str) -> None:
    port, answered, lock = _free_port(), Counter[str](), threading.Lock()
    address = database_address()
    place = urlencode({key: address[key] for key in ("user", "password", "host", "port") if key in address})
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "tinhso.config.settings_gateway", "TINHSO_CRASH_ENABLED": "1",
        "TINHSO_CRASH": f"{point}@80",
        "DATABASE_URL": f"postgresql:///{address['dbname']}?{place}",
    }  # fmt: skip
    command = [sys.executable, "-m", "tinhso.config.gateway", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, start_new_session=True)

    def ask(worker: int) -> None:
        with httpx.Client(timeout=10) as http:
            for number in range(1_000):
                name = f"{point}-{worker}-{number}"
                headers = {"X-Road-Client": ASKER, "X-Road-Id": name}
                try:
                    found = http.post(f"http://127.0.0.1:{port}/r1/{SERVICE}/echo", headers=headers, content=b"x")
                except httpx.HTTPError:
                    return
                if found.status_code == 200:
                    with lock:
                        answered[name] += 1

    try:
        for _ in range(8):
            with contextlib.suppress(TimeoutError):
                _wait_for(port)
                break
        with ThreadPoolExecutor(4) as many:
            list(many.map(ask, range(4)))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    logged = Counter(_answered_lines(point))
    assert len(answered) > 20
    assert {name: logged[name] for name in answered} == dict.fromkeys(answered, 1)
    assert sum(logged.values()) - len(answered) <= 4, "more logged than answered: at most one for each caller"


def _answered_lines(point: str) -> Any:
    rows = Message.objects.filter(message_id__startswith=f"{point}-", kind="response", error="")
    return rows.values_list("message_id", flat=True)


def test_in_maintenance_the_gateway_answers_for_the_service(stage: Stage) -> None:
    service = parse_target(f"{PROVIDER}/unwanted").service
    at = now()
    right_id = stage.change(
        lambda: actions.grant_access(
            client=parse_client(ASKER), service=service, document="x", purpose="Thử", fields=[], valid_from=at.date(),
            actor=SYSTEM, at=at,
        )
    )  # fmt: skip
    number = stage.change(
        lambda: actions.announce_maintenance(
            service=service, starts_at=at - timedelta(minutes=1), ends_at=at + timedelta(minutes=9), reason="Nâng cấp",
            actor=SYSTEM, at=at,
        )
    )  # fmt: skip
    before = len(stage.provider.asked)
    refused = stage.call("/ok", service=str(service), headers={"X-Road-Id": "maintained"})
    assert refused.headers["x-road-error"] == "Server.ServerProxy.ServiceFailed.Maintenance"
    assert 500 <= int(refused.headers["retry-after"]) <= 540
    assert "Nâng cấp" in refused.json()["message"]
    assert len(stage.provider.asked) == before
    line = Message.objects.get(message_id="maintained", kind="response")
    assert (line.error, line.right_id) == ("Server.ServerProxy.ServiceFailed.Maintenance", right_id)
    assert stage.call("/ok").status_code == 200
    stage.change(lambda: actions.cancel_maintenance(maintenance_id=number, actor=SYSTEM, at=now()))
    assert stage.call("/ok", service=str(service)).status_code == 200
