"""One case: its facts, clock, history, and what this actor may do with it now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.audit.data import EntryData
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import permissions, rules
from tinhso.apps.cases.data import AvailableAction, CaseNotFound
from tinhso.apps.cases.enums import (
    AWAITING_APPLICANT,
    INTAKE_STATUSES,
    OPEN_STATUSES,
    CaseStatus,
    ResultStatus,
    SupplementStage,
)
from tinhso.apps.cases.models import Case, CaseDocument, CaseStep, Paper, Pause, Result, Supplement
from tinhso.apps.cases.queries._forms import PLACES, form_context, variables
from tinhso.apps.cases.queries._life import is_travelling
from tinhso.apps.cases.queries._linked import policies_of_whole
from tinhso.apps.cases.queries._places import package_for
from tinhso.apps.cases.queries._visibility import seen_by_code, seen_by_number
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import Package, RequiredDocument
from tinhso.apps.procedures.enums import StepKind
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.prepared import Prepared, attach
from tinhso.lib.forms import Form, SummarySection, summary
from tinhso.lib.timebar import TimeBar as FullTimeBar

_PROCEDURE = Prepared(
    lambda case_id: Case.objects.filter(pk=case_id).values_list("procedure_code", flat=True), case_id=int
)
_ROW = Prepared(
    lambda case_id: Case.objects.filter(pk=case_id).select_related("assignee", "account", "mandate", "rating"),
    case_id=int,
)
_PARTS: dict[str, Prepared[Any]] = {
    "documents": Prepared(
        lambda case_id: CaseDocument.objects.filter(case=case_id).select_related("file"), case_id=int
    ),
    "steps": Prepared(lambda case_id: CaseStep.objects.filter(case=case_id), case_id=int),
    "supplements": Prepared(lambda case_id: Supplement.objects.filter(case=case_id), case_id=int),
    "pauses": Prepared(lambda case_id: Pause.objects.filter(case=case_id), case_id=int),
    "results": Prepared(lambda case_id: Result.objects.filter(case=case_id).select_related("file"), case_id=int),
    "papers": Prepared(lambda case_id: Paper.objects.filter(case=case_id).select_related("file"), case_id=int),
}


def get_case(*, actor: Actor, code: str) -> Case:
    """A filed case by its code, with what its page shows at hand.

    Raises:
        CaseNotFound: no such case, or none this actor may see (the two look the same).
    """
    found = _whole(seen_by_code(actor, code.strip().upper()))
    if found is None:
        raise CaseNotFound
    return found


def open_case(*, actor: Actor, case_id: int) -> Case:
    """A visible case by its inner number.

    Raises:
        CaseNotFound: no such case, or none this actor may see.
    """
    found = _whole(seen_by_number(actor, case_id))
    if found is None:
        raise CaseNotFound
    return found


def get_draft(*, actor: Actor, case_id: int) -> Case:
    """The actor's own draft.

    Raises:
        CaseNotFound: no such draft of this person.
    """
    found = _whole(seen_by_number(actor, case_id))
    if found is None or found.status != CaseStatus.DRAFT or found.account_id != actor.account_id:
        raise CaseNotFound
    return found


def case_as_filed(case_id: int) -> Case:
    """A case for the system's own work (letters, signing); not for pages."""
    found = _whole(_ROW.first(case_id=case_id))
    if found is None:
        raise CaseNotFound
    return found


def procedure_of(case_id: int) -> str:
    """The code of a case's procedure, for the system's own work.

    Raises:
        CaseNotFound: there is none.
    """
    found = _PROCEDURE.first(case_id=case_id)
    if found is None:
        raise CaseNotFound
    return found


def get_package(case: Case) -> Package:
    """The package the case runs under."""
    package = procedures.get_version_by_id(case.version_id).package
    assert package is not None  # noqa: S101 - a case is only ever started under a package
    package = package_for(case, package)
    return package if case.parent_id is None else replace(package, policies=policies_of_whole(case.parent_id))


def form_of(case: Case) -> Form:
    """The form the answers were given under."""
    return get_package(case).form


def draft_form_of(case: Case) -> Form | None:
    """What the specialist writes into a granted result (nội dung dự thảo kết quả); None when there is nothing to write.

    Its answers are the `fields` of `propose_result`; what is proposed already is in `Result.fields`.
    """
    return get_package(case).draft


def needed_documents(case: Case, *, today: date) -> list[RequiredDocument]:
    """The components that apply to the case as it is answered now."""
    package = get_package(case)
    context = form_context(applicant=case.applicant, channel=case.channel, today=today)
    return list(procedures.applicable_documents(package, variables(package, case.answers, context)))


def answers_in_words(case: Case) -> list[SummarySection]:
    """The answers as people read them, section by section."""
    return summary(form_of(case), case.answers, context={"lookup": PLACES})


def timeline_of(case: Case) -> list[EntryData]:
    """The history of a case as the log has it (nhật ký hồ sơ)."""
    return entries_of(f"case:{case.pk}")


def list_papers(case: Case) -> list[Paper]:
    """The papers made for the applicant, oldest first."""
    return list(case.papers.select_related("file").order_by("id"))


