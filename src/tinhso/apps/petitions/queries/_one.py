"""One petition: who may see it, what may be done with it, how it went."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from tinhso.apps.directory import queries as directory
from tinhso.apps.documents import queries as files
from tinhso.apps.petitions import permissions, rules
from tinhso.apps.petitions.data import AttachmentData, AvailableAct, Moment, PetitionNotFound, Publication
from tinhso.apps.petitions.enums import PetitionAct, PetitionStatus
from tinhso.apps.petitions.models import Petition
from tinhso.apps.petitions.permissions import PetitionPermission
from tinhso.apps.petitions.queries._limits import limits_on
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.worktime import instant_text

# Act, its key on the keyboard, whether it is the usual next thing; in the order of the page.
_ACTS = (
    (PetitionAct.ACCEPT, "A", True),
    (PetitionAct.DRAFT, "A", True),
    (PetitionAct.ASK, "B", False),
    (PetitionAct.FORWARD, "C", False),
    (PetitionAct.REFUSE, "R", False),
    (PetitionAct.APPROVE, "A", True),
    (PetitionAct.RETURN, "R", False),
    (PetitionAct.PUBLISH, "A", True),
    (PetitionAct.WITHHOLD, "R", False),
    (PetitionAct.TAKE_DOWN, "R", False),
)


def visible_to(actor: Actor) -> QuerySet[Petition]:
    """The petitions an actor may see: a citizen his own; an officer those his unit has, receives or has passed on."""
    if actor.kind is ActorKind.SYSTEM:
        return Petition.objects.all()
    if actor.kind is ActorKind.CITIZEN and actor.account_id is not None and actor.assurance >= 1:
        return Petition.objects.filter(account_id=actor.account_id)
    if actor.kind is not ActorKind.OFFICER or not actor.has(PetitionPermission.VIEW):
        return Petition.objects.none()
    held = sorted(permissions.units_held(actor, PetitionPermission.VIEW))
    place = Q(handling_unit_id__in=held) | Q(intake_unit_id__in=held) | Q(passed_unit_ids__overlap=held)
    return Petition.objects.filter(place)


def get_petition(*, actor: Actor, code: str) -> Petition:
    """A visible petition by its code, with its files and reminders.

    Raises:
        PetitionNotFound: none, or none this actor may see (the two look the same).
    """
    parsed = rules.parse_code(code)
    rows = visible_to(actor).select_related("case").prefetch_related("attachments__file", "reminders")
    found = rows.filter(code=parsed).first() if parsed else None
    if found is None:
        raise PetitionNotFound
    return found


def follow(code: str) -> Petition:
    """The petition behind a code, for whoever has the code; pages show of it what holds nothing personal.

    Raises:
        PetitionNotFound: no such code.
    """
    parsed = rules.parse_code(code)
    found = Petition.objects.filter(code=parsed).first() if parsed else None
    if found is None:
        raise PetitionNotFound
    return found


def attachment_file(petition: Petition, attachment_id: int) -> int:
    """The number of the stored file of an attachment of this very petition; the caller has checked the right.

    Raises:
        PetitionNotFound: the petition has no such attachment.
    """
    found = petition.attachments.filter(pk=attachment_id).values_list("file_id", flat=True).first()
    if found is None:
        raise PetitionNotFound("Không có tệp này.")
    return found


def attachments_of(petition: Petition) -> list[AttachmentData]:
    """The sender's files with how far their search for malware is; one that is held is told, not opened."""
    rows = list(petition.attachments.all())
    known = files.list_files(row.file_id for row in rows)
    return [AttachmentData(row.pk, str(row.get_stage_display()), known[row.file_id]) for row in rows]


def available_acts(*, actor: Actor, petition: Petition, now: datetime) -> list[AvailableAct]:
    """What the officer may do now, in the order of the page. The actions check the same again."""
    may = {
        PetitionPermission.RECEIVE: permissions.can_receive(actor, petition),
        PetitionPermission.ANSWER: permissions.can_answer(actor, petition),
        PetitionPermission.APPROVE: permissions.can_approve(actor, petition),
        PetitionPermission.PUBLISH: permissions.can_publish(actor, petition),
    }
    status = PetitionStatus(petition.status)
    return [
        AvailableAct(key=act.value, label=str(act.label), shortcut=shortcut, primary=primary)
        for act, shortcut, primary in _ACTS
        if may[_RIGHT_OF[act]] and rules.is_done_in(act, status) and _is_open(act, petition, actor, now)
    ]


_RIGHT_OF = {
    PetitionAct.ACCEPT: PetitionPermission.RECEIVE,
    PetitionAct.REFUSE: PetitionPermission.RECEIVE,
    PetitionAct.ASK: PetitionPermission.RECEIVE,
    PetitionAct.FORWARD: PetitionPermission.RECEIVE,
    PetitionAct.DRAFT: PetitionPermission.ANSWER,
    PetitionAct.APPROVE: PetitionPermission.APPROVE,
    PetitionAct.RETURN: PetitionPermission.APPROVE,
    PetitionAct.PUBLISH: PetitionPermission.PUBLISH,
    PetitionAct.WITHHOLD: PetitionPermission.PUBLISH,
    PetitionAct.TAKE_DOWN: PetitionPermission.PUBLISH,
}


