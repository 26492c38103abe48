"""What the directory tells the others. Values only; every period is closed on both ends, as the law writes dates."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tinhso.apps.directory.enums import CodeScheme, PostRank, SuccessionExtent, UnitKind, UnitLevel


def covers(valid_from: date | None, valid_to: date | None, on: date) -> bool:
    """Whether a closed period contains the day; an absent end is open."""
    return (valid_from is None or valid_from <= on) and (valid_to is None or on <= valid_to)


@dataclass(frozen=True, slots=True)
class NamePeriod:
    """A name and the days it was borne."""

    name: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class CodePeriod:
    """A code of one scheme and the days it meant this unit."""

    scheme: CodeScheme
    code: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class UnitData:
    """One unit (đơn vị): an administrative unit, an agency or an office inside one.

    `name` and `code` are the latest; `name_on` and `code_on` answer for a day. `valid_from` None means "since before
    our records begin"; `valid_to` is the last day. `assumed` names the facts that still await confirmation (`code`,
    `name`, `valid_from` ...). `path` is stable and unique, parents first: `quang-ngai/commune-23293/economy`.
    """

    id: int
    path: str
    parent_id: int | None
    kind: UnitKind
    level: UnitLevel
    name: str
    code: str = ""
    gso_code: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    division_key: str = ""
    calendar_key: str = ""
    area_km2: Decimal | None = None
    population: int | None = None
    area: str = ""
    assumed: tuple[str, ...] = ()
    names: tuple[NamePeriod, ...] = field(default=(), repr=False)
    codes: tuple[CodePeriod, ...] = field(default=(), repr=False)

    def is_valid_on(self, on: date) -> bool:
        """Whether the unit existed on that day."""
        return covers(self.valid_from, self.valid_to, on)

    def name_on(self, on: date) -> str:
        """The name borne on that day; the nearest known one outside the unit's life."""
        return next((n.name for n in self.names if covers(n.valid_from, n.valid_to, on)), self.name)

    def code_on(self, on: date, scheme: CodeScheme = CodeScheme.ORG) -> str:
        """The code that meant this unit on that day, or an empty string."""
        return next((c.code for c in self.codes if c.scheme == scheme and covers(c.valid_from, c.valid_to, on)), "")

    @property
    def short_name(self) -> str:
        """The name without its kind: `Kon Tum` for `Phường Kon Tum`. Numbered wards keep the whole name."""
        if not self.kind.is_administrative:
            return self.name
        short = self.name[len(self.kind.label) :].strip()
        return self.name if not short or short.isdigit() else short

    @property
    def agency_name(self) -> str:
        """The authority that acts: `Ủy ban nhân dân phường Kon Tum` for a territory, the name itself for an agency."""
        if not self.kind.is_administrative:
            return self.name
        return f"Ủy ban nhân dân {self.name[0].lower()}{self.name[1:]}"


@dataclass(frozen=True, slots=True)
class Successor:
    """A unit that took over from another, directly or by way of others, by the asked day."""

    unit: UnitData
    extent: SuccessionExtent
    since: date


@dataclass(frozen=True, slots=True)
class UnitOnDate:
    """Which unit a code meant on a day, under which name, where, and what has become of it."""

    unit: UnitData
    on: date
    name: str
    parents: tuple[UnitData, ...]  # nearest first
    successors: tuple[Successor, ...]  # empty while the unit itself exists


@dataclass(frozen=True, slots=True)
class PostData:
    """A post of a unit (chức danh)."""

    id: int
    unit_id: int
    key: str
    title: str
    rank: PostRank
    is_single: bool


@dataclass(frozen=True, slots=True)
class StaffData:
    """A member of staff (cán bộ, công chức, viên chức)."""

    id: int
    code: str
    full_name: str


@dataclass(frozen=True, slots=True)
class HoldingData:
    """Who holds which post, from when to when."""

    id: int
    post: PostData
    staff: StaffData
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class DelegationData:
    """One post's authority lent to another (ủy quyền), for some procedure fields (empty: all)."""

    id: int
    from_post: PostData
    to_post: PostData
    fields: tuple[str, ...]
    document: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What loading a folder of units changed."""

    established: int = 0
    changed: int = 0
    dissolved: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.established or self.changed or self.dissolved)
