"""The tree of units in memory and what can be read off it: places, periods, successors, competence. No database."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tinhso.apps.directory.data import PostData, Successor, UnitData, covers
from tinhso.apps.directory.enums import CodeScheme, PostRank, SuccessionExtent, UnitKind, UnitLevel
from tinhso.lib.text import fold, sort_key, words

_REMEMBERED_SUBTREES, _REMEMBERED_LISTS, _REMEMBERED_DAYS = 10_000, 500, 100
_Asked = tuple[date | None, frozenset[UnitKind] | None, UnitLevel | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Succession:
    """One step of a reorganisation, by unit ids; `on` is the first day of the successor's responsibility."""

    predecessor_id: int
    successor_id: int
    on: date
    extent: SuccessionExtent


@dataclass(frozen=True, slots=True)
class FieldOffice:
    """Who handles a field of procedures; the folder (`source`) is also the path of its province."""

    source: str
    level: UnitLevel
    field: str
    unit_id: int | None = None
    division_key: str = ""
    central_agency: str = ""


class UnitTree:
    """All units at one moment of the directory, indexed. Never changes; every answer is in the order people expect.

    `on=None` means "still open": units without a last day.
    """

    def __init__(
        self, units: Iterable[UnitData] = (), successions: Iterable[Succession] = (), fields: Iterable[FieldOffice] = ()
    ) -> None:
        self._units = {u.id: u for u in sorted(units, key=_people_order)}
        self.ids = frozenset(self._units)
        self._by_path = {u.path: u for u in self._units.values()}
        self._children: dict[int | None, list[UnitData]] = defaultdict(list)
        self._by_code: dict[tuple[str, str], list[tuple[UnitData, date | None, date | None]]] = defaultdict(list)
        for unit in self._units.values():
            self._children[unit.parent_id].append(unit)
            for period in unit.codes:
                self._by_code[period.scheme, period.code].append((unit, period.valid_from, period.valid_to))
        self._successions: dict[int, list[Succession]] = defaultdict(list)
        for succession in successions:
            self._successions[succession.predecessor_id].append(succession)
        self._fields = {(f.source, f.level, fold(f.field)): f for f in fields}
        # Rights are subtrees of a few units on a few days, asked on every request: worth remembering.
        self._subtrees: dict[tuple[int, date | None], frozenset[int]] = {}
        self._lists: dict[_Asked, list[UnitData]] = {}
        self._heritage: dict[date, dict[int, frozenset[int]]] = {}
        self._folded = {u.id: _searchable(u) for u in self._units.values()}

    def __len__(self) -> int:
        return len(self._units)

    # One unit

    def get(self, unit_id: int) -> UnitData | None:
        """The unit with that id."""
        return self._units.get(unit_id)

    def at_path(self, path: str) -> UnitData | None:
        """The unit at that path."""
        return self._by_path.get(path)

    def resolve(self, scheme: CodeScheme, code: str, on: date) -> UnitData | None:
        """The unit a code meant on a day."""
        return next((u for u, start, end in self._by_code.get((scheme, code), []) if covers(start, end, on)), None)

    # Up and down

    def ancestors(self, unit_id: int) -> Iterator[UnitData]:
        """The units above, nearest first."""
        unit = self._units.get(unit_id)
        while unit is not None and unit.parent_id is not None:
            unit = self._units[unit.parent_id]
            yield unit

    def lineage(self, unit_id: int) -> Iterator[UnitData]:
        """The unit itself, then the units above."""
        unit = self._units.get(unit_id)
        if unit is not None:
            yield unit
            yield from self.ancestors(unit_id)

    def children(self, unit_id: int | None, on: date | None = None) -> list[UnitData]:
        """The units directly below."""
        return [u for u in self._children.get(unit_id, []) if is_alive(u, on)]

    def subtree_ids(self, unit_id: int, on: date | None = None) -> frozenset[int]:
        """The unit and everything below it; nothing when it does not exist then."""
        known = self._subtrees.get((unit_id, on))
        if known is not None:
            return known
        unit = self._units.get(unit_id)
        found: set[int] = set()
        waiting = [unit_id] if unit is not None and is_alive(unit, on) else []
        while waiting:
            current = waiting.pop()
            found.add(current)
            waiting.extend(u.id for u in self.children(current, on))
        if len(self._subtrees) >= _REMEMBERED_SUBTREES:
            self._subtrees.clear()
        return self._subtrees.setdefault((unit_id, on), frozenset(found))

    def units(
        self,
        *,
        on: date | None = None,
        kinds: Iterable[UnitKind] | None = None,
        level: UnitLevel | None = None,
        parent_id: int | None = None,
        under_id: int | None = None,
    ) -> list[UnitData]:
        """Units by any of the filters, administrative order: highest kind first, then the alphabet."""
        wanted = None if kinds is None else frozenset(kinds)
        asked = (on, wanted, level, parent_id, under_id)
        known = self._lists.get(asked)
        if known is None:
            if len(self._lists) >= _REMEMBERED_LISTS:
                self._lists.clear()
            known = self._lists.setdefault(asked, self._listed(*asked))
        return list(known)

    def _listed(
        self,
        on: date | None,
        wanted: frozenset[UnitKind] | None,
        level: UnitLevel | None,
        parent_id: int | None,
        under_id: int | None,
    ) -> list[UnitData]:
        below = None if under_id is None else self.subtree_ids(under_id, on)
        return [
            u
            for u in self._units.values()
            if is_alive(u, on)
            and (wanted is None or u.kind in wanted)
            and (level is None or u.level == level)
            and (parent_id is None or u.parent_id == parent_id)
            and (below is None or u.id in below)
        ]

    # What became of it

    def successors(self, unit_id: int, on: date) -> tuple[Successor, ...]:
        """The units that hold the responsibility of this one on a day, through any number of reorganisations.

        Partial anywhere on the way is partial in the end. Empty when the unit went into nothing we know.
        """
        found: dict[int, Successor] = {}
        waiting = [(unit_id, SuccessionExtent.WHOLE)]
        seen = {unit_id}
        while waiting:
            current, extent = waiting.pop()
            for step in self._successions.get(current, []):
                if step.on > on or step.successor_id in seen:
                    continue
                seen.add(step.successor_id)
                unit = self._units[step.successor_id]
                reached = step.extent if extent == SuccessionExtent.WHOLE else SuccessionExtent.PARTIAL
                if unit.is_valid_on(on):
                    found[unit.id] = Successor(unit=unit, extent=reached, since=step.on)
                else:
                    waiting.append((unit.id, reached))
        return tuple(sorted(found.values(), key=lambda s: _people_order(s.unit)))

    def heritage(self, on: date) -> Mapping[int, frozenset[int]]:
        """The units that are no more on a day, by the one unit that took all of each over."""
        known = self._heritage.get(on)
        if known is None:
            went: dict[int, set[int]] = defaultdict(set)
            for unit_id in self._successions:
                heirs = () if self._units[unit_id].is_valid_on(on) else self.successors(unit_id, on)
                if len(heirs) == 1 and heirs[0].extent == SuccessionExtent.WHOLE:
                    went[heirs[0].unit.id].add(unit_id)
            known = {heir: frozenset(units) for heir, units in went.items()}
            if len(self._heritage) >= _REMEMBERED_DAYS:
                self._heritage.clear()
            self._heritage[on] = known
        return known

    # Who does what

    def territory_of(self, unit_id: int) -> UnitData | None:
        """The nearest administrative unit at or above: the commune or province whose authority this is."""
        return next((u for u in self.lineage(unit_id) if u.kind.is_administrative), None)

    def one_stop_of(self, unit_id: int, on: date | None = None) -> UnitData | None:
        """The one-stop centre that receives for a unit: the commune's own, otherwise the province's."""
        unit = self._units.get(unit_id)
        if unit is None or unit.kind == UnitKind.ONE_STOP:
            return unit
        for above in self.lineage(unit_id):
            if above.kind.is_administrative:
                near = self.children(above.id, on)
                offices = [*near, *(below for child in near for below in self.children(child.id, on))]
                centre = next((u for u in offices if u.kind == UnitKind.ONE_STOP and u.level == above.level), None)
                if centre is not None:
                    return centre
        return None

    def division_of(self, unit_id: int, division_key: str, on: date | None = None) -> UnitData | None:
        """The division of a unit by its key (`economy`, `office` ...)."""
        return next((u for u in self.children(unit_id, on) if u.division_key == division_key), None)

    def province_of(self, unit_id: int | None, on: date) -> UnitData | None:
        """The province above a unit; without a unit, the province of that day."""
        provinces = (UnitKind.PROVINCE, UnitKind.MUNICIPALITY)
        if unit_id is not None:
            return next((u for u in self.lineage(unit_id) if u.kind in provinces), None)
        then = [u for u in self.children(None, on) if u.kind in provinces]
        kept_code = {u.gso_code for u in self.children(None) if u.kind in provinces}
        # Before a merger there were several: the one whose code today's province kept comes first.
        return min(then, key=lambda u: u.gso_code not in kept_code, default=None)

    def competent(self, level: UnitLevel, field: str, commune_id: int | None, on: date) -> UnitData | None:
        """The unit that decides on procedures of a field, or None when no unit of the province does.

        At commune level the commune itself, or the only one that succeeded it whole; at province level the department
        the content names. Fields of central agencies have no unit.
        """
        territory = self.current(commune_id, on) if commune_id is not None else None
        if commune_id is not None and territory is None:
            return None
        province = self.province_of(territory.id if territory else None, on)
        if province is None:
            return None
        office = self.office(province, level, field)
        if level == UnitLevel.COMMUNE:
            is_central = office is not None and bool(office.central_agency)
            return territory if territory is not None and territory.kind.is_commune_level and not is_central else None
        unit = self._units.get(office.unit_id) if office is not None and office.unit_id is not None else None
        return unit if unit is not None and unit.is_valid_on(on) else None

    def current(self, unit_id: int, on: date) -> UnitData | None:
        """The unit itself if it exists on the day, else the single unit that took all of it over."""
        unit = self._units.get(unit_id)
        if unit is None or unit.is_valid_on(on):
            return unit
        after = self.successors(unit_id, on)
        return after[0].unit if len(after) == 1 and after[0].extent == SuccessionExtent.WHOLE else None

    def office(self, province: UnitData, level: UnitLevel, field: str) -> FieldOffice | None:
        """What the content of a province says about a field at a level; spelling of tones does not matter."""
        return self._fields.get((province.path, level, fold(field)))

    def fields_of(self, unit_id: int, on: date) -> frozenset[str]:
        """The fields of procedures a department, a division or a commune handles by the content."""
        unit, province = self._units.get(unit_id), self.province_of(unit_id, on)
        if unit is None or province is None:
            return frozenset()
        at_level = [
            f for f in self._fields.values()
            if f.source == province.path and f.level == unit.level and not f.central_agency
        ]  # fmt: skip
        if unit.division_key:
            owner = unit.parent_id if unit.level == UnitLevel.PROVINCE else None
            return frozenset(f.field for f in at_level if (f.unit_id, f.division_key) == (owner, unit.division_key))
        owner = unit_id if unit.level == UnitLevel.PROVINCE else None
        return frozenset(f.field for f in at_level if f.unit_id == owner)

    # Finding

    def search(
        self, text: str, *, on: date | None = None, kinds: Iterable[UnitKind] | None = None, former_names: bool = False
    ) -> list[UnitData]:
        """Units whose name or code contains every word, as the beginning of a word; best matches first."""
        asked = words(text)
        if not asked:
            return []
        joined = " ".join(asked)
        exact_code = text.strip().upper()
        found = []
        for unit in self.units(on=on, kinds=kinds):
            latest, former = self._folded[unit.id]
            names = (latest, *former) if former_names else (latest,)
            is_code = exact_code in (unit.code, unit.gso_code)
            hits = [n for n in names if all(f" {word}" in n for word in asked)]
            if is_code or hits:
                starts = any(f" {joined}" in n for n in hits)
                found.append(((not is_code, not starts), unit))
        found.sort(key=lambda pair: pair[0])  # stable: within a rank the order of people stays
        return [unit for _, unit in found]


