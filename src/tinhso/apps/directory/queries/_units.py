"""Reading units. They are public reference data, so no actor is asked for."""

from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache

from tinhso.apps.directory.data import Successor, UnitData, UnitOnDate
from tinhso.apps.directory.enums import CodeScheme, UnitKind, UnitLevel
from tinhso.apps.directory.queries._tree import tree
from tinhso.apps.directory.rules import UnitTree
from tinhso.kernel.errors import NotFound

_COMMUNE_KINDS = (UnitKind.COMMUNE, UnitKind.WARD, UnitKind.SPECIAL_ZONE, UnitKind.TOWNSHIP)


class UnitNotFound(NotFound):
    """Không có đơn vị này trong danh mục."""


def get_unit(unit_id: int) -> UnitData:
    """One unit by id, existing or dissolved (đơn vị).

    Raises:
        UnitNotFound: no such unit.
    """
    unit = tree().get(unit_id)
    if unit is None:
        raise UnitNotFound
    return unit


def get_unit_by_code(code: str, on: date) -> UnitData:
    """The unit an organisation code (mã định danh điện tử) meant on a day.

    Raises:
        UnitNotFound: the code meant nothing on that day.
    """
    unit = resolve_code(CodeScheme.ORG, code, on)
    if unit is None:
        raise UnitNotFound(f"Ngày {on:%d/%m/%Y} không có đơn vị nào mang mã {code}.")
    return unit


def get_unit_by_path(path: str) -> UnitData:
    """The unit at a path of the content (`quang-ngai/construction`).

    Raises:
        UnitNotFound: no such path.
    """
    unit = tree().at_path(path)
    if unit is None:
        raise UnitNotFound
    return unit


def resolve_code(scheme: CodeScheme | str, code: str, on: date) -> UnitData | None:
    """The unit a code of a scheme (`org`, `gso`) meant on a day, or None. A code alone does not tell the period."""
    return tree().resolve(CodeScheme(scheme), code.strip().upper(), on)


def unit_on(code: str, on: date, *, scheme: CodeScheme | str | None = None, today: date | None = None) -> UnitOnDate:
    """Which unit a code meant on a day, where it lay, and what has become of it by `today` (đơn vị tại một ngày).

    Without a scheme the form of the code decides: digits only are codes of the statistics office. Without `today` the
    successors are those of the latest known reorganisation.

    Raises:
        UnitNotFound: the code meant nothing on that day.
    """
    known = scheme or (CodeScheme.GSO if code.strip().isdigit() else CodeScheme.ORG)
    units = tree()
    unit = units.resolve(CodeScheme(known), code.strip().upper(), on)
    if unit is None:
        raise UnitNotFound(f"Ngày {on:%d/%m/%Y} không có đơn vị nào mang mã {code}.")
    until = today or date.max
    successors: tuple[Successor, ...] = () if unit.is_valid_on(until) else units.successors(unit.id, until)
    return UnitOnDate(
        unit=unit, on=on, name=unit.name_on(on), parents=tuple(units.ancestors(unit.id)), successors=successors
    )


def list_units(
    *,
    on: date | None = None,
    kinds: Iterable[UnitKind] | None = None,
    level: UnitLevel | str | None = None,
    parent_id: int | None = None,
    under_id: int | None = None,
) -> list[UnitData]:
    """Units by any of the filters; `on=None` means units still open. Territories by alphabet, offices by code."""
    wanted = None if level is None else UnitLevel(level)
    return tree().units(on=on, kinds=kinds, level=wanted, parent_id=parent_id, under_id=under_id)


def list_communes(on: date | None = None) -> list[UnitData]:
    """Every commune-level administrative unit of a day (xã, phường, đặc khu; before 1/7/2025 also thị trấn)."""
    return tree().units(on=on, kinds=_COMMUNE_KINDS)


def commune_names(on: date) -> tuple[tuple[str, str], ...]:
    """(code of the statistics office, name) of every commune of a day, in the order of `list_communes`."""
    return _commune_names(tree(), on)


@lru_cache(maxsize=8)
def _commune_names(units: UnitTree, on: date) -> tuple[tuple[str, str], ...]:
    """A tree never changes: asked again for the same one and day, the answer is the same."""
    return tuple(
        (unit.code_on(on, CodeScheme.GSO), unit.name_on(on)) for unit in units.units(on=on, kinds=_COMMUNE_KINDS)
    )


def list_departments(on: date | None = None) -> list[UnitData]:
    """The agencies of the province that decide on procedures (sở và tương đương)."""
    kinds = (UnitKind.DEPARTMENT, UnitKind.COMMITTEE_OFFICE, UnitKind.INSPECTORATE, UnitKind.MANAGEMENT_BOARD)
    return tree().units(on=on, kinds=kinds, level=UnitLevel.PROVINCE)


def get_province(on: date) -> UnitData:
    """The province this installation serves, on a day.

    Raises:
        UnitNotFound: the directory is empty, or knows no province of that day.
    """
    province = tree().province_of(None, on)
    if province is None:
        raise UnitNotFound("Chưa nạp danh mục đơn vị của tỉnh.")
    return province


