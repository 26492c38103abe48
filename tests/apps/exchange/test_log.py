"""The message log: written together, once, never changed; sealed, checked, handed out as evidence."""

import asyncio
import importlib.util
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories.exchange import AT, registry
from tests.simulators.serving import serve
from tinhso.apps.exchange import actions, flows, queries
from tinhso.apps.exchange.data import LogUnavailable, MessageLine, MessageNotFound, MessageNotSealed
from tinhso.apps.exchange.enums import MessageKind
from tinhso.apps.exchange.models import Message, MessageSeal, SealStamp, Usage
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import Conflict
from tinhso.lib.xroad import message_hash

CLIENT, SERVICE = "TEST/GOV/H48.01/mot-cua", "TEST/GOV/G01/dancu/xac-nhan"


def line(number: int, kind: MessageKind = MessageKind.RESPONSE) -> MessageLine:
    """A line whose signatures hold."""
    signers = queries.open_signers(AT)
    head = b"GET\r\n/r1/%d\r\n" % number
    asked, answered = message_hash(head, None), message_hash(b"200\r\n", b"x" * 64)
    asker, provider = signers["TEST/GOV/H48.01"], signers["TEST/GOV/G01"]
    return MessageLine(
        at=AT + timedelta(seconds=number), kind=kind, exchange_id=uuid4(), message_id=f"m-{number}", client=CLIENT,
        service=SERVICE, method="GET", right_id=7, purpose="Thử", user_id="VN1", issue="H48-1", represented="",
        request_head=head, request_size=0, request_hash=asked, request_signature=asker.sign(asked),
        request_key=asker.fingerprint, response_head=b"200\r\n", response_size=3, response_hash=answered,
        response_signature=provider.sign(answered), response_key=provider.fingerprint, status=200, duration_us=1_000,
    )  # fmt: skip


def written(lines: list[MessageLine], **options: Any) -> list[BaseException | None]:
    """Write lines through a journal; what became of each."""

    async def run() -> list[BaseException | None]:
        journal = actions.Journal(patience_s=0.3, **options)
        journal.start()
        found = await asyncio.gather(*[journal.write(one) for one in lines], return_exceptions=True)
        await asyncio.to_thread(journal.stop)
        return found

    return asyncio.run(run())


@pytest.fixture
def keys(transactional_db: None) -> None:
    actions.publish_registry(value=registry("http://provider.test"), actor=SYSTEM, at=AT)
    actions.make_missing_keys(actor=SYSTEM, at=AT)


