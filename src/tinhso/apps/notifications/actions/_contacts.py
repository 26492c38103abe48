"""A person's addresses: proved by a code, taken away at will; and how she wants to be told."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings

from tinhso.apps.audit.actions import record
from tinhso.apps.notifications import queries, rules
from tinhso.apps.notifications.actions._planning import locked
from tinhso.apps.notifications.data import ChannelUnavailable, CodeWrong, ContactInvalid, TooManyCodes
from tinhso.apps.notifications.enums import Channel, Topic
from tinhso.apps.notifications.events import ContactCodeSent, ContactRemoved, ContactVerified, NoticeChoiceMade
from tinhso.apps.notifications.models import (
    ChatAnswer,
    ChatIncoming,
    ChatUser,
    Choice,
    Contact,
    ContactCode,
    Delivery,
    Notice,
)
from tinhso.apps.notifications.permissions import is_person
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.lib import webpush
from tinhso.lib.identifiers import IdentifierError, parse_phone

CODE_LIVES = timedelta(minutes=10)
_MOST_TRIES = 5
_MOST_BROWSERS = 5
_PROVED = (Channel.EMAIL, Channel.SMS)


@action
def ask_code(*, channel: Channel, address: str, actor: Actor, at: datetime) -> tuple[str, str, str]:
    """Lấy mã xác nhận cho một địa chỉ; returns (address, code, idempotency key) for the flow that sends it.

    Raises:
        ContactInvalid: no phone or e-mail address.
        ChannelUnavailable: this installation cannot send there.
        TooManyCodes: too many in an hour, for this person or to this address.
    """
    require(is_person(actor))
    if channel not in _PROVED or channel not in queries.open_channels(kind=actor.kind):
        raise ChannelUnavailable
    clean = _address(channel, address)
    stream = locked(f"contacts:{actor.account_id}")
    locked(f"codes:{clean}")
    since, most = at - timedelta(hours=1), queries.get_settings().codes_per_hour
    recent = ContactCode.objects.filter(created_at__gt=since)
    if recent.filter(account_id=_own(actor)).count() >= most or recent.filter(address=clean).count() >= most:
        raise TooManyCodes
    code = rules.new_code()
    ContactCode.objects.create(
        account_id=_own(actor), channel=channel, address=clean, created_at=at, expires_at=at + CODE_LIVES,
        digest=rules.code_digest(code, salt=_salt(actor, channel, clean)),
    )  # fmt: skip
    record(ContactCodeSent(account_id=_own(actor), channel=channel), subject=stream, actor=actor, at=at)
    return clean, code, str(uuid.uuid4())


@action
def confirm_code(*, channel: Channel, code: str, actor: Actor, at: datetime) -> bool:
    """Xác nhận địa chỉ bằng mã: it becomes the person's one address of this channel. False: wrong, expired, five tries.

    A wrong code is counted, so it is an answer and no error, which would take the count back.
    """
    require(is_person(actor))
    stream = locked(f"contacts:{actor.account_id}")
    asked = (
        ContactCode.objects.filter(account_id=_own(actor), channel=channel, used_at__isnull=True, expires_at__gt=at)
        .order_by("-created_at", "-pk")
        .first()
    )
    if asked is None or asked.tries >= _MOST_TRIES:
        return False
    asked.tries += 1
    right = rules.code_matches(code, salt=_salt(actor, channel, asked.address), digest=asked.digest)
    asked.used_at = at if right else None
    asked.save(update_fields=["tries", "used_at"])
    if right:
        keep_contact(account_id=_own(actor), channel=channel, address=asked.address, stream=stream, actor=actor, at=at)
    return right


@action
def start_linking(*, actor: Actor, at: datetime) -> str:
    """Lấy mã liên kết Zalo: the person sends it to the official account, once, within ten minutes.

    Raises:
        ChannelUnavailable, TooManyCodes.
    """
    require(is_person(actor))
    if Channel.ZALO not in queries.open_channels(kind=actor.kind):
        raise ChannelUnavailable
    stream = locked(f"contacts:{actor.account_id}")
    asked = ContactCode.objects.filter(account_id=_own(actor), channel=Channel.ZALO)
    if asked.filter(created_at__gt=at - timedelta(hours=1)).count() >= queries.get_settings().codes_per_hour:
        raise TooManyCodes
    asked.filter(used_at__isnull=True).update(used_at=at)  # only the newest counts
    code = rules.new_code(8)
    ContactCode.objects.create(
        account_id=_own(actor), channel=Channel.ZALO, digest=rules.code_digest(code, salt=str(Channel.ZALO)),
        created_at=at, expires_at=at + CODE_LIVES,
    )  # fmt: skip
    record(ContactCodeSent(account_id=_own(actor), channel="zalo"), subject=stream, actor=actor, at=at)
    return code


@action
def add_browser(*, endpoint: str, p256dh: str, auth: str, actor: Actor, at: datetime) -> int:
    """Nhận thông báo trên trình duyệt này: subscriptions go only to known push services.

    Raises:
        ContactInvalid: not a subscription of a push service we know.
    """
    require(is_person(actor))
    place = urlsplit(endpoint)
    known = [
        host for host in settings.MESSAGING["push_hosts"] if place.netloc == host or place.netloc.endswith(f".{host}")
    ]
    if not known or len(endpoint) > 600 or (place.scheme != "https" and not settings.DEMO):
        raise ContactInvalid("Dịch vụ đẩy của trình duyệt này chưa được hỗ trợ.")
    try:
        webpush.check_subscription(p256dh, auth)
    except webpush.SubscriptionInvalid as error:
        raise ContactInvalid from error
    stream = locked(f"contacts:{actor.account_id}")
    locked(f"browser:{endpoint}")
    Contact.objects.filter(channel=Channel.PUSH, address=endpoint, ended_at__isnull=True).update(
        ended_at=at, details={}
    )
    held = Contact.objects.filter(account_id=_own(actor), channel=Channel.PUSH, ended_at__isnull=True).order_by("-pk")
    for old in held[_MOST_BROWSERS - 1 :]:
        _end_contact(old, stream=stream, actor=actor, at=at)
    return keep_contact(
        account_id=_own(actor), channel=Channel.PUSH, address=endpoint, stream=stream, actor=actor, at=at,
        details={"p256dh": p256dh, "auth": auth},
    )  # fmt: skip


@action
def remove_contact(*, contact_id: int, actor: Actor, at: datetime) -> None:
    """Bỏ một địa chỉ nhận thông báo của mình; what has not left for it yet is not sent."""
    require(is_person(actor))
    stream = locked(f"contacts:{actor.account_id}")
    held = Contact.objects.filter(pk=contact_id, account_id=_own(actor), ended_at__isnull=True).first()
    if held is None:
        return
    if held.channel == Channel.ZALO:
        ChatUser.objects.filter(account_id=_own(actor)).update(account=None, linked_at=None)
    _end_contact(held, stream=stream, actor=actor, at=at)


@action
def make_choice(
    *, order: Sequence[Channel], quiet: tuple[int, int] | None, muted: Sequence[Topic], actor: Actor, at: datetime
) -> None:
    """Chọn cách nhận thông báo: the order of channels, quiet hours (minutes of the day), topics without messages.

    Notices of topics that the law has an agency give stay at the bell and are sent all the same.

    Raises:
        ContactInvalid: quiet hours outside a day.
    """
    require(is_person(actor))
    if quiet is not None and not all(0 <= minute < 24 * 60 for minute in quiet):
        raise ContactInvalid("Giờ nghỉ không đúng.")
    stream = locked(f"contacts:{actor.account_id}")
    chosen = [str(one) for one in dict.fromkeys(order) if one is not Channel.PUSH]
    quieted = sorted({str(one) for one in muted})
    Choice.objects.update_or_create(
        account_id=_own(actor),
        defaults={
            "order": chosen, "quiet_from": quiet[0] if quiet else None, "quiet_to": quiet[1] if quiet else None,
            "muted": quieted, "changed_at": at,
        },
    )  # fmt: skip
    event = NoticeChoiceMade(account_id=_own(actor), order=chosen, muted=quieted)
    record(event, subject=stream, actor=actor, at=at)


@action
def mute_topic(*, token: str, actor: Actor, at: datetime) -> Topic:
    """Thôi nhận thư về một nội dung, by the address printed in a letter; done twice it is done once.

    Raises:
        CodeWrong: not an address of ours.
    """
    found = queries.who_unsubscribes(token)
    if found is None:
        raise CodeWrong("Liên kết này không đúng.")
    account_id, topic = found
    stream = locked(f"contacts:{account_id}")
    choice, _ = Choice.objects.get_or_create(account_id=account_id, defaults={"changed_at": at})
    if topic not in choice.muted:
        choice.muted, choice.changed_at = sorted({*choice.muted, str(topic)}), at
        choice.save(update_fields=["muted", "changed_at"])
        event = NoticeChoiceMade(account_id=account_id, order=choice.order, muted=choice.muted)
        record(event, subject=stream, actor=actor, at=at)
    return topic


@action
def forget_messages(*, actor: Actor, at: datetime) -> int:
    """Xóa tin nhắn Zalo đã quá thời hạn lưu và mã xác nhận cũ hơn một ngày; returns how many rows went."""
    require(actor.kind is ActorKind.SYSTEM)
    old = at - timedelta(days=queries.get_settings().chat_days)
    gone = ChatIncoming.objects.filter(received_at__lt=old).delete()[0]
    gone += ChatAnswer.objects.filter(created_at__lt=old).delete()[0]
    return gone + ContactCode.objects.filter(created_at__lt=at - timedelta(days=1)).delete()[0]


@action
def forget_notices(*, limit: int, actor: Actor, at: datetime) -> int:
    """Xóa thông báo và tin gửi đã quá thời hạn lưu (content/messages/settings.yaml), the oldest first, at most `limit`.

    Returns how many notices went; their messages go with them. Costs of a day that is gone stay in the log.
    """
    require(actor.kind is ActorKind.SYSTEM)
    old = at - timedelta(days=queries.get_settings().notice_days)
    ids = list(Notice.objects.filter(sent_at__lt=old).order_by("pk").values_list("pk", flat=True)[:limit])
    Delivery.objects.filter(notice__in=ids).delete()
    Notice.objects.filter(pk__in=ids).delete()
    return len(ids)


@action(inner=True)
def keep_official_address(*, account_id: int, address: str, former: Sequence[str], actor: Actor, at: datetime) -> None:
    """Gửi thư của cán bộ tới địa chỉ công vụ, unless the officer has proved another; `former` are official ones too.

    The province gives the address out itself, so no code proves it. An empty address: the mailbox is closed.
    """
    stream = locked(f"contacts:{account_id}")
    held = Contact.objects.filter(account_id=account_id, channel=Channel.EMAIL, ended_at__isnull=True).first()
    if held is not None and (held.address == address or held.address not in former):
        return
    if address:
        keep_contact(account_id=account_id, channel=Channel.EMAIL, address=address, stream=stream, actor=actor, at=at)
    elif held is not None:
        _end_contact(held, stream=stream, actor=actor, at=at)


def keep_contact(
    *, account_id: int, channel: Channel, address: str, stream: str, actor: Actor, at: datetime,
    details: dict[str, str] | None = None,
) -> int:  # fmt: skip
    """The person's proved address of a channel, in place of the one before; the caller holds the stream's lock."""
    if channel is not Channel.PUSH:
        for old in Contact.objects.filter(account_id=account_id, channel=channel, ended_at__isnull=True):
            _end_contact(old, stream=stream, actor=actor, at=at)
    held = Contact.objects.create(
        account_id=account_id, channel=channel, address=address, details=details or {}, verified_at=at
    )
    event = ContactVerified(account_id=account_id, channel=channel, contact_id=held.pk)
    record(event, subject=stream, actor=actor, at=at)
    return held.pk


def _end_contact(held: Contact, *, stream: str, actor: Actor, at: datetime) -> None:
    held.ended_at, held.details, held.address = at, {}, rules.masked(held.address)
    held.save(update_fields=["ended_at", "details", "address"])
    event = ContactRemoved(account_id=held.account_id, channel=held.channel, contact_id=held.pk)
    record(event, subject=stream, actor=actor, at=at)


def _address(channel: Channel, text: str) -> str:
    typed = text.strip()
    if channel is Channel.SMS:
        try:
            return parse_phone(typed)
        except IdentifierError as error:
            raise ContactInvalid(str(error)) from error
    problem = rules.email_problem(typed)
    if problem:
        raise ContactInvalid(problem)
    return typed.lower()


def _own(actor: Actor) -> int:
    return actor.account_id or 0


def _salt(actor: Actor, channel: Channel, address: str) -> str:
    return f"{actor.account_id}|{channel}|{address}"
