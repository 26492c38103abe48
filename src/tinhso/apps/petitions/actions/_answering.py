"""The answer: drafted at the handling unit, approved by its leader, judged by the sender."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.petitions import permissions, queries, rules
from tinhso.apps.petitions.actions._common import calendar_of, lock, require_sender, require_step, text_of
from tinhso.apps.petitions.data import NotRateable, SameOfficer
from tinhso.apps.petitions.enums import PetitionAct, PetitionStatus, Satisfaction
from tinhso.apps.petitions.events import AnswerDrafted, AnswerReturned, PetitionAnswered, PetitionRated
from tinhso.apps.petitions.models import Petition
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid
from tinhso.lib.worktime import compute_deadline, lateness


@action
def draft_answer(*, petition_id: int, answer: str, actor: Actor, at: datetime) -> Petition:
    """Trình trả lời: the text waits for the leader.

    Raises:
        PetitionNotFound; PetitionMoved. Invalid: no text.
    """
    petition = lock(petition_id)
    require(permissions.can_answer(actor, petition))
    require_step(PetitionAct.DRAFT, petition)
    petition.answer = text_of(answer, "Mời soạn nội dung trả lời.")
    petition.status, petition.drafted_at = PetitionStatus.DRAFTED, at
    petition.drafted_by_id, petition.drafted_by, petition.returned_reason = actor.account_id, actor.name, ""
    petition.save(update_fields=["answer", "status", "drafted_at", "drafted_by_id", "drafted_by", "returned_reason"])
    event = AnswerDrafted(petition_id=petition.pk, unit_id=petition.handling_unit_id)
    record(event, subject=petition, actor=actor, at=at)
    return petition


@action
def return_answer(*, petition_id: int, reason: str, actor: Actor, at: datetime) -> Petition:
    """Trả lại dự thảo trả lời, with what has to change.

    Raises:
        PetitionNotFound; PetitionMoved. Invalid: no reason.
    """
    petition = lock(petition_id)
    require(permissions.can_approve(actor, petition))
    require_step(PetitionAct.RETURN, petition)
    petition.returned_reason = text_of(reason, "Mời ghi điều cần sửa trong dự thảo.")
    petition.status = PetitionStatus.HANDLING
    petition.save(update_fields=["status", "returned_reason"])
    event = AnswerReturned(petition_id=petition.pk, unit_id=petition.handling_unit_id, reason=petition.returned_reason)
    record(event, subject=petition, actor=actor, at=at)
    return petition


@action
def approve_answer(*, petition_id: int, actor: Actor, at: datetime) -> Petition:
    """Duyệt trả lời: the sender can read it from now on; whether it is in time is settled here.

    Raises:
        PetitionNotFound; PetitionMoved. SameOfficer: who drafted it does not approve it.
    """
    petition = lock(petition_id)
    require(permissions.can_approve(actor, petition))
    require_step(PetitionAct.APPROVE, petition)
    if petition.drafted_by_id == actor.account_id:
        raise SameOfficer
    calendar = calendar_of(petition)
    assert petition.answer_due_at is not None  # noqa: S101 - only while the sender is asked there is none
    petition.lateness = lateness(at, petition.answer_due_at, calendar).value
    if rules.must_publish(petition.topic):
        publish = queries.limits_on(petition.sent_at.astimezone(PROVINCE_TIME).date()).publish
        petition.publish_due_at = compute_deadline(received_at=at, limit=publish.limit, calendar=calendar).due_at
    petition.status, petition.answered_at, petition.answered_by = PetitionStatus.ANSWERED, at, actor.name
    petition.closed_at = at
    petition.save(update_fields=["status", "answered_at", "answered_by", "lateness", "publish_due_at", "closed_at"])
    event = PetitionAnswered(
        petition_id=petition.pk, unit_id=petition.handling_unit_id, lateness=petition.lateness,
        publish_due_at=petition.publish_due_at,
    )  # fmt: skip
    record(event, subject=petition, actor=actor, at=at)
    return petition


@action
def rate_answer(
    *, petition_id: int, satisfaction: str, comment: str = "", contact: str = "", actor: Actor, at: datetime
) -> Petition:
    """Đánh giá câu trả lời, once.

    Raises:
        PetitionNotFound; NotRateable. NotTheSender: neither signed in nor the contact given at sending.
        Invalid: no such level.
    """
    petition = lock(petition_id)
    require_sender(petition, contact=contact, actor=actor)
    require(permissions.can_send(actor))
    if not rules.is_done_in(PetitionAct.RATE, PetitionStatus(petition.status)) or petition.rated_at is not None:
        raise NotRateable
    if satisfaction not in Satisfaction.values:
        raise Invalid("Mời chọn mức độ hài lòng.")
    petition.satisfaction, petition.rated_at = satisfaction, at
    petition.rating_comment = comment.replace("\x00", "").strip()[:2000]
    petition.save(update_fields=["satisfaction", "rating_comment", "rated_at"])
    event = PetitionRated(petition_id=petition.pk, satisfaction=satisfaction)
    record(event, subject=petition, actor=actor, at=at)
    return petition
