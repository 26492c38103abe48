"""Writing the log. `record` is called by every action; the rest are the log's own acts."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from tinhso.apps.audit import queries, rules
from tinhso.apps.audit.data import EntryData, IdempotencyClaim
from tinhso.apps.audit.events import PersonalDataDisclosed
from tinhso.apps.audit.models import IdempotencyKey, Seal
from tinhso.kernel import jobs, prepared
from tinhso.kernel.actions import ActionMisuse, action, in_action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Conflict, Invalid
from tinhso.kernel.events import Event
from tinhso.lib.canonical import digest
from tinhso.lib.merkle import leaf_hash, root

_INSERT = """
INSERT INTO audit_entry (stream, sequence, type, payload, actor_kind, actor_id, actor_name, at)
SELECT %(stream)s::text, coalesce((SELECT max(sequence) FROM audit_entry WHERE stream = %(stream)s::text), 0) + 1,
       %(type)s::text, %(payload)s::jsonb, %(actor_kind)s::text, %(actor_id)s::bigint, %(actor_name)s::text,
       %(at)s::timestamptz
RETURNING id, sequence, recorded_at
"""

_INSERT_MANY = """
INSERT INTO audit_entry (stream, sequence, type, payload, actor_kind, actor_id, actor_name, at)
SELECT given.stream,
       coalesce((SELECT max(sequence) FROM audit_entry known WHERE known.stream = given.stream), 0) + 1,
       given.type, given.payload::jsonb, %(actor_kind)s::text, %(actor_id)s::bigint, %(actor_name)s::text,
       %(at)s::timestamptz
