"""Everything in `content/` that belongs to the catalogue, checked without a database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tinhso.apps.procedures.content._catalogue import load_catalogue, load_life_events, load_synonyms
from tinhso.apps.procedures.content._linked import check_group, linked_folders
from tinhso.apps.procedures.content._linked_scenarios import load_linked_scenarios
from tinhso.apps.procedures.content._package import load_package
from tinhso.apps.procedures.content._reader import ContentError, load_yaml
from tinhso.apps.procedures.content._scenarios import load_scenarios
from tinhso.apps.procedures.content._workflow_check import unit_problems
from tinhso.apps.procedures.data import AssumedValue, Package, Problem

PACKAGES = "procedures"


def package_folders(root: Path) -> list[Path]:
    """The package folders `procedures/<sector>/<code>`, in code order."""
    found = (path.parent for path in (root / PACKAGES).glob("*/*/procedure.yaml"))
    return sorted(found, key=lambda folder: folder.name)


def check(root: Path) -> list[Problem]:
    """Every problem of packages, scenarios and the shipped catalogue."""
    problems: list[Problem] = []
    codes: dict[str, str] = {}
    packages: dict[str, Package] = {}
    roles = {path.stem for path in (root / "roles").glob("*.yaml")}
    for folder in package_folders(root):
        try:
            _, package = load_package(folder, root=root)
        except ContentError as error:
            problems += error.problems
            continue
        problems += load_scenarios(package, root=root)[1]
        problems += _check_roles(package, roles)
        problems += unit_problems(package, root)
        if package.code in codes:
            problems.append(Problem(package.folder, "", f"thủ tục {package.code} đã có gói ở {codes[package.code]}"))
        codes[package.code] = package.folder
        packages[package.code] = package
    problems += _check_groups(root, packages)
    return problems + _check_catalogue(root, set(codes))


def _check_groups(root: Path, packages: dict[str, Package]) -> list[Problem]:
    """Linked groups, each against the packages of its legs."""
    problems: list[Problem] = []
    for folder in linked_folders(root):
        try:
            _, group = load_package(folder, root=root)
        except ContentError as error:
            problems += error.problems
            continue
        problems += check_group(group, packages)
        problems += load_linked_scenarios(group, root=root)[1]
    return problems


def _check_roles(package: Package, roles: set[str]) -> list[Problem]:
    if not roles:
        return []
    return [
        Problem(f"{package.folder}/workflow.yaml", f"steps.{step.key}.role", f"không có vai trò “{step.role}”")
        for step in package.workflow.steps
        if step.role not in roles
    ]


def _check_catalogue(root: Path, packages: set[str]) -> list[Problem]:
    if not (root / "catalogue").exists():
        return []
    entries, problems = load_catalogue(root)
    known = {entry.facts.code for entry in entries} | packages
    events, found = load_life_events(root)
    problems += found
    synonyms, found = load_synonyms(root)
    problems += found
    named = [("life-events.yaml", event.key, event.codes) for event in events]
    named += [("synonyms.yaml", entry.say[0] if entry.say else "", entry.codes) for entry in synonyms.entries]
    for file, place, codes in named:
        for code in codes:
            if code not in known:
                problems.append(Problem(f"catalogue/{file}", place, f"thủ tục {code} không có trong danh mục"))
    return problems


def assumed_values(root: Path) -> list[AssumedValue]:
    """Every value marked `assumed: true` in any YAML of the content folder."""
    values: list[AssumedValue] = []
    for path in sorted(root.glob("**/*.yaml")):
        name = path.relative_to(root).as_posix()
        values += (AssumedValue(name, place, text) for place, text in _assumed(load_yaml(path, root=root, problems=[])))
    return values


def _assumed(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if value.get("assumed") is True or value.get("basis") == "assumed":
            yield path, _short(value)
        for key, inner in value.items():
            yield from _assumed(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            key = inner.get("key") or inner.get("code") or position if isinstance(inner, dict) else position
            yield from _assumed(inner, f"{path}[{key}]")


def _short(value: dict[str, Any]) -> str:
    shown = [
        f"{key}: {inner}"
        for key, inner in value.items()
        if key not in ("assumed", "key", "basis")
        and isinstance(inner, str | int | float)
        and not isinstance(inner, bool)
    ]
    return ", ".join(shown)[:160]
