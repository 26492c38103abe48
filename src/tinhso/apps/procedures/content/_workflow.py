"""The internal process of a package: steps in order, where each is done, hours that add up to each limit.

What is refused here is refused of versions published long ago too, so that only what nobody could run belongs here;
what a new version has to satisfy beside is in `_workflow_check`.
"""

from collections.abc import Sequence
from decimal import Decimal

from tinhso.apps.procedures.content._expressions import Names, check_expression
from tinhso.apps.procedures.content._facts import check_keys, read_basis
from tinhso.apps.procedures.content._reader import KEY, Reader
from tinhso.apps.procedures.data import MOUNTAIN, Basis, ConsultationRule, LimitRule, Place, Workflow, WorkflowStep
from tinhso.apps.procedures.enums import Asked, Silence, StepKind, StepUnit
from tinhso.lib.worktime import Limit, LimitUnit

# Internal processes count eight hours a working day ("tính mỗi ngày 08 giờ làm việc").
HOURS_PER_DAY = 8
REQUIRED_KINDS = (StepKind.RECEPTION, StepKind.APPROVAL, StepKind.DELIVERY)
# Relations that need to be told which one.
NAMED = {StepUnit.DEPARTMENT: "khóa của sở", StepUnit.COMMUNE_OF: "khóa của câu hỏi địa chỉ"}


def read_workflow(reader: Reader, names: Names = frozenset()) -> Workflow:
    """The steps of workflow.yaml; `basis` or `assumed` at the top holds for every step that says nothing itself."""
    basis, assumed = read_basis(reader), reader.flag("assumed")
    workflow = Workflow(
        steps=reader.many("steps", lambda item: _read_step(item, basis, names, assumed=assumed), required=True),
        division=reader.text("division"),
    )
    check_keys(reader, "steps", [step.key for step in workflow.steps])
    check_keys(reader, "steps.parallel", [rule.key for step in workflow.steps for rule in step.parallel])
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


def _read_step(reader: Reader, basis: Basis | None, names: Names, *, assumed: bool) -> WorkflowStep:
    kind = reader.choice("kind", StepKind, default=StepKind.REVIEW, required=True)
    own, place = read_basis(reader), _read_place(reader)
    step = WorkflowStep(
        key=reader.key(),
        name=reader.text("name") or str(kind.label),
        kind=kind,
        role=reader.text("role", required=True),
        unit=place.relation,
        unit_key=place.key,
        unit_division=place.division,
        hours=reader.decimals("hours"),
        counted=reader.flag("counted", default=True),
        when=reader.text("when"),
        parallel=reader.many("parallel", lambda item: _read_consultation(item, names)),
        basis=own or basis,
        assumed=reader.flag("assumed", default=own is None and assumed),
    )
    check_expression(reader, "when", step.when, names)
    if step.counted and not step.hours:
        reader.problem("hours", "bước được tính giờ phải có số giờ (hours), hoặc ghi counted: false")
    if step.counted and step.basis is None and not step.assumed:
        reader.problem("basis", "số giờ phải có căn cứ (basis) hoặc ghi assumed: true")
    reader.close()
    return step


def _read_place(reader: Reader) -> Place:
    """`unit: division`, or `unit: {department: health, inside: social_protection}`."""
    value = reader.raw("unit")
    if not value:
        reader.problem("unit", "bắt buộc phải có")
        return Place(StepUnit.RESOLVING)
    given = dict(value) if isinstance(value, dict) else {value: True}
    inside = given.pop("inside", "")
    relations = [key for key in given if key in StepUnit.values]
    if len(given) != 1 or len(relations) != 1:
        reader.problem("unit", f"phải nêu đúng một nơi làm trong: {', '.join(StepUnit.values)}")
        return Place(StepUnit.RESOLVING)
    relation, key = StepUnit(relations[0]), given[relations[0]]
    if relation in NAMED and not (isinstance(key, str) and KEY.fullmatch(key)):
        reader.problem(f"unit.{relation}", f"phải nêu {NAMED[relation]}")
        key = ""
    if not isinstance(inside, str) or (inside and not KEY.fullmatch(inside)):
        reader.problem("unit.inside", "phải là khóa của phòng")
        inside = ""
    return Place(relation, str(key) if relation in NAMED else "", inside)


def _read_consultation(reader: Reader, names: Names) -> ConsultationRule:
    limit, name = reader.limit("limit"), reader.text("name", required=True)
    rule = ConsultationRule(
        key=reader.key(),
        name=name,
        place=_read_place(reader),
        question=reader.text("question") or name,
        limit=limit or Limit(Decimal(1), LimitUnit.WORKING_DAY),
        silence=reader.choice("silence", Silence, default=Silence.NONE),
        asked=reader.choice("asked", Asked, default=Asked.WHEN_NEEDED),
        required=reader.flag("required", default=True),
        pauses=reader.flag("pauses_clock"),
        when=reader.text("when"),
        basis=read_basis(reader),
        assumed=reader.flag("assumed"),
    )
    check_expression(reader, "when", rule.when, names)
    if limit is None:
        reader.problem("limit", "bắt buộc phải có: cơ quan được hỏi trả lời trong bao lâu, ví dụ “3 working_day”")
    if rule.basis is None and not rule.assumed:
        reader.problem("basis", "thời hạn trả lời phải có căn cứ (basis) hoặc ghi assumed: true")
    reader.close()
    return rule


def check_hours(workflow: Workflow, limits: Sequence[LimitRule], reader: Reader) -> None:
    """The counted hours must equal each limit; a limit in calendar units cannot be exceeded.

    With optional steps the longest way through must fill the limit exactly, so that no way exceeds it.
    """
    known = {rule.key for rule in limits} | {f"{rule.key}@{MOUNTAIN}" for rule in limits if rule.mountain}
    for position, step in enumerate(workflow.steps):
        for key in sorted(set(step.hours) - known - {""}):
            reader.problem(f"steps[{position}].hours.{key}", f"không có thời hạn nào mang khóa “{key}”")
    for rule in limits:
        for area in ("", MOUNTAIN) if rule.mountain else ("",):
            total = workflow.longest(rule.key, area)
            limit = rule.limit_in(area)
            name = f"{rule.key}@{area}" if area else rule.key
            budget = hours_of(limit)
            if budget is not None and total != budget:
                way = "đường dài nhất qua các bước" if any(step.when for step in workflow.steps) else "các bước"
                reader.problem(
                    "steps", f"{way} cộng lại {total} giờ, thời hạn “{name}” ({limit.label()}) là {budget} giờ"
                )


def hours_of(limit: Limit) -> Decimal | None:
    """Office hours of a limit in an internal process; None where the unit is not office time."""
    if limit.unit == LimitUnit.WORKING_DAY:
        return limit.amount * HOURS_PER_DAY
    if limit.unit == LimitUnit.SAME_DAY:
        return Decimal(HOURS_PER_DAY)
    return limit.amount if limit.unit == LimitUnit.WORKING_HOUR else None
