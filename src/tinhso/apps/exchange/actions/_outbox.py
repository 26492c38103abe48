"""The outbox: queueing, claiming, what became of a try, and what a clerk decides about a dead letter.

The order of a key holds because only its oldest open message can be claimed. A claim is a lease with a number: who comes
back after another has taken over writes nothing (fencing).
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.exchange import permissions, rules
from tinhso.apps.exchange.data import MessageNotDead, OutgoingData
from tinhso.apps.exchange.enums import OutboxStatus
from tinhso.apps.exchange.events import MessageDied, MessageResent, MessageSkipped, OutboxReplayed
from tinhso.apps.exchange.models import OutboxMessage
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid
from tinhso.lib.canonical import digest

LEASE = timedelta(minutes=5)
_QUEUE = """
INSERT INTO exchange_outboxmessage (destination, key, kind, once, subject, unit_id, summary, body, digest, status,
  caused_at, queued_at, due_at, attempts, refusals, failure, answer, settled_by, reason)
VALUES (%(destination)s, %(key)s, %(kind)s, %(once)s, %(subject)s, %(unit_id)s, %(summary)s, %(body)s, %(digest)s,
  'waiting', %(caused_at)s, %(at)s, %(at)s, 0, 0, '', '', '', '')
ON CONFLICT (destination, once) DO NOTHING RETURNING position
"""
# The oldest open message of each key, if its time has come and nobody holds it. Taken rows are skipped, not waited for:
# while another has a key's head in hand, nothing of that key is a head.
_CLAIM = """
UPDATE exchange_outboxmessage SET status = 'sending', attempts = attempts + 1, lease_until = %(lease)s
WHERE position IN (
  SELECT m.position FROM exchange_outboxmessage m
  WHERE m.destination = %(destination)s AND m.due_at <= %(at)s
    AND (m.status = 'waiting' OR (m.status = 'sending' AND m.lease_until < %(at)s))
    AND NOT EXISTS (SELECT 1 FROM exchange_outboxmessage b WHERE b.destination = m.destination AND b.key = m.key
                    AND b.position < m.position AND b.status IN ('waiting', 'sending', 'dead'))
  ORDER BY m.due_at, m.position LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING position, destination, key, kind, subject, unit_id, body, attempts, refusals, caused_at, queued_at, failing_since
"""


@action(inner=True)
def queue_message(
    *, destination: str, key: str, kind: str, once: str, subject: str, unit_id: int | None, summary: str,
    body: dict[str, Any], caused_at: datetime, actor: Actor, at: datetime,
) -> int | None:  # fmt: skip
    """Đưa một thông điệp vào hàng chờ gửi, in the transaction of what causes it; its position, None when it was there."""
    with connection.cursor() as cursor:
        cursor.execute(
            _QUEUE,
            {
                "destination": destination, "key": key, "kind": kind, "once": once, "subject": subject,
                "unit_id": unit_id, "summary": summary[:300], "body": json.dumps(body, ensure_ascii=False),
                "digest": digest(body), "caused_at": caused_at, "at": at,
            },
        )  # fmt: skip
        row = cursor.fetchone()
    return int(row[0]) if row else None


@action
def claim_messages(*, destination: str, limit: int, actor: Actor, at: datetime) -> list[OutgoingData]:
    """Nhận những thông điệp đến lượt gửi, at most one of each key, oldest first; they are this caller's for `LEASE`."""
    require(actor.kind is ActorKind.SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"destination": destination, "at": at, "limit": limit, "lease": at + LEASE})
        rows = cursor.fetchall()
    return sorted((_outgoing(row) for row in rows), key=lambda one: one.position)


@action
def record_delivered(*, position: int, attempt: int, answer: str, actor: Actor, at: datetime) -> bool:
    """Ghi nhận hệ thống kia đã nhận; False for a try that another has taken over meanwhile."""
    require(actor.kind is ActorKind.SYSTEM)
    held = OutboxMessage.objects.filter(position=position, attempts=attempt, status=OutboxStatus.SENDING)
    changed = held.update(
        status=OutboxStatus.DELIVERED, finished_at=at, lease_until=None, failure="", failing_since=None,
        answer=answer[:300],
    )  # fmt: skip
    return bool(changed)


