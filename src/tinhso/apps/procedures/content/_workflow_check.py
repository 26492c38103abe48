"""What a process must satisfy to be published (kiểm tra quy trình trước khi công bố).

Versions in force were published under the checks of their day and are read without these.
"""

from collections.abc import Iterator
from pathlib import Path

from tinhso.apps.procedures.content._reader import load_yaml
from tinhso.apps.procedures.data import ConsultationRule, Package, Place, Problem, WorkflowStep
from tinhso.apps.procedures.enums import Level, Silence, StepKind, StepUnit
from tinhso.lib.forms import FieldType
from tinhso.lib.forms.cel import Context, compile_expression
from tinhso.lib.forms.references import references_of

Found = Iterator[tuple[str, str]]

# No case can do without these, so that no condition may stand on them.
ALWAYS = (StepKind.RECEPTION, StepKind.APPRAISAL, StepKind.APPROVAL, StepKind.ISSUE, StepKind.DELIVERY)
ONCE = (StepKind.RECEPTION, StepKind.APPRAISAL, StepKind.APPROVAL, StepKind.ISSUE, StepKind.DELIVERY)
ASKING = (StepKind.EXAMINATION, StepKind.APPRAISAL, StepKind.CONSULTATION)


def workflow_problems(package: Package) -> list[Problem]:
    """Steps nobody reaches, places nobody finds, waiting that no law allows; a linked group has no process."""
    if package.group is not None:
        return []
    file = f"{package.folder}/workflow.yaml"
    found = [*_order(package), *_conditions(package), *_places(package), *_uncounted(package), *_opinions(package)]
    return [Problem(file, path, message) for path, message in found]


def _order(package: Package) -> Found:
    steps = package.workflow.steps
    kinds = [step.kind for step in steps]
    for kind in ONCE:
        if kinds.count(kind) > 1:
            yield "steps", f"chỉ có một bước “{kind.label}”; bước khác ghi examination, review hoặc dispatch"
    if StepKind.APPRAISAL not in kinds:
        yield "steps", "thiếu bước thẩm định (appraisal): không ai trình dự thảo thì không có gì để ký"
    elif StepKind.APPROVAL in kinds and kinds.index(StepKind.APPRAISAL) > kinds.index(StepKind.APPROVAL):
        yield "steps", "bước thẩm định phải đứng trước bước phê duyệt"
    if StepKind.DELIVERY in kinds:
        for step in steps[kinds.index(StepKind.DELIVERY) + 1 :]:
            yield f"steps.{step.key}", "không bao giờ tới được: đứng sau bước trả kết quả"
    if StepKind.APPROVAL in kinds:
        for step in steps[kinds.index(StepKind.APPROVAL) + 1 :]:
            if step.kind not in {StepKind.ISSUE, StepKind.DELIVERY}:
                yield (
                    f"steps.{step.key}",
                    "ký xong thì hồ sơ có kết quả: sau phê duyệt chỉ còn phát hành và trả kết quả",
                )


def _conditions(package: Package) -> Found:
    for step in package.workflow.steps:
        if step.when and step.kind in ALWAYS:
            yield f"steps.{step.key}.when", f"bước “{step.kind.label}” hồ sơ nào cũng qua, không đặt điều kiện"
        yield from _constant(f"steps.{step.key}.when", step.when)
        for rule in step.parallel:
            yield from _constant(f"steps.{step.key}.parallel.{rule.key}.when", rule.when)


def _constant(path: str, source: str) -> Found:
    """A condition that asks nothing is always or never."""
    if source and not references_of(source).paths:
        holds = compile_expression(source).holds(Context({}))
        yield path, "luôn đúng: hãy bỏ điều kiện" if holds else "luôn sai: không bao giờ tới được"


