"""Lists of units: opened, closed, their members and who may write to them. Steps of settling."""

from collections.abc import Sequence
from datetime import date, datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.mailboxes import queries, rules
from tinhso.apps.mailboxes.actions._boxes import day_of, free_address
from tinhso.apps.mailboxes.data import Audience, Difference, ListRule, StaffPost
from tinhso.apps.mailboxes.enums import BoxKind, BoxState, DifferenceKind, SenderRule
from tinhso.apps.mailboxes.events import GroupMembersChanged, MailGroupClosed, MailGroupOpened
from tinhso.apps.mailboxes.models import GroupMember, MailAddress, Mailbox, MailGroup
from tinhso.kernel.actor import Actor


def settle_groups(
    agency_id: int,
    posts: Sequence[StaffPost],
    with_roles: dict[str, frozenset[int]],
    *,
    on: date,
    actor: Actor,
    at: datetime,
) -> list[Difference]:
    """The lists of an agency and of the offices inside it; `posts` are those held in all of them."""
    units = [directory.get_unit(unit_id) for unit_id in sorted(queries.units_of_agency(agency_id, on=on))]
    # Also of offices that have ended since.
    near = MailGroup.objects.filter(unit__path__startswith=directory.get_unit(agency_id).path)
    held = {(group.unit_id, group.key): group for group in near if queries.agency_of(group.unit_id) == agency_id}
    found: list[Difference] = []
    wanted = set()
    for unit in units:
        inside = _inside(unit, agency_id, posts, on)
        for rule in _rules_for(unit, agency_id) if unit.is_valid_on(on) else ():
            wanted.add((unit.id, rule.key))
            chosen = frozenset().union(*(with_roles.get(role, frozenset()) for role in rule.roles))
            group = held.get((unit.id, rule.key))
            senders = SenderRule(group.senders) if group is not None and group.is_own_rule else rule.senders
            audience = rules.audience_of(rule, senders, inside, agency_posts=posts, with_roles=_within(chosen, inside))
            found += settle_group(group, rule, unit, audience, senders, agency_id=agency_id, actor=actor, at=at)
    for place, group in held.items():
        rule_is_gone = place not in wanted and not _is_province_list(group)
        if group.is_open and rule_is_gone:
            found.append(_close(group, actor=actor, at=at))
    return found


def settle_province_lists(*, on: date, actor: Actor, at: datetime) -> list[Difference]:
    """The lists of the whole province, of everybody's posts: done once a night, not at every change."""
    lists = [rule for rule in queries.rules_now().lists if rule.of_province]
    if not lists:
        return []
    province = directory.get_province(on)
    posts, roles = queries.posts_of_staff(on), queries.staff_with_roles(on)
    leaders = [post for post in posts if post.agency_id == province.id]
    found: list[Difference] = []
    for rule in lists:
        group = MailGroup.objects.filter(unit_id=province.id, key=rule.key).first()
        senders = SenderRule(group.senders) if group is not None and group.is_own_rule else rule.senders
        chosen = frozenset().union(*(staff for role in rule.roles for staff in roles.get(role, {}).values()))
        audience = rules.audience_of(rule, senders, posts, agency_posts=leaders, with_roles=chosen)
        found += settle_group(group, rule, province, audience, senders, agency_id=province.id, actor=actor, at=at)
    return found


