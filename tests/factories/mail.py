"""Official mail for tests: a small province whose officers hold posts, and boxes as the directory says."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from tests.factories import directory as units
from tests.factories.accounts import actor_of, give_role, officer
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.actions import appoint_staff, register_staff
from tinhso.apps.directory.data import UnitData
from tinhso.apps.mailboxes import actions
from tinhso.apps.mailboxes.models import MailAddress, Mailbox, MailGroup
from tinhso.kernel.actor import SYSTEM, Actor

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SINCE = date(2025, 7, 1)
DOMAIN = "quangngai.example"


@dataclass(frozen=True)
class Worker:
    """An officer with a post, an account and (once settled) a box."""

    staff_id: int
    account_id: int
    holding_id: int
    actor: Actor

    @property
    def box(self) -> Mailbox:
        """The person's box, open or not."""
        return Mailbox.objects.get(staff_id=self.staff_id)

    @property
    def address(self) -> str:
        """The main address."""
        return address_of(self.box)


def post_of(unit: UnitData, key: str) -> int:
    """The number of a post of a unit."""
    post = directory.get_post(unit.id, key)
    assert post is not None, f"{unit.name} has no post {key}"
    return post.id


def worker(
    unit: UnitData, post: str, name: str, code: str, *, role: str = "specialist", since: date = SINCE, at: datetime = AT
) -> Worker:
    """Somebody who is appointed, has an account and a role; the box follows with `settle`."""
    staff = register_staff(code=code, full_name=name, actor=SYSTEM, at=at)
    held = appoint_staff(post_id=post_of(unit, post), staff_id=staff.id, valid_from=since, actor=SYSTEM, at=at)
    account = officer(username=code.lower(), full_name=name, staff_id=staff.id, with_totp=False, at=at)
    # Boxes and lists are of agencies, so who looks after them has the role there.
    give_role(account, role, directory.resolving_unit_of(unit.id).id if role in {"unit_admin"} else unit.id, at=at)
    return Worker(staff.id, account.id, held.id, actor_of(account, at=at))


def settle(*people: Worker, units_too: tuple[UnitData, ...] = (), at: datetime = AT) -> None:
    """What the jobs of the directory's events do."""
    actions.settle_change(
        staff_ids=[one.staff_id for one in people], unit_ids=[unit.id for unit in units_too], actor=SYSTEM, at=at
    )


def address_of(row: Mailbox | MailGroup) -> str:
    """The main address of a box or a list."""
    return row.addresses.get(is_main=True).address


def group(key: str, unit: UnitData) -> MailGroup:
    """A list of a unit."""
    return MailGroup.objects.get(key=key, unit_id=unit.id)


def members(key: str, unit: UnitData) -> set[str]:
    """The addresses that get the letters of a list."""
    rows = MailAddress.objects.filter(
        is_main=True, mailbox__groups__group=group(key, unit), mailbox__groups__receives=True
    )
    return set(rows.values_list("address", flat=True))


def department() -> UnitData:
    """The department of construction, with its divisions."""
    return units.department("construction")


def division(unit: UnitData) -> UnitData:
    """The first division of a unit."""
    return directory.list_units(parent_id=unit.id)[0]
