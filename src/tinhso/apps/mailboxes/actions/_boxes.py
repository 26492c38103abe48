"""The life of one mailbox: opened, moved, closed, opened again; its addresses. Steps of the actions of this package."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import islice

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.directory import queries as directory
from tinhso.apps.mailboxes import queries, rules
from tinhso.apps.mailboxes.data import MailboxNotFound, SharedRule, WantedPerson
from tinhso.apps.mailboxes.enums import BoxKind, BoxState, ForwardState
from tinhso.apps.mailboxes.events import (
    AppPasswordRevoked,
    ForwardingEnded,
    HoldersChanged,
    MailboxClosed,
    MailboxMoved,
    MailboxOpened,
    MailboxRenamed,
    MailboxReopened,
)
from tinhso.apps.mailboxes.models import AbsenceReply, AppPassword, BoxHolder, Forwarding, MailAddress, Mailbox
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME

_TRIED_AT_ONCE = 20


def day_of(at: datetime) -> date:
    """The civil day of an instant."""
    return at.astimezone(PROVINCE_TIME).date()


def alone() -> None:
    """One writer of addresses at a time, until the transaction ends: who gets which address must not depend on luck."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('mailboxes', 0))")


def locked(mailbox_id: int) -> Mailbox:
    """A mailbox, its row locked."""
    box = Mailbox.objects.select_for_update(of=("self",)).filter(pk=mailbox_id).first()
    if box is None:
        raise MailboxNotFound
    return box


def main_address(box: Mailbox) -> str:
    """The address a box is known by."""
    return box.addresses.get(is_main=True).address


def free_address(pattern: str, values: Mapping[str, str], *, own: Mailbox | None = None) -> str:
    """The first address of a pattern that nobody else has or had lately."""
    tried = rules.candidates(pattern, values, rules=queries.rules_now())
    while True:
        some = list(islice(tried, _TRIED_AT_ONCE))
        taken = MailAddress.objects.filter(address__in=some)
        if own is not None:
            taken = taken.exclude(mailbox=own)
        gone = set(taken.values_list("address", flat=True))
        free = next((address for address in some if address not in gone), None)
        if free is not None:
            return free


def open_person(wanted: WantedPerson, *, actor: Actor, at: datetime) -> Mailbox:
    """A new mailbox of a person."""
    known = queries.rules_now()
    values = {**rules.name_parts(wanted.full_name), "unit": queries.tag_of(wanted.agency_id)}
    box = Mailbox(
        kind=BoxKind.PERSON, staff_id=wanted.staff_id, unit_id=wanted.agency_id, name=wanted.full_name,
        quota_mb=known.quota_mb, opened_at=at,
    )  # fmt: skip
    return _opened(box, free_address(known.person, values), actor=actor, at=at)


def open_shared(rule: SharedRule, unit_id: int, *, actor: Actor, at: datetime) -> Mailbox:
    """A new mailbox that an agency's people share."""
    address = free_address(rule.address, {"unit": queries.tag_of(unit_id)})
    box = Mailbox(
        kind=BoxKind.SHARED, key=rule.key, unit_id=unit_id, name=shared_name(rule, unit_id), quota_mb=rule.quota_mb,
        opened_at=at,
    )  # fmt: skip
    return _opened(box, address, actor=actor, at=at)


def shared_name(rule: SharedRule, unit_id: int) -> str:
    """`Văn thư, Sở Xây dựng`."""
    return f"{rule.name}, {directory.get_unit(unit_id).agency_name}"[:300]


def _opened(box: Mailbox, address: str, *, actor: Actor, at: datetime) -> Mailbox:
    box.save(force_insert=True)
    MailAddress.objects.create(address=address, mailbox=box, is_main=True, since=day_of(at))
    event = MailboxOpened(mailbox_id=box.pk, kind=box.kind, address=address, unit_id=box.unit_id, staff_id=box.staff_id)
    record(event, subject=box, actor=actor, at=at)
    return box


def reopen(box: Mailbox, *, actor: Actor, at: datetime) -> None:
    """The same box with the letters kept in it."""
    box.state, box.closed_reply = BoxState.OPEN, ""
    box.closed_on = box.forward_until = box.remove_on = box.successor = None
    box.save()
    record(MailboxReopened(mailbox_id=box.pk), subject=box, actor=actor, at=at)