def settle_group(
    group: MailGroup | None,
    rule: ListRule,
    unit: UnitData,
    audience: Audience,
    senders: SenderRule,
    *,
    agency_id: int,
    actor: Actor,
    at: datetime,
) -> list[Difference]:
    """One list as it should be: there, named, with these members."""
    found: list[str] = []
    name = f"{rule.name}, {directory.name_with_agency(unit)}"[:300]
    if group is None:
        if not audience.members:
            return []
        group = _opened(rule, unit, name, actor=actor, at=at)
        found.append(DifferenceKind.LIST_MISSING)
    if not group.is_open or group.name != name or group.senders != senders:
        group.is_open, group.name, group.senders = True, name, senders
        group.save(update_fields=["is_open", "name", "senders"])
    changed = _set_members(group, audience, senders, agency_id=agency_id)
    if changed:
        members = GroupMember.objects.filter(group=group, receives=True).count()
        event = GroupMembersChanged(group_id=group.pk, members=members)
        record(event, subject=group, actor=actor, at=at)
        found = found or [DifferenceKind.MEMBERS]
    address = MailAddress.objects.get(group=group, is_main=True).address if found else ""
    return [Difference(kind, address, mended=True) for kind in found]


def _set_members(group: MailGroup, audience: Audience, senders: SenderRule, *, agency_id: int) -> bool:
    staff = audience.members | audience.writers
    boxes = Mailbox.objects.filter(kind=BoxKind.PERSON, staff_id__in=staff, state=BoxState.OPEN)
    wanted = {
        box: (staff_id in audience.members, staff_id in audience.writers)
        for staff_id, box in boxes.values_list("staff_id", "pk")
    }
    if senders in {SenderRule.MEMBERS, SenderRule.LEADERS}:
        shared = Mailbox.objects.filter(kind=BoxKind.SHARED, unit_id=agency_id, state=BoxState.OPEN)
        wanted |= dict.fromkeys(shared.values_list("pk", flat=True), (False, True))
    rows = GroupMember.objects.filter(group=group)
    held = {row.mailbox_id: (row.receives, row.may_write) for row in rows}
    if held == wanted:
        return False
    GroupMember.objects.filter(group=group, mailbox_id__in=held.keys() - wanted.keys()).delete()
    GroupMember.objects.bulk_create(
        [
            GroupMember(group=group, mailbox_id=box, receives=flags[0], may_write=flags[1])
            for box, flags in sorted(wanted.items())
            if held.get(box) != flags
        ],
        update_conflicts=True, unique_fields=["group", "mailbox"], update_fields=["receives", "may_write"],
    )  # fmt: skip
    return True


def _opened(rule: ListRule, unit: UnitData, name: str, *, actor: Actor, at: datetime) -> MailGroup:
    address = free_address(rule.address, {"unit": queries.tag_of(unit.id)})
    group = MailGroup.objects.create(unit_id=unit.id, key=rule.key, name=name, senders=rule.senders)
    MailAddress.objects.create(address=address, group=group, is_main=True, since=day_of(at))
    event = MailGroupOpened(group_id=group.pk, key=rule.key, address=address, unit_id=unit.id)
    record(event, subject=group, actor=actor, at=at)
    return group


def _close(group: MailGroup, *, actor: Actor, at: datetime) -> Difference:
    group.is_open = False
    group.save(update_fields=["is_open"])
    GroupMember.objects.filter(group=group).delete()
    record(MailGroupClosed(group_id=group.pk), subject=group, actor=actor, at=at)
    address = MailAddress.objects.get(group=group, is_main=True).address
    return Difference(DifferenceKind.LIST_TOO_MANY, address, mended=True)


def _rules_for(unit: UnitData, agency_id: int) -> list[ListRule]:
    is_agency = unit.id == agency_id
    return [rule for rule in queries.rules_now().lists if (rule.of_agencies if is_agency else rule.of_divisions)]


def _is_province_list(group: MailGroup) -> bool:
    return any(rule.key == group.key and rule.of_province for rule in queries.rules_now().lists)


def _inside(unit: UnitData, agency_id: int, posts: Sequence[StaffPost], on: date) -> list[StaffPost]:
    """The posts of a unit and of all under it, inside one agency."""
    if unit.id == agency_id:
        return list(posts)
    under = directory.subtree_ids(unit.id, on)
    return [post for post in posts if post.unit_id in under]


def _within(staff: frozenset[int], posts: Sequence[StaffPost]) -> frozenset[int]:
    return staff & {post.staff_id for post in posts}
