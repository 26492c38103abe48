"""Refusals for lack of right, told to the log without letting anybody fill it."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, QuerySet

from tinhso.apps.accounts.events import AccessRefused
from tinhso.apps.accounts.models import AccessRefusal
from tinhso.apps.audit.actions import record
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind

# What one account may add to the log in an hour: twice as many rows, and those of the rest.
ADDRESSES_IN_AN_HOUR = 20
TOLD_AT_ONCE = 1_000


@action
def note_refusal(*, route: str, method: str, status: int, actor: Actor, at: datetime) -> None:
    """Ghi một lần bị từ chối quyền, counted by account, address and hour; the first one is told to the log at once."""
    require(actor.is_authenticated and actor.account_id is not None)
    of_hour = AccessRefusal.objects.filter(
        account_id=actor.account_id or 0, hour=at.replace(minute=0, second=0, microsecond=0)
    )
    if _counted(of_hour, route, method, status):
        return
    # Two requests of one account at once: the second waits here, and finds the row of the first.
    _lock(actor.account_id or 0)
    if of_hour.exclude(route="").count() >= ADDRESSES_IN_AN_HOUR:
        route = method = ""
    if _counted(of_hour, route, method, status):
        return
    first = AccessRefusal(
        account_id=actor.account_id or 0, hour=at.replace(minute=0, second=0, microsecond=0), route=route, method=method,
        status=status,
    )  # fmt: skip
    first.save(force_insert=True)
    _tell(first, actor=actor, at=at)


@action
def tell_refusals(*, actor: Actor, at: datetime) -> int:
    """Ghi số lần bị từ chối quyền của những giờ đã qua, and forget the counts. Returns how many."""
    require(actor.kind is ActorKind.SYSTEM)
    # Five minutes for requests under way when the hour ended.
    before = (at - timedelta(minutes=5)).replace(minute=0, second=0, microsecond=0)
    past = AccessRefusal.objects.select_for_update(of=("self",)).filter(hour__lt=before).order_by("account_id", "pk")
    rows = list(past[:TOLD_AT_ONCE])
    for row in rows:
        if row.times > 1:
            _lock(row.account_id)
            _tell(row, actor=actor, at=at)
    AccessRefusal.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _counted(of_hour: QuerySet[AccessRefusal], route: str, method: str, status: int) -> bool:
    found = of_hour.filter(route=route, method=method, status=status)
    return bool(found.update(times=F("times") + 1))


def _lock(account_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"refusal:{account_id}"])


def _tell(row: AccessRefusal, *, actor: Actor, at: datetime) -> None:
    event = AccessRefused(
        account_id=row.account_id, route=row.route, method=row.method, status=row.status, hour=row.hour, times=row.times
    )
    record(event, subject=f"refusal:{row.account_id}", actor=actor, at=at)
