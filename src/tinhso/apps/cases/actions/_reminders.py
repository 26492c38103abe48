"""Telling people that time runs out (nhắc hạn, báo cáo cấp trên)."""

from datetime import datetime

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
