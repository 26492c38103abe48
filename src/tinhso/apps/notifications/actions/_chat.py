"""The chat of the official account: what comes in, what is answered, who follows what, and the tokens."""

from datetime import datetime, timedelta

from tinhso.apps.audit.actions import record
from tinhso.apps.notifications import rules
from tinhso.apps.notifications.actions._contacts import keep_contact
from tinhso.apps.notifications.actions._planning import locked
from tinhso.apps.notifications.data import Outcome
from tinhso.apps.notifications.enums import Channel, ChatState
from tinhso.apps.notifications.events import ChatAnswered, ChatFollowed, ChatReceived, ChatSent, ZaloTokenRenewed
from tinhso.apps.notifications.models import (
    ChatAnswer,
    ChatFollow,
    ChatIncoming,
    ChatUser,
    Contact,
    ContactCode,
    ZaloToken,
)
from tinhso.apps.notifications.providers import secrets
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind

_MOST_TRIES = 6
_MOST_FOLLOWS = 20
_LINK_TRIES = 5
_TEXT_EVENT = "user_send_text"
_LINK_ATTEMPT = "link"


@action
def receive_chat(*, message_key: str, user: str, event: str, text: str, actor: Actor, at: datetime) -> int | None:
    """Nhận tin nhắn từ Zalo, once for each number; returns its row, None when it was known already."""
    require(actor.kind is ActorKind.SYSTEM)
    stream = locked(f"chat:{user}")
    if ChatIncoming.objects.filter(message_key=message_key[:100]).exists():
        return None
    person, _ = ChatUser.objects.get_or_create(user=user[:40])
    if event == _TEXT_EVENT:
        person.last_message_at = max(at, person.last_message_at or at)
        person.save(update_fields=["last_message_at"])
    row = ChatIncoming.objects.create(
        message_key=message_key[:100], user=person, event=event[:40], text=text[:2_000], received_at=at
    )
    if event == _TEXT_EVENT:
        record(ChatReceived(message_id=row.pk), subject=stream, actor=actor, at=at)
    return row.pk


@action
def queue_answer(*, message_id: int, text: str, actor: Actor, at: datetime) -> int:
    """Trả lời một tin nhắn, once."""
    require(actor.kind is ActorKind.SYSTEM)
    row = ChatIncoming.objects.select_related("user").get(pk=message_id)
    return _answer(row.user, f"answer:{message_id}", text, actor=actor, at=at)


@action
def follow_case(*, user: str, code: str, follows: bool, actor: Actor, at: datetime) -> bool:
    """Theo dõi hoặc thôi theo dõi một hồ sơ qua Zalo; False: the chat follows as many as it may.

    Whoever has the code sees what /tra-cuu shows anybody; nothing more is ever told here.
    """
    require(actor.kind is ActorKind.SYSTEM)
    stream = locked(f"chat:{user}")
    person = ChatUser.objects.get(user=user)
    held = ChatFollow.objects.filter(user=person)
    if not follows:
        if held.filter(code=code).delete()[0]:
            record(ChatFollowed(code=code, follows=False), subject=stream, actor=actor, at=at)
        return True
    if held.filter(code=code).exists():
        return True
    if held.count() >= _MOST_FOLLOWS:
        return False
    ChatFollow.objects.create(user=person, code=code, since=at)
    record(ChatFollowed(code=code, follows=True), subject=stream, actor=actor, at=at)
    return True


@action
def tell_followers(*, code: str, text: str, source: str, actor: Actor, at: datetime) -> int:
    """Báo người theo dõi hồ sơ qua Zalo một diễn biến công khai; returns how many chats. Once for each `source`."""
    require(actor.kind is ActorKind.SYSTEM)
    followers = ChatFollow.objects.filter(code=code).select_related("user").order_by("user_id")
    for one in followers:
        _answer(one.user, f"{source}:{one.user_id}", text, actor=actor, at=at)
    return len(followers)


