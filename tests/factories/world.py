"""A small province in which cases can run: calendars, units, packages, and one officer a role.

Built through the real actions, once in a run: later calls put the same rows back, which takes a fiftieth of the time.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from tests.factories import directory as units
from tests.factories import snapshots
from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.actions import assign_role, create_officer, register_citizen_login
from tinhso.apps.accounts.data import IdentityClaims
from tinhso.apps.calendars.actions import publish_calendar
from tinhso.apps.calendars.content import load_calendars
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.procedures.actions import publish_package
from tinhso.apps.procedures.content import load_package, package_folders
from tinhso.kernel.actor import SYSTEM, Actor

CONTENT = Path(__file__).resolve().parents[2] / "content"
AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
PASSWORD = "Cầu-Trà-Khúc-2026"


@dataclass(frozen=True)
class World:
    """What a test of cases needs at hand. Officers are actors with the rights of one role."""

    province: UnitData
    commune: UnitData
    other_commune: UnitData
    officers: dict[str, Actor]

    def officer(self, role: str, unit: UnitData | None = None) -> Actor:
        """The officer who holds a role in a unit (the commune by default)."""
        return self.officers[f"{role}@{(unit or self.commune).path}"]


@cache
def _packages() -> list[dict[str, Any]]:
    return [load_package(folder, root=CONTENT)[0] for folder in package_folders(CONTENT)]


def world(*, departments: tuple[str, ...] = ("construction", "culture")) -> World:
    """The small province with every package, and officers in both communes and the departments named.

    In a database where something has been recorded already it is built step by step, as the first time.
    """
    return snapshots.remembered(("world", departments), lambda: _build(departments))


def _build(departments: tuple[str, ...]) -> World:
    for definition in load_calendars(CONTENT / "calendars").values():
        publish_calendar(definition=definition, actor=SYSTEM, at=AT)
    province = units.small_directory()
    for value in _packages():
        publish_package(value=value, actor=SYSTEM, at=AT)
    commune, other = units.commune(units.CAM_THANH), units.commune(units.KON_TUM)
    officers: dict[str, Actor] = {}
    for unit in (commune, other):
        for role in ("one_stop_officer", "specialist", "division_head", "leader", "clerk", "unit_admin", "auditor"):
            officers[f"{role}@{unit.path}"] = officer(role, unit)
    for key in departments:
        unit = units.department(key)
        for role in ("specialist", "division_head", "leader", "clerk"):
            officers[f"{role}@{unit.path}"] = officer(role, unit)
    one_stop = directory.one_stop_of(units.department(departments[0]).id) if departments else None
    if one_stop is not None:
        officers[f"one_stop_officer@{province.path}"] = officer("one_stop_officer", one_stop)
    return World(province=province, commune=commune, other_commune=other, officers=officers)


def officer(role: str, unit: UnitData, *, fields: list[str] | None = None) -> Actor:
    """A new officer with one role in one unit."""
    username = f"{role}.{unit.path.replace('/', '-')}".replace("_", "-")[:150]
    account = create_officer(
        username=username, full_name=f"Cán bộ {role} {unit.short_name}", password=PASSWORD, actor=SYSTEM, at=AT
    )
    assign_role(
        account_id=account.id,
        role=role,
        unit_id=unit.id,
        valid_from=date(2026, 1, 1),
        fields=fields,
        actor=SYSTEM,
        at=AT,
    )
    return accounts.get_actor(account.id, at=AT)


def citizen(personal_id: str = "051190000019", name: str = "Nguyễn Thị Ví Dụ", *, level: int = 2) -> Actor:
    """A citizen who signed in with the national identity at a level."""
    claims = IdentityClaims(
        issuer="vneid", personal_id=personal_id, full_name=name, birth_date=date(1990, 5, 12), phone="+84900000007",
        level=level,
    )  # fmt: skip
    account = register_citizen_login(claims=claims, actor=SYSTEM, at=AT)
    return accounts.get_actor(account.id, at=AT, assurance=level)