def get_result_file(*, actor: Actor, code: str) -> Result:
    """The signed result of a visible case.

    Raises:
        CaseNotFound: no such case for this actor, or no signed result yet.
    """
    case = get_case(actor=actor, code=code)
    result = case.results.select_related("file").filter(status=ResultStatus.SIGNED).first()
    if result is None:
        raise CaseNotFound("Hồ sơ này chưa có kết quả.")
    return result


def time_bar_of(case: Case, now: datetime) -> FullTimeBar | None:
    """The time bar of one case, pauses drawn where they were; None before reception."""
    if case.unit_id is None or case.received_at is None:
        return None
    calendar = get_working_calendar(calendar_key=directory.calendar_key_of(case.unit_id), at=now)
    asked = [s for s in case.supplements.all() if s.stage == SupplementStage.APPRAISAL]
    stops = [(s.requested_at, s.answered_at) for s in asked] + [(p.started_at, p.ended_at) for p in case.pauses.all()]
    bar = rules.full_time_bar(
        received_at=case.received_at, due_at=case.due_at, ended_at=case.resolved_at or case.closed_at,
        time_limit=case.time_limit, stops=stops, now=now, calendar=calendar,
    )  # fmt: skip
    if case.resolved_at is None and case.closed_at is not None:  # withdrawn or stopped: nothing was done, early or late
        late = " khi đã quá hạn" if bar.state == "late" else ""
        return replace(bar, text=f"{CaseStatus(case.status).label}{late}, thời hạn dừng ở đây")
    return bar


def available_actions(*, actor: Actor, case: Case) -> list[AvailableAction]:
    """What this actor may do with the case now, the likeliest first."""
    if actor.kind is not ActorKind.OFFICER:
        return []
    status = CaseStatus(case.status)
    found: list[AvailableAction] = []
    if status == CaseStatus.SUBMITTED:
        if permissions.can_receive(actor, case):
            found.append(AvailableAction("receive", "Tiếp nhận và chuyển xử lý", "A", primary=True))
        if permissions.can_request_supplement(actor, case) and not _asked(case, "intake"):
            found.append(AvailableAction("supplement", "Yêu cầu bổ sung", "B"))
        if permissions.can_refuse_intake(actor, case):
            found.append(AvailableAction("refuse-intake", "Từ chối tiếp nhận", "T"))
    elif status in {CaseStatus.RECEIVED, CaseStatus.PROCESSING}:
        found += _work_actions(actor, case)
    elif status in AWAITING_APPLICANT and permissions.can_receive(actor, case):
        found.append(AvailableAction("answer-supplement", "Nhận giấy tờ bổ sung", "A", primary=True))
    elif status == CaseStatus.RESOLVED and permissions.can_deliver(actor, case):
        found.append(AvailableAction("deliver", "Trả kết quả", "A", primary=True))
    withdrawable = status in {*INTAKE_STATUSES, *OPEN_STATUSES}
    if withdrawable and permissions.can_withdraw(actor, case):
        found.append(AvailableAction("withdraw", "Rút hồ sơ theo yêu cầu", "R"))
    if case.parent_id is not None:
        # What is done once for the whole of a linked case is not done for one leg.
        found = [action for action in found if action.key not in {"deliver", "withdraw"}]
    return found


def _work_actions(actor: Actor, case: Case) -> list[AvailableAction]:
    found: list[AvailableAction] = []
    if is_travelling(case):
        return found
    if permissions.can_complete_step(actor, case):
        if case.step_kind == StepKind.APPRAISAL:
            found.append(AvailableAction("propose", "Trình dự thảo kết quả", "A", primary=True))
        elif case.step_kind == StepKind.APPROVAL:
            if _live_result(case, ResultStatus.PROPOSED):
                found.append(AvailableAction("approve", "Phê duyệt và ký số", "A", primary=True))
        else:
            label = "Phân công và chuyển" if case.step_kind == StepKind.ASSIGNMENT else "Đồng ý, chuyển bước sau"
            found.append(AvailableAction("forward", label, "A", primary=True))
    if permissions.can_request_supplement(actor, case) and not _asked(case, "appraisal"):
        found.append(AvailableAction("supplement", "Yêu cầu bổ sung", "B"))
    if permissions.can_return_step(actor, case) and not _live_result(case, ResultStatus.APPROVED):
        found.append(AvailableAction("return", "Trả lại để làm lại", "L"))
    if permissions.can_assign(actor, case):
        found.append(AvailableAction("assign", "Phân công người xử lý", "P"))
    return found


def candidates_for_step(case: Case, *, kind: str, unit_id: int, now: datetime) -> Sequence[AccountData]:
    """The officers who may do a step of this kind at a unit for the case's field, by name."""
    permission = permissions.STEP_PERMISSION[kind]
    return accounts.officers_holding(str(permission), unit_id=unit_id, at=now, field=case.field)


def _asked(case: Case, stage: str) -> bool:
    return any(supplement.stage == stage for supplement in case.supplements.all())


def _live_result(case: Case, status: ResultStatus) -> bool:
    return any(result.status == status for result in case.results.all())


def _whole(found: Case | None) -> Case | None:
    if found is not None:
        for name, part in _PARTS.items():
            attach(found, name, part.all(case_id=found.pk))
    return found
