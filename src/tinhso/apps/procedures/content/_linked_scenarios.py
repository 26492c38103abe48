"""Scenarios of a linked group: what happens to the whole and to each leg, in words an official can read."""

from datetime import datetime
from pathlib import Path
from typing import Any

from tinhso.apps.procedures.content._linked import MAIN
from tinhso.apps.procedures.content._reader import Reader, load_yaml
from tinhso.apps.procedures.content._scenarios import CONSULTING, PROVINCE_TIME, VERBS
from tinhso.apps.procedures.data import Package, Problem, Scenario, ScenarioStep

# `take`: the ministry's system takes its leg over; `report`: it says how far it is; `look`: nothing but time passes.
LINKED_VERBS = (VERBS - CONSULTING) | {"take", "report", "look", "correct"}
EXPECTED = frozenset({"status", "due_at", "fee_vnd", "lateness", "legs", "alerts", "papers", "national_status"})
EXPECTED_OF_LEG = frozenset({"status", "due_at", "received_at", "limit", "lateness", "result", "note", "fee_vnd"})


def load_linked_scenarios(package: Package, *, root: Path) -> tuple[tuple[Scenario, ...], list[Problem]]:
    """Every scenario of a group's folder, and the problems found in them."""
    problems: list[Problem] = []
    scenarios = []
    for path in sorted((root / package.folder / "scenarios").glob("*.yaml")):
        value = load_yaml(path, root=root, problems=problems)
        reader = Reader(value, file=path.relative_to(root).as_posix(), path="", problems=problems)
        scenarios.append(_read_scenario(reader, package))
    return tuple(scenarios), problems


def _read_scenario(reader: Reader, package: Package) -> Scenario:
    assert package.group is not None  # noqa: S101 - asked for groups only
    legs = {leg.key for leg in package.group.legs}
    scenario = Scenario(
        file=reader.file,
        name=reader.text("name", required=True),
        unit=reader.text("unit", default="commune"),
        applicant=_mapping(reader.raw("applicant")),
        answers=_mapping(reader.raw("answers")),
        documents=reader.texts("documents"),
        channel=reader.text("channel", default="online"),
        steps=tuple(_read_step(item, legs) for item in reader.each("steps", required=True)),
        expect=_mapping(reader.raw("expect")),
    )
    reader.text("note", required=True)
    known = {document.key for document in package.documents}
    for key in scenario.documents:
        if key not in known:
            reader.problem("documents", f"thành phần hồ sơ “{key}” không có trong {MAIN}.yaml")
    _check_expectations(reader, scenario.expect, legs)
    instants = [step.at for step in scenario.steps]
    if instants != sorted(instants):
        reader.problem("steps", "các việc phải theo thứ tự thời gian")
    reader.close()
    return scenario


def _check_expectations(reader: Reader, expect: Any, legs: set[str]) -> None:
    for key in sorted(set(expect) - EXPECTED):
        reader.problem(f"expect.{key}", f"chỉ kiểm tra được: {', '.join(sorted(EXPECTED))}")
    for name, told in _mapping(expect.get("legs")).items():
        if name not in legs:
            reader.problem(f"expect.legs.{name}", "nhóm không có bước này")
        for key in sorted(set(_mapping(told)) - EXPECTED_OF_LEG):
            reader.problem(f"expect.legs.{name}.{key}", f"chỉ kiểm tra được: {', '.join(sorted(EXPECTED_OF_LEG))}")


def _read_step(reader: Reader, legs: set[str]) -> ScenarioStep:
    verb = next((key for key in sorted(LINKED_VERBS) if reader.has(key)), "")
    if not verb:
        reader.problem("", f"phải là một trong các việc: {', '.join(sorted(LINKED_VERBS))}")
        return ScenarioStep("", datetime.min.replace(tzinfo=PROVINCE_TIME))
    values = _mapping(reader.raw(verb))
    leg = str(values.get("leg", ""))
    if leg and leg not in legs:
        reader.problem(f"{verb}.leg", f"nhóm không có bước “{leg}”")
    try:
        at = datetime.fromisoformat(str(values.pop("at", "")))
    except ValueError:
        reader.problem(f"{verb}.at", "phải là thời điểm dạng 2026-02-13T16:00")
        at = datetime.min.replace(tzinfo=PROVINCE_TIME)
    reader.close()
    return ScenarioStep(verb, at if at.tzinfo else at.replace(tzinfo=PROVINCE_TIME), values)


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}