def subtree_ids(unit_id: int, on: date | None = None) -> frozenset[int]:
    """Ids of a unit and everything below it on a day; the units still open without one."""
    return tree().subtree_ids(unit_id, on)


def unit_ids() -> frozenset[int]:
    """Every unit there is or ever was."""
    return tree().ids


def ancestors_of(unit_id: int) -> tuple[UnitData, ...]:
    """The units above, nearest first."""
    return tuple(tree().ancestors(unit_id))


def name_with_agency(unit: UnitData) -> str:
    """A unit with the agency it belongs to, as in `Phòng Kinh tế, Xã Bình Sơn`: many communes have one."""
    agency = resolving_unit_of(unit.id)
    told = agency.id == unit.id or agency.name.casefold() in unit.name.casefold()
    return unit.name if told else f"{unit.name}, {agency.name}"


def successors_of(unit_id: int, on: date) -> tuple[Successor, ...]:
    """The units that hold a dissolved unit's responsibility on a day."""
    return tree().successors(unit_id, on)


def with_heritage(unit_ids: Collection[int], on: date) -> frozenset[int]:
    """These units, and those that are no more on a day and went whole into one of them (cơ quan đang quản lý sổ gốc)."""
    went = tree().heritage(on)
    inherited = (went[unit_id] for unit_id in unit_ids if unit_id in went) if went else ()
    return frozenset(unit_ids).union(*inherited)


def competent_unit(*, level: UnitLevel | str, field: str, commune_unit_id: int | None, on: date) -> UnitData | None:
    """The unit that resolves procedures of a field (cơ quan có thẩm quyền giải quyết), or None.

    Commune level: the commune itself, or the one that succeeded it whole. Province level: the department named in
    `handles` of the content; `commune_unit_id` may then be None. Fields of central agencies have no unit here
    (`central_agency_of`).
    """
    return tree().competent(UnitLevel(level), field, commune_unit_id, on)


def central_agency_of(*, level: UnitLevel | str, field: str, on: date) -> str:
    """The agency of the central government that handles a field (ngành dọc), or an empty string."""
    units = tree()
    province = units.province_of(None, on)
    office = units.office(province, UnitLevel(level), field) if province else None
    return office.central_agency if office else ""


def handling_division(*, unit_id: int, field: str, on: date) -> UnitData | None:
    """The division inside a resolving unit that handles a field, or None when the unit handles it undivided."""
    units = tree()
    unit, province = units.get(unit_id), units.province_of(unit_id, on)
    office = units.office(province, unit.level, field) if unit and province else None
    if office is None or (office.unit_id is not None and office.unit_id != unit_id):
        return None
    return units.division_of(unit_id, office.division_key, on) if office.division_key else None


def fields_of(unit_id: int, on: date) -> frozenset[str]:
    """The procedure fields a department or a division handles; empty for units that handle none by themselves."""
    return tree().fields_of(unit_id, on)


def one_stop_of(unit_id: int, on: date | None = None) -> UnitData | None:
    """The one-stop centre (Trung tâm Phục vụ hành chính công) that receives for a unit."""
    return tree().one_stop_of(unit_id, on)


def division_of(unit_id: int, division_key: str, on: date | None = None) -> UnitData | None:
    """The division of a unit by its key (`office`, `economy`, `society` in a commune)."""
    return tree().division_of(unit_id, division_key, on)


def resolving_unit_of(unit_id: int) -> UnitData:
    """The unit with a seal of its own at or above a division: the department or the commune.

    Raises:
        UnitNotFound: no such unit.
    """
    for unit in tree().lineage(unit_id):
        if unit.kind not in (UnitKind.DIVISION, UnitKind.ONE_STOP, UnitKind.SUB_DEPARTMENT, UnitKind.SERVICE_UNIT):
            return unit
    raise UnitNotFound


def code_prefix(unit_id: int, on: date) -> str:
    """What case codes of a unit begin with on a day: its own organisation code, else the nearest one above.

    Raises:
        UnitNotFound: neither the unit nor any above it has a code on that day.
    """
    for unit in tree().lineage(unit_id):
        code = unit.code_on(on)
        if code:
            return code
    raise UnitNotFound(f"Đơn vị chưa có mã định danh điện tử vào ngày {on:%d/%m/%Y}.")


def calendar_key_of(unit_id: int) -> str:
    """The key of the working calendar a unit keeps (content/calendars)."""
    return get_unit(unit_id).calendar_key


def search_units(
    text: str,
    *,
    on: date | None = None,
    kinds: Iterable[UnitKind] | None = None,
    former_names: bool = False,
    limit: int = 20,
) -> list[UnitData]:
    """Units by words of the name or by code, without diacritics, best first. `on=None`: units still open."""
    return tree().search(text, on=on, kinds=kinds, former_names=former_names)[:limit]