def is_alive(unit: UnitData, on: date | None) -> bool:
    """Whether a unit exists on the day, or is still open when no day is given."""
    return unit.valid_to is None if on is None else unit.is_valid_on(on)


def signature_lines(signer: PostData, leader: PostData | None, *, is_delegated: bool = False) -> tuple[str, ...]:
    """How a signature is introduced (NĐ 30/2020/NĐ-CP, Phụ lục I, mục II.7): the lines above the name, in capitals.

    The head signs as such; a deputy "KT." (ký thay) the head; another post only under a written delegation, "TUQ."
    (thừa ủy quyền).
    """
    title = signer.title.upper()
    if signer.rank == PostRank.LEADER or leader is None:
        return (title,)
    if signer.rank == PostRank.DEPUTY_LEADER and signer.unit_id == leader.unit_id:
        return (f"KT. {leader.title.upper()}", title)
    return (f"TUQ. {leader.title.upper()}", title) if is_delegated else (title,)


_KIND_ORDER = {kind: position for position, kind in enumerate(UnitKind)}


def _people_order(unit: UnitData) -> tuple[int, int, str, str]:
    """Administrative units by alphabet whatever their kind; offices by code, as their decisions list them."""
    if unit.kind.is_administrative:
        return (0, list(UnitLevel).index(unit.level), sort_key(unit.short_name), unit.path)
    return (1, _KIND_ORDER[unit.kind], unit.code, unit.path)


def _searchable(unit: UnitData) -> tuple[str, tuple[str, ...]]:
    former = tuple(" " + " ".join(words(n.name)) for n in unit.names if n.name != unit.name)
    return " " + " ".join(words(f"{unit.name} {unit.code} {unit.gso_code}")), former
