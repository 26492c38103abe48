"""A linked group: several procedures run for one application, each leg at its agency (nhóm thủ tục liên thông)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tinhso.apps.procedures.data._facts import Basis
from tinhso.lib.worktime import Limit


@dataclass(frozen=True, slots=True)
class LegRule:
    """One leg of a group (một bước liên thông).

    `answers` maps each question of the leg's own form to a CEL expression over the group's answers and over `legs`, what
    the earlier legs have given (`legs.business.number`, `.date`, `.issuer`, `.fields.<key>`). `documents` maps a
    component of the leg to the group's component that serves it, `receives` a component of the leg to the earlier leg
    whose result paper it is. `system` names the ministry's system that runs the leg; empty: it is run here.
    """

    key: str
    name: str
    procedure: str
    agency: str
    limit: Limit
    after: tuple[str, ...] = ()
    when: str = ""
    system: str = ""
    result: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    receives: Mapping[str, str] = field(default_factory=dict)
    basis: Basis | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class LinkedRules:
    """What the group's decree says of every leg: alert, one supplement, end of waiting, late receptions.

    `acknowledge`: time in which the next agency says that it has the leg; beyond it the leg is an alert.
    `supplement`: time from reception in which a supplement may be asked; None: no such limit.
    `stop_after`: how long the applicant has for it. `cutoff_minute`: minute of the day from which a leg that a ministry's
    system has taken counts from the next opening; None: no such rule.
    """

    acknowledge: Limit
    supplement: Limit | None = None
    stop_after: Limit | None = None
    cutoff_minute: int | None = None
    basis: Basis | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The legs of a linked group in their order, and the rules that bind them all."""

    legs: tuple[LegRule, ...]
    rules: LinkedRules

    def leg(self, key: str) -> LegRule:
        """The leg with this key; KeyError when there is none."""
        for leg in self.legs:
            if leg.key == key:
                return leg
        raise KeyError(key)

    def dependants(self, key: str) -> tuple[LegRule, ...]:
        """The legs that wait for a leg, directly or through others, in order."""
        reached = {key}
        for leg in self.legs:
            if reached.intersection(leg.after):
                reached.add(leg.key)
        return tuple(leg for leg in self.legs if leg.key in reached - {key})

    def ready(self, done: Iterable[str], skipped: Iterable[str] = ()) -> tuple[LegRule, ...]:
        """The legs all of whose forerunners are done or not part of this application."""
        over = {*done, *skipped}
        return tuple(leg for leg in self.legs if leg.key not in over and over.issuperset(leg.after))

    @property
    def runs_here(self) -> bool:
        """Whether some leg is run on this system."""
        return any(not leg.system for leg in self.legs)


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """A linked group in a list; `limit` is that of the whole, in words."""

    code: str
    title: str
    limit: str
    legs: tuple[LegRule, ...]
