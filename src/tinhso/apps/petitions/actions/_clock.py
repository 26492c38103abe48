"""What the clock does to a petition: reminders, the end of waiting, a calendar that changed."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.petitions import queries
from tinhso.apps.petitions.actions._common import lock, require_step, set_dues
from tinhso.apps.petitions.data import PetitionMoved
from tinhso.apps.petitions.enums import PetitionAct, PetitionStatus
from tinhso.apps.petitions.events import DuesMoved, PetitionLapsed, PetitionReminded
from tinhso.apps.petitions.models import Petition, Reminder
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind


@action
def lapse_petition(*, petition_id: int, actor: Actor, at: datetime) -> Petition:
    """Dừng vì người gửi không bổ sung trong thời hạn.

    Raises:
        PetitionNotFound. PetitionMoved: answered meanwhile, or still in time.
    """
    require(actor.kind is ActorKind.SYSTEM)
    petition = lock(petition_id)
    require_step(PetitionAct.LAPSE, petition)
    if petition.give_until is None or at <= petition.give_until:
        raise PetitionMoved
    petition.status, petition.closed_at = PetitionStatus.LAPSED, at
    petition.save(update_fields=["status", "closed_at"])
    event = PetitionLapsed(petition_id=petition.pk, unit_id=petition.handling_unit_id)
    record(event, subject=petition, actor=actor, at=at)
    return petition


@action
def remind_unit(*, petition_id: int, kind: str, due_at: datetime, actor: Actor, at: datetime) -> bool:
    """Nhắc đơn vị việc sắp hoặc đã quá hạn; told twice, it happens once. Returns whether it was new."""
    require(actor.kind is ActorKind.SYSTEM)
    petition = lock(petition_id)
    _, is_new = Reminder.objects.get_or_create(
        petition=petition, kind=kind, due_at=due_at, defaults={"reminded_at": at}
    )
    if is_new:
        event = PetitionReminded(petition_id=petition.pk, unit_id=petition.handling_unit_id, kind=kind, due_at=due_at)
        record(event, subject=petition, actor=actor, at=at)
    return is_new


@action
def move_dues(*, calendar_key: str, calendar_number: int, actor: Actor, at: datetime) -> int:
    """Tính lại thời hạn của phản ánh đang mở theo lịch vừa công bố; closed ones never move. Returns how many moved."""
    require(actor.kind is ActorKind.SYSTEM)
    moved = 0
    for petition_id in queries.open_for_calendar(calendar_key):
        petition = lock(petition_id)
        before = (petition.refuse_due_at, petition.ask_due_at, petition.answer_due_at)
        if petition.closed_at is not None:
            continue
        set_dues(petition)
        if before == (petition.refuse_due_at, petition.ask_due_at, petition.answer_due_at):
            continue
        petition.save(update_fields=["refuse_due_at", "ask_due_at", "answer_due_at"])
        event = DuesMoved(
            petition_id=petition.pk, answer_due_at=petition.answer_due_at, calendar_key=calendar_key,
            calendar_number=calendar_number,
        )  # fmt: skip
        record(event, subject=petition, actor=actor, at=at)
        moved += 1
    return moved
