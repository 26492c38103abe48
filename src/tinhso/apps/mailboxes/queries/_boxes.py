"""Reading mailboxes and lists. Everybody reads their own; unit administrators those of their units."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.mailboxes import permissions
from tinhso.apps.mailboxes.data import BoxData, MailboxNotFound, QueuedLetter
from tinhso.apps.mailboxes.enums import BoxKind, BoxState, ForwardState
from tinhso.apps.mailboxes.models import (
    AbsenceReply,
    AppPassword,
    Forwarding,
    GroupMember,
    MailAddress,
    Mailbox,
    MailCheck,
    MailGroup,
    QueueItem,
)
from tinhso.apps.mailboxes.queries._archives import archive_data
from tinhso.apps.mailboxes.queries._standing import agency_of, is_agency
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor, ActorKind

_PAGE = 100


@dataclass(frozen=True, slots=True)
class OwnBoxes:
    """What an officer's page of official mail shows."""

    boxes: list[BoxData]
    passwords: dict[int, list[AppPassword]]
    forwarding: dict[int, Forwarding]
    absence: dict[int, AbsenceReply]
    aliases: dict[int, list[MailAddress]]
    groups: list[tuple[str, str]]


def units_of_agency(agency_id: int, *, on: date) -> frozenset[int]:
    """An agency and the offices inside it, those ended too: everything whose agency it is."""
    return frozenset(
        unit.id
        for unit in [directory.get_unit(agency_id), *directory.list_units(under_id=agency_id, on=on)]
        if unit.id == agency_id or (not is_agency(unit) and agency_of(unit.id) == agency_id)
    )


def agencies_of_staff(staff_ids: Iterable[int], *, on: date) -> set[int]:
    """The agencies in which these people's boxes are, or stand on lists: what to look at when something of them changes."""
    boxes = dict(Mailbox.objects.filter(kind=BoxKind.PERSON, staff_id__in=set(staff_ids)).values_list("pk", "unit_id"))
    listed = GroupMember.objects.filter(mailbox_id__in=boxes).values_list("group__unit_id", flat=True).distinct()
    shared = Mailbox.objects.filter(holders__staff_id__in=set(staff_ids), kind=BoxKind.SHARED)
    held = {post.post.unit_id for post in directory.holdings_on(on, staff_ids=staff_ids)}
    units = {*boxes.values(), *listed, *shared.values_list("unit_id", flat=True), *held}
    return {agency_of(unit_id) for unit_id in units}


def agencies_to_settle(on: date) -> list[int]:
    """Every agency that may have shared boxes or lists: where somebody works on a day, and where some are left."""
    units = {holding.post.unit_id for holding in directory.holdings_on(on)}
    units |= set(MailGroup.objects.filter(is_open=True).values_list("unit_id", flat=True))
    shared = Mailbox.objects.filter(state=BoxState.OPEN, kind=BoxKind.SHARED)
    return sorted({agency_of(unit_id) for unit_id in units | set(shared.values_list("unit_id", flat=True))})


def staff_to_settle(on: date) -> list[int]:
    """Everybody who holds a post on a day or has an open box."""
    posts = {holding.staff.id for holding in directory.holdings_on(on)}
    boxes = Mailbox.objects.filter(kind=BoxKind.PERSON, state=BoxState.OPEN).values_list("staff_id", flat=True)
    return sorted(posts | {staff_id for staff_id in boxes if staff_id is not None})


def shared_address(unit_id: int) -> str:
    """The address of an agency's first shared box, to which who finds a door closed may write; or empty."""
    box = Mailbox.objects.filter(kind=BoxKind.SHARED, unit_id=unit_id, state=BoxState.OPEN).order_by("pk").first()
    return box.addresses.get(is_main=True).address if box is not None else ""


def official_address_of(account_id: int) -> str:
    """The official mail address of an officer's open box, or empty."""
    staff_id = accounts.get_account(account_id).staff_id
    found = MailAddress.objects.filter(
        mailbox__staff_id=staff_id, mailbox__kind=BoxKind.PERSON, mailbox__state=BoxState.OPEN, is_main=True
    )
    return found.values_list("address", flat=True).first() or "" if staff_id is not None else ""


