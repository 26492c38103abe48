"""Telling people that time runs out (nhắc hạn, báo cáo cấp trên)."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import queries
from tinhso.apps.cases.actions._common import lock_case
from tinhso.apps.cases.events import ReminderSent
from tinhso.apps.cases.models import Reminder
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind


@action
def remind_of_case(*, case_id: int, actor: Actor, at: datetime) -> int:
    """Nhắc hạn và báo cáo cấp trên về một hồ sơ: each person once for each date; returns how many were told.

    A date that has moved is another date, and is reminded of anew.
    """
    require(actor.kind is ActorKind.SYSTEM)
    case = lock_case(case_id)
    told = 0
    for kind, due_at in queries.reminders_due(case, at=at):
        people = queries.recipients_of(case, kind, at=at)
        if not people:
            continue
        Reminder.objects.bulk_create(
            [
                Reminder(
                    case=case, kind=kind, due_at=due_at, account_id=account_id, unit_id=case.step_unit_id, sent_at=at
                )
                for account_id in people
            ],
            ignore_conflicts=True,
        )
        event = ReminderSent(case_id=case.pk, kind=kind.value, due_at=due_at, account_ids=people)
        record(event, subject=case, actor=actor, at=at)
        told += len(people)
    return told


# Whatever changed a date meanwhile has the case looked at anew; who is changing one now is not waited for.
_LOOKED = """
UPDATE cases_reminderlook AS look SET at = seen.at
FROM (SELECT l.case_id, s.at FROM cases_reminderlook l
      JOIN unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) AS s(case_id, changed_by, at)
        ON l.case_id = s.case_id AND l.changed_by = s.changed_by
      ORDER BY l.case_id FOR UPDATE OF l SKIP LOCKED) AS seen
WHERE look.case_id = seen.case_id
"""


@action
def note_looks(*, looks: Collection[tuple[int, int, datetime]], actor: Actor, at: datetime) -> None:
    """Ghi lần xem kế tiếp của những hồ sơ vừa được xem để nhắc hạn."""
    require(actor.kind is ActorKind.SYSTEM)
    if not looks:
        return
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED, [list(column) for column in zip(*looks, strict=True)])
