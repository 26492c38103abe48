"""Addresses, choices, and which channels are open at all."""

from django.core import signing

from tinhso.apps.notifications.data import ChoiceData, ContactData
from tinhso.apps.notifications.enums import Channel, Topic
from tinhso.apps.notifications.models import Choice, Contact
from tinhso.apps.notifications.providers import mail, push, sms, zalo
from tinhso.apps.notifications.queries._content import get_settings
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.lib import webpush

_UNSUBSCRIBE = "tinhso.notifications.unsubscribe"


def open_channels(*, kind: ActorKind = ActorKind.CITIZEN) -> list[Channel]:
    """The channels this installation can send by, in the province's order; officers get e-mail and the browser."""
    ready = {
        Channel.ZALO: zalo.is_open(), Channel.EMAIL: mail.is_open(), Channel.SMS: sms.is_open(), Channel.PUSH: True,
    }  # fmt: skip
    order = [*get_settings().order, Channel.PUSH]
    allowed = set(Channel) if kind is not ActorKind.OFFICER else {Channel.EMAIL, Channel.PUSH}
    return [channel for channel in order if ready[channel] and channel in allowed]


def contacts_of(*, actor: Actor) -> list[ContactData]:
    """The actor's addresses that hold."""
    rows = Contact.objects.filter(account_id=actor.account_id or 0, ended_at__isnull=True).order_by("channel", "pk")
    return [ContactData(row.pk, Channel(row.channel), row.address, row.verified_at) for row in rows]


def choice_of(*, actor: Actor) -> ChoiceData:
    """How the actor wants to be told; the province's order where nothing was chosen."""
    row = Choice.objects.filter(account_id=actor.account_id or 0).first()
    known = get_settings()
    if row is None:
        return ChoiceData(known.order, None, None, frozenset(), is_own=False)
    order = tuple(Channel(one) for one in row.order) or known.order
    return ChoiceData(order, row.quiet_from, row.quiet_to, frozenset(row.muted), is_own=True)


def topics_for(kind: ActorKind) -> list[Topic]:
    """What this kind of person is told of."""
    return [topic for topic in Topic if (topic is Topic.WORK) is (kind is ActorKind.OFFICER)]


def browser_key() -> str:
    """The public key that browsers subscribe with."""
    return webpush.public_key(push.sender_key())


def unsubscribe_token(account_id: int, topic: str) -> str:
    """The secret part of a letter's unsubscribe address."""
    return signing.dumps([account_id, topic], salt=_UNSUBSCRIBE, compress=True)


def who_unsubscribes(token: str) -> tuple[int, Topic] | None:
    """Whose and which topic an unsubscribe address speaks of; None: not one of ours."""
    try:
        account_id, topic = signing.loads(token, salt=_UNSUBSCRIBE)
        return int(account_id), Topic(topic)
    except (signing.BadSignature, ValueError, TypeError):
        return None
