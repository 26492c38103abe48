"""Submission and reception: one channel-neutral way in, whatever the channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.actions import confirm_mandate
from tinhso.apps.audit.actions import claim_idempotency, complete_idempotency, record
from tinhso.apps.cases import permissions, queries, rules
from tinhso.apps.cases.actions._charging import raise_fees
from tinhso.apps.cases.actions._common import (
    calendar_of,
    civil_date,
    issue_code,
    lock_case,
    package_of,
    save,
    version_in_force,
)
from tinhso.apps.cases.actions._drafts import add_document
from tinhso.apps.cases.actions._filing import check_answers, check_applicant, check_documents, place_case
from tinhso.apps.cases.actions._linked_filing import check_legs, first_runs_elsewhere, lay_out_legs, release_legs
from tinhso.apps.cases.actions._lookups import place_evidence
from tinhso.apps.cases.actions._steps import enter_step, leave_step
from tinhso.apps.cases.actions._transfers import hand_to_competent
from tinhso.apps.cases.actions._vault import require_valid_sources
from tinhso.apps.cases.data import (
    CaseNotReceivable,
    Clock,
    DocumentInput,
    MandateEnded,
    MandateUnchecked,
    ProcedureNotOnline,
)
from tinhso.apps.cases.enums import CaseStatus, Channel, StepOutcome
from tinhso.apps.cases.events import CaseReceived, CaseSubmitted, IntakeRefused
from tinhso.apps.cases.models import Case
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import VersionData
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid
from tinhso.lib import forms
from tinhso.lib.identifiers import CaseCode, IdentifierError
from tinhso.lib.worktime import Limit


@action
def submit_draft(*, case_id: int, actor: Actor, at: datetime) -> Case:
    """Nộp hồ sơ đã soạn. A draft already submitted is given back as it is: a double click makes one case.

    Raises:
        ProcedureNotInForce: the procedure was abolished meanwhile; the draft is kept.
        Invalid: with every wrong answer, missing paper or unfit unit.
    """
    case = lock_case(case_id)
    require(permissions.can_edit_draft(actor, case))
    if case.status != CaseStatus.DRAFT:
        return case
    require(
        permissions.can_submit(actor),
        "Nộp hồ sơ cần tài khoản định danh điện tử mức 2. Bản nháp của bạn vẫn được giữ.",
    )
    version = version_in_force(case.procedure_code, civil_date(at))
    _require_online(version, at)
    # A newer version published while the draft lay open judges the answers; the case runs under it from here on.
    case.version_id, case.procedure_name, case.field = version.id, version.facts.name, version.facts.field
    given = [
        DocumentInput(key=d.key, presence=d.presence, file_id=d.file_id, name=d.source) for d in case.documents.all()
    ]
    _file(case, version, given, actor=actor, at=at)
    return case


@action
def submit_case(
    *,
    procedure_code: str,
    unit_id: int | None,
    applicant: Mapping[str, Any],
    answers: Mapping[str, Any],
    documents: Sequence[DocumentInput],
    channel: str,
    idempotency_key: str,
    code: str = "",
    account_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> Case:
    """Nộp hồ sơ từ mọi kênh (own portal, national portal, kiosk, post, connected systems). Idempotent by the key.

    What was filed on the national portal brings its `code` along, because one case has one code (NĐ 118/2025/NĐ-CP Điều
    17), and the account of the person whom that portal signed in.

    Raises:
        ProcedureNotInForce, ProcedureNotOnline: the procedure takes no submissions today.
        Invalid: with every wrong answer, missing paper or unfit unit; or the key was used for another request.
    """
    require(permissions.can_submit(actor), "Nộp hồ sơ cần tài khoản định danh điện tử mức 2.")
    scope = f"case.submit:{actor.account_id}"
    request = {
        "procedure": procedure_code, "unit": unit_id, "applicant": dict(applicant), "answers": dict(answers),
        "documents": [[d.key, d.presence, d.file_id, *([d.vault] if d.vault else [])] for d in documents],
        "channel": channel,
    }  # fmt: skip
    claim = claim_idempotency(scope=scope, key=idempotency_key, request=_spell(request), actor=actor, at=at)
    if not claim.fresh and claim.answer is not None:
        return Case.objects.get(pk=claim.answer["case_id"])
    version = version_in_force(procedure_code, civil_date(at))
    if channel == Channel.ONLINE:
        _require_online(version, at)
    case = _new_case(version, applicant, answers, channel=channel, unit_id=unit_id, actor=actor, at=at)
    if code or account_id:
        _keep_names(case, code, account_id, actor=actor)
    _file(case, version, documents, actor=actor, at=at)
    complete_idempotency(scope=scope, key=idempotency_key, answer={"case_id": case.pk}, actor=actor, at=at)
    return case


@action
def take_at_counter(
    *,
    procedure_code: str,
    unit_id: int | None,
    intake_unit_id: int,
    applicant: Mapping[str, Any],
    answers: Mapping[str, Any],
    documents: Sequence[DocumentInput],
    idempotency_key: str,
    channel: str = Channel.COUNTER,
    actor: Actor,
    at: datetime,
) -> Case:
    """Nhận hồ sơ tại quầy: in the name of a walk-in citizen, submitted and received in one step.

    Raises:
        ProcedureNotInForce: the procedure takes no submissions today.
        Invalid: with every wrong answer, missing paper or unfit unit.
    """
    scope = f"case.counter:{actor.account_id}"
    request = {"procedure": procedure_code, "unit": unit_id, "applicant": dict(applicant), "answers": dict(answers)}
    claim = claim_idempotency(scope=scope, key=idempotency_key, request=_spell(request), actor=actor, at=at)
    if not claim.fresh and claim.answer is not None:
        return Case.objects.get(pk=claim.answer["case_id"])
    version = version_in_force(procedure_code, civil_date(at))
    case = _new_case(version, applicant, answers, channel=channel, unit_id=unit_id, actor=actor, at=at)
    case.intake_unit_id = intake_unit_id
    require(permissions.can_receive(actor, case), "Bạn không được phân công tiếp nhận tại đơn vị này.")
    _file(case, version, documents, actor=actor, at=at)
    _receive(case, actor=actor, at=at, transfer=True)
    complete_idempotency(scope=scope, key=idempotency_key, answer={"case_id": case.pk}, actor=actor, at=at)
    return case


@action
def receive_case(
    *, case_id: int, actor: Actor, at: datetime, transfer: bool = True, mandate_seen: bool = False
) -> Case:
    """Tiếp nhận hồ sơ đầy đủ, hợp lệ; the statutory clock starts. With `transfer` the case also moves on at once.

    `mandate_seen` is the officer's word that he saw the paper behind a mandate which the representative declared; it
    confirms the mandate for good.

    Raises:
        CaseNotReceivable: the case has already left intake.
        MandateUnchecked: a declared mandate, and nobody says that its paper was seen.
        MandateEnded: a declared mandate was revoked before anybody saw its paper.
    """
    case = lock_case(case_id)
    require(permissions.can_receive(actor, case))
    if case.status != CaseStatus.SUBMITTED:
        raise CaseNotReceivable(_who_was_first(case))
    group = package_of(case).group
    if group is not None and first_runs_elsewhere(group):
        raise CaseNotReceivable("Hồ sơ của nhóm này do hệ thống của bộ tiếp nhận; tỉnh chỉ theo dõi.")
    _check_mandate(case, seen=mandate_seen, actor=actor, at=at)
    _receive(case, actor=actor, at=at, transfer=transfer)
    return case


@action
def refuse_intake(*, case_id: int, reason: str, actor: Actor, at: datetime) -> Case:
    """Từ chối tiếp nhận hồ sơ, with the reason the applicant reads (Mẫu 03).

    Raises:
        CaseNotReceivable: the case has already left intake.
        Invalid: no reason given.
    """
    case = lock_case(case_id)
    require(permissions.can_refuse_intake(actor, case))
    if case.status not in {CaseStatus.SUBMITTED, CaseStatus.INTAKE_SUPPLEMENT}:
        raise CaseNotReceivable(_who_was_first(case))
    if not reason.strip():
        raise Invalid("Mời nêu lý do từ chối để người nộp hiểu và làm lại được.")
    case.status, case.closed_at = CaseStatus.INTAKE_REFUSED, at
    save(case, at, "status", "closed_at")
    event = IntakeRefused(case_id=case.pk, reason=reason.strip(), occasion=queries.times_reopened(case.pk))
    record(event, subject=case, actor=actor, at=at)
    return case


def _new_case(
    version: VersionData,
    applicant: Mapping[str, Any],
    answers: Mapping[str, Any],
    *,
    channel: str,
    unit_id: int | None,
    actor: Actor,
    at: datetime,
) -> Case:
    if channel not in Channel.values:
        raise Invalid(f"Không có kênh nộp «{channel}».")
    own = actor.kind is ActorKind.CITIZEN
    return Case(
        version_id=version.id, procedure_code=version.code, procedure_name=version.facts.name,
        field=version.facts.field, channel=channel, unit_id=unit_id, account_id=actor.account_id if own else None,
        mandate_id=actor.mandate_id if own else None, applicant=dict(applicant), answers=dict(answers),
        created_at=at, updated_at=at,
    )  # fmt: skip


def _keep_names(case: Case, code: str, account_id: int | None, *, actor: Actor) -> None:
    """The code and the person that the national portal gave; nobody else names either."""
    require(actor.kind is ActorKind.MACHINE and case.channel == Channel.NATIONAL_PORTAL)
    case.account_id = account_id
    if not code:
        return
    try:
        case.code = str(CaseCode.parse(code))
    except IdentifierError as error:
        raise Invalid(str(error)) from None
    if Case.objects.filter(code=case.code).exists():
        raise Invalid(f"Mã hồ sơ {case.code} đã dùng cho một hồ sơ khác.")


def _file(case: Case, version: VersionData, given: Sequence[DocumentInput], *, actor: Actor, at: datetime) -> None:
    """The one way into the system: everything checked, everything written, or nothing."""
    package = version.package
    assert package is not None  # noqa: S101 - version_in_force gave it
    on = civil_date(at)
    applicant = check_applicant(case.applicant)
    if case.pk is not None:
        require_valid_sources(case, at=at)
    context = queries.form_context(applicant=applicant, channel=case.channel, today=on)
    answers = check_answers(package, case.answers, context=context)
    known = forms.expression_variables(package.form, answers, context=context)  # clean answers need no second check
    check_documents(package, given, context=known, channel=case.channel)
    place_case(case, version, on=on)
    assert case.intake_unit_id is not None  # noqa: S101 - place_case set it
    case.desk_unit_ids = [case.intake_unit_id]
    limit = procedures.choose_limit(package, known)
    # The whole of a linked case has been paid for once; its legs cost nothing more.
    brought = {item.key for item in given}
    fees = procedures.compute_fees(package, known, evidence=brought) if case.parent_id is None else []
    case.applicant, case.answers = applicant, answers
    case.applicant_kind, case.applicant_name = applicant["kind"], applicant["full_name"]
    case.applicant_personal_id = applicant.get("personal_id", "")
    assert case.unit_id is not None  # noqa: S101 - place_case set it
    case.area = directory.get_unit(case.unit_id).area
    case.limit_key, case.time_limit = limit.key, str(limit.limit_in(case.area))
    case.national_limit = str(limit.national) if limit.national else ""
    case.fees = [
        {"name": fee.name, "amount_vnd": fee.amount_vnd, "kind": fee.kind, "basis": fee.basis.label() if fee.basis else "",
         "assumed": fee.assumed, "collected": str(fee.collected), "key": fee.key, "words": fee.words}
        for fee in fees
    ]  # fmt: skip
    case.fee_vnd = sum(fee.amount_vnd for fee in fees)
    case.status, case.submitted_at, case.updated_at = CaseStatus.SUBMITTED, at, at
    # A paper handed over a counter gets its code at reception, anything else at submission: the first acknowledgement.
    if case.channel != Channel.COUNTER or case.parent_id is not None:
        assert case.unit_id is not None  # noqa: S101 - place_case set it
        case.code = case.code or issue_code(case.unit_id, at)
    case.search_text = rules.search_text(code=case.code, applicant=applicant, procedure_name=case.procedure_name)
    if package.group is not None:
        check_legs(case, package, known, at=at)
    fresh = case.pk is None
    case.save()
    if fresh:
        for item in given:
            add_document(case, package, item, actor=actor, at=at)
    else:
        place_evidence(case, package, actor=actor, at=at)
    event = CaseSubmitted(
        case_id=case.pk, code=case.code or "", procedure=case.procedure_code, version_id=case.version_id,
        unit_id=case.unit_id or 0, channel=case.channel,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    raise_fees(case, actor=actor, at=at)
    if package.group is not None:
        lay_out_legs(case, package, known)
        if first_runs_elsewhere(package.group):
            release_legs(case, package.group, actor=actor, at=at)


def _receive(case: Case, *, actor: Actor, at: datetime, transfer: bool) -> None:
    package = package_of(case)
    assert case.unit_id is not None  # noqa: S101 - a filed case has its unit (database constraint)
    here = _is_competent_counter(case, at)
    due_at = None
    if here:
        due_at = rules.deadline_of(
            Clock(start_at=at),
            limit=Limit.parse(case.time_limit),
            calendar=calendar_of(case.unit_id, at),
            last_hour_tomorrow=package.policies.last_hour_tomorrow,
            explained=False,
        ).due_at
    if case.code is None:
        case.code = issue_code(case.unit_id, at)
        case.search_text = rules.search_text(
            code=case.code, applicant=case.applicant, procedure_name=case.procedure_name
        )
    case.status, case.received_at, case.due_at = CaseStatus.RECEIVED, at, due_at
    event = CaseReceived(
        case_id=case.pk, code=case.code, unit_id=case.unit_id, limit_key=case.limit_key, limit=case.time_limit,
        received_at=at, due_at=due_at, national_limit=case.national_limit, area=case.area, starts_clock=here,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    raise_fees(case, actor=actor, at=at)
    filed = ("code", "search_text", "status", "received_at", "due_at")
    if package.group is not None:
        # The whole has no process of its own: its legs have theirs.
        case.status = CaseStatus.PROCESSING
        save(case, at, *filed)
        if not first_runs_elsewhere(package.group):
            release_legs(case, package.group, actor=actor, at=at)
        return
    first = package.workflow.first()
    stay = enter_step(case, package, first, actor=actor, at=at, changed=filed)
    following = package.workflow.after(first.key)
    if transfer and not here:
        hand_to_competent(case, actor=actor, at=at)
    elif transfer and following is not None:
        leave_step(case, outcome=StepOutcome.FORWARDED, actor=actor, at=at, stay=stay)
        case.status = CaseStatus.PROCESSING
        enter_step(case, package, following, after=stay, actor=actor, at=at, changed=("status",))


def file_child(case: Case, version: VersionData, given: Sequence[DocumentInput], *, actor: Actor, at: datetime) -> None:
    """The intake of a leg of a linked case: everything checked as for any other case, nothing to pay."""
    _file(case, version, given, actor=actor, at=at)


def receive_whole(case: Case, *, actor: Actor, at: datetime) -> None:
    """Reception of a locked case on the word of another act: the counter's hand, or a ministry's system."""
    _receive(case, actor=actor, at=at, transfer=True)


def _is_competent_counter(case: Case, at: datetime) -> bool:
    """Whether the counter that receives is the resolving agency's own: only then does the clock start here."""
    assert case.unit_id is not None  # noqa: S101 - a filed case has its unit (database constraint)
    own = directory.one_stop_of(case.unit_id, civil_date(at))
    return own is None or case.intake_unit_id in {own.id, case.unit_id}


def _check_mandate(case: Case, *, seen: bool, actor: Actor, at: datetime) -> None:
    """Who files for another proves it at reception; what was proven before stays proven, whatever became of it since."""
    if case.mandate_id is None:
        return
    mandate = accounts.get_mandate(case.mandate_id)
    if mandate.verified:
        return
    if mandate.revoked_at is not None:
        raise MandateEnded
    if not seen:
        raise MandateUnchecked
    confirm_mandate(mandate_id=mandate.id, actor=actor, at=at)


def _require_online(version: VersionData, at: datetime) -> None:
    if not version.accepts_online(civil_date(at)):
        raise ProcedureNotOnline


def _who_was_first(case: Case) -> str:
    return f"Hồ sơ đã được xử lý trước, hiện ở trạng thái «{CaseStatus(case.status).label}»."


def _spell(value: Any) -> Any:
    """A request as canonical JSON takes it: floats have no one spelling, so they go as text."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return {str(key): _spell(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spell(item) for item in value]
    return value