def own_boxes(actor: Actor) -> OwnBoxes:
    """The actor's own box and the shared ones the actor opens, with all that belongs to them."""
    staff_id = staff_of(actor)
    rows = _with_parts(Mailbox.objects.filter(holders__staff_id=staff_id, state=BoxState.OPEN)) if staff_id else []
    rows.sort(key=lambda row: (row.kind != BoxKind.PERSON, row.pk))  # one's own first
    ids = [row.pk for row in rows]
    passwords: dict[int, list[AppPassword]] = {}
    for one in AppPassword.objects.filter(mailbox_id__in=ids, staff_id=staff_id, revoked_at=None).order_by("pk"):
        passwords.setdefault(one.mailbox_id, []).append(one)
    standing = Forwarding.objects.filter(mailbox_id__in=ids, state__in=[ForwardState.ASKED, ForwardState.ACTIVE])
    absence = {one.mailbox_id: one for one in AbsenceReply.objects.filter(mailbox_id__in=ids)}
    listed = GroupMember.objects.filter(mailbox__staff_id=staff_id, receives=True, group__is_open=True)
    own = [row.pk for row in rows if row.kind == BoxKind.PERSON]
    pairs = listed.filter(mailbox_id__in=own).values_list("group__name", "group__addresses__address")
    return OwnBoxes(
        boxes=[box_data(row) for row in rows], passwords=passwords,
        forwarding={one.mailbox_id: one for one in standing}, absence=absence,
        aliases={row.pk: [one for one in row.addresses.all() if not one.is_main] for row in rows},
        groups=sorted((name, address) for name, address in pairs),
    )  # fmt: skip


def staff_of(actor: Actor) -> int | None:
    """The member of staff an officer is, or None."""
    if actor.kind is not ActorKind.OFFICER or actor.account_id is None:
        return None
    return accounts.get_account(actor.account_id).staff_id


def visible_to(actor: Actor) -> QuerySet[Mailbox]:
    """The mailboxes of the units that the actor looks after."""
    return Mailbox.objects.filter(unit_id__in=permissions.units_managed(actor))


def list_boxes(
    *, actor: Actor, text: str = "", state: str = "", unit_id: int | None = None, after: int = 0
) -> tuple[list[BoxData], int | None]:
    """Boxes of the actor's units, newest last, a page after a number, and where the next begins."""
    found = visible_to(actor).filter(pk__gt=after)
    if unit_id is not None:
        found = found.filter(unit_id=unit_id)
    if state:
        found = found.filter(state=state)
    if text.strip():
        typed = text.strip()
        match = Q(name__icontains=typed) | Q(addresses__address__contains=typed.lower())
        found = found.filter(pk__in=Mailbox.objects.filter(match).values("pk"))
    rows = _with_parts(found, limit=_PAGE + 1)
    more = rows[_PAGE - 1].pk if len(rows) > _PAGE else None
    return [box_data(row) for row in rows[:_PAGE]], more


def get_box(*, actor: Actor, mailbox_id: int) -> Mailbox:
    """A mailbox of the actor's units.

    Raises:
        MailboxNotFound: no such box there.
    """
    box = visible_to(actor).select_related("successor", "archive").prefetch_related("addresses", "successor__addresses")
    found = box.filter(pk=mailbox_id).first()
    if found is None:
        raise MailboxNotFound
    return found


def forwardings_of(box: Mailbox) -> list[Forwarding]:
    """Every forwarding of a box, newest first."""
    return list(Forwarding.objects.filter(mailbox=box).order_by("-pk")[:20])


def passwords_of(box: Mailbox) -> list[AppPassword]:
    """The app passwords of a box that hold."""
    return list(AppPassword.objects.filter(mailbox=box, revoked_at__isnull=True).order_by("pk"))


def list_groups(*, actor: Actor, unit_id: int | None = None) -> list[tuple[MailGroup, str, int]]:
    """Lists of the actor's units with their address and number of members, by name."""
    found = MailGroup.objects.filter(unit_id__in=permissions.units_managed(actor), is_open=True)
    if unit_id is not None:
        found = found.filter(unit_id=unit_id)
    rows = list(found.prefetch_related("addresses").order_by("name", "pk")[:500])
    counts: dict[int, int] = {}
    receiving = GroupMember.objects.filter(group_id__in=[row.pk for row in rows], receives=True, mailbox__state="open")
    for group_id in receiving.values_list("group_id", flat=True):
        counts[group_id] = counts.get(group_id, 0) + 1
    return [(row, _main(row), counts.get(row.pk, 0)) for row in rows]


def get_group(*, actor: Actor, group_id: int) -> tuple[MailGroup, str, list[tuple[str, str, bool, bool]]]:
    """A list of the actor's units: its address; of each member name, address, receives, may write.

    Raises:
        MailboxNotFound: no such list there.
    """
    found = MailGroup.objects.filter(unit_id__in=permissions.units_managed(actor), pk=group_id)
    group = found.prefetch_related("addresses").first()
    if group is None:
        raise MailboxNotFound
    members = GroupMember.objects.filter(group=group, mailbox__state=BoxState.OPEN, mailbox__addresses__is_main=True)
    rows = members.values_list("mailbox__name", "mailbox__addresses__address", "receives", "may_write")
    return group, _main(group), sorted(rows)


