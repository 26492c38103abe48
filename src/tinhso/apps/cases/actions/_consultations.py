"""Opinions of other units while a case is appraised: asked in parallel, each with its own deadline (lấy ý kiến)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions
from tinhso.apps.cases.actions._clock import end_pause
from tinhso.apps.cases.actions._common import calendar_of, civil_date, lock_case, package_of, require_undecided, save
from tinhso.apps.cases.actions._refresh import refresh_clock
from tinhso.apps.cases.data import (
    CaseMoved,
    ConsultationClosed,
    ConsultationNotDue,
    ConsultationNotFound,
    ConsultationUnderWay,
    OpinionsAwaited,
)
from tinhso.apps.cases.enums import OPEN_STATUSES, CaseStatus, ConsultationStatus, Opinion, PauseReason, SilenceRule
from tinhso.apps.cases.events import (
    ClockSuspended,
    ConsultationAnswered,
    ConsultationAsked,
    ConsultationCancelled,
    ConsultationOverdue,
    ConsultationReminded,
    ConsultationSilent,
)
from tinhso.apps.cases.models import Case, Consultation, Pause
from tinhso.apps.cases.queries import facts_of, unit_at
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.queries import get_file
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import ConsultationRule, Package, WorkflowStep
from tinhso.apps.procedures.enums import Asked
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.errors import Invalid
from tinhso.kernel.prepared import Prepared
from tinhso.lib.forms.cel import Context
from tinhso.lib.worktime import Limit, LimitUnit, compute_deadline

_AT_WORK = (CaseStatus.RECEIVED, CaseStatus.PROCESSING)
LONGEST_ANSWER = 60  # working days an officer may give by himself: a guard against slips of the finger
_BASIS_LENGTH = 300
_ASKED = ("desk_unit_ids",)
_AWAITED = Prepared(
    lambda case_id: (
        Consultation.objects.filter(case_id=case_id, status=ConsultationStatus.OPEN, required=True)
        .order_by("due_at", "id")
        .values_list("unit_id", flat=True)
    ),
    case_id=int,
)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, whoever is asked."""

    text: str
    limit: Limit
    silence: str
    required: bool
    basis: str
    key: str = ""
    pauses: bool = False
    previous: Consultation | None = None
    note: str = ""


@action
def ask_consultation(
    *,
    case_id: int,
    step: str,
    unit_ids: Sequence[int],
    question: str,
    key: str = "",
    working_days: int = 0,
    basis: str = "",
    silence: str = SilenceRule.NONE,
    required: bool = True,
    actor: Actor,
    at: datetime,
) -> list[Consultation]:
    """Xin ý kiến một hay nhiều đơn vị cùng lúc, each with the same question and a due time by its own calendar.

    With the `key` of an opinion of the procedure's process its unit, limit, basis and rule of silence hold, whatever
    else is given. Otherwise the officer says how many working days, and silence means consent only with an article.

    Raises:
        CaseMoved: the case is not at a step of appraisal, or has moved on.
        ConsultationUnderWay: one of the units is asked already.
        Invalid: no unit, no question, no deadline, or consent by silence without an article.
    """
    case = _lock_asking(case_id, actor, step=step)
    package = package_of(case)
    if key:
        rule = _rule(package, key)
        asked, units = _by_rule(rule, question), [_unit_of(case, package, rule, at)]
    else:
        asked, units = _by_officer(question, working_days, basis, silence, required=required), list(unit_ids)
    _require_units(case, units, at)
    return [_ask(case, unit_id, asked, actor=actor, at=at) for unit_id in units]