def move(box: Mailbox, agency_id: int, *, actor: Actor, at: datetime) -> None:
    """The person works for another agency: a new main address where addresses name the agency; the old one leads here."""
    known, old = queries.rules_now(), main_address(box)
    address, until = old, None
    if "{unit}" in known.person:
        values = {**rules.name_parts(box.name), "unit": queries.tag_of(agency_id)}
        address = free_address(known.person, values, own=box)
    if address != old:
        until = day_of(at) + timedelta(days=known.alias_days)
        MailAddress.objects.filter(address=old).update(is_main=False, until=until)
        MailAddress.objects.update_or_create(
            address=address, defaults={"mailbox": box, "is_main": True, "until": None},
            create_defaults={"mailbox": box, "is_main": True, "since": day_of(at)},
        )  # fmt: skip
        _readdress(box)
    box.unit_id = agency_id
    box.save()
    event = MailboxMoved(mailbox_id=box.pk, address=address, old_address=old, unit_id=agency_id, alias_until=until)
    record(event, subject=box, actor=actor, at=at)


def _readdress(box: Mailbox) -> None:
    """An answer for the absent names the addresses it answers for."""
    reply = AbsenceReply.objects.filter(mailbox=box).first()
    if reply is not None:
        reply.script = rules.absence_script(
            subject=reply.subject, text=reply.text, addresses=addresses_of(box), first_day=reply.first_day,
            last_day=reply.last_day,
        )  # fmt: skip
        reply.save(update_fields=["script"])


def addresses_of(box: Mailbox) -> list[str]:
    """Every address of a box, ended ones too."""
    return list(box.addresses.order_by("-is_main", "address").values_list("address", flat=True))


def rename(box: Mailbox, name: str, *, actor: Actor, at: datetime) -> None:
    """Show the name that the directory has; the address stays."""
    box.name = name
    box.save(update_fields=["name"])
    record(MailboxRenamed(mailbox_id=box.pk), subject=box, actor=actor, at=at)


def close(box: Mailbox, *, successor: Mailbox | None, actor: Actor, at: datetime) -> None:
    """No sign-in from now on; letters go to the successor for a time, else back with a sentence; then they are removed."""
    known, day = queries.rules_now(), day_of(at)
    box.state, box.closed_on, box.successor = BoxState.CLOSED, day, successor
    box.forward_until, box.remove_on = (
        day + timedelta(days=known.forward_days), day + timedelta(days=known.keep_days),
    )  # fmt: skip
    shared = queries.shared_address(box.unit_id)
    box.closed_reply = rules.closed_reply(
        main_address(box), unit_name=directory.get_unit(box.unit_id).agency_name,
        shared="" if box.kind == BoxKind.SHARED else shared,
    )  # fmt: skip
    box.save()
    event = MailboxClosed(mailbox_id=box.pk, forward_until=box.forward_until, remove_on=box.remove_on)
    record(event, subject=box, actor=actor, at=at)
    AbsenceReply.objects.filter(mailbox=box).delete()
    for forwarding in Forwarding.objects.filter(mailbox=box, state__in=[ForwardState.ASKED, ForwardState.ACTIVE]):
        forwarding.state = ForwardState.ENDED
        forwarding.save(update_fields=["state"])
        ended = ForwardingEnded(mailbox_id=box.pk, forwarding_id=forwarding.pk)
        record(ended, subject=box, actor=actor, at=at)
    revoke(box, AppPassword.objects.filter(mailbox=box, revoked_at__isnull=True), actor=actor, at=at)


def revoke(box: Mailbox, passwords: Iterable[AppPassword], *, actor: Actor, at: datetime) -> None:
    """These passwords work no longer."""
    for password in passwords:
        password.revoked_at = at
        password.save(update_fields=["revoked_at"])
        event = AppPasswordRevoked(mailbox_id=box.pk, password_id=password.pk)
        record(event, subject=box, actor=actor, at=at)


def set_holders(box: Mailbox, wanted: Mapping[int, bool], *, actor: Actor, at: datetime) -> bool:
    """Who opens the box: staff number -> whether sign-in is blocked. Whether anything changed."""
    held = {holder.staff_id: holder for holder in BoxHolder.objects.filter(mailbox=box)}
    came, went = sorted(wanted.keys() - held.keys()), sorted(held.keys() - wanted.keys())
    turned = [staff for staff, holder in held.items() if staff in wanted and holder.is_blocked != wanted[staff]]
    if not (came or went or turned):
        return False
    BoxHolder.objects.filter(mailbox=box, staff_id__in=went).delete()
    BoxHolder.objects.bulk_create(BoxHolder(mailbox=box, staff_id=staff, is_blocked=wanted[staff]) for staff in came)
    for staff in turned:
        BoxHolder.objects.filter(mailbox=box, staff_id=staff).update(is_blocked=wanted[staff])
    blocked = sorted(staff for staff, stopped in wanted.items() if stopped)
    event = HoldersChanged(mailbox_id=box.pk, came=came, went=went, blocked=blocked)
    record(event, subject=box, actor=actor, at=at)
    gone = AppPassword.objects.filter(mailbox=box, staff_id__in=went, revoked_at__isnull=True)
    revoke(box, gone, actor=actor, at=at)
    return True