def _is_open(act: PetitionAct, petition: Petition, actor: Actor, now: datetime) -> bool:
    """What beside right and status decides: times, and what was done already."""
    if act is PetitionAct.REFUSE:
        return now <= petition.refuse_due_at
    if act is PetitionAct.ASK:
        return petition.asked_at is None and now <= petition.ask_due_at
    if act is PetitionAct.FORWARD:
        return len(petition.passed_unit_ids) < limits_on(_day(petition.sent_at)).most_forwards
    if act is PetitionAct.APPROVE:
        return petition.drafted_by_id != actor.account_id
    if act in {PetitionAct.PUBLISH, PetitionAct.WITHHOLD}:
        return petition.published_at is None and petition.withheld_at is None
    if act is PetitionAct.TAKE_DOWN:
        return petition.published_at is not None
    return True


def due_to_lapse(now: datetime, *, limit: int = 500) -> list[int]:
    """Petitions whose sender has not given in time what was asked."""
    rows = Petition.objects.filter(status=PetitionStatus.ASKED, give_until__lt=now)
    return list(rows.order_by("give_until").values_list("pk", flat=True)[:limit])


def course_of(petition: Petition) -> list[Moment]:
    """How it went, from its own dates: nothing personal (diễn biến)."""
    unit = directory.get_unit(petition.handling_unit_id)
    found = [Moment("Đã gửi", petition.sent_at)]
    if petition.passed_unit_ids:
        found.append(Moment("Chuyển cơ quan có thẩm quyền", petition.here_since, unit.agency_name))
    if petition.accepted_at:
        found.append(Moment("Đã tiếp nhận, phân loại", petition.accepted_at, petition.get_classification_display()))
    if petition.asked_at:
        found.append(Moment("Đề nghị bổ sung thông tin", petition.asked_at))
    if petition.given_at:
        found.append(Moment("Người gửi đã bổ sung", petition.given_at))
    if petition.answered_at:
        found.append(Moment("Đã trả lời", petition.answered_at, unit.agency_name))
    if petition.published_at:
        found.append(Moment("Đã công khai", petition.published_at))
    if petition.rated_at:
        found.append(Moment("Người gửi đã đánh giá", petition.rated_at, petition.get_satisfaction_display()))
    if petition.status in {PetitionStatus.REFUSED, PetitionStatus.LAPSED}:
        found.append(Moment(str(PetitionStatus(petition.status).label), petition.closed_at))
    found.sort(key=lambda moment: moment.at or petition.sent_at)
    if petition.closed_at is None:
        now_at = str(PetitionStatus(petition.status).label)
        found.append(
            Moment(now_at, None, unit.agency_name, "stop" if petition.status == PetitionStatus.ASKED else "now")
        )
    return found


def deadline_sentences(petition: Petition) -> list[tuple[str, bool]]:
    """Why these dates, in sentences, each with whether its limit is assumed (diễn giải thời hạn)."""
    limits = limits_on(_day(petition.sent_at))
    sent, answer = instant_text(petition.sent_at.astimezone(PROVINCE_TIME)), limits.answer
    first = (
        f"Trả lời trong {answer.limit.label()} kể từ khi gửi ({sent}), theo lịch làm việc của cơ quan đang xử lý"
        f" ({answer.document})."
    )
    told = [(first, answer.assumed)]
    if petition.asked_at is not None:
        until = f" đến {_text(petition.given_at)}" if petition.given_at else ""
        told.append(
            (f"Thời hạn dừng từ {_text(petition.asked_at)}{until} để chờ người gửi bổ sung.", limits.wait.assumed)
        )
    if petition.answer_due_at is not None:
        told.append((f"Hạn trả lời: {_text(petition.answer_due_at)}.", False))
    if petition.publish_due_at is not None:
        until = _text(petition.publish_due_at)
        sentence = (
            f"Công khai trong {limits.publish.limit.label()} kể từ khi trả lời ({limits.publish.document}): {until}."
        )
        told.append((sentence, limits.publish.assumed))
    return told


def suggested_publication(petition: Petition) -> Publication:
    """Question and answer with the pieces hidden by which the sender could be known; an officer reads it before it goes."""
    known = known_traces(petition)
    return Publication(
        title=rules.hide_traces(petition.title, known)[:200],
        content=rules.hide_traces(petition.content, known),
        answer=rules.hide_traces(petition.answer, known),
    )


def known_traces(petition: Petition) -> list[str]:
    """What this sender is known by."""
    phone = petition.sender_phone
    local = f"0{phone[3:]}" if phone.startswith("+84") else ""
    case_code = (petition.case.code or "") if petition.case is not None else ""
    return [petition.sender_name, phone, local, petition.sender_email, case_code]


def _text(at: datetime | None) -> str:
    return instant_text(at.astimezone(PROVINCE_TIME)) if at else ""


def _day(at: datetime) -> date:
    return at.astimezone(PROVINCE_TIME).date()
