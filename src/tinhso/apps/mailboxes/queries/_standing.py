"""What the directory says today, in the shape official mail asks for."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.directory.enums import UnitKind
from tinhso.apps.mailboxes import rules
from tinhso.apps.mailboxes.content import FILE, load
from tinhso.apps.mailboxes.data import MailRules, StaffPost

_INNER = (UnitKind.DIVISION, UnitKind.ONE_STOP, UnitKind.SUB_DEPARTMENT, UnitKind.SERVICE_UNIT)


def has_rules() -> bool:
    """Whether this installation gives out mailboxes: the province has said how."""
    return _is_there(Path(settings.CONTENT_DIR))


def rules_now() -> MailRules:
    """`content/mail/mail.yaml`."""
    return load(Path(settings.CONTENT_DIR))


def is_of_interest(role: str) -> bool:
    """Whether content names a role for shared boxes or lists."""
    return has_rules() and role in rules_now().roles


@lru_cache(maxsize=4)
def _is_there(root: Path) -> bool:
    return (root / FILE).exists()


def agency_of(unit_id: int) -> int:
    """The agency with a seal of its own at or above a unit: addresses are of agencies."""
    return directory.resolving_unit_of(unit_id).id


def is_agency(unit: UnitData) -> bool:
    """Whether a unit is an agency, not an office inside one."""
    return unit.kind not in _INNER


def posts_of_staff(on: date, staff_ids: Iterable[int] | None = None) -> list[StaffPost]:
    """Every post held on a day, of these people or of all."""
    return _posts(on, staff_ids=staff_ids)


def posts_in(unit_ids: Iterable[int], on: date) -> list[StaffPost]:
    """Every post held on a day in these very units."""
    return _posts(on, unit_ids=unit_ids)


def _posts(
    on: date, *, staff_ids: Iterable[int] | None = None, unit_ids: Iterable[int] | None = None
) -> list[StaffPost]:
    agencies: dict[int, int] = {}
    found = []
    for holding in directory.holdings_on(on, staff_ids=staff_ids, unit_ids=unit_ids):
        unit_id = holding.post.unit_id
        if unit_id not in agencies:
            # A post in a unit that has ended is none, whatever the decision on its holder says.
            agencies[unit_id] = agency_of(unit_id) if directory.get_unit(unit_id).is_valid_on(on) else 0
        if not agencies[unit_id]:
            continue
        found.append(
            StaffPost(
                holding.staff.id,
                holding.staff.full_name,
                unit_id,
                agencies[unit_id],
                holding.post.key,
                holding.post.rank,
            )
        )
    return found


def staff_with_roles(on: date) -> dict[str, dict[int, frozenset[int]]]:
    """Who holds a role that content names for shared boxes and lists: role -> unit -> staff numbers."""
    found: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for role, unit_id, staff_id in accounts.staff_holding(rules_now().roles, on=on):
        found[role][unit_id].add(staff_id)
    return {role: {unit: frozenset(staff) for unit, staff in units.items()} for role, units in found.items()}


def tag_of(unit_id: int) -> str:
    """What `{unit}` is in an address: of an agency its tag, of an office inside one its initials and the agency's tag."""
    unit, known = directory.get_unit(unit_id), rules_now().units
    own = rules.unit_tag(
        unit.path, unit.name, unit.short_name, is_territory=unit.kind.is_administrative, known=known
    )  # fmt: skip
    return own if is_agency(unit) else f"{own}-{tag_of(agency_of(unit_id))}"
