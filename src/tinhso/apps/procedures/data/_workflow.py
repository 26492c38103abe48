"""The internal process of a package: steps, who does each where, and the opinions asked meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from tinhso.apps.procedures.data._facts import Basis
from tinhso.apps.procedures.enums import Asked, Silence, StepKind, StepUnit
from tinhso.lib.worktime import Limit


@dataclass(frozen=True, slots=True)
class Place:
    """Where work lies, as the package says it: a relation to the case, and what the relation needs.

    `key` names the department (`department`) or the address of the form (`commune_of`); `division` a division inside
    the unit so found, empty for the unit itself.
    """

    relation: StepUnit
    key: str = ""
    division: str = ""


@dataclass(frozen=True, slots=True)
class ConsultationRule:
    """An opinion the process asks of another unit while a step goes on (lấy ý kiến), beside others at the same time.

    `limit` is the asked unit's own; `silence` what its passing means. A `required` one holds the proposal back.
    `pauses` only where the law lets the case's clock stand still meanwhile.
    """

    key: str
    name: str
    place: Place
    question: str
    limit: Limit
    silence: Silence = Silence.NONE
    asked: Asked = Asked.WHEN_NEEDED
    required: bool = True
    pauses: bool = False
    when: str = ""
    basis: Basis | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class WorkflowStep:
    """A step of the internal process (bước xử lý): role, place, office hours per limit key.

    `hours` maps limit key to hours; the key "" holds for every limit. An uncounted step has no hours. A step with
    `when` is taken only by cases for which the expression holds.
    """

    key: str
    name: str
    kind: StepKind
    role: str
    unit: StepUnit
    hours: Mapping[str, Decimal] = field(default_factory=dict)
    counted: bool = True
    basis: Basis | None = None
    assumed: bool = False
    unit_key: str = ""
    unit_division: str = ""
    when: str = ""
    parallel: tuple[ConsultationRule, ...] = ()

    @property
    def place(self) -> Place:
        """Where the step is done."""
        return Place(self.unit, self.unit_key, self.unit_division)

    def hours_for(self, limit_key: str, area: str = "") -> Decimal:
        """Budget of the step under a limit, in office hours; `key@mountain` names the one of an area."""
        if not self.counted:
            return Decimal(0)
        of_area = self.hours.get(f"{limit_key}@{area}") if area else None
        return of_area if of_area is not None else self.hours.get(limit_key, self.hours.get("", Decimal(0)))


@dataclass(frozen=True, slots=True)
class Workflow:
    """The internal process (quy trình nội bộ); `division` is the key of the division that handles it.

    `skipped` are the keys of optional steps that the case at hand does not take; what comes before and after a step is
    told without them. A package alone skips nothing.
    """

    steps: tuple[WorkflowStep, ...]
    division: str = ""
    skipped: frozenset[str] = frozenset()

    @property
    def taken(self) -> tuple[WorkflowStep, ...]:
        """The steps of the case at hand, in order."""
        return tuple(step for step in self.steps if step.key not in self.skipped)

    def first(self) -> WorkflowStep:
        return self.steps[0]

    def get(self, key: str) -> WorkflowStep:
        """The step with this key, taken or not; KeyError when there is none."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(key)

    def after(self, key: str) -> WorkflowStep | None:
        """The step that follows; None after the last."""
        later = self.steps[self.steps.index(self.get(key)) + 1 :]
        return next((step for step in later if step.key not in self.skipped), None)

    def before(self, key: str) -> tuple[WorkflowStep, ...]:
        """The steps that stand before one, in order."""
        earlier = self.steps[: self.steps.index(self.get(key))]
        return tuple(step for step in earlier if step.key not in self.skipped)

    def of_kind(self, kind: StepKind) -> WorkflowStep | None:
        """The first step of a kind."""
        return next((step for step in self.taken if step.kind == kind), None)

    def longest(self, limit_key: str, area: str = "") -> Decimal:
        """Office hours of the longest way through: over every combination of the conditions, opposites never together."""
        conditions = sorted({_positive(step.when) for step in self.steps if step.when})
        ways = product((True, False), repeat=len(conditions))
        return max(self._way(dict(zip(conditions, way, strict=True)), limit_key, area) for way in ways)

    def _way(self, holds: Mapping[str, bool], limit_key: str, area: str) -> Decimal:
        taken = (s for s in self.steps if not s.when or holds[_positive(s.when)] is (_positive(s.when) == s.when))
        return sum((step.hours_for(limit_key, area) for step in taken), Decimal(0))

    def consultation(self, key: str) -> ConsultationRule:
        """The rule of an opinion by its key; KeyError when there is none."""
        for step in self.steps:
            for rule in step.parallel:
                if rule.key == key:
                    return rule
        raise KeyError(key)


def _positive(condition: str) -> str:
    """The condition that another denies: `x` for `!(x)`; itself otherwise."""
    return condition[2:-1] if condition.startswith("!(") and condition.endswith(")") else condition