def forwardings_waiting(actor: Actor) -> list[Forwarding]:
    """Wishes to forward outside that the actor may decide on, oldest first."""
    units = actor.unit_ids_for(permissions.MailPermission.APPROVE_FORWARDING)
    found = Forwarding.objects.filter(state=ForwardState.ASKED, mailbox__unit_id__in=units)
    return list(found.select_related("mailbox").prefetch_related("mailbox__addresses").order_by("pk")[:100])


def count_waiting(actor: Actor) -> int:
    """How many wishes to forward outside wait for the actor."""
    units = actor.unit_ids_for(permissions.MailPermission.APPROVE_FORWARDING)
    return Forwarding.objects.filter(state=ForwardState.ASKED, mailbox__unit_id__in=units).count() if units else 0


def units_with_boxes(actor: Actor) -> list[UnitData]:
    """The agencies of the actor in which there are boxes."""
    ids = visible_to(actor).values_list("unit_id", flat=True).distinct()
    return sorted((directory.get_unit(unit_id) for unit_id in ids), key=lambda unit: unit.path)


def box_data(row: Mailbox) -> BoxData:
    """The values of a row whose addresses are at hand."""
    successor = row.successor
    archive = getattr(row, "archive", None)
    return BoxData(
        id=row.pk, kind=BoxKind(row.kind), state=BoxState(row.state), address=_main(row), name=row.name,
        unit_id=row.unit_id, staff_id=row.staff_id, quota_mb=row.quota_mb, used_bytes=row.used_bytes,
        used_at=row.used_at, closed_on=row.closed_on, remove_on=row.remove_on,
        successor_address=_main(successor) if successor is not None else "",
        archive=archive_data(archive) if archive is not None else None,
    )  # fmt: skip


def _with_parts(found: QuerySet[Mailbox], *, limit: int = 200) -> list[Mailbox]:
    whole = found.select_related("successor", "archive").prefetch_related("addresses", "successor__addresses")
    return list(whole.order_by("pk")[:limit])


def _main(row: Any) -> str:
    return next((one.address for one in row.addresses.all() if one.is_main), "")


# --- the operator's


def checks(actor: Actor, *, limit: int = 30) -> list[MailCheck]:
    """The latest comparisons, newest first.

    Raises:
        Forbidden: the actor does not operate official mail.
    """
    require(permissions.can_operate(actor))
    return list(MailCheck.objects.order_by("-pk")[:limit])


def figures(actor: Actor) -> dict[str, int]:
    """How many boxes are in which state, lists there are, letters the boxes hold in bytes."""
    require(permissions.can_operate(actor))
    states = list(Mailbox.objects.values_list("state", "used_bytes"))
    return {
        "open": sum(state == BoxState.OPEN for state, _ in states),
        "closed": sum(state == BoxState.CLOSED for state, _ in states),
        "archived": sum(state == BoxState.ARCHIVED for state, _ in states),
        "removed": sum(state == BoxState.REMOVED for state, _ in states),
        "groups": MailGroup.objects.filter(is_open=True).count(),
        "used_bytes": sum(used or 0 for _, used in states),
    }


def queue(actor: Actor) -> list[QueuedLetter]:
    """The letters that waited on the server at the latest look, oldest first."""
    require(permissions.can_operate(actor))
    return [
        QueuedLetter(row.queue_id, row.queue, row.arrived_at, row.sender, tuple(row.recipients), row.reason, row.size)
        for row in QueueItem.objects.order_by("arrived_at", "pk")[:200]
    ]


def open_addresses() -> set[str]:
    """The main address of every open box: what the server has to know."""
    rows = MailAddress.objects.filter(mailbox__state=BoxState.OPEN, is_main=True)
    return set(rows.values_list("address", flat=True))


def addresses_of_box(mailbox_id: int) -> list[str]:
    """Every address of a box, its main one first."""
    rows = MailAddress.objects.filter(mailbox_id=mailbox_id).order_by("-is_main", "address")
    return list(rows.values_list("address", flat=True))


def counts_now() -> tuple[int, int]:
    """How many open boxes and lists there are."""
    return Mailbox.objects.filter(state=BoxState.OPEN).count(), MailGroup.objects.filter(is_open=True).count()
