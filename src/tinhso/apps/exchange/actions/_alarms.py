"""Alarms: one open for one thing, acknowledged by an officer, closed by itself."""

from datetime import datetime

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.exchange import permissions, queries
from tinhso.apps.exchange.data import AlarmNotFound
from tinhso.apps.exchange.events import AlarmAcknowledged, AlarmClosed, AlarmOpened
from tinhso.apps.exchange.models import Alarm
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor

STREAM = "exchange-alarms"


@action
def watch_exchange(*, actor: Actor, at: datetime) -> tuple[int, int]:
    """Rà soát và mở, đóng cảnh báo: what deserves one now has one, what is well again has none. Returns (opened, closed)."""
    require(permissions.can_manage(actor))
    _one_at_a_time()
    now_wrong = {(one.kind.value, one.subject): one for one in queries.findings(at=at)}
    open_now = {(row.kind, row.subject): row for row in Alarm.objects.filter(closed_at__isnull=True)}
    opened = 0
    for key, finding in now_wrong.items():
        known = open_now.pop(key, None)
        if known is not None:
            if known.words != finding.words[:400]:
                known.words = finding.words[:400]
                known.save(update_fields=["words"])
            continue
        row = Alarm(kind=key[0], subject=key[1], words=finding.words[:400], opened_at=at)
        row.save(force_insert=True)
        event = AlarmOpened(alarm_id=row.pk, kind=row.kind, subject=row.subject, words=row.words)
        record(event, subject=STREAM, actor=actor, at=at)
        opened += 1
    for row in open_now.values():
        row.closed_at = at
        row.save(update_fields=["closed_at"])
        record(AlarmClosed(alarm_id=row.pk), subject=STREAM, actor=actor, at=at)
    return opened, len(open_now)


@action
def acknowledge_alarm(*, alarm_id: int, actor: Actor, at: datetime) -> None:
    """Nhận xử lý cảnh báo; the first who does stands there.

    Raises:
        AlarmNotFound: no such alarm that is open and not acknowledged yet.
    """
    require(permissions.can_manage(actor))
    _one_at_a_time()
    row = Alarm.objects.filter(pk=alarm_id, closed_at__isnull=True, acknowledged_at__isnull=True).first()
    if row is None:
        raise AlarmNotFound
    row.acknowledged_at, row.acknowledged_by_name = at, actor.name
    row.save(update_fields=["acknowledged_at", "acknowledged_by_name"])
    record(AlarmAcknowledged(alarm_id=row.pk), subject=STREAM, actor=actor, at=at)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('exchange.alarms', 0))")
