"""Opinions asked and answered: of one case, of one unit's desk, and what the rounds have to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import permissions
from tinhso.apps.cases.data import AvailableAction, ConsultationNotFound
from tinhso.apps.cases.enums import OPEN_STATUSES, CaseStatus, ConsultationStatus
from tinhso.apps.cases.models import Case, Consultation
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries._case import get_case
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures.data import ConsultationRule, Package
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.prepared import Prepared
from tinhso.lib.worktime import working_minutes_between

# A reminder goes out when less than one working day is left.
REMIND_MINUTES = 480
_LONGEST_HOLIDAY = timedelta(days=15)
_BATCH = 1000
_AT_WORK = (CaseStatus.RECEIVED, CaseStatus.PROCESSING)
_OF_CASE = Prepared(
    lambda case_id: (
        Consultation.objects.filter(case=case_id)
        .select_related("file", "previous", "following")
        .order_by("asked_at", "id")
    ),
    case_id=int,
)


@dataclass(frozen=True, slots=True)
class AskedRow:
    """One question on the desk of the unit it was put to."""

    id: int
    code: str
    title: str
    applicant_name: str
    question: str
    asking_unit: str
    unit: str
    asked_by: str
    asked_at: datetime
    due_at: datetime
    is_late: bool
    is_soon: bool
    silence: str
    reminded_at: datetime | None
    status: str
    opinion: str


def consultations_of(case: Case) -> list[Consultation]:
    """Every opinion asked about a case, oldest first (bảng lấy ý kiến)."""
    return _OF_CASE.all(case_id=case.pk)


def declared_consultations(case: Case, package: Package) -> list[ConsultationRule]:
    """The opinions the process offers at the present step."""
    try:
        return list(package.workflow.get(case.step_key).parallel) if case.step_key else []
    except KeyError:
        return []


def consultation_actions(*, actor: Actor, case: Case, asked: Sequence[Consultation]) -> list[AvailableAction]:
    """What this actor may do about opinions on the case now."""
    if actor.kind is not ActorKind.OFFICER or case.status not in OPEN_STATUSES:
        return []
    found = []
    waiting = [c for c in asked if c.status == ConsultationStatus.OPEN]
    if any(permissions.can_answer_consultation(actor, case, c.unit_id) for c in waiting):
        found.append(AvailableAction("answer-consultation", "Trả lời ý kiến", "Y", primary=True))
    if not permissions.can_consult(actor, case):
        return found
    if case.status in _AT_WORK and case.step_kind in permissions.CONSULTING_KINDS:
        found.append(AvailableAction("consult", "Xin ý kiến đơn vị khác", "K"))
        if redoable(asked):
            found.append(AvailableAction("redo-consultation", "Hỏi lại", "H"))
    if waiting:
        found.append(AvailableAction("remind-consultation", "Nhắc trả lời ý kiến", "C"))
        found.append(AvailableAction("cancel-consultation", "Thôi xin ý kiến", "O"))
    return found


def redoable(asked: Sequence[Consultation]) -> list[Consultation]:
    """The answers, or silences, that may be asked anew: the latest of each unit that is not being asked now."""
    waiting = {c.unit_id for c in asked if c.status == ConsultationStatus.OPEN}
    redone = {c.previous_id for c in asked}
    closed = {ConsultationStatus.ANSWERED, ConsultationStatus.SILENT}
    return [c for c in asked if c.status in closed and c.unit_id not in waiting and c.pk not in redone]


def answerable(*, actor: Actor, case: Case, asked: Sequence[Consultation]) -> list[Consultation]:
    """The open questions this actor may answer."""
    return [
        c for c in asked
        if c.status == ConsultationStatus.OPEN and permissions.can_answer_consultation(actor, case, c.unit_id)
    ]  # fmt: skip


def asked_of_us(*, actor: Actor, now: datetime, answered: bool = False, limit: int = 100) -> list[AskedRow]:
    """What other units have asked the actor's units, the nearest due first; or what these have answered, newest first.

    (Danh sách xin ý kiến của đơn vị được hỏi.)
    """
    rows = _of_units(actor)
    if answered:
        rows = rows.exclude(status=ConsultationStatus.OPEN).order_by("-closed_at", "-id")
    else:
        rows = rows.filter(status=ConsultationStatus.OPEN, case__status__in=OPEN_STATUSES).order_by("due_at", "id")
    return [_row(found, now) for found in rows.select_related("case__version")[:limit]]


def count_asked(*, actor: Actor) -> int:
    """How many questions wait at the actor's units."""
    return _of_units(actor).filter(status=ConsultationStatus.OPEN, case__status__in=OPEN_STATUSES).count()