def _places(package: Package) -> Found:
    addresses = {field.key for field in package.form.fields if field.type == FieldType.ADDRESS}
    for step, path, place in _every_place(package):
        if place.relation == StepUnit.COMMUNE_OF and place.key not in addresses:
            yield path, f"biểu mẫu không có câu hỏi địa chỉ “{place.key}”, không biết là xã nào"
        if place.division and place.relation in {StepUnit.ONE_STOP, StepUnit.DIVISION}:
            yield path, "bộ phận này không chia phòng nữa: bỏ inside"
        if step.kind == StepKind.RECEPTION and place.relation != StepUnit.ONE_STOP:
            yield path, "hồ sơ được tiếp nhận ở Bộ phận Một cửa (one_stop)"
        if place.relation == StepUnit.DIVISION and not package.workflow.division:
            yield path, "chưa nêu phòng chuyên môn (division)"


def _every_place(package: Package) -> Iterator[tuple[WorkflowStep, str, Place]]:
    for step in package.workflow.steps:
        yield step, f"steps.{step.key}.unit", step.place
        for rule in step.parallel:
            yield step, f"steps.{step.key}.parallel.{rule.key}.unit", rule.place


def _uncounted(package: Package) -> Found:
    for step in package.workflow.steps:
        if step.counted or step.kind == StepKind.DELIVERY:
            continue
        if step.basis is None and not step.assumed:
            yield f"steps.{step.key}.counted", "bước không tính vào thời hạn phải có căn cứ (basis) hoặc assumed: true"
        if step.hours:
            yield f"steps.{step.key}.hours", "bước không tính vào thời hạn thì không có số giờ"


def _opinions(package: Package) -> Found:
    for step in package.workflow.steps:
        if step.parallel and step.kind not in ASKING:
            yield f"steps.{step.key}.parallel", "chỉ hỏi ý kiến ở bước thẩm tra, thẩm định hoặc lấy ý kiến"
        places = [(rule.place, rule.when) for rule in step.parallel]
        for rule in step.parallel:
            path = f"steps.{step.key}.parallel.{rule.key}"
            if places.count((rule.place, rule.when)) > 1:
                yield path, "một đơn vị được hỏi một lần trong cùng một bước; hãy gộp câu hỏi"
            yield from _silence(path, rule)


def _silence(path: str, rule: ConsultationRule) -> Found:
    if rule.silence == Silence.NONE and rule.required and rule.pauses and rule.basis is None and not rule.assumed:
        yield path, "dừng đồng hồ chờ ý kiến phải có căn cứ"
    if rule.silence == Silence.CONSENT and rule.basis is None and not rule.assumed:
        yield path, "im lặng coi như đồng ý chỉ khi luật nói vậy: phải có căn cứ"


def unit_problems(package: Package, root: Path) -> list[Problem]:
    """Departments and divisions a process names that the province of `root` does not have."""
    found: list[Problem] = []
    for folder in sorted(path for path in (root / "units").glob("*") if path.is_dir()):
        known = _units_of(folder, root)
        level = "" if package.facts.level == Level.COMMUNE else None
        for _, path, place in _every_place(package):
            message = _unknown(place, known, level)
            if message:
                found.append(Problem(f"{package.folder}/workflow.yaml", path, message))
    return found


def _unknown(place: Place, known: dict[str, set[str]], level: str | None) -> str:
    if place.relation == StepUnit.DEPARTMENT and place.key not in known:
        return f"tỉnh không có sở, ban, ngành mang khóa “{place.key}”"
    owner = {
        StepUnit.DEPARTMENT: place.key,
        StepUnit.PROVINCE_OFFICE: "committee_office",
        StepUnit.COMMUNE_OF: "",
        StepUnit.RESOLVING: level,
    }.get(place.relation)
    if place.division and owner is not None and place.division not in known.get(owner, set()):
        return f"đơn vị không có phòng mang khóa “{place.division}”"
    return ""


def _units_of(folder: Path, root: Path) -> dict[str, set[str]]:
    """Keys of the divisions of each department by its key; under the empty key those of a commune."""
    problems: list[Problem] = []
    departments = load_yaml(folder / "departments.yaml", root=root, problems=problems) or {}
    communes = load_yaml(folder / "commune-template.yaml", root=root, problems=problems) or {}
    known = {
        str(item.get("key")): {str(division.get("key")) for division in item.get("divisions") or []}
        for item in departments.get("departments") or []
    }
    known[""] = {str(item.get("key")) for item in communes.get("divisions") or communes.get("units") or []}
    return known
