"""Scenarios of a package: executable examples an official can read."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tinhso.apps.procedures.content._reader import Reader, load_yaml
from tinhso.apps.procedures.data import Package, Problem, Scenario, ScenarioStep
from tinhso.apps.procedures.enums import Asked

PROVINCE_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
# `ask`: an opinion of the process; `unit`: any department, asked by the officer. `answer` and `expire_consultation` say
# whose opinion by `from`, in the same words.
CONSULTING = frozenset({"consult", "answer", "expire_consultation"})
ANSWERS = frozenset({"agree", "conditional", "disagree"})
VERBS = CONSULTING | frozenset(
    {"submit", "receive", "refuse_intake", "request_supplement", "answer_supplement", "forward", "propose", "approve"}
    | {"return", "issue", "deliver", "withdraw", "refuse"}
    | {"suspend", "resume", "extend", "financial_duty", "financial_duty_paid"}
)
EXPECTATIONS = frozenset(
    {"limit_key", "due_at", "fee_vnd", "status", "lateness", "documents", "result", "national_status", "opinions"}
)
UNITS = frozenset({"commune", "department"})


def load_scenarios(package: Package, *, root: Path) -> tuple[tuple[Scenario, ...], list[Problem]]:
    """Every scenario of a package's folder, and the problems found in them."""
    problems: list[Problem] = []
    scenarios = []
    for path in sorted((root / package.folder / "scenarios").glob("*.yaml")):
        value = load_yaml(path, root=root, problems=problems)
        reader = Reader(value, file=path.relative_to(root).as_posix(), path="", problems=problems)
        scenarios.append(read_scenario(reader, package))
    return tuple(scenarios), problems


def read_scenario(reader: Reader, package: Package) -> Scenario:
    """One scenario; its document keys, verbs and expectations must be known."""
    scenario = Scenario(
        file=reader.file,
        name=reader.text("name", required=True),
        unit=reader.text("unit", required=True),
        applicant=_mapping(reader, "applicant"),
        answers=_mapping(reader, "answers"),
        documents=reader.texts("documents"),
        channel=reader.text("channel", default="online"),
        steps=tuple(_read_step(item) for item in reader.each("steps", required=True)),
        expect=_mapping(reader, "expect"),
    )
    reader.text("note")
    known = {document.key for document in package.documents}
    for key in scenario.documents:
        if key not in known:
            reader.problem("documents", f"thành phần hồ sơ “{key}” không có trong procedure.yaml")
    if scenario.unit and scenario.unit not in UNITS:
        reader.problem("unit", f"“{scenario.unit}” không có trong danh sách: {', '.join(sorted(UNITS))}")
    for key in sorted(set(scenario.expect) - EXPECTATIONS):
        reader.problem(f"expect.{key}", f"chỉ kiểm tra được: {', '.join(sorted(EXPECTATIONS))}")
    limit_key = scenario.expect.get("limit_key")
    if limit_key and limit_key not in {rule.key for rule in package.limits}:
        reader.problem("expect.limit_key", f"không có thời hạn nào mang khóa “{limit_key}”")
    _check_opinions(reader, scenario, package)
    instants = [step.at for step in scenario.steps]
    if instants != sorted(instants):
        reader.problem("steps", "các việc phải theo thứ tự thời gian")
    reader.close()
    return scenario


def _check_opinions(reader: Reader, scenario: Scenario, package: Package) -> None:
    """Who is asked, who answers and what is expected name opinions of the process or departments asked before."""
    rules = {rule.key for step in package.workflow.steps for rule in step.parallel}
    asked: set[str] = {
        rule.key for step in package.workflow.steps for rule in step.parallel if rule.asked == Asked.ON_ENTRY
    }
    for number, step in enumerate(scenario.steps):
        where, who = f"steps[{number}].{step.verb}", str(step.values.get("from", ""))
        if step.verb == "consult":
            key, unit = str(step.values.get("ask", "")), str(step.values.get("unit", ""))
            if bool(key) == bool(unit) or (key and key not in rules):
                reader.problem(
                    where, f"ghi ask là một ý kiến của quy trình ({', '.join(sorted(rules))}) hoặc unit là một sở"
                )
            if unit and not (step.values.get("question") and step.values.get("days")):
                reader.problem(where, "hỏi một sở ngoài quy trình phải có question và days")
            asked.add(key or unit)
        elif step.verb in CONSULTING and who not in asked:
            reader.problem(f"{where}.from", f"“{who}” chưa được hỏi ý kiến trước việc này")
        if step.verb == "answer" and step.values.get("opinion") not in ANSWERS:
            reader.problem(f"{where}.opinion", f"chỉ có thể là {', '.join(sorted(ANSWERS))}")
    for key in sorted(set(_mapping_of(scenario.expect.get("opinions"))) - asked):
        reader.problem(f"expect.opinions.{key}", "không ai được hỏi ý kiến với tên này")


def _mapping_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _read_step(reader: Reader) -> ScenarioStep:
    verb = next((key for key in sorted(VERBS) if reader.has(key)), "")
    if not verb:
        reader.problem("", f"phải là một trong các việc: {', '.join(sorted(VERBS))}")
        return ScenarioStep("", datetime.min.replace(tzinfo=PROVINCE_TIME))
    value = reader.raw(verb)
    values = dict(value) if isinstance(value, dict) else {}
    try:
        at = datetime.fromisoformat(str(values.pop("at", "")))
    except ValueError:
        reader.problem(f"{verb}.at", "phải là thời điểm dạng 2026-02-13T16:00")
        at = datetime.min.replace(tzinfo=PROVINCE_TIME)
    reader.close()
    return ScenarioStep(verb, at if at.tzinfo else at.replace(tzinfo=PROVINCE_TIME), values)


def _mapping(reader: Reader, key: str) -> dict[str, Any]:
    value = reader.raw(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        reader.problem(key, "phải là một nhóm khóa: giá trị")
        return {}
    return value
