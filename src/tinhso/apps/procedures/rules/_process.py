"""The process of a package: which steps a case takes, and the grid it is drawn on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tinhso.apps.procedures.data import (
    Branch,
    ConsultationRule,
    Lane,
    LimitRule,
    Node,
    Package,
    Place,
    ProcessGraph,
    WorkflowStep,
)
from tinhso.apps.procedures.enums import Asked, Silence, StepKind, StepUnit
from tinhso.apps.procedures.rules._case import holds
from tinhso.lib.forms.cel import Context

PlaceNames = Mapping[Place, str]


def has_optional_steps(package: Package) -> bool:
    """Whether the way through depends on the case."""
    return any(step.when for step in package.workflow.steps)


def take_steps(package: Package, context: Mapping[str, Any], *, at_step: str = "") -> Package:
    """The package with the steps this case does not take marked as skipped; where it stands (`at_step`) it stands."""
    values = Context(context)
    skipped = frozenset(
        step.key
        for step in package.workflow.steps
        if step.when and step.key != at_step and not holds(step.when, values)
    )
    return replace(package, workflow=replace(package.workflow, skipped=skipped)) if skipped else package


def process_graph(
    package: Package, names: PlaceNames, *, limit_key: str = "", area: str = "", roles: Mapping[str, str] | None = None
) -> ProcessGraph:
    """The process on a grid: a lane for each place in order of appearance, a row for each step and each opinion.

    With a limit the hours are those of that limit only; without one, every limit that differs is told. Skipped steps of
    the case at hand are left out.
    """
    lanes: dict[str, int] = {}
    nodes: list[Node] = []

    def lane_of(place: Place) -> int:
        return lanes.setdefault(names.get(place) or place_label(package, place), len(lanes))

    for step in package.workflow.taken:
        row = nodes[-1].row + 1 if nodes else 0
        nodes.append(
            Node(
                step.key, step.name, str(step.kind), lane_of(step.place), row, role=(roles or {}).get(step.role, step.role),
                hours=_hours(step, package.limits, limit_key, area), when=step.when, optional=bool(step.when),
                counted=step.counted,
            )
        )  # fmt: skip
        for offset, rule in enumerate(step.parallel):
            nodes.append(_opinion(rule, step, lane_of(rule.place), row + 1 + offset))
    keyed = tuple(Lane(f"lane_{position}", name) for position, name in enumerate(lanes))
    return ProcessGraph(package.code, package.facts.title, keyed, tuple(nodes), _branches(package.workflow.taken))


def place_label(package: Package, place: Place) -> str:
    """A place in words where no directory tells its name."""
    if place.relation == StepUnit.RESOLVING and not place.division:
        return package.facts.agency
    label = str(place.relation.label)
    return f"{label} ({place.division})" if place.division else label


def _opinion(rule: ConsultationRule, step: WorkflowStep, lane: int, row: int) -> Node:
    silence = "im lặng là đồng ý" if rule.silence == Silence.CONSENT else ""
    return Node(
        rule.key, rule.name, str(StepKind.CONSULTATION), lane, row, hours=(rule.limit.label(),), when=rule.when,
        asked_by=step.key, optional=rule.asked == Asked.WHEN_NEEDED or bool(rule.when), silence=silence,
        duration=str(rule.limit),
    )  # fmt: skip


def _hours(step: WorkflowStep, limits: Sequence[LimitRule], limit_key: str, area: str) -> tuple[str, ...]:
    if not step.counted:
        return ()
    if limit_key:
        return (hours_label(step.hours_for(limit_key, area)),)
    told = {rule.name or rule.key: hours_label(step.hours_for(rule.key)) for rule in limits}
    if len(set(told.values())) <= 1:
        return tuple(set(told.values()))
    return tuple(f"{name}: {label}" for name, label in told.items())


def hours_label(hours: Decimal) -> str:
    """`4 giờ`, `0,5 giờ`."""
    text = f"{hours.normalize():f}".replace(".", ",")
    return f"{text} giờ"


def _branches(steps: Sequence[WorkflowStep]) -> tuple[Branch, ...]:
    """For every run of optional steps the way that goes around it."""
    found = []
    start = ""
    around = False
    for step in steps:
        if step.when:
            around = True
            continue
        if around:
            found.append(Branch(start, step.key))
        start, around = step.key, False
    return tuple(found)
