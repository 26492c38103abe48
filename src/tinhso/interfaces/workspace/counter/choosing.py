"""Choosing what is handed in and where: procedures by two letters, the commune, the desk (chọn thủ tục tại quầy)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tinhso.apps.cases import queries
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.directory.enums import UnitKind
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import Package, ProcedureSummary
from tinhso.apps.procedures.enums import Level
from tinhso.kernel.actor import Actor
from tinhso.lib.text import whole_number, words

MOST_HITS = 8
BY_ADDRESS = "dia-chi"


@dataclass(frozen=True, slots=True)
class Destination:
    """Who resolves what is being taken, and whether it goes on from this counter (nơi giải quyết)."""

    unit: UnitData | None
    desk: UnitData | None
    by_address: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether another counter than this one receives for the resolving unit: it is filed elsewhere then."""
        if self.unit is None or self.desk is None:
            return False
        own = directory.one_stop_of(self.unit.id)
        return own is not None and self.desk.id not in {own.id, self.unit.id}


def procedures_at(actor: Actor, on: date) -> list[ProcedureSummary]:
    """The procedures that run here and that this officer may receive."""
    found = procedures.list_procedures(on=on, runs_here=True, limit=100).items
    return [item for item in found if actor.has(CasePermission.RECEIVE, field=item.field)]


def find(q: str, *, actor: Actor, on: date) -> list[ProcedureSummary]:
    """Those that answer a few letters: initials (`ks` for khai sinh), beginnings of words, then the usual search."""
    known = procedures_at(actor, on)
    typed = words(q)
    if not typed:
        return known[:MOST_HITS]
    near = [item for item in known if _matches(typed, item)]
    by_code = {item.code: item for item in known}
    searched = procedures.search_procedures(q, on=on, limit=20).items
    near += [by_code[item.code] for item in searched if item.code in by_code]
    return list(dict.fromkeys(near))[:MOST_HITS]


def _matches(typed: list[str], item: ProcedureSummary) -> bool:
    title = words(item.title)
    if len(typed) == 1 and item.code.startswith(typed[0]):
        return True
    initials = "".join(word[0] for word in title)
    if len(typed) == 1 and typed[0] in initials:
        return True
    return all(any(word.startswith(part) for word in title) for part in typed)


def places(item: ProcedureSummary, actor: Actor, on: date) -> list[UnitData]:
    """The communes to choose from; empty where the province resolves and nothing is chosen."""
    return directory.list_communes(on) if item.level == Level.COMMUNE else []


def own_commune(actor: Actor, on: date) -> UnitData | None:
    """The commune of the officer's desk: what is chosen unless told otherwise."""
    mine = actor.unit_ids_for(CasePermission.RECEIVE)
    communes = directory.list_communes(on)
    for unit in communes:
        desk = directory.one_stop_of(unit.id, on)
        if unit.id in mine or (desk is not None and desk.id in mine):
            return unit
    return None


def desk_for(actor: Actor, unit_id: int | None, on: date) -> UnitData | None:
    """The one-stop unit at which this officer receives for a resolving unit: that unit's own, or the officer's."""
    mine = actor.unit_ids_for(CasePermission.RECEIVE)
    own = directory.one_stop_of(unit_id, on) if unit_id else None
    if own is not None and own.id in mine:
        return own
    units = [directory.get_unit(one) for one in mine]
    desks = [unit for unit in units if unit.kind == UnitKind.ONE_STOP and unit.is_valid_on(on)]
    return min(desks, key=lambda unit: (unit.path.count("/"), unit.path), default=None)


def destination(package: Package, chosen: str, answers: Mapping[str, Any], *, actor: Actor, on: date) -> Destination:
    """Where a case goes that is taken now. `chosen` is what stands in the list: a commune's id, `BY_ADDRESS`, or
    nothing yet; then the address decides where the procedure is routed by one, else it is the officer's commune."""
    facts = package.facts
    if facts.level != Level.COMMUNE:
        unit = directory.competent_unit(level=facts.level, field=facts.field, commune_unit_id=None, on=on)
        return Destination(unit, desk_for(actor, unit.id if unit else None, on))
    if package.routed_by and whole_number(chosen) is None:
        unit_id = queries.unit_by_place(package, answers, on)
        unit = directory.get_unit(unit_id) if unit_id else None
        return Destination(unit, desk_for(actor, unit_id, on), by_address=True)
    known = {str(unit.id): unit for unit in directory.list_communes(on)}
    unit = known.get(chosen) or own_commune(actor, on)
    return Destination(unit, desk_for(actor, unit.id if unit else None, on))
