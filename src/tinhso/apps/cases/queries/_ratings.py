"""How people rated units in a period (mức độ hài lòng), from sums by unit, field and day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Q, Sum

from tinhso.apps.cases.enums import Satisfaction, ServiceFault
from tinhso.apps.cases.models import Rating, RatingSum
from tinhso.apps.cases.queries._registers import _period
from tinhso.apps.cases.queries._visibility import OneOf, register_units, sight_of, visible_to
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import Actor, ActorKind


@dataclass(frozen=True, slots=True)
class UnitRatings:
    """How people rated one unit in a period."""

    unit_id: int
    name: str
    very_satisfied: int
    satisfied: int
    dissatisfied: int
    faults: tuple[tuple[str, int], ...] = ()

    @property
    def count(self) -> int:
        return self.very_satisfied + self.satisfied + self.dissatisfied

    @property
    def satisfied_percent(self) -> int:
        return round(100 * (self.very_satisfied + self.satisfied) / self.count) if self.count else 0


def ratings_by_unit(*, actor: Actor, start: date, end: date) -> list[UnitRatings]:
    """The ratings of a period by the unit that resolved the case, the least satisfied first (mức độ hài lòng).

    Of the units whose registers the actor may read, the cases that she may see.

    Raises:
        Invalid: a period that ends before it begins.
    """
    _period(start, end)
    told = _told_by_sums(actor)
    rows = [*_summed(told, start, end), *_counted(actor, told.others, start, end)]
    found = [
        UnitRatings(
            row["unit"], directory.get_unit(row["unit"]).name, row["n_very_satisfied"], row["n_satisfied"],
            row["n_dissatisfied"],
            tuple((str(label), row[f"f_{value}"]) for value, label in ServiceFault.choices if row[f"f_{value}"]),
        )
        for row in rows
        if any(row[f"n_{value}"] for value in Satisfaction.values)
    ]  # fmt: skip
    return sorted(found, key=lambda unit: (unit.satisfied_percent, unit.name))


class Told(NamedTuple):
    """The units whose sums say what an actor sees, for these fields (None: all), and the units where they do not."""

    units: frozenset[int]
    fields: frozenset[str] | None
    others: frozenset[int]


def _told_by_sums(actor: Actor) -> Told:
    """Which sums are exactly what `visible_to` lets the actor see.

    A case is seen by a right for its field at the unit that resolves it or at a desk it has reached; sums know the first
    only. They say all there is to see of a unit where the actor holds there, for the unit itself, every field that any of
    her rights is for: then no desk adds a case. That is so of nearly everybody, whose rights are of one kind.
    """
    units = register_units(actor)
    if actor.kind not in {ActorKind.OFFICER, ActorKind.MACHINE}:
        return Told(frozenset(), None, units)
    sight = {fields: seen for fields, seen in sight_of(actor).items() if seen}
    if not sight:
        return Told(frozenset(), None, frozenset())
    if None in sight:
        whole = units & sight[None]
        return Told(whole, None, units - whole)
    every = frozenset(field for fields in sight for field in fields or ())
    whole = frozenset(unit for unit in units if _held_at(sight, unit) == every)
    return Told(whole, every, units - whole)


def _held_at(sight: dict[frozenset[str] | None, set[int]], unit_id: int) -> frozenset[str]:
    return frozenset(field for fields, units in sight.items() if unit_id in units for field in fields or ())


def _summed(told: Told, start: date, end: date) -> Iterator[dict[str, Any]]:
    if not told.units:
        return
    rows = RatingSum.objects.filter(OneOf("unit_id", told.units), day__gte=start, day__lte=end)
    rows = rows.filter(field__isnull=True) if told.fields is None else rows.filter(field__in=sorted(told.fields))
    sums = {f"n_{value}": Sum(value) for value in Satisfaction.values}
    sums |= {f"f_{value}": Sum(f"fault_{value}") for value in ServiceFault.values}
    for row in rows.values("unit_id").annotate(**sums):
        yield {"unit": row["unit_id"], **row}


def _counted(actor: Actor, units: frozenset[int], start: date, end: date) -> Iterator[dict[str, Any]]:
    """Rating by rating, where a case is seen for the desk that it has reached."""
    if not units:
        return
    since, until = _period(start, end)
    cases = visible_to(actor).filter(unit_id__in=units)
    ratings = Rating.objects.filter(rated_at__gte=since, rated_at__lt=until, case__in=cases)
    levels = {f"n_{value}": Count("id", filter=Q(satisfaction=value)) for value in Satisfaction.values}
    faults = {f"f_{value}": Count("id", filter=Q(faults__contains=[value])) for value in ServiceFault.values}
    # The checker cannot follow names made at run time.
    rows: Iterable[dict[str, Any]] = ratings.values("case__unit_id").annotate(**levels, **faults)  # type: ignore[assignment]
    for row in rows:
        yield {"unit": row["case__unit_id"], **row}
