"""Bringing mailboxes and lists in line with the directory. Every act may be repeated, in any order: the end is the same."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.enums import SuccessionExtent
from tinhso.apps.mailboxes import permissions, queries, rules
from tinhso.apps.mailboxes.actions._boxes import (
    addresses_of,
    alone,
    close,
    day_of,
    main_address,
    move,
    open_person,
    open_shared,
    rename,
    reopen,
    set_holders,
    shared_name,
)
from tinhso.apps.mailboxes.actions._groups import settle_groups, settle_province_lists
from tinhso.apps.mailboxes.data import Difference, SharedRule, StaffPost, WantedPerson
from tinhso.apps.mailboxes.enums import BoxKind, BoxState, DifferenceKind
from tinhso.apps.mailboxes.models import Mailbox
from tinhso.apps.notifications.actions import keep_official_address
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor

_LIVING = (BoxState.OPEN, BoxState.CLOSED)


@action
def settle_people(*, staff_ids: Sequence[int], actor: Actor, at: datetime) -> list[Difference]:
    """Đưa hộp thư của những người này về đúng danh mục: opened, moved, closed as their posts say today.

    Returns what differed; it no longer does.
    """
    require(permissions.can_operate(actor))
    return _settle_people(staff_ids, actor=actor, at=at)


@action
def settle_agencies(*, agency_ids: Sequence[int], actor: Actor, at: datetime) -> list[Difference]:
    """Đưa hộp thư chung và danh sách của những cơ quan này về đúng danh mục. Returns what differed; it no longer does."""
    require(permissions.can_operate(actor))
    return _settle_agencies(agency_ids, actor=actor, at=at)


@action
def settle_change(*, staff_ids: Sequence[int], unit_ids: Sequence[int], actor: Actor, at: datetime) -> list[Difference]:
    """Cập nhật thư công vụ theo một thay đổi trong danh mục: these people, and the agencies of these units."""
    require(permissions.can_operate(actor))
    if not queries.has_rules():
        return []
    found = _settle_people(staff_ids, actor=actor, at=at)
    concerned = {queries.agency_of(unit_id) for unit_id in unit_ids}
    # A person's box may have come or gone: also where else they stand on lists, and where they came from.
    concerned |= set(queries.agencies_of_staff(staff_ids, on=day_of(at)))
    return found + _settle_agencies(sorted(concerned), actor=actor, at=at)


@action
def settle_account(*, account_id: int, unit_ids: Sequence[int], actor: Actor, at: datetime) -> list[Difference]:
    """Cập nhật thư công vụ khi tài khoản bị khóa, mở, được giao hoặc thôi một vai trò."""
    require(permissions.can_operate(actor))
    staff_id = accounts.get_account(account_id).staff_id
    if staff_id is None or not queries.has_rules():
        return []
    found = _settle_people([staff_id], actor=actor, at=at)
    concerned = {queries.agency_of(unit_id) for unit_id in unit_ids}
    concerned |= set(queries.agencies_of_staff([staff_id], on=day_of(at)))
    return found + _settle_agencies(sorted(concerned), actor=actor, at=at)


@action
def settle_province(*, actor: Actor, at: datetime) -> list[Difference]:
    """Đưa danh sách toàn tỉnh về đúng danh mục. Returns what differed; it no longer does."""
    require(permissions.can_operate(actor))
    alone()
    return settle_province_lists(on=day_of(at), actor=actor, at=at)


def _settle_people(staff_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Difference]:
    alone()
    day = day_of(at)
    wanted = rules.wanted_people(queries.posts_of_staff(day, staff_ids))
    held = Mailbox.objects.filter(kind=BoxKind.PERSON, staff_id__in=set(staff_ids), state__in=_LIVING)
    boxes = {box.staff_id: box for box in held}
    known = accounts.accounts_of_staff(staff_ids)
    found: list[Difference] = []
    for staff_id in sorted(set(staff_ids)):
        box, person = boxes.get(staff_id), wanted.get(staff_id)
        if person is None and (box is None or box.state != BoxState.OPEN):
            continue
        found += _settle_person(box, person, known.get(staff_id), actor=actor, at=at)
    return found


def _settle_person(
    box: Mailbox | None, person: WantedPerson | None, account: tuple[int, bool] | None, *, actor: Actor, at: datetime
) -> list[Difference]:
    found: list[str] = []
    if person is None:
        assert box is not None  # noqa: S101 - one of the two is there
        close(box, successor=None, actor=actor, at=at)
        set_holders(box, {}, actor=actor, at=at)
        _tell_notices(box, account, "", actor=actor, at=at)
        return [Difference(DifferenceKind.BOX_TOO_MANY, main_address(box), mended=True)]
    if box is None:
        box = open_person(person, actor=actor, at=at)
        found.append(DifferenceKind.BOX_MISSING)
    elif box.state == BoxState.CLOSED:
        reopen(box, actor=actor, at=at)
        found.append(DifferenceKind.BOX_MISSING)
    if box.name != person.full_name:
        rename(box, person.full_name, actor=actor, at=at)
        found.append(DifferenceKind.NAME)
    if box.unit_id != person.agency_id:
        move(box, person.agency_id, actor=actor, at=at)
        found.append(DifferenceKind.ADDRESS)
    came = set_holders(box, {person.staff_id: account is not None and not account[1]}, actor=actor, at=at)
    if came and not found:
        found.append(DifferenceKind.HOLDERS)
    if found:
        _tell_notices(box, account, main_address(box), actor=actor, at=at)
    return [Difference(kind, main_address(box), mended=True) for kind in found]


def _tell_notices(box: Mailbox, account: tuple[int, bool] | None, address: str, *, actor: Actor, at: datetime) -> None:
    """Let notices by e-mail go to the official address. Not in the demonstration: it lives a year of cases in minutes, and
    every one of them would write letters to officers nobody is."""
    if account is not None and not settings.DEMO:
        keep_official_address(account_id=account[0], address=address, former=addresses_of(box), actor=actor, at=at)


def _settle_agencies(agency_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Difference]:
    if not agency_ids:
        return []
    alone()
    day = day_of(at)
    units = {agency_id: queries.units_of_agency(agency_id, on=day) for agency_id in agency_ids}
    posts: dict[int, list[StaffPost]] = defaultdict(list)
    for post in queries.posts_in({unit_id for ids in units.values() for unit_id in ids}, day):
        posts[post.agency_id].append(post)
    roles = queries.staff_with_roles(day)
    found: list[Difference] = []
    for agency_id in sorted(agency_ids):
        with_roles = {
            role: frozenset().union(*(staff for unit, staff in by_unit.items() if unit in units[agency_id]))
            for role, by_unit in roles.items()
        }
        found += _settle_shared(agency_id, posts[agency_id], with_roles, on=day, actor=actor, at=at)
        found += settle_groups(agency_id, posts[agency_id], with_roles, on=day, actor=actor, at=at)
    return found


def resettle_agency(agency_id: int, *, actor: Actor, at: datetime) -> None:
    """Inside another act: the lists of an agency, after something about them was chosen."""
    _settle_agencies([agency_id], actor=actor, at=at)


def _settle_shared(
    agency_id: int,
    posts: Sequence[StaffPost],
    with_roles: dict[str, frozenset[int]],
    *,
    on: date,
    actor: Actor,
    at: datetime,
) -> list[Difference]:
    held = {box.key: box for box in Mailbox.objects.filter(kind=BoxKind.SHARED, unit_id=agency_id, state__in=_LIVING)}
    wanted = {rule.key: rule for rule in queries.rules_now().shared}
    there = directory.get_unit(agency_id).is_valid_on(on)
    found: list[Difference] = []
    for key, box in held.items():
        if box.state == BoxState.OPEN and not (there and key in wanted):
            successor = _successor_box(agency_id, key, on=on)
            close(box, successor=successor, actor=actor, at=at)
            set_holders(box, {}, actor=actor, at=at)
            found.append(Difference(DifferenceKind.BOX_TOO_MANY, main_address(box), mended=True))
    if there:
        for rule in wanted.values():
            found += _settle_one_shared(held.get(rule.key), rule, agency_id, posts, with_roles, actor=actor, at=at)
    return found


def _settle_one_shared(
    box: Mailbox | None,
    rule: SharedRule,
    agency_id: int,
    posts: Sequence[StaffPost],
    with_roles: dict[str, frozenset[int]],
    *,
    actor: Actor,
    at: datetime,
) -> list[Difference]:
    found: list[str] = []
    if box is None:
        if not posts:  # nobody works there yet, or the directory does not know them
            return []
        box = open_shared(rule, agency_id, actor=actor, at=at)
        found.append(DifferenceKind.BOX_MISSING)
    elif box.state == BoxState.CLOSED:
        reopen(box, actor=actor, at=at)
        found.append(DifferenceKind.BOX_MISSING)
    if box.name != shared_name(rule, agency_id):
        rename(box, shared_name(rule, agency_id), actor=actor, at=at)
        found.append(DifferenceKind.NAME)
    chosen = frozenset().union(*(with_roles.get(role, frozenset()) for role in rule.roles))
    staff = rules.holders_of(rule, posts, chosen)
    known = accounts.accounts_of_staff(staff)
    blocked = {staff_id: staff_id in known and not known[staff_id][1] for staff_id in staff}
    if set_holders(box, blocked, actor=actor, at=at) and not found:
        found.append(DifferenceKind.HOLDERS)
    return [Difference(kind, main_address(box), mended=True) for kind in found]


def _successor_box(agency_id: int, key: str, *, on: date) -> Mailbox | None:
    """The same shared box of the agency that took over whole."""
    after = [one.unit.id for one in directory.successors_of(agency_id, on) if one.extent == SuccessionExtent.WHOLE]
    return Mailbox.objects.filter(kind=BoxKind.SHARED, key=key, unit_id__in=after, state=BoxState.OPEN).first()
