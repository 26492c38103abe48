"""What a folder of `content/units` says, as values. Units refer to each other by path; nothing has an id yet."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from tinhso.apps.directory.data import CodePeriod, NamePeriod
from tinhso.apps.directory.enums import PostRank, SuccessionExtent, UnitKind, UnitLevel
from tinhso.lib.canonical import digest


@dataclass(frozen=True, slots=True)
class PostSpec:
    """A post every unit of a kind has."""

    key: str
    title: str
    rank: PostRank
    is_single: bool = False


@dataclass(frozen=True, slots=True)
class UnitSpec:
    """One unit, with everything its row and its histories will hold. `code` and `name` are the latest ones."""

    path: str
    parent_path: str
    kind: UnitKind
    level: UnitLevel
    name: str
    names: tuple[NamePeriod, ...]
    codes: tuple[CodePeriod, ...]
    calendar_key: str
    code: str = ""
    gso_code: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    division_key: str = ""
    area_km2: Decimal | None = None
    population: int | None = None
    area: str = ""
    basis: str = ""
    assumed: tuple[str, ...] = ()
    posts: tuple[PostSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class SuccessionSpec:
    """What a unit went into, by paths."""

    predecessor_path: str
    successor_path: str
    on: date
    extent: SuccessionExtent


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """Who handles a field of procedures at a level."""

    level: UnitLevel
    field: str
    unit_path: str = ""
    division_key: str = ""
    central_agency: str = ""


@dataclass(frozen=True)
class DirectoryContent:
    """A whole folder, parents before children."""

    key: str
    units: tuple[UnitSpec, ...]
    successions: tuple[SuccessionSpec, ...]
    fields: tuple[FieldSpec, ...]

    @cached_property
    def fingerprint(self) -> str:
        """Hex SHA-256 of everything in it; equal for equal content whatever the spelling of the files."""
        return digest(_plain(asdict(self)))

    def only_communes(self, *gso_codes: str) -> "DirectoryContent":
        """The same province with only some of today's communes and without its past: for trials and tests."""
        roots = {self.key} | {f"{self.key}/commune-{code}" for code in gso_codes}

        def stays(path: str) -> bool:
            parts = path.split("/")
            return parts[0] == self.key and (
                len(parts) == 1 or not parts[1].startswith("commune-") or "/".join(parts[:2]) in roots
            )

        return replace(self, units=tuple(u for u in self.units if stays(u.path)), successions=())


def _plain(value: Any) -> Any:
    """JSON values only: dates in ISO form, areas as text."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value
