"""The log: one row per event, append-only, sealed, and every tampering found."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories.behind import without_triggers
from tinhso.apps.audit import actions, queries
from tinhso.kernel.actions import ActionMisuse, action
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind
from tinhso.kernel.errors import Forbidden, Invalid
from tinhso.kernel.events import Event

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CITIZEN = Actor(kind=ActorKind.CITIZEN, account_id=5, name="Nguyễn Thị Mẫu", assurance=2)


@dataclass(frozen=True)
class LampLit(Event):
    """A made-up event for the tests of the log."""

    type: ClassVar[str] = "test.lamp_lit"
    lamp_id: int
    lit_at: datetime


@action
def light_lamp(*, lamp_id: int, actor: Actor, at: datetime) -> int:
    """Thắp đèn."""
    return actions.record(LampLit(lamp_id=lamp_id, lit_at=at), subject=f"lamp:{lamp_id}", actor=actor, at=at).sequence


@pytest.mark.django_db
def test_a_stream_is_numbered_without_gaps() -> None:
    assert [light_lamp(lamp_id=1, actor=CITIZEN, at=AT) for _ in range(3)] == [1, 2, 3]
    assert light_lamp(lamp_id=2, actor=CITIZEN, at=AT) == 1
    entries = queries.entries_of("lamp:1")
    assert [entry.sequence for entry in entries] == [1, 2, 3]
    assert LampLit.from_payload(entries[0].payload) == LampLit(lamp_id=1, lit_at=AT)
    assert entries[0].actor_name == "Nguyễn Thị Mẫu"


@pytest.mark.django_db
def test_recording_outside_an_action_is_refused() -> None:
    with pytest.raises(ActionMisuse):
        actions.record(LampLit(lamp_id=1, lit_at=AT), subject="lamp:1", actor=SYSTEM, at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET actor_name = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry CASCADE"],
)
def test_rows_can_neither_be_changed_nor_deleted(statement: str) -> None:
    light_lamp(lamp_id=1, actor=SYSTEM, at=AT)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def _tamper(statement: str) -> None:
    with without_triggers() as cursor:
        cursor.execute(statement)


def _horizon() -> int | None:
    seal = queries.latest_seal()
    return seal.horizon if seal else None


def _seal_when_ready(rows: int) -> None:
    """Seal so many rows at once. A transaction that runs in another database of the cluster, as in a parallel worker,
    holds the horizon of what is ready back for a moment."""
    for _ in range(600):
        if len(queries.sealable_entries(limit=rows, since=_horizon())[0]) == rows:
            break
        time.sleep(0.1)
    assert actions.seal_entries(actor=SYSTEM, at=AT) == rows


@pytest.fixture
def sealed_log(transactional_db: None) -> None:
    for lamp_id in (1, 2, 3):
        light_lamp(lamp_id=lamp_id, actor=CITIZEN, at=AT)
    _seal_when_ready(3)
    light_lamp(lamp_id=1, actor=CITIZEN, at=AT)
    light_lamp(lamp_id=1, actor=CITIZEN, at=AT)
    _seal_when_ready(2)


def test_an_untouched_log_verifies(sealed_log: None) -> None:
    report = queries.verify_log()
    assert (report.entries, report.seals, report.unsealed, report.problems) == (5, 2, 0, ())


def test_sealing_again_seals_nothing(sealed_log: None) -> None:
    assert actions.seal_entries(actor=SYSTEM, at=AT) == 0


def test_a_row_of_a_slow_transaction_is_sealed_though_later_ones_are_there(sealed_log: None) -> None:
    settings = connection.get_connection_params()
    names = ("host", "port", "dbname", "user", "password")
    with psycopg.connect(**{name: settings[name] for name in names if settings.get(name)}) as slow:
        slow.execute(
            "INSERT INTO audit_entry (stream, sequence, type, payload, actor_kind, actor_name, at)"
            " VALUES ('lamp:9', 1, 'test.lamp_lit', '{}', 'system', '', now())"
        )
        light_lamp(lamp_id=1, actor=CITIZEN, at=AT)
        assert actions.seal_entries(actor=SYSTEM, at=AT) == 0, "nothing behind a running transaction is settled"
        slow.commit()
    _seal_when_ready(2)
    assert queries.verify_log().ok


def test_sealers_of_a_restored_log_look_at_everything_once(sealed_log: None) -> None:
    _tamper("UPDATE audit_seal SET horizon = 9000000000000000 WHERE number = 2")  # of a cluster that counted further
    light_lamp(lamp_id=1, actor=CITIZEN, at=AT)
    _seal_when_ready(1)
    assert (_horizon() or 0) < 9_000_000_000_000_000


def test_what_was_sealed_long_ago_is_not_looked_at_again(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (stream, sequence, type, payload, actor_kind, actor_name, at)"
            " SELECT 'lamp:' || n, 1, 'test.lamp_lit', '{}', 'system', '', now() FROM generate_series(1, 9000) AS n"
        )
        _seal_when_ready(9_000)
        light_lamp(lamp_id=1, actor=CITIZEN, at=AT)
        cursor.execute("SELECT brin_summarize_new_values('audit_entry_transaction')")
        cursor.execute("SET enable_seqscan = off")
        of_all, of_new = _blocks(since=0), _blocks(since=_horizon())
        cursor.execute("RESET enable_seqscan")
    assert of_new * 3 < of_all, (of_new, of_all)  # how many pages a range of the index ends in differs by some hundred


def _blocks(*, since: int | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {queries.SEALABLE}", {"since": since, "limit": 10})
        plan: dict[str, int] = cursor.fetchone()[0][0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET payload = '{\"lamp_id\": 9}' WHERE id = (SELECT min(id) FROM audit_entry)",
        "UPDATE audit_entry SET actor_name = 'Người khác' WHERE id = (SELECT max(id) FROM audit_entry)",
        "UPDATE audit_entry SET at = at + interval '1 minute' WHERE id = (SELECT min(id) FROM audit_entry)",
        "DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)",
        "DELETE FROM audit_entry WHERE id = (SELECT min(id) FROM audit_entry)",
        "UPDATE audit_sealedentry SET position = 1 - position WHERE seal_id = 2",
        "DELETE FROM audit_sealedentry WHERE seal_id = 2",
        "UPDATE audit_seal SET root = '\\x00' WHERE number = 1",
        "UPDATE audit_seal SET sealed_at = sealed_at - interval '1 day' WHERE number = 2",
    ],
)
def test_tampering_is_found(sealed_log: None, statement: str) -> None:
    if "position" in statement:
        _tamper("ALTER TABLE audit_sealedentry DROP CONSTRAINT audit_sealed_position")
    try:
        _tamper(statement)
        assert not queries.verify_log().ok
    finally:
        if "position" in statement:
            _tamper("TRUNCATE audit_sealedentry")
            _tamper("ALTER TABLE audit_sealedentry ADD CONSTRAINT audit_sealed_position UNIQUE (seal_id, position)")


def test_an_inserted_row_in_the_middle_of_a_stream_is_found(sealed_log: None) -> None:
    _tamper(
        "INSERT INTO audit_entry (stream, sequence, type, payload, actor_kind, actor_name, at)"
        " VALUES ('lamp:2', 7, 'test.lamp_lit', '{}', 'system', '', now())"
    )
    assert not queries.verify_log().ok


@pytest.mark.django_db
def test_a_disclosure_is_a_row_and_needs_a_known_reader() -> None:
    entry = actions.record_disclosure(
        subject="case:1", purpose="xem hồ sơ", fields=["personal_id"], actor=CITIZEN, at=AT
    )
    assert entry.stream == "disclosure:case:1"
    with pytest.raises(Forbidden):
        actions.record_disclosure(subject="case:1", purpose="tò mò", fields=["phone"], actor=ANONYMOUS, at=AT)


@action
def light_once(*, lamp_id: int, key: str, actor: Actor, at: datetime) -> dict[str, int]:
    """Thắp đèn một lần."""
    claim = actions.claim_idempotency(scope="lamp", key=key, request={"lamp": lamp_id}, actor=actor, at=at)
    if not claim.fresh:
        assert claim.answer is not None
        return claim.answer
    answer = {"sequence": light_lamp(lamp_id=lamp_id, actor=actor, at=at)}
    actions.complete_idempotency(scope="lamp", key=key, answer=answer, actor=actor, at=at)
    return answer


@pytest.mark.django_db
def test_the_same_key_gets_the_same_answer_and_nothing_happens_twice() -> None:
    assert light_once(lamp_id=1, key="k", actor=SYSTEM, at=AT) == light_once(lamp_id=1, key="k", actor=SYSTEM, at=AT)
    assert len(queries.entries_of("lamp:1")) == 1
    with pytest.raises(Invalid):
        light_once(lamp_id=2, key="k", actor=SYSTEM, at=AT)


@pytest.mark.django_db
def test_a_failure_writes_nothing(monkeypatch: pytest.MonkeyPatch, drain_jobs: Callable[[], int]) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(actions, "complete_idempotency", fail)
    with pytest.raises(RuntimeError):
        light_once(lamp_id=1, key="k", actor=SYSTEM, at=AT)
    assert queries.entries_of("lamp:1") == []
    assert drain_jobs() == 0
