"""The internal process of a package: steps in order, hours that add up to each limit."""

from collections.abc import Sequence
from decimal import Decimal

from tinhso.apps.procedures.content._facts import check_keys, read_basis
from tinhso.apps.procedures.content._reader import Reader
from tinhso.apps.procedures.data import MOUNTAIN, Basis, LimitRule, Workflow, WorkflowStep
from tinhso.apps.procedures.enums import StepKind, StepUnit
from tinhso.lib.worktime import Limit, LimitUnit

# Internal processes count eight hours a working day ("tính mỗi ngày 08 giờ làm việc").
HOURS_PER_DAY = 8
REQUIRED_KINDS = (StepKind.RECEPTION, StepKind.APPROVAL, StepKind.DELIVERY)


def read_workflow(reader: Reader) -> Workflow:
    """The steps of workflow.yaml; `basis` or `assumed` at the top holds for every step that says nothing itself."""
    basis, assumed = read_basis(reader), reader.flag("assumed")
    workflow = Workflow(
        steps=reader.many("steps", lambda item: _read_step(item, basis, assumed=assumed), required=True),
        division=reader.text("division"),
    )
    check_keys(reader, "steps", [step.key for step in workflow.steps])
    if any(step.unit == StepUnit.DIVISION for step in workflow.steps) and not workflow.division:
        reader.problem("division", "có bước ở phòng chuyên môn thì phải nêu phòng (division)")
    for kind in REQUIRED_KINDS:
        if workflow.steps and workflow.of_kind(kind) is None:
            reader.problem("steps", f"thiếu bước “{kind.label}”")
    if workflow.steps and workflow.steps[0].kind != StepKind.RECEPTION:
        reader.problem("steps[0].kind", "bước đầu tiên phải là tiếp nhận")
    reader.raw("version")
    reader.close()
    return workflow


def _read_step(reader: Reader, basis: Basis | None, *, assumed: bool) -> WorkflowStep:
    kind = reader.choice("kind", StepKind, default=StepKind.REVIEW, required=True)
    own = read_basis(reader)
    step = WorkflowStep(
        key=reader.key(),
        name=reader.text("name") or str(kind.label),
        kind=kind,
        role=reader.text("role", required=True),
        unit=reader.choice("unit", StepUnit, default=StepUnit.RESOLVING, required=True),
        hours=reader.decimals("hours"),
        counted=reader.flag("counted", default=True),
        basis=own or basis,
        assumed=reader.flag("assumed", default=own is None and assumed),
    )
    if step.counted and not step.hours:
        reader.problem("hours", "bước được tính giờ phải có số giờ (hours), hoặc ghi counted: false")
    if step.counted and step.basis is None and not step.assumed:
        reader.problem("basis", "số giờ phải có căn cứ (basis) hoặc ghi assumed: true")
    reader.close()
    return step


def check_hours(workflow: Workflow, limits: Sequence[LimitRule], reader: Reader) -> None:
    """The counted hours must equal each limit; a limit in calendar units cannot be exceeded."""
    known = {rule.key for rule in limits} | {f"{rule.key}@{MOUNTAIN}" for rule in limits if rule.mountain}
    for position, step in enumerate(workflow.steps):
        for key in sorted(set(step.hours) - known - {""}):
            reader.problem(f"steps[{position}].hours.{key}", f"không có thời hạn nào mang khóa “{key}”")
    for rule in limits:
        for area in ("", MOUNTAIN) if rule.mountain else ("",):
            total = sum((step.hours_for(rule.key, area) for step in workflow.steps), Decimal(0))
            limit = rule.limit_in(area)
            name = f"{rule.key}@{area}" if area else rule.key
            budget = hours_of(limit)
            if budget is not None and total != budget:
                reader.problem(
                    "steps", f"các bước cộng lại {total} giờ, thời hạn “{name}” ({limit.label()}) là {budget} giờ"
                )


def hours_of(limit: Limit) -> Decimal | None:
    """Office hours of a limit in an internal process; None where the unit is not office time."""
    if limit.unit == LimitUnit.WORKING_DAY:
        return limit.amount * HOURS_PER_DAY
    if limit.unit == LimitUnit.SAME_DAY:
        return Decimal(HOURS_PER_DAY)
    return limit.amount if limit.unit == LimitUnit.WORKING_HOUR else None
