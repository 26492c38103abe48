"""Choosing what is handed in and where: procedures by two letters, the commune, the desk (chọn thủ tục tại quầy)."""

from datetime import date

from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.directory.enums import UnitKind
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import ProcedureSummary
from tinhso.apps.procedures.enums import Level
from tinhso.kernel.actor import Actor
from tinhso.lib.text import words

MOST_HITS = 8


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
