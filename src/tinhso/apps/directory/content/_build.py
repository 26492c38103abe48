"""What is collected while a folder is read, and the checks over the whole of it."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from tinhso.apps.directory.content._reader import Problems, Row
from tinhso.apps.directory.content._specs import FieldSpec, PostSpec, SuccessionSpec, UnitSpec
from tinhso.apps.directory.data import CodePeriod, covers
from tinhso.apps.directory.enums import CodeScheme, SuccessionExtent, UnitKind, UnitLevel
from tinhso.lib.text import fold


@dataclass(frozen=True, slots=True)
class PostSet:
    """Posts of some kinds of units, for some divisions of them when named."""

    kinds: frozenset[str]
    division_keys: frozenset[str]
    posts: tuple[PostSpec, ...]


@dataclass(slots=True)
class Builder:
    """Collects the parts of one folder."""

    problems: Problems
    key: str = ""
    calendar: str = ""
    valid_from: date | None = None
    prefix: str = ""
    post_sets: list[PostSet] = field(default_factory=list)
    units: list[UnitSpec] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    """path -> where it was written, for messages"""
    into: list[tuple[str, str, tuple[str, ...], SuccessionExtent, date]] = field(default_factory=list)
    """where, predecessor path, successors by code of the statistics office or by key, extent, their first day"""
    fields: list[FieldSpec] = field(default_factory=list)

    def add(self, row: Row, spec: UnitSpec) -> None:
        """Take a unit in, with what it went into, unless its path is taken."""
        if spec.path in self.places:
            row.note(f"đơn vị `{spec.path}` đã có ở {self.places[spec.path]}.")
            return
        self.places[spec.path] = row.where
        self.units.append(spec)
        heirs = row.texts("into")
        extent = row.choice("extent", SuccessionExtent, SuccessionExtent.WHOLE) or SuccessionExtent.WHOLE
        if heirs and spec.valid_to is not None:
            self.into.append((row.where, spec.path, heirs, extent, spec.valid_to + timedelta(days=1)))
        elif heirs:
            row.note("có `into` thì phải có `valid_to`.")

    def posts_for(self, kind: UnitKind, division_key: str) -> tuple[PostSpec, ...]:
        """The posts of the first set that fits."""
        for known in self.post_sets:
            if kind.value in known.kinds and (not known.division_keys or division_key in known.division_keys):
                return known.posts
        return ()


def check_codes(build: Builder) -> None:
    """A code means one unit on any day; the database would refuse it too, but without saying where it stands."""
    seen: dict[tuple[CodeScheme, str], list[tuple[UnitSpec, CodePeriod]]] = defaultdict(list)
    for unit in build.units:
        for period in unit.codes:
            for other, taken in seen[period.scheme, period.code]:
                if _overlap(period, taken):
                    build.problems.note(
                        build.places[unit.path],
                        f"mã {period.code} trùng với {other.name} ({build.places[other.path]}).",
                    )
            seen[period.scheme, period.code].append((unit, period))


def _overlap(one: CodePeriod, two: CodePeriod) -> bool:
    return (one.valid_from or date.min) <= (two.valid_to or date.max) and (two.valid_from or date.min) <= (
        one.valid_to or date.max
    )


def check_periods(build: Builder) -> None:
    """No period ends before it starts."""
    for unit in build.units:
        periods = [(unit.valid_from, unit.valid_to), *((n.valid_from, n.valid_to) for n in unit.names)]
        if any(start and end and end < start for start, end in periods):
            build.problems.note(build.places[unit.path], "ngày kết thúc trước ngày bắt đầu.")


def check_fields(build: Builder) -> None:
    """One office a field at each level, else nobody knows who is to act."""
    owners: dict[tuple[UnitLevel, str], FieldSpec] = {}
    for spec in build.fields:
        known = owners.setdefault((spec.level, fold(spec.field)), spec)
        if known is not spec:
            first, second = (s.central_agency or s.unit_path or s.division_key for s in (known, spec))
            message = f"lĩnh vực “{spec.field}” ({spec.level.label.lower()}) giao cho cả {first} và {second}."
            build.problems.note("handles", message)


def successions(build: Builder) -> tuple[SuccessionSpec, ...]:
    """The successors named by code or key turned into the units that answer to it on the day of the change."""
    known: dict[str, list[UnitSpec]] = defaultdict(list)
    for unit in build.units:
        known[unit.gso_code or unit.path.removeprefix(f"{build.key}/")].append(unit)
    found = []
    for where, path, heirs, extent, on in build.into:
        for name in heirs:
            heir = next((u for u in known[name] if covers(u.valid_from, u.valid_to, on)), None)
            if heir is None:
                build.problems.note(where, f"ngày {on:%d/%m/%Y} không có đơn vị nào mang mã {name}.")
            else:
                found.append(SuccessionSpec(path, heir.path, on, extent))
    return tuple(found)
