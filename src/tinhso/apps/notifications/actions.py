"""Telling people, and their having seen it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from tinhso.apps.audit.actions import record
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
    actor: Actor,
    at: datetime,
) -> int:
    """Thông báo cho từng người, once for each `source`; returns how many were told anew. Nobody new: nothing is written."""
    require(actor.kind is ActorKind.SYSTEM)
    stream = _locked(f"notice:{source}")
    known = set(Notice.objects.filter(source=source, account_id__in=account_ids).values_list("account_id", flat=True))
    fresh = [account_id for account_id in dict.fromkeys(account_ids) if account_id not in known]
    if not fresh:
        return 0
    Notice.objects.bulk_create(
        Notice(
            account_id=account_id, kind=kind, subject=subject, code=code, words=words[:LONGEST_WORDS], source=source,
            sent_at=at,
        )
        for account_id in fresh
    )  # fmt: skip
    event = NoticesSent(kind=str(kind), subject=str(subject), code=code, account_ids=fresh)
    record(event, subject=stream, actor=actor, at=at)
    return len(fresh)


@action
def mark_read(*, notice_ids: Sequence[int], actor: Actor, at: datetime) -> int:
    """Đánh dấu đã xem các thông báo của mình; returns how many were new."""
    require(actor.account_id is not None)
    stream = _locked(f"notices:{actor.account_id}")
    mine = Notice.objects.filter(pk__in=list(notice_ids), account_id=actor.account_id or 0, read_at__isnull=True)
    count = mine.update(read_at=at)
    if count:
        event = NoticesRead(account_id=actor.account_id or 0, count=count)
        record(event, subject=stream, actor=actor, at=at)
    return count


def _locked(stream: str) -> str:
    """The stream, locked until the action ends: the same job delivered twice at once tells once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [stream])
    return stream
