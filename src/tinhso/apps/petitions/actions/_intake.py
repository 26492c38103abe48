"""What the receiving unit does: takes it up, refuses it, asks once, passes it on."""

from collections.abc import Sequence
from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.directory import queries as directory
from tinhso.apps.petitions import permissions, queries
from tinhso.apps.petitions.actions._common import (
    attach,
    calendar_of,
    lock,
    require_sender,
    require_step,
    set_dues,
    text_of,
)
from tinhso.apps.petitions.data import (
    AlreadyAsked,
    AttachmentInput,
    ForwardedTooOften,
    TooLateToAsk,
    TooLateToRefuse,
)
from tinhso.apps.petitions.enums import PetitionAct, PetitionClass, PetitionStatus, Stage
from tinhso.apps.petitions.events import (
    InformationAsked,
    InformationGiven,
    PetitionAccepted,
    PetitionForwarded,
    PetitionRefused,
)
from tinhso.apps.petitions.models import Petition
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid
from tinhso.lib.worktime import compute_deadline


@action
def accept_petition(*, petition_id: int, classification: str, actor: Actor, at: datetime) -> Petition:
    """Tiếp nhận, phân loại: about a regulation or about staff, as the service index counts them.

    Raises:
        PetitionNotFound; PetitionMoved. Invalid: no class chosen.
    """
    petition = lock(petition_id)
    require(permissions.can_receive(actor, petition))
    require_step(PetitionAct.ACCEPT, petition)
    if classification not in PetitionClass.values:
        raise Invalid("Mời chọn loại của phản ánh, kiến nghị.")
    petition.status, petition.classification, petition.accepted_at = PetitionStatus.HANDLING, classification, at
    petition.save(update_fields=["status", "classification", "accepted_at"])
    event = PetitionAccepted(petition_id=petition.pk, unit_id=petition.handling_unit_id, classification=classification)
    record(event, subject=petition, actor=actor, at=at)
    return petition


@action
def refuse_petition(*, petition_id: int, reason: str, actor: Actor, at: datetime) -> Petition:
    """Không tiếp nhận, with the reason the sender reads; only within the limit for it.

    Raises:
        PetitionNotFound; PetitionMoved; TooLateToRefuse. Invalid: no reason.
    """
    petition = lock(petition_id)
    require(permissions.can_receive(actor, petition))
    require_step(PetitionAct.REFUSE, petition)
    if at > petition.refuse_due_at:
        raise TooLateToRefuse
    petition.refusal = text_of(reason, "Mời ghi lý do không tiếp nhận; người gửi đọc được lý do này.")
    petition.status, petition.closed_at = PetitionStatus.REFUSED, at
    petition.save(update_fields=["status", "refusal", "closed_at"])
    event = PetitionRefused(petition_id=petition.pk, unit_id=petition.handling_unit_id, reason=petition.refusal)
    record(event, subject=petition, actor=actor, at=at)
    return petition


@action
def ask_information(*, petition_id: int, question: str, actor: Actor, at: datetime) -> Petition:
    """Đề nghị người gửi bổ sung thông tin: once, within the limit for it; the clock of the answer stands still.

    Raises:
        PetitionNotFound; PetitionMoved; AlreadyAsked; TooLateToAsk. Invalid: nothing asked.
    """
    petition = lock(petition_id)
    require(permissions.can_receive(actor, petition))
    require_step(PetitionAct.ASK, petition)
    if petition.asked_at is not None:
        raise AlreadyAsked
    if at > petition.ask_due_at:
        raise TooLateToAsk
    petition.asked_text = text_of(question, "Mời ghi rõ cần người gửi bổ sung điều gì.")
    wait = queries.limits_on(petition.sent_at.astimezone(PROVINCE_TIME).date()).wait
    until = compute_deadline(received_at=at, limit=wait.limit, calendar=calendar_of(petition)).due_at
    assert until is not None  # noqa: S101 - nothing stops this clock
    petition.status, petition.asked_at, petition.give_until = PetitionStatus.ASKED, at, until
    petition.answer_due_at = None
    petition.save(update_fields=["status", "asked_at", "asked_text", "give_until", "answer_due_at"])
    event = InformationAsked(petition_id=petition.pk, unit_id=petition.handling_unit_id, give_until=until)
    record(event, subject=petition, actor=actor, at=at)
    return petition


@action
def give_information(
    *,
    petition_id: int,
    text: str,
    files: Sequence[AttachmentInput] = (),
    contact: str = "",
    actor: Actor,
    at: datetime,
) -> Petition:
    """Bổ sung thông tin: the sender gives what was asked; the clock goes on.

    Raises:
        PetitionNotFound; PetitionMoved. NotTheSender: neither signed in nor the contact given at sending.
        Invalid: nothing written; and what attaching files raises.
    """
    petition = lock(petition_id)
    require_sender(petition, contact=contact, actor=actor)
    require(permissions.can_send(actor))
    require_step(PetitionAct.GIVE, petition)
    petition.given_text = text_of(text, "Mời ghi thông tin bổ sung.")
    attach(petition, files, Stage.MORE, actor=actor, at=at)
    petition.given_at = at
    petition.status = PetitionStatus.HANDLING if petition.accepted_at else PetitionStatus.SENT
    set_dues(petition)
    petition.save(update_fields=["status", "given_at", "given_text", "answer_due_at", "refuse_due_at", "ask_due_at"])
    event = InformationGiven(petition_id=petition.pk, answer_due_at=petition.answer_due_at)
    record(event, subject=petition, actor=actor, at=at)
    return petition


@action
def forward_petition(*, petition_id: int, unit_id: int, reason: str, actor: Actor, at: datetime) -> Petition:
    """Chuyển cơ quan có thẩm quyền: the other unit takes it up anew; the answer stays due as of the day it was sent.

    Raises:
        PetitionNotFound; PetitionMoved; ForwardedTooOften. Invalid: no reason, or a unit that cannot have it.
    """
    petition = lock(petition_id)
    require(permissions.can_receive(actor, petition))
    require_step(PetitionAct.FORWARD, petition)
    day = at.astimezone(PROVINCE_TIME).date()
    if (
        len(petition.passed_unit_ids)
        >= queries.limits_on(petition.sent_at.astimezone(PROVINCE_TIME).date()).most_forwards
    ):
        raise ForwardedTooOften
    why = text_of(reason, "Mời ghi lý do chuyển.")
    if unit_id not in {unit.id for unit in queries.units_to_forward(day, besides=petition.handling_unit_id)}:
        raise Invalid("Mời chọn cơ quan có thẩm quyền trong danh sách.")

    before = petition.handling_unit_id
    centre = directory.one_stop_of(unit_id, day)
    petition.passed_unit_ids = [*petition.passed_unit_ids, before]
    petition.handling_unit_id, petition.intake_unit_id = unit_id, centre.id if centre is not None else None
    petition.status, petition.classification, petition.accepted_at = PetitionStatus.SENT, "", None
    petition.here_since = at
    set_dues(petition)
    petition.save()
    event = PetitionForwarded(
        petition_id=petition.pk, from_unit_id=before, to_unit_id=unit_id, reason=why,
        answer_due_at=petition.answer_due_at,
    )  # fmt: skip
    record(event, subject=petition, actor=actor, at=at)
    return petition