@action
def link_chat(*, user: str, code: str, actor: Actor, at: datetime) -> bool:
    """Liên kết Zalo với tài khoản bằng mã lấy trên cổng; False: no such code, used, expired, or too many wrong ones.

    The chat proves nothing about who writes: only the code does, which the signed-in person got on the portal.
    """
    require(actor.kind is ActorKind.SYSTEM)
    locked(f"chat:{user}")
    person = ChatUser.objects.get(user=user)
    wrong = ChatAnswer.objects.filter(
        user=person, key__startswith=f"{_LINK_ATTEMPT}:", created_at__gt=at - timedelta(hours=1)
    )
    if wrong.count() >= _LINK_TRIES:
        return False
    asked = ContactCode.objects.select_for_update().filter(
        channel=Channel.ZALO,
        digest=rules.code_digest(code, salt=str(Channel.ZALO)),
        used_at__isnull=True,
        expires_at__gt=at,
    )
    found = list(asked[:2])
    if len(found) != 1:  # none; or, once in a million, the same code twice: neither counts
        ChatAnswer.objects.create(
            key=f"{_LINK_ATTEMPT}:{person.pk}:{at.timestamp()}", user=person, text="", state=ChatState.SENT,
            created_at=at, next_at=at,
        )  # fmt: skip
        return False
    account_id = found[0].account_id
    ContactCode.objects.filter(pk=found[0].pk).update(used_at=at)
    ChatUser.objects.filter(account_id=account_id).update(account=None, linked_at=None)
    if person.account_id is not None and person.account_id != account_id:
        before = Contact.objects.filter(account_id=person.account_id, channel=Channel.ZALO, ended_at__isnull=True)
        before.update(ended_at=at, address=rules.masked(user))
    person.account_id, person.linked_at = account_id, at
    person.save(update_fields=["account", "linked_at"])
    stream = locked(f"contacts:{account_id}")
    keep_contact(account_id=account_id, channel=Channel.ZALO, address=user, stream=stream, actor=actor, at=at)
    return True


@action
def unlink_chat(*, user: str, actor: Actor, at: datetime) -> None:
    """Bỏ liên kết khi người dùng thôi quan tâm trang Zalo: nothing can be sent there any more."""
    require(actor.kind is ActorKind.SYSTEM)
    stream = locked(f"chat:{user}")
    person = ChatUser.objects.filter(user=user).first()
    if person is None:
        return
    for code in list(ChatFollow.objects.filter(user=person).values_list("code", flat=True)):
        record(ChatFollowed(code=code, follows=False), subject=stream, actor=actor, at=at)
    ChatFollow.objects.filter(user=person).delete()
    held = Contact.objects.filter(channel=Channel.ZALO, address=user, ended_at__isnull=True)
    held.update(ended_at=at, address=rules.masked(user))
    person.account, person.linked_at, person.last_message_at = None, None, None
    person.save(update_fields=["account", "linked_at", "last_message_at"])


@action
def record_chat(*, answer_id: int, outcome: Outcome, actor: Actor, at: datetime) -> None:
    """Ghi kết quả gửi một câu trả lời: sent, tried again later, or given up."""
    require(actor.kind is ActorKind.SYSTEM)
    row = ChatAnswer.objects.select_for_update(of=("self",)).select_related("user").get(pk=answer_id)
    if row.state != ChatState.QUEUED:
        return
    row.attempts, row.error = row.attempts + 1, outcome.error[:300]
    if outcome.taken:
        row.state, row.sent_at = ChatState.SENT, at
    elif outcome.final or row.attempts >= _MOST_TRIES:
        row.state = ChatState.FAILED
    row.next_at = at + rules.backoff(row.attempts)
    row.save()
    if row.state != ChatState.QUEUED:
        event = ChatSent(answer_id=row.pk, state=str(row.state))
        record(event, subject=locked(f"chat:{row.user.user}"), actor=actor, at=at)


@action
def store_tokens(
    *, app_id: str, access: str, refresh: str, seconds: int, generation: int, actor: Actor, at: datetime
) -> None:
    """Giữ mã truy cập Zalo mới; `generation` numbers the chain, and a pair older than what is kept is left out."""
    require(actor.kind is ActorKind.SYSTEM)
    stream = locked(f"zalo:{app_id}")
    row = ZaloToken.objects.filter(app_id=app_id).first() or ZaloToken(app_id=app_id)
    if row.pk and generation <= row.generation:
        return
    row.access = secrets.seal(access, bound_to=f"{app_id}:access") if access else b""
    row.refresh = secrets.seal(refresh, bound_to=f"{app_id}:refresh")
    row.generation, row.renewed_at, row.expires_at = generation, at, at + timedelta(seconds=seconds)
    row.save()
    record(ZaloTokenRenewed(app_id=app_id, generation=generation), subject=stream, actor=actor, at=at)


def _answer(person: ChatUser, key: str, text: str, *, actor: Actor, at: datetime) -> int:
    stream = locked(f"chat:{person.user}")
    row, made = ChatAnswer.objects.get_or_create(
        key=key[:100], defaults={"user": person, "text": text[:2_000], "created_at": at, "next_at": at}
    )
    if made:
        record(ChatAnswered(answer_id=row.pk), subject=stream, actor=actor, at=at)
    return row.pk
