"""By which channel a notice goes out first, and where it goes when that channel fails."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.notifications import queries, rules
from tinhso.apps.notifications.data import MessageSettings, MessageTemplate
from tinhso.apps.notifications.enums import Channel, DeliveryState
from tinhso.apps.notifications.events import MessagesQueued
from tinhso.apps.notifications.models import Choice, Contact, Delivery, Notice
from tinhso.kernel.actor import Actor
from tinhso.kernel.bulk import copy_rows

# What costs money or wakes people: told twice of the same thing within minutes, they are told once.
_SPARED = {Channel.SMS, Channel.ZALO}


class NewNotice(NamedTuple):
    """A row of `Notice` that is to be written, by its columns."""

    account_id: int
    kind: str
    subject: str
    code: str
    words: str
    source: str
    unit_id: int | None
    facts: str
    sent_at: datetime
    read_at: None = None


class NewDelivery(NamedTuple):
    """A row of `Delivery` that is to be written, by its columns."""

    notice_id: int
    channel: str
    contact_id: int
    lane: int
    payer: int
    next_at: datetime
    expires_at: datetime
    created_at: datetime
    key: uuid.UUID
    state: str = DeliveryState.QUEUED.value
    attempts: int = 0
    provider: str = ""
    provider_id: str = ""
    cost_vnd: int = 0
    segments: int = 0
    error: str = ""
    counted_on: None = None
    sent_at: None = None
    ended_at: datetime | None = None


class Person:
    """One person's addresses (their numbers) and choice, read for a round of notices."""

    def __init__(self, contacts: Sequence[tuple[int, Channel]], choice: Choice | None, known: MessageSettings) -> None:
        self.browsers = [contact_id for contact_id, channel in contacts if channel is Channel.PUSH]
        self.main = {channel: contact_id for contact_id, channel in contacts if channel is not Channel.PUSH}
        self.order = tuple(Channel(one) for one in choice.order) if choice and choice.order else known.order
        own = choice is not None and choice.quiet_from is not None and choice.quiet_to is not None
        self.quiet = (
            (choice.quiet_from or 0, choice.quiet_to or 0) if choice and own else (known.quiet_from, known.quiet_to)
        )
        self.muted = frozenset(choice.muted) if choice else frozenset[str]()

    def wants(self, template: MessageTemplate) -> bool:
        """Whether messages of this kind may go out at all: only optional topics can be switched off."""
        return not (template.optional and template.topic in self.muted)

    def reachable(self, template: MessageTemplate) -> dict[Channel, int]:
        """The address by each channel that has words for this kind; Zalo also by the phone (ZNS)."""
        found: dict[Channel, int] = {channel: one for channel, one in self.main.items() if channel in template.wordings}
        phone = self.main.get(Channel.SMS)
        if Channel.ZALO not in found and phone is not None and "zns" in template.wordings:
            found[Channel.ZALO] = phone
        return found

    def starts_at(self, channel: Channel, template: MessageTemplate, known: MessageSettings, at: datetime) -> datetime:
        """When a message may leave: at once, or after the quiet hours unless it is urgent."""
        if template.urgent or channel not in known.quiet_channels:
            return at
        return rules.after_quiet(at, start=self.quiet[0], end=self.quiet[1])


def keep_notices(rows: Sequence[NewNotice], *, stream: str, actor: Actor, at: datetime) -> int:
    """Write notices and queue the first message of each in the same transaction; none where nobody has an address.

    `stream` is locked by the caller. Returns how many messages wait.
    """
    numbers = copy_rows(Notice, NewNotice._fields, rows)
    people = _people({row.account_id for row in rows})
    if not people:
        return 0
    known = queries.get_settings()
    templates = {kind: queries.get_template(kind) for kind in {row.kind for row in rows}}
    lately = _lately(people.values(), known, at)
    made = []
    for notice_id, row in zip(numbers, rows, strict=True):
        person, template = people.get(row.account_id), templates[row.kind]
        if person is None or not person.wants(template):
            continue
        reachable = person.reachable(template)
        first = rules.next_channel(person.order, reachable=reachable, tried=())
        chosen = [(first, reachable[first])] if first is not None else []
        if Channel.PUSH in template.wordings:
            chosen += [(Channel.PUSH, browser) for browser in person.browsers]
        for channel, contact_id in chosen:
            start = person.starts_at(channel, template, known, at)
            delivery = _delivery(notice_id, row, channel, contact_id, template, start, at)
            if channel in _SPARED and (contact_id, row.kind, row.code) in lately:
                delivery = delivery._replace(state=DeliveryState.SKIPPED.value, error="trùng tin vừa gửi", ended_at=at)
            made.append(delivery)
            lately.add((contact_id, row.kind, row.code))
    if made:
        copy_rows(Delivery, NewDelivery._fields, made)
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
            made.append(_delivery(one.notice_id, one.notice, channel, reachable[channel], template, start, at))
    if made:
        copy_rows(Delivery, NewDelivery._fields, made)
    return len(made)


def locked(stream: str) -> str:
    """The stream, locked until the action ends: the same job delivered twice at once tells once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [stream])
    return stream


def _delivery(
    notice_id: int,
    row: NewNotice | Notice,
    channel: Channel,
    contact_id: int,
    template: MessageTemplate,
    start: datetime,
    at: datetime,
) -> NewDelivery:
    expires = row.sent_at + timedelta(hours=template.lives_hours)
    return NewDelivery(
        notice_id, channel.value, contact_id, lane=0 if template.urgent else 1, payer=row.unit_id or 0, next_at=start,
        expires_at=max(expires, start), created_at=at, key=uuid.uuid4(),
    )  # fmt: skip


def _people(account_ids: Iterable[int]) -> dict[int, Person]:
    """Those among the accounts who have an address: one statement where nobody has, two otherwise."""
    wanted = list(account_ids)
    contacts: dict[int, list[tuple[int, Channel]]] = defaultdict(list)
    held = Contact.objects.filter(account_id__in=wanted, ended_at__isnull=True).order_by("pk")
    for account_id, contact_id, channel in held.values_list("account_id", "pk", "channel"):
        contacts[account_id].append((contact_id, Channel(channel)))
    if not contacts:
        return {}
    choices = {one.account_id: one for one in Choice.objects.filter(account_id__in=list(contacts))}
    known = queries.get_settings()
    return {account_id: Person(held, choices.get(account_id), known) for account_id, held in contacts.items()}


def _lately(people: Iterable[Person], known: MessageSettings, at: datetime) -> set[tuple[int, str, str]]:
    """(address, kind, code) of what was sent to these people in the last minutes."""
    addresses = [contact_id for person in people for contact_id in person.main.values()]
    rows = Delivery.objects.filter(
        contact__in=addresses, created_at__gt=at - timedelta(minutes=known.dedupe_minutes), channel__in=list(_SPARED)
    ).exclude(state=DeliveryState.SKIPPED)
    return set(rows.values_list("contact_id", "notice__kind", "notice__code"))