@action
def answer_consultation(
    *, consultation_id: int, opinion: str, text: str, file_id: int | None = None, actor: Actor, at: datetime
) -> Consultation:
    """Trả lời ý kiến: agree, agree on conditions, disagree; in words and, if need be, with a paper.

    Raises:
        ConsultationClosed: answered already, given up, or taken as consent.
        Invalid: no opinion; conditions or disagreement without words.
    """
    case, asked = _lock(consultation_id)
    require(permissions.can_answer_consultation(actor, case, asked.unit_id))
    if asked.status != ConsultationStatus.OPEN or case.status not in OPEN_STATUSES:
        raise ConsultationClosed
    if opinion not in Opinion.values:
        raise Invalid("Mời chọn đồng ý, đồng ý có điều kiện hoặc không đồng ý.")
    if opinion != Opinion.AGREE and not text.strip():
        raise Invalid("Mời ghi rõ điều kiện, hoặc vì sao không đồng ý.")
    if file_id is not None:
        get_file(file_id)
    asked.opinion, asked.answer, asked.file_id = opinion, text.strip(), file_id
    asked.answered_at, asked.answered_by = at, actor.name
    _close(asked, ConsultationStatus.ANSWERED, at)
    event = ConsultationAnswered(
        case_id=case.pk, consultation_id=asked.pk, unit_id=asked.unit_id, opinion=opinion, is_late=at > asked.due_at,
        file_id=file_id,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    _go_on(case, asked, actor=actor, at=at)
    return asked


@action
def redo_consultation(*, consultation_id: int, question: str, reason: str, actor: Actor, at: datetime) -> Consultation:
    """Hỏi lại một đơn vị sau khi đã có ý kiến, or after its silence; the earlier answer stays beside the new one.

    Raises:
        CaseMoved: the case is not at a step of appraisal.
        ConsultationUnderWay: the unit is asked already.
        Invalid: the question is still open or redone already, or no reason is given.
    """
    case, before = _lock(consultation_id)
    _require_asking(case, actor)
    if before.status not in {ConsultationStatus.ANSWERED, ConsultationStatus.SILENT}:
        raise Invalid("Chỉ hỏi lại khi đã có ý kiến hoặc đã hết hạn trả lời.")
    if Consultation.objects.filter(previous=before).exists():
        raise Invalid("Ý kiến này đã được hỏi lại rồi.")
    if not reason.strip():
        raise Invalid("Mời ghi vì sao hỏi lại.")
    rule = _known_rule(package_of(case), before.key)
    asked = _Question(
        text=question.strip() or before.question, limit=Limit.parse(before.limit), silence=before.silence,
        required=before.required, basis=before.basis, key=before.key, pauses=bool(rule and rule.pauses), previous=before,
        note=reason.strip(),
    )  # fmt: skip
    _require_units(case, [before.unit_id], at)
    return _ask(case, before.unit_id, asked, actor=actor, at=at)


@action
def cancel_consultation(*, consultation_id: int, reason: str, actor: Actor, at: datetime) -> Consultation:
    """Thôi xin ý kiến, with the reason; the system gives up what a finished case no longer needs.

    Raises:
        ConsultationClosed: it is not open any more.
        Invalid: no reason.
    """
    case, asked = _lock(consultation_id)
    if actor.kind is not ActorKind.SYSTEM:
        require(permissions.can_consult(actor, case))
    if asked.status != ConsultationStatus.OPEN:
        raise ConsultationClosed
    if not reason.strip():
        raise Invalid("Mời ghi vì sao thôi hỏi.")
    asked.note = reason.strip()
    _close(asked, ConsultationStatus.CANCELLED, at)
    event = ConsultationCancelled(case_id=case.pk, consultation_id=asked.pk, unit_id=asked.unit_id, reason=asked.note)
    record(event, subject=case, actor=actor, at=at)
    _go_on(case, asked, actor=actor, at=at)
    return asked


@action
def remind_consultation(*, consultation_id: int, actor: Actor, at: datetime) -> Consultation:
    """Nhắc đơn vị được hỏi: by the asking officer at any time, by the system in the last working day.

    Raises:
        ConsultationClosed: it is not open any more.
    """
    case, asked = _lock(consultation_id)
    if actor.kind is not ActorKind.SYSTEM:
        require(permissions.can_consult(actor, case))
    if asked.status != ConsultationStatus.OPEN:
        raise ConsultationClosed
    asked.reminded_at = at
    asked.save(update_fields=["reminded_at"])
    event = ConsultationReminded(case_id=case.pk, consultation_id=asked.pk, unit_id=asked.unit_id, due_at=asked.due_at)
    record(event, subject=case, actor=actor, at=at)
    return asked


@action
def expire_consultation(*, consultation_id: int, actor: Actor, at: datetime) -> Consultation:
    """Hết hạn trả lời: consent where the law says so, else the asking unit is told that it goes on waiting.

    Told twice, it happens once.

    Raises:
        ConsultationClosed: it is not open any more.
        ConsultationNotDue: the asked unit still has time.
    """
    require(actor.kind is ActorKind.SYSTEM)
    case, asked = _lock(consultation_id)
    if asked.status != ConsultationStatus.OPEN:
        raise ConsultationClosed
    if at < asked.due_at:
        raise ConsultationNotDue
    if asked.silence == SilenceRule.CONSENT:
        _close(asked, ConsultationStatus.SILENT, at)
        silent = ConsultationSilent(
            case_id=case.pk, consultation_id=asked.pk, unit_id=asked.unit_id, due_at=asked.due_at, basis=asked.basis
        )
        record(silent, subject=case, actor=actor, at=at)
        _go_on(case, asked, actor=actor, at=at)
    elif asked.overdue_at is None:
        asked.overdue_at = at
        asked.save(update_fields=["overdue_at"])
        overdue = ConsultationOverdue(
            case_id=case.pk, consultation_id=asked.pk, unit_id=asked.unit_id, due_at=asked.due_at
        )
        record(overdue, subject=case, actor=actor, at=at)
    return asked


def ask_on_entry(case: Case, package: Package, step: WorkflowStep, *, at: datetime) -> None:
    """Ask what the process asks by itself when a case reaches a step; a case that comes back is not asked anew."""
    rules = [rule for rule in step.parallel if rule.asked == Asked.ON_ENTRY]
    if not rules:
        return
    known = set(Consultation.objects.filter(case=case).values_list("key", flat=True))
    open_at = set(_open(case).values_list("unit_id", flat=True))
    facts = facts_of(case, package)
    for rule in rules:
        unit = unit_at(case, package, rule.place, on=civil_date(at)) if rule.key not in known else None
        # Without such a unit nobody can be asked; a required opinion is then missed when the result is proposed.
        if unit is not None and unit.id not in open_at and procedures.holds(rule.when, Context(facts)):
            _ask(case, unit.id, _by_rule(rule, ""), actor=SYSTEM, at=at)


def require_heard(case: Case, package: Package) -> None:
    """Refuse to move a case on while an opinion it needs is awaited.

    Raises:
        OpinionsAwaited: naming the units.
    """
    waiting = [directory.get_unit(unit_id).name for unit_id in _AWAITED.all(case_id=case.pk)]
    step = package.workflow.get(case.step_key)
    due = [rule for rule in step.parallel if rule.asked == Asked.ON_ENTRY and rule.required]
    if due:
        asked = set(Consultation.objects.filter(case=case).values_list("key", flat=True))
        facts = facts_of(case, package)
        waiting += [rule.name for rule in due if rule.key not in asked and procedures.holds(rule.when, Context(facts))]
    if waiting:
        raise OpinionsAwaited(f"Còn chờ ý kiến của: {', '.join(waiting)}.")


def _ask(case: Case, unit_id: int, asked: _Question, *, actor: Actor, at: datetime) -> Consultation:
    due = compute_deadline(received_at=at, limit=asked.limit, calendar=calendar_of(unit_id, at)).due_at
    assert due is not None  # noqa: S101 - there are no pauses in it
    pause = _pause(case, asked, actor=actor, at=at) if asked.pauses else None
    row = Consultation.objects.create(
        case=case, unit_id=unit_id, step_key=case.step_key, key=asked.key, question=asked.text, basis=asked.basis,
        limit=str(asked.limit), required=asked.required, silence=asked.silence, asked_at=at, asked_by=actor.name,
        due_at=due, previous=asked.previous, note=asked.note, pause=pause,
    )  # fmt: skip
    if unit_id not in case.desk_unit_ids:
        case.desk_unit_ids = [*case.desk_unit_ids, unit_id]
        save(case, at, *_ASKED)
    event = ConsultationAsked(
        case_id=case.pk, consultation_id=row.pk, unit_id=unit_id, step=case.step_key, key=asked.key,
        question=asked.text, basis=asked.basis, silence=asked.silence, required=asked.required, due_at=due,
        previous_id=asked.previous.pk if asked.previous else 0,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    return row


def _pause(case: Case, asked: _Question, *, actor: Actor, at: datetime) -> Pause | None:
    """The stop of the clock that the law allows meanwhile; opinions under way share one.

    A clock that an officer has stopped for an opinion himself is left to him.
    """
    running = case.pauses.filter(reason=PauseReason.OPINION, ended_at__isnull=True, incident__isnull=True).first()
    if running is not None:
        return running if Consultation.objects.filter(pause=running).exists() else None
    if case.due_at is None and case.paused_since is None:
        return None
    pause = Pause.objects.create(
        case=case, reason=PauseReason.OPINION, basis=asked.basis, note=asked.text[:_BASIS_LENGTH], started_at=at,
        started_by=actor.name,
    )  # fmt: skip
    event = ClockSuspended(
        case_id=case.pk, pause_id=pause.pk, reason=PauseReason.OPINION, basis=asked.basis, note=pause.note, since=at
    )
    record(event, subject=case, actor=actor, at=at)
    refresh_clock(case, at=at)
    return pause


def _go_on(case: Case, asked: Consultation, *, actor: Actor, at: datetime) -> None:
    """Let the clock go on when the last opinion it stood still for has come in."""
    pause = asked.pause
    if pause is None or pause.ended_at is not None or case.status not in OPEN_STATUSES:
        return
    if not _open(case).filter(pause=pause).exists():
        end_pause(case, pause, actor=actor, at=at)


def _close(asked: Consultation, status: ConsultationStatus, at: datetime) -> None:
    asked.status, asked.closed_at = status, at
    asked.save()


def _open(case: Case) -> QuerySet[Consultation]:
    return Consultation.objects.filter(case=case, status=ConsultationStatus.OPEN)


def _lock(consultation_id: int) -> tuple[Case, Consultation]:
    """The case of a consultation, locked, and the consultation as it stands under that lock."""
    case_id = Consultation.objects.filter(pk=consultation_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise ConsultationNotFound
    case = lock_case(case_id)
    return case, Consultation.objects.select_related("pause").get(pk=consultation_id)


def _lock_asking(case_id: int, actor: Actor, *, step: str) -> Case:
    case = lock_case(case_id)
    _require_asking(case, actor)
    if case.step_key != step:
        raise CaseMoved(f"Hồ sơ đã chuyển sang bước «{case.step_name}».")
    return case


def _require_asking(case: Case, actor: Actor) -> None:
    require(permissions.can_consult(actor, case))
    if case.status not in _AT_WORK or case.step_kind not in permissions.CONSULTING_KINDS:
        raise CaseMoved("Chỉ xin ý kiến khi hồ sơ đang được thẩm định.")
    require_undecided(case)


def _rule(package: Package, key: str) -> ConsultationRule:
    rule = _known_rule(package, key)
    if rule is None:
        raise Invalid("Quy trình của thủ tục không có ý kiến này.")
    return rule


def _known_rule(package: Package, key: str) -> ConsultationRule | None:
    try:
        return package.workflow.consultation(key) if key else None
    except KeyError:  # another version of the procedure may hold by now
        return None


def _unit_of(case: Case, package: Package, rule: ConsultationRule, at: datetime) -> int:
    unit = unit_at(case, package, rule.place, on=civil_date(at))
    if unit is None:
        raise Invalid(f"Không tìm thấy đơn vị để hỏi «{rule.name}».")
    return unit.id


def _by_rule(rule: ConsultationRule, question: str) -> _Question:
    basis = rule.basis.label() if rule.basis else ""
    return _Question(
        text=question.strip() or rule.question, limit=rule.limit, silence=str(rule.silence), required=rule.required,
        basis=basis[:_BASIS_LENGTH], key=rule.key, pauses=rule.pauses,
    )  # fmt: skip


def _by_officer(question: str, working_days: int, basis: str, silence: str, *, required: bool) -> _Question:
    if not question.strip():
        raise Invalid("Mời ghi nội dung xin ý kiến.")
    if not 1 <= working_days <= LONGEST_ANSWER:
        raise Invalid(f"Số ngày làm việc để trả lời phải từ 1 đến {LONGEST_ANSWER}.")
    if silence not in SilenceRule.values:
        raise Invalid("Mời chọn hết hạn mà không trả lời thì sao.")
    article = " ".join(basis.split())[:_BASIS_LENGTH]
    if silence == SilenceRule.CONSENT and not article:
        raise Invalid("Im lặng coi như đồng ý chỉ khi luật nói vậy: mời ghi căn cứ.")
    limit = Limit.parse(f"{working_days} {LimitUnit.WORKING_DAY.value}")
    return _Question(question.strip(), limit, silence, required, article)


def _require_units(case: Case, unit_ids: Sequence[int], at: datetime) -> None:
    if not unit_ids or len(set(unit_ids)) != len(unit_ids):
        raise Invalid("Mời chọn đơn vị cần xin ý kiến.")
    for unit_id in unit_ids:
        try:
            unit = directory.get_unit(unit_id)
        except directory.UnitNotFound:
            raise Invalid("Đơn vị được chọn không có trong danh mục.") from None
        if not unit.is_valid_on(civil_date(at)):
            raise Invalid(f"{unit.name} không còn hoạt động.")
        if unit_id == case.step_unit_id:
            raise Invalid("Hồ sơ đang ở chính đơn vị này.")
    under_way = _open(case).filter(unit_id__in=unit_ids).first()
    if under_way is not None:
        raise ConsultationUnderWay(f"{directory.get_unit(under_way.unit_id).name} đang được hỏi ý kiến, chưa trả lời.")
