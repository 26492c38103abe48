"""What was written in the chat, and how the official account stands."""

from datetime import datetime

from tinhso.apps.notifications import rules
from tinhso.apps.notifications.data import ChatMessage
from tinhso.apps.notifications.enums import ChatState
from tinhso.apps.notifications.models import ChatAnswer, ChatFollow, ChatIncoming, ChatUser, ZaloToken
from tinhso.apps.notifications.providers import secrets
from tinhso.kernel.prepared import Prepared

_FOLLOWED = Prepared(lambda code: ChatFollow.objects.filter(code=code).values_list("pk", flat=True)[:1], code=str)


def get_chat(message_id: int) -> ChatMessage:
    """One message as it came."""
    row = ChatIncoming.objects.select_related("user").get(pk=message_id)
    wish = rules.wish_of(row.text)
    return ChatMessage(row.pk, row.user.user, wish.intent, wish.about, row.user.account_id, row.received_at)


def chat_account(account_id: int | None) -> str:
    """The chat user linked to an account; empty: none."""
    row = ChatUser.objects.filter(account_id=account_id or 0).first()
    return row.user if row else ""


def waiting_answers(at: datetime, *, limit: int = 100) -> list[tuple[int, str, str]]:
    """(number, chat user, text) of answers that wait."""
    rows = ChatAnswer.objects.filter(state=ChatState.QUEUED, next_at__lte=at).select_related("user").order_by("pk")
    return [(row.pk, row.user.user, row.text) for row in rows[:limit]]


def stored_tokens(app_id: str) -> tuple[str, str, int, datetime] | None:
    """(access, refresh, generation, until) of the official account; None: never given."""
    row = ZaloToken.objects.filter(app_id=app_id).first()
    if row is None:
        return None
    access = secrets.open_sealed(row.access, bound_to=f"{app_id}:access") if row.access else ""
    return access, secrets.open_sealed(row.refresh, bound_to=f"{app_id}:refresh"), row.generation, row.expires_at


def token_state(app_id: str) -> tuple[int, datetime, datetime] | None:
    """(generation, renewed, until) for operators; None: no right was ever given to this installation."""
    row = ZaloToken.objects.filter(app_id=app_id).first()
    return (row.generation, row.renewed_at, row.expires_at) if row else None


def has_followers(code: str) -> bool:
    """Whether any chat follows a case."""
    return _FOLLOWED.first(code=code) is not None
