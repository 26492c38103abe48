"""Telling people, and their having seen it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.notifications.actions._planning import NewNotice, keep_notices, locked
from tinhso.apps.notifications.data import Told
from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject
from tinhso.apps.notifications.events import NoticesRead, NoticesSent
from tinhso.apps.notifications.models import Notice
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind

LONGEST_WORDS = 400


@action
def notify(
    *,
    account_ids: Sequence[int],
    kind: NoticeKind,
    subject: NoticeSubject,
    code: str,
    words: str,
    source: str,
    unit_id: int | None = None,
    facts: Mapping[str, str] | None = None,
    actor: Actor,
    at: datetime,
) -> int:
    """Thông báo cho từng người, once for each `source`; returns how many were told anew. Nobody new: nothing is written.

    `unit_id` is the unit that tells, whose quota is used; `facts` are values of templates (`date`, `unit`), nothing personal.
    """
    require(actor.kind is ActorKind.SYSTEM)
    stream = locked(f"notice:{source}")
    known = _told(source, account_ids)
    fresh = [account_id for account_id in dict.fromkeys(account_ids) if account_id not in known]
    if not fresh:
        return 0
    told = json.dumps(dict(facts or {}), ensure_ascii=False)
    rows = [
        NewNotice(account_id, kind.value, subject.value, code, words[:LONGEST_WORDS], source, unit_id, told, at)
        for account_id in fresh
    ]
    event = NoticesSent(kind=str(kind), subject=str(subject), code=code, account_ids=fresh)
    record(event, subject=stream, actor=actor, at=at)
    keep_notices(rows, stream=stream, actor=actor, at=at)
    return len(fresh)


def _told(source: str, account_ids: Sequence[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id FROM notifications_notice WHERE source = %s AND account_id = ANY(%s)",
            [source, list(account_ids)],
        )
        return {number for (number,) in cursor.fetchall()}


@action
def notify_many(
    *, told: Sequence[Told], kind: NoticeKind, subject: NoticeSubject, source: str, actor: Actor, at: datetime
) -> int:
    """Thông báo một lượt cho nhiều người, each their own words, in two statements; returns how many were told anew.

    `source` names the round: one event says whom it reached, and no code.
    """
    require(actor.kind is ActorKind.SYSTEM)
    stream = locked(f"notice:{source}")
    sources = {line.source for line in told}
    known = set(Notice.objects.filter(source__in=sources).values_list("account_id", "source"))
    fresh = {key: line for line in told if (key := (line.account_id, line.source)) not in known}
    if not fresh:
        return 0
    rows = [
        NewNotice(
            line.account_id, kind.value, subject.value, line.code, line.words[:LONGEST_WORDS], line.source, line.unit_id,
            json.dumps(dict(line.facts), ensure_ascii=False), at,
        )
        for line in fresh.values()
    ]  # fmt: skip
    reached = sorted({line.account_id for line in fresh.values()})
    event = NoticesSent(kind=str(kind), subject=str(subject), code="", account_ids=reached)
    record(event, subject=stream, actor=actor, at=at)
    keep_notices(rows, stream=stream, actor=actor, at=at)
    return len(fresh)


@action
def mark_read(*, notice_ids: Sequence[int], actor: Actor, at: datetime) -> int:
    """Đánh dấu đã xem các thông báo của mình; returns how many were new."""
    require(actor.account_id is not None)
    stream = locked(f"notices:{actor.account_id}")
    mine = Notice.objects.filter(pk__in=list(notice_ids), account_id=actor.account_id or 0, read_at__isnull=True)
    count = mine.update(read_at=at)
    if count:
        event = NoticesRead(account_id=actor.account_id or 0, count=count)
        record(event, subject=stream, actor=actor, at=at)
    return count