FROM unnest(%(streams)s::text[], %(types)s::text[], %(payloads)s::text[]) AS given(stream, type, payload)
RETURNING id, stream, type
"""

# As one statement: a row of the model for each line cost more than hashing it.
_INSERT_MEMBERS = """
INSERT INTO audit_sealedentry (entry_id, seal_id, position)
SELECT given.entry_id, %(seal)s, given.place - 1
FROM unnest(%(entries)s::bigint[]) WITH ORDINALITY AS given(entry_id, place)
"""


def record(event: Event, *, subject: str | models.Model, actor: Actor, at: datetime) -> EntryData:
    """Write the event as one row of its subject's stream and defer the jobs of its handlers, in this transaction.

    `subject` is a stream name (`"case:17"`) or a saved model. The caller holds the lock on the subject, which orders
    the stream; two writers without it meet the unique constraint and one of them fails whole.
    """
    if not in_action():
        raise ActionMisuse("record() belongs inside an action")
    stream = subject if isinstance(subject, str) else stream_of(subject)
    payload = event.payload()
    with prepared.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "stream": stream,
                "type": event.type,
                "payload": json.dumps(payload, ensure_ascii=False),
                "actor_kind": actor.kind.value,
                "actor_id": actor.account_id,
                "actor_name": actor.name,
                "at": at,
            },
        )
        entry_id, sequence, recorded_at = cursor.fetchone()
    _defer_deliveries(event.type, entry_id, stream)
    return EntryData(
        id=entry_id, stream=stream, sequence=sequence, type=event.type, payload=payload,
        actor_kind=actor.kind.value, actor_id=actor.account_id, actor_name=actor.name, at=at, recorded_at=recorded_at,
    )  # fmt: skip


def record_many(events: Sequence[tuple[Event, str]], *, actor: Actor, at: datetime) -> None:
    """`record` for many streams in one statement: each event with its stream, no stream twice.

    The caller holds the lock on every subject.
    """
    if not in_action():
        raise ActionMisuse("record_many() belongs inside an action")
    if not events:
        return
    with prepared.cursor() as cursor:
        cursor.execute(
            _INSERT_MANY,
            {
                "streams": [stream for _, stream in events],
                "types": [event.type for event, _ in events],
                "payloads": [json.dumps(event.payload(), ensure_ascii=False) for event, _ in events],
                "actor_kind": actor.kind.value,
                "actor_id": actor.account_id,
                "actor_name": actor.name,
                "at": at,
            },
        )
        rows = cursor.fetchall()
    for entry_id, stream, kind in rows:
        _defer_deliveries(kind, entry_id, stream)


def _defer_deliveries(kind: str, entry_id: int, stream: str) -> None:
    told = [{"handler": handler, "entry_id": entry_id} for handler in jobs.subscriptions.get(kind, [])]
    jobs.defer_many("audit.deliver", told, lock=stream)


def stream_of(subject: models.Model) -> str:
    """The stream name of a saved model: `case:17`."""
    return f"{subject._meta.model_name}:{subject.pk}"  # noqa: SLF001 - Django's documented meta API


@action
def record_disclosure(*, subject: str, purpose: str, fields: list[str], actor: Actor, at: datetime) -> EntryData:
    """Ghi việc xem dữ liệu cá nhân (disclosure) before it is shown; when this fails nothing is shown.

    `subject` is the stream of what is read (`"case:17"`); readers do not hold its lock, so disclosures have a stream
    of their own, ordered by an advisory lock.
    """
    require(actor.is_authenticated)
    stream = f"disclosure:{subject}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [stream])
    event = PersonalDataDisclosed(subject=subject, purpose=purpose, fields=sorted(fields))
    return record(event, subject=stream, actor=actor, at=at)


@action(inner=True)
def claim_idempotency(*, scope: str, key: str, request: Any, actor: Actor, at: datetime) -> IdempotencyClaim:
    """Giữ khóa chống gửi lặp: claim a request key inside the transaction of the change.

    A second claim of the same key waits for the first transaction, then gets its answer; with another request body it
    is refused.

    Raises:
        Invalid: the key was used for a different request.
    """
    if not key or len(key) > 200:
        raise Invalid("Khóa chống gửi lặp phải có từ 1 đến 200 ký tự.")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_idempotencykey (scope, key, request_digest, created_at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (scope, key) DO NOTHING RETURNING id",
            [scope, key, digest(request), at],
        )
        if cursor.fetchone():
            return IdempotencyClaim(fresh=True)
    known = IdempotencyKey.objects.get(scope=scope, key=key)
    if known.request_digest != digest(request):
        raise Invalid("Khóa chống gửi lặp này đã dùng cho một yêu cầu khác.")
    return IdempotencyClaim(fresh=False, answer=known.answer)


@action(inner=True)
def complete_idempotency(*, scope: str, key: str, answer: dict[str, Any], actor: Actor, at: datetime) -> None:
    """Ghi câu trả lời của khóa chống gửi lặp, so that a retry gets the same answer."""
    IdempotencyKey.objects.filter(scope=scope, key=key).update(answer=answer)


@action
def seal_entries(*, actor: Actor, at: datetime, limit: int = 10_000) -> int:
    """Niêm phong các dòng nhật ký mới: the tree root of the rows not sealed yet, chained to the seal before.

    Returns the number of rows sealed (0 when there were none). One sealer at a time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('audit.seal', 0))")
        if not cursor.fetchone()[0]:
            raise Conflict("Một tiến trình khác đang niêm phong nhật ký.")
    before = queries.latest_seal()
    entries, horizon = queries.sealable_entries(limit=limit, since=before.horizon if before else None)
    if not entries:
        return 0
    number = before.number + 1 if before else 1
    previous_head = bytes(before.head) if before else b""
    tree_root = root([queries.leaf_of(entry) for entry in entries])
    head = rules.head_bytes(number=number, size=len(entries), root=tree_root, previous_head=previous_head, sealed_at=at)
    Seal.objects.create(
        number=number, size=len(entries), root=tree_root, previous_head=previous_head,
        head=leaf_hash(head), sealed_at=at, horizon=horizon,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_MEMBERS, {"seal": number, "entries": [entry.id for entry in entries]})
    return len(entries)


@action
def forget_idempotency(*, before: datetime, actor: Actor, at: datetime) -> int:
    """Xóa khóa chống gửi lặp đã quá bảy ngày. Returns how many."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=before).delete()
    return deleted