@action
def record_failed(
    *, position: int, attempt: int, failure: str, refused: bool, for_good: bool = False, actor: Actor, at: datetime
) -> bool:
    """Ghi nhận một lần gửi không thành; whether the message is a dead letter now.

    `refused`: the other side answered and found fault; else it was not reached, which may last days and is nobody's fault.
    """
    require(actor.kind is ActorKind.SYSTEM)
    message = OutboxMessage.objects.select_for_update(of=("self",)).get(pk=position)
    if message.attempts != attempt or message.status != OutboxStatus.SENDING:
        return False
    message.failing_since = message.failing_since or at
    message.refusals += 1 if refused else 0
    message.failure, message.lease_until = failure, None
    waited = at - message.failing_since
    if for_good or rules.is_dead(refusals=message.refusals, failing_for=waited):
        message.status, message.finished_at = OutboxStatus.DEAD, at
        event = MessageDied(
            position=position, destination=message.destination, key=message.key, kind=message.kind, failure=failure,
            attempts=attempt,
        )  # fmt: skip
        record(event, subject=rules.outbox_stream(position), actor=actor, at=at)
    else:
        message.status, message.due_at = OutboxStatus.WAITING, at + rules.pause_before(attempt)
    message.save()
    return message.status == OutboxStatus.DEAD


@action
def release_messages(*, positions: Sequence[int], actor: Actor, at: datetime) -> None:
    """Trả lại những thông điệp đã nhận mà chưa gửi, when a round ends early; they were not tried."""
    require(actor.kind is ActorKind.SYSTEM)
    OutboxMessage.objects.filter(pk__in=positions, status=OutboxStatus.SENDING).update(
        status=OutboxStatus.WAITING, lease_until=None
    )


@action
def resend_message(*, position: int, actor: Actor, at: datetime) -> None:
    """Gửi lại một thông điệp không gửi được; its key goes on after it.

    Raises:
        MessageNotDead: it is not a dead letter (any more).
    """
    message = _dead(position)
    require(permissions.can_settle(actor, message.unit_id))
    message.status, message.due_at, message.finished_at = OutboxStatus.WAITING, at, None
    message.refusals, message.failing_since, message.settled_by = 0, None, actor.name
    message.save()
    event = MessageResent(position=position, destination=message.destination, key=message.key)
    record(event, subject=rules.outbox_stream(position), actor=actor, at=at)


@action
def skip_message(*, position: int, reason: str, actor: Actor, at: datetime) -> None:
    """Bỏ qua một thông điệp không gửi được, with a reason; what comes after it for the same case goes on.

    Raises:
        MessageNotDead: it is not a dead letter (any more).
        Invalid: no reason given.
    """
    message = _dead(position)
    require(permissions.can_settle(actor, message.unit_id))
    if not reason.strip():
        raise Invalid("Mời ghi vì sao không cần gửi thông điệp này nữa.")
    message.status, message.finished_at = OutboxStatus.SKIPPED, at
    message.settled_by, message.reason = actor.name, reason.strip()[:2_000]
    message.save()
    event = MessageSkipped(
        position=position, destination=message.destination, key=message.key, reason=message.reason
    )  # fmt: skip
    record(event, subject=rules.outbox_stream(position), actor=actor, at=at)


@action
def replay_messages(*, destination: str, after: int, key: str = "", actor: Actor, at: datetime) -> int:
    """Gửi lại từ một vị trí: every delivered message after it whose content is still kept, in the old order.

    With `key`, of that case alone. Returns how many go out again.
    """
    require(permissions.can_manage(actor))
    rows = OutboxMessage.objects.filter(
        destination=destination, position__gt=after, status=OutboxStatus.DELIVERED, body__isnull=False
    )
    if key:
        rows = rows.filter(key=key)
    count = rows.update(
        status=OutboxStatus.WAITING, due_at=at, refusals=0, failing_since=None, finished_at=None
    )  # fmt: skip
    event = OutboxReplayed(destination=destination, after=after, key=key, count=count)
    record(event, subject="outbox", actor=actor, at=at)
    return count


@action
def forget_bodies(*, before: datetime, actor: Actor, at: datetime) -> int:
    """Xóa nội dung của thông điệp đã gửi từ lâu; the digest stays. Returns how many."""
    require(actor.kind is ActorKind.SYSTEM)
    ended = OutboxMessage.objects.filter(
        status__in=[OutboxStatus.DELIVERED, OutboxStatus.SKIPPED], finished_at__lt=before, body__isnull=False
    )
    return ended.update(body=None)


def _dead(position: int) -> OutboxMessage:
    message = OutboxMessage.objects.select_for_update(of=("self",)).filter(pk=position).first()
    if message is None or message.status != OutboxStatus.DEAD:
        raise MessageNotDead
    return message


def _outgoing(row: Sequence[Any]) -> OutgoingData:
    position, destination, key, kind, subject, unit_id, body, attempt, refusals, caused_at, queued_at, since = row
    value = json.loads(body) if isinstance(body, str) else body
    return OutgoingData(
        position=position, destination=destination, key=key, kind=kind, subject=subject, unit_id=unit_id, body=value,
        attempt=attempt, refusals=refusals, caused_at=caused_at, queued_at=queued_at, failing_since=since,
    )  # fmt: skip