@pytest.mark.django_db(transaction=True)
class TestWriting:
    def test_many_lines_go_in_few_commits_and_are_counted(self, keys: None) -> None:
        told: list[dict[int, int]] = []
        lines = [line(number) for number in range(40)] + [line(99, MessageKind.REQUEST)]
        assert written(lines, told=lambda _day, calls: told.append(calls)) == [None] * 41
        assert list(Message.objects.order_by("id").values_list("message_id", flat=True)) == [
            x.message_id for x in lines
        ]
        assert len(told) < 20
        assert told[-1] == {7: 40}
        usage = Usage.objects.get()
        assert (usage.calls, usage.errors, usage.bytes_out, usage.duration_us) == (40, 0, 120, 40_000)

    def test_a_line_whose_commit_was_not_heard_of_is_there_once(self, keys: None) -> None:
        lost: list[int] = []

        class Deaf:
            """A connection that breaks right after its first commit, before the word of it is heard."""

            def __init__(self, real: Any) -> None:
                self.real = real

            def __getattr__(self, name: str) -> Any:
                return getattr(self.real, name)

            @property
            def pgconn(self) -> "Deaf":
                return Deaf(self.real.pgconn)

            def get_result(self) -> Any:
                result = self.real.get_result()
                if result is None and not lost:
                    lost.append(1)
                    raise psycopg.OperationalError("the line was cut")
                return result

        assert written([line(1), line(2)], connect=lambda: Deaf(actions.connect_like_django())) == [None, None]
        assert (Message.objects.count(), Usage.objects.get().calls, lost) == (2, 2, [1])

    def test_a_line_the_database_refuses_fails_alone(self, keys: None) -> None:
        bad = replace(line(2), method="TOOLONGAMETHOD")
        found = written([line(1), bad, line(3)])
        assert [type(one) for one in found] == [type(None), LogUnavailable, type(None)]
        assert Message.objects.count() == 2

    def test_without_a_database_nothing_is_acknowledged(self, keys: None) -> None:
        def none() -> Any:
            raise psycopg.OperationalError("refused")

        (found,) = written([line(1)], connect=none)
        assert isinstance(found, LogUnavailable)
        assert Message.objects.count() == 0

    def test_nobody_waits_for_a_database_that_does_not_answer(
        self, keys: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody holds the lock and stands still: callers are told, and what they wrote is there once it can be."""
        monkeypatch.setattr("tinhso.apps.exchange.actions._journal._LOOK_S", 0.05)
        lines = [line(1), line(2), line(3)]

        async def run(still: Any) -> tuple[list[BaseException | None], float]:
            journal = actions.Journal(longest_s=0.2)
            journal.start()
            began = asyncio.get_running_loop().time()
            first = journal.write(lines[0])
            await asyncio.sleep(0.05)  # the first is on its way to the database, the second still waits here
            second = journal.write(lines[1])
            found = [*await asyncio.gather(first, second, return_exceptions=True)]
            waited = asyncio.get_running_loop().time() - began
            still.close()
            found += await asyncio.gather(journal.write(lines[2]), return_exceptions=True)
            await asyncio.to_thread(journal.stop)
            return found, waited

        still = actions.connect_like_django()
        still.execute("SELECT pg_advisory_lock(%s)", [queries.JOURNAL_LOCK])
        found, waited = asyncio.run(run(still))
        assert [type(one) for one in found] == [LogUnavailable, LogUnavailable, type(None)]
        assert 0.2 <= waited < 2
        assert list(Message.objects.order_by("id").values_list("message_id", flat=True)) == ["m-1", "m-2", "m-3"]

    def test_a_connection_that_falls_silent_is_left_for_another(
        self, keys: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tinhso.apps.exchange.actions._journal._SILENCE_S", 0.2)
        made: list[int] = []

        class Silent:
            """The database waits for the lines, and its word for them never comes through."""

            def __init__(self, real: Any) -> None:
                self.real = real

            def __getattr__(self, name: str) -> Any:
                return getattr(self.real, name)

            @property
            def pgconn(self) -> "Silent":
                return Silent(self.real.pgconn)

            def is_busy(self) -> bool:
                return True

        def connect() -> Any:
            made.append(1)
            return Silent(actions.connect_like_django()) if len(made) == 1 else actions.connect_like_django()

        assert written([line(1), line(2)], connect=connect) == [None, None]
        assert (Message.objects.count(), Usage.objects.get().calls, len(made)) == (2, 2, 2)

    def test_the_writer_outlives_what_nobody_foresaw(self, keys: None) -> None:
        tries: list[int] = []
        lines = [line(1), line(2)]

        def connect() -> Any:
            tries.append(1)
            if len(tries) == 1:
                raise RuntimeError("never seen before")
            return actions.connect_like_django()

        async def run() -> list[BaseException | None]:
            journal = actions.Journal(connect=connect)
            journal.start()
            found = [(await asyncio.gather(journal.write(one), return_exceptions=True))[0] for one in lines]
            await asyncio.to_thread(journal.stop)
            return found

        found = asyncio.run(run())
        assert isinstance(found[0], LogUnavailable)
        assert found[1] is None
        assert list(Message.objects.values_list("message_id", flat=True)) == ["m-2"]

    def test_too_many_waiting_are_turned_away_at_once(self, keys: None) -> None:
        one = line(1)

        async def run() -> None:
            journal = actions.Journal(most_waiting=0)
            journal.start()
            with pytest.raises(LogUnavailable):
                journal.write(one)
            await asyncio.to_thread(journal.stop)

        asyncio.run(run())

    def test_lines_of_a_month_lie_in_its_partition_and_none_can_be_changed(self, keys: None) -> None:
        actions.make_partitions(actor=SYSTEM, at=AT)
        written([line(1)])
        with connection.cursor() as cursor:
            cursor.execute("SELECT tableoid::regclass::text FROM exchange_message")
            assert cursor.fetchall() == [("exchange_message_202603",)]
        for change in (
            lambda: Message.objects.update(status=404),
            lambda: Message.objects.all().delete(),
            lambda: _execute("TRUNCATE exchange_message_202603"),
            lambda: _execute("UPDATE exchange_message_202603 SET status = 1"),
        ):
            _refused(change)
        assert actions.make_partitions(actor=SYSTEM, at=AT) == 0


def _refused(change: Callable[[], Any]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change()


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def sealed(keys: None) -> list[MessageLine]:
    """Seven lines in two seals."""
    lines = [line(number) for number in range(7)]
    written(lines)
    assert actions.seal_messages(actor=SYSTEM, at=AT, limit=5) == 5
    assert actions.seal_messages(actor=SYSTEM, at=AT) == 2
    assert actions.seal_messages(actor=SYSTEM, at=AT) == 0
    return lines


@pytest.mark.django_db(transaction=True)
class TestSealing:
    def test_an_untouched_log_holds(self, sealed: list[MessageLine]) -> None:
        report = queries.verify_messages()
        assert (report.ok, report.messages, report.seals, report.unsealed, report.stamped) == (True, 7, 2, 0, 0)

    @pytest.mark.parametrize(
        "tamper",
        [
            "UPDATE exchange_message SET status = 404 WHERE message_id = 'm-1'",
            "UPDATE exchange_message SET user_id = '' WHERE message_id = 'm-6'",
            "DELETE FROM exchange_message WHERE message_id = 'm-3'",
            "DELETE FROM exchange_message WHERE message_id IN ('m-5', 'm-6')",
            "UPDATE exchange_message SET at = at + interval '1 second' WHERE message_id = 'm-2'",
            "UPDATE exchange_messageseal SET root = decode(repeat('00', 32), 'hex') WHERE number = 1",
            "UPDATE exchange_messageseal SET signature = decode(repeat('00', 64), 'hex') WHERE number = 2",
            "DELETE FROM exchange_messageseal WHERE number = 1",
            "UPDATE exchange_message SET request_signature = response_signature WHERE message_id = 'm-4'",
        ],
    )
    def test_whatever_is_tampered_with_shows(self, sealed: list[MessageLine], tamper: str) -> None:
        _execute("SET session_replication_role = replica")
        try:
            _execute(tamper)
        finally:
            _execute("RESET session_replication_role")
        assert not queries.verify_messages().ok

    def test_without_its_key_nothing_is_sealed(self, keys: None) -> None:
        written([line(1)])
        _execute("UPDATE exchange_certificate SET revoked_at = now(), revoke_reason = 'x' WHERE use = 'log'")
        with pytest.raises(Conflict):
            actions.seal_messages(actor=SYSTEM, at=AT)

    def test_seals_get_their_stamps_when_the_authority_is_back(self, sealed: list[MessageLine], settings: Any) -> None:
        from tinhso.simulators import trust

        app = trust.create_app()
        with serve(app) as url:
            settings.TIME_STAMPS = {**settings.TIME_STAMPS, "url": f"{url}/tsa", "seconds": 5}
            app.state.trust.down["tsa"] = True
            assert flows.stamp_seals(actor=SYSTEM, at=AT) == 0
            app.state.trust.down["tsa"] = False
            assert flows.stamp_seals(actor=SYSTEM, at=AT) == 2
            assert flows.stamp_seals(actor=SYSTEM, at=AT) == 0
        assert SealStamp.objects.count() == queries.verify_messages().stamped == 2
        _refused(lambda: SealStamp.objects.all().delete())
        _refused(lambda: MessageSeal.objects.update(size=1))

    def test_evidence_convinces_without_the_product(self, sealed: list[MessageLine], project_root: Path) -> None:
        verifier = _verifier(project_root)
        ((_, pem),) = queries.log_public_keys(AT)
        ((name, content),) = queries.evidence_of(message_id="m-2", actor=SYSTEM)
        assert name == f"{sealed[2].exchange_id}-response.asice"
        assert content[30:38] == b"mimetype"
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            held = verifier.check(archive, pem.encode())
            assert len(held) == 5
            with pytest.raises(verifier.Refused, match="body"):
                verifier.check(archive, pem.encode(), body=b"another")
        for file, change in (
            ("message.json", lambda found: found | {"status": 404}),
            ("seal.json", lambda found: found | {"size": 9}),
            ("proof.json", lambda found: found[1:]),
        ):
            with (
                zipfile.ZipFile(io.BytesIO(_changed(content, file, change))) as archive,
                pytest.raises(verifier.Refused),
            ):
                verifier.check(archive, pem.encode())

    def test_evidence_is_told_from_nothing_and_from_not_yet(self, sealed: list[MessageLine]) -> None:
        assert len(queries.evidence_of(message_id=str(sealed[0].exchange_id), actor=SYSTEM)) == 1
        with pytest.raises(MessageNotFound):
            queries.evidence_of(message_id="none", actor=SYSTEM)
        with pytest.raises(MessageNotFound):
            queries.evidence_of(message_id="m-1", party="TEST/GOV/other", actor=SYSTEM)
        written([line(50)])
        with pytest.raises(MessageNotSealed):
            queries.evidence_of(message_id="m-50", actor=SYSTEM)

    def test_the_log_is_read_newest_first_and_by_case(self, sealed: list[MessageLine]) -> None:
        first = queries.list_messages(actor=SYSTEM, limit=2)
        assert [one["message_id"] for one in first] == ["m-6", "m-5"]
        rest = queries.list_messages(actor=SYSTEM, issue="H48-1", before=first[-1]["id"])
        assert [one["message_id"] for one in rest] == ["m-4", "m-3", "m-2", "m-1", "m-0"]
        assert queries.list_messages(actor=SYSTEM, issue="other") == []


def _verifier(root: Path) -> Any:
    spec = importlib.util.spec_from_file_location("verify_message", root / "deploy" / "verify_message.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _changed(content: bytes, file: str, change: Callable[[Any], Any]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, json.dumps(change(json.loads(data))) if name == file else data)
    return out.getvalue()
