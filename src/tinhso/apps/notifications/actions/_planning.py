"""By which channel a notice goes out first, and where it goes when that channel fails."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.notifications import queries, rules
from tinhso.apps.notifications.actions._bulk import keep_many
from tinhso.apps.notifications.data import MessageSettings, MessageTemplate
from tinhso.apps.notifications.enums import Channel, DeliveryState
from tinhso.apps.notifications.events import MessagesQueued
from tinhso.apps.notifications.models import Choice, Contact, Delivery, Notice
from tinhso.kernel.actor import Actor

# What costs money or wakes people: told twice of the same thing within minutes, they are told once.
_SPARED = {Channel.SMS, Channel.ZALO}


class Person:
    """One person's addresses and choice, read for a round of notices."""

    def __init__(self, contacts: Sequence[Contact], choice: Choice | None, known: MessageSettings) -> None:
        self.browsers = [one for one in contacts if one.channel == Channel.PUSH]
        self.main = {Channel(one.channel): one for one in contacts if one.channel != Channel.PUSH}
        self.order = tuple(Channel(one) for one in choice.order) if choice and choice.order else known.order
        own = choice is not None and choice.quiet_from is not None and choice.quiet_to is not None
        self.quiet = (
            (choice.quiet_from or 0, choice.quiet_to or 0) if choice and own else (known.quiet_from, known.quiet_to)
        )
        self.muted = frozenset(choice.muted) if choice else frozenset[str]()

    def wants(self, template: MessageTemplate) -> bool:
        """Whether messages of this kind may go out at all: only optional topics can be switched off."""
        return not (template.optional and template.topic in self.muted)

    def reachable(self, template: MessageTemplate) -> dict[Channel, Contact]:
        """The address by each channel that has words for this kind; Zalo also by the phone (ZNS)."""
        found = {channel: one for channel, one in self.main.items() if channel in template.wordings}
        phone = self.main.get(Channel.SMS)
        if Channel.ZALO not in found and phone is not None and "zns" in template.wordings:
            found[Channel.ZALO] = phone
        return found

    def starts_at(self, channel: Channel, template: MessageTemplate, known: MessageSettings, at: datetime) -> datetime:
        """When a message may leave: at once, or after the quiet hours unless it is urgent."""
        if template.urgent or channel not in known.quiet_channels:
            return at
        return rules.after_quiet(at, start=self.quiet[0], end=self.quiet[1])


def plan(rows: Sequence[Notice], *, stream: str, actor: Actor, at: datetime) -> int:
    """Queue the first message of each notice in the transaction that tells it; nothing where nobody has an address.

    `stream` is locked by the caller.
    """
    people = _people({row.account_id for row in rows})
    if not people:
        return 0
    known = queries.get_settings()
    lately = _lately(people.values(), known, at)
    made = []
    for row in rows:
        person, template = people.get(row.account_id), queries.get_template(row.kind)
        if person is None or not person.wants(template):
            continue
        reachable = person.reachable(template)
        first = rules.next_channel(person.order, reachable=reachable, tried=())
        chosen = [(first, reachable[first])] if first is not None else []
        if Channel.PUSH in template.wordings:
            chosen += [(Channel.PUSH, browser) for browser in person.browsers]
        for channel, contact in chosen:
            delivery = _delivery(row, channel, contact, template, person.starts_at(channel, template, known, at), at)
            if channel in _SPARED and (contact.pk, row.kind, row.code) in lately:
                delivery.state, delivery.error, delivery.ended_at = DeliveryState.SKIPPED, "trùng tin vừa gửi", at
            made.append(delivery)
            lately.add((contact.pk, row.kind, row.code))
    if made:
        keep_many(Delivery, made)
        event = MessagesQueued(count=len(made), channels=sorted({one.channel for one in made}))
        record(event, subject=stream, actor=actor, at=at)
    return len(made)


def fail_over(failed: Sequence[Delivery], *, at: datetime) -> int:
    """Queue the next channel of messages that came to nothing, where the person has one left; returns how many."""
    failed = [one for one in failed if one.channel != Channel.PUSH]
    people = _people({one.notice.account_id for one in failed})
    tried: dict[int, set[Channel]] = defaultdict(set)
    for notice_id, used in Delivery.objects.filter(notice__in=[one.notice_id for one in failed]).values_list(
        "notice_id", "channel"
    ):
        tried[notice_id].add(Channel(used))
    known, made = queries.get_settings(), []
    for one in failed:
        person, template = people.get(one.notice.account_id), queries.get_template(one.notice.kind)
        if person is None or one.expires_at <= at:
            continue
        reachable = person.reachable(template)
        channel = rules.next_channel(person.order, reachable=reachable, tried=tried[one.notice_id])
        if channel is not None:
            tried[one.notice_id].add(channel)
            start = person.starts_at(channel, template, known, at)
            made.append(_delivery(one.notice, channel, reachable[channel], template, start, at))
    Delivery.objects.bulk_create(made)
    return len(made)


def locked(stream: str) -> str:
    """The stream, locked until the action ends: the same job delivered twice at once tells once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [stream])
    return stream


def _delivery(
    row: Notice, channel: Channel, contact: Contact, template: MessageTemplate, start: datetime, at: datetime
) -> Delivery:
    expires = row.sent_at + timedelta(hours=template.lives_hours)
    return Delivery(
        notice=row, channel=channel, contact=contact, lane=0 if template.urgent else 1, payer=row.unit_id or 0,
        next_at=start, expires_at=max(expires, start), created_at=at,
    )  # fmt: skip


def _people(account_ids: Iterable[int]) -> dict[int, Person]:
    """Those among the accounts who have an address: one statement where nobody has, two otherwise."""
    wanted = list(account_ids)
    contacts: dict[int, list[Contact]] = defaultdict(list)
    for one in Contact.objects.filter(account_id__in=wanted, ended_at__isnull=True).order_by("pk"):
        contacts[one.account_id].append(one)
    if not contacts:
        return {}
    choices = {one.account_id: one for one in Choice.objects.filter(account_id__in=list(contacts))}
    known = queries.get_settings()
    return {account_id: Person(held, choices.get(account_id), known) for account_id, held in contacts.items()}


def _lately(people: Iterable[Person], known: MessageSettings, at: datetime) -> set[tuple[int, str, str]]:
    """(address, kind, code) of what was sent to these people in the last minutes."""
    addresses = [one.pk for person in people for one in person.main.values()]
    rows = Delivery.objects.filter(
        contact__in=addresses, created_at__gt=at - timedelta(minutes=known.dedupe_minutes), channel__in=list(_SPARED)
    ).exclude(state=DeliveryState.SKIPPED)
    return set(rows.values_list("contact_id", "notice__kind", "notice__code"))
