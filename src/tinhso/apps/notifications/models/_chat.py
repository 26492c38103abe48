"""The official account on Zalo: its tokens, the people who write, what they follow, and what they are answered."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.notifications.enums import ChatState
from tinhso.kernel.models import Model


class ZaloToken(Model):
    """Mã truy cập của tài khoản Zalo: one row an application. A refresh token works once, so the row is locked to use it.

    Both tokens are sealed with a key from the installation's secret.
    """

    app_id = models.CharField(max_length=40, unique=True)
    access = models.BinaryField()
    refresh = models.BinaryField()
    generation = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    renewed_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {}


class ChatUser(Model):
    """Người nhắn Zalo: known by the number Zalo gives; linked to an account only by a code from the portal."""

    user = models.CharField(max_length=40, unique=True)
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+", null=True)
    linked_at = models.DateTimeField(null=True)
    last_message_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "user": "as long as the person follows the official account",
        "account": "until the person unlinks",
    }


class ChatIncoming(Model):
    """Tin nhắn đến: once for each number Zalo gives it."""

    message_key = models.CharField(max_length=100, unique=True)
    user = models.ForeignKey(ChatUser, on_delete=models.PROTECT, related_name="+")
    event = models.CharField(max_length=40)
    text = models.CharField(max_length=2_000, blank=True)
    received_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"text": "thirty days: to answer and to look into complaints"}


class ChatFollow(Model):
    """Theo dõi hồ sơ qua Zalo: public states of one case told to one chat."""

    user = models.ForeignKey(ChatUser, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    since = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"user": "until the person stops following or the case is delivered"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code"], name="chat_follow_once")]
        indexes = [models.Index(fields=["code"], name="chat_followers")]


class ChatAnswer(Model):
    """Tin trả lời trong hội thoại: one for each `key` (what it answers or tells of)."""

    key = models.CharField(max_length=100, unique=True)
    user = models.ForeignKey(ChatUser, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=2_000)
    state = models.CharField(max_length=8, choices=ChatState.choices, default=ChatState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    next_at = models.DateTimeField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"text": "thirty days: to look into complaints"}

    class Meta:
        indexes = [models.Index(fields=["next_at"], condition=Q(state=ChatState.QUEUED), name="chat_answer_due")]
