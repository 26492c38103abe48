"""What somebody was told."""

from tinhso.apps.notifications.data import NoticeData
from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject
from tinhso.apps.notifications.models import Notice
from tinhso.kernel.actor import Actor
from tinhso.kernel.prepared import Prepared

MOST_UNREAD = 100
_UNREAD = Prepared(
    lambda account_id: (
        Notice.objects.filter(account_id=account_id, read_at__isnull=True)
        .order_by("-id")
        .values_list("pk", flat=True)[:MOST_UNREAD]
    ),
    account_id=int,
)


def unread_count(*, actor: Actor) -> int:
    """How many notices the actor has not seen, at most `MOST_UNREAD`: one short index range (số thông báo mới)."""
    if actor.account_id is None:
        return 0
    return len(_UNREAD.all(account_id=actor.account_id))


def list_notices(*, actor: Actor, before: int | None = None, limit: int = 30) -> tuple[list[NoticeData], int | None]:
    """The actor's notices, newest first, and where the next page begins (None: that was all)."""
    mine = Notice.objects.filter(account_id=actor.account_id or 0).order_by("-id")
    if before is not None:
        mine = mine.filter(pk__lt=before)
    rows = list(mine[: limit + 1])
    found = [
        NoticeData(
            id=row.pk, kind=NoticeKind(row.kind), subject=NoticeSubject(row.subject), code=row.code, words=row.words,
            sent_at=row.sent_at, is_new=row.read_at is None,
        )
        for row in rows[:limit]
    ]  # fmt: skip
    return found, found[-1].id if len(rows) > limit else None