def get_consultation_file(*, actor: Actor, code: str, consultation_id: int) -> Consultation:
    """The answer of a visible case with its paper.

    Raises:
        CaseNotFound: no such case for this actor.
        ConsultationNotFound: no such answer, or none with a paper.
    """
    case = get_case(actor=actor, code=code)
    found = case.consultations.select_related("file").filter(pk=consultation_id, file__isnull=False).first()
    if found is None:
        raise ConsultationNotFound
    return found


def consultations_due(now: datetime) -> list[int]:
    """Open questions whose time is up and about which nothing has been said yet."""
    rows = Consultation.objects.filter(
        status=ConsultationStatus.OPEN, due_at__lte=now, overdue_at__isnull=True, case__status__in=OPEN_STATUSES
    )
    return list(rows.order_by("due_at", "id").values_list("pk", flat=True)[:_BATCH])


def consultations_to_remind(now: datetime) -> list[int]:
    """Open questions with less than one working day of the asked unit left, reminded of by nobody yet."""
    rows = Consultation.objects.filter(
        status=ConsultationStatus.OPEN, reminded_at__isnull=True, due_at__gt=now, due_at__lt=now + _LONGEST_HOLIDAY,
        case__status__in=OPEN_STATUSES,
    )  # fmt: skip
    found = []
    for pk, unit_id, asked_at, due_at in rows.order_by("due_at", "id").values_list(
        "pk", "unit_id", "asked_at", "due_at"
    )[:_BATCH]:
        calendar = get_working_calendar(calendar_key=directory.calendar_key_of(unit_id), at=now)
        whole = working_minutes_between(calendar, asked_at, due_at)
        # A question of half a day is not followed by its reminder in the same minute.
        if working_minutes_between(calendar, now, due_at) < min(REMIND_MINUTES, whole // 2):
            found.append(pk)
    return found


def consultations_left_over() -> list[int]:
    """Questions still open about cases that are over."""
    rows = Consultation.objects.filter(status=ConsultationStatus.OPEN).exclude(case__status__in=OPEN_STATUSES)
    return list(rows.order_by("id").values_list("pk", flat=True)[:_BATCH])


def _of_units(actor: Actor) -> QuerySet[Consultation]:
    rights = Q(pk__in=[])
    for grant in actor.grants:
        if grant.permission == CasePermission.ANSWER_CONSULTATION:
            right = Q(unit_id__in=sorted(grant.unit_ids))
            rights |= right if grant.fields is None else right & Q(case__field__in=sorted(grant.fields))
    return Consultation.objects.filter(rights)


def _row(found: Consultation, now: datetime) -> AskedRow:
    case = found.case
    day = timedelta(days=1)
    return AskedRow(
        id=found.pk, code=case.code or "", title=case.version.facts.get("short_name") or case.procedure_name,
        applicant_name=case.applicant_name, question=found.question,
        asking_unit=directory.get_unit(case.unit_id).agency_name if case.unit_id else "",
        unit=directory.get_unit(found.unit_id).name, asked_by=found.asked_by, asked_at=found.asked_at,
        due_at=found.due_at, is_late=found.status == ConsultationStatus.OPEN and found.due_at < now,
        is_soon=found.status == ConsultationStatus.OPEN
        and found.due_at.astimezone(PROVINCE_TIME) - now.astimezone(PROVINCE_TIME) < day,
        silence=found.get_silence_display(), reminded_at=found.reminded_at, status=found.get_status_display(),
        opinion=found.get_opinion_display() if found.opinion else "",
    )  # fmt: skip
