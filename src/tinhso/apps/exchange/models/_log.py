"""The log of messages, never changed, the seals over it, and the day's counts."""

from typing import ClassVar

from django.db import models

from tinhso.apps.exchange.enums import MessageKind
from tinhso.kernel.models import Model

_KEPT_AS_LOG = "ten years: the log proves who asked for whose data (Archives Law 33/2024/QH15)"


class Message(Model):
    """One line of the message log (nhật ký thông điệp). Partitioned by month, append-only, sealed every minute.

    A request is a line before it goes to the provider, a response before its last byte goes to the client.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=MessageKind.choices)
    exchange_id = models.UUIDField()
    message_id = models.CharField(max_length=200)
    client = models.CharField(max_length=500)
    service = models.CharField(max_length=600)
    method = models.CharField(max_length=8)
    right_id = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=300)
    user_id = models.CharField(max_length=100, help_text="the officer who asked (X-Road-UserId)")
    issue = models.CharField(max_length=200, help_text="the case it was asked for (X-Road-Issue)")
    represented = models.CharField(max_length=200)
    request_head = models.BinaryField()
    request_size = models.BigIntegerField(null=True)
    request_hash = models.BinaryField(null=True)
    request_signature = models.BinaryField(null=True)
    request_key = models.CharField(max_length=64)
    response_head = models.BinaryField(null=True)
    response_size = models.BigIntegerField(null=True)
    response_hash = models.BinaryField(null=True)
    response_signature = models.BinaryField(null=True)
    response_key = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=120)
    duration_us = models.BigIntegerField(null=True)
    subject = models.BinaryField(null=True, help_text="keyed hash of the number of whom it is about")

    personal_data: ClassVar[dict[str, str]] = {
        "user_id": _KEPT_AS_LOG,
        "request_head": _KEPT_AS_LOG,
        "response_head": _KEPT_AS_LOG,
        "subject": _KEPT_AS_LOG,
    }


class MessageBody(Model):
    """Nội dung thông điệp của dịch vụ được khai là giữ nội dung: sealed with the key of its last day, deleted with that key.

    Not part of the log: what the log proves does not need it, and it goes long before.
    """

    exchange_id = models.UUIDField()
    kind = models.CharField(max_length=8, choices=MessageKind.choices)
    until = models.DateField(db_index=True)
    content = models.BinaryField()

    personal_data: ClassVar[dict[str, str]] = {"content": "the days its service declares, at most 30; sealed"}

    class Meta:
        indexes = [models.Index(fields=["exchange_id"], name="exchange_body_of")]


class Usage(Model):
    """Lượt khai thác trong ngày của một hệ thống với một dịch vụ: quotas and statistics read it."""

    day = models.DateField()
    client = models.CharField(max_length=500)
    service = models.CharField(max_length=600)
    right_id = models.BigIntegerField(default=0)
    calls = models.BigIntegerField(default=0)
    errors = models.BigIntegerField(default=0)
    bytes_in = models.BigIntegerField(default=0)
    bytes_out = models.BigIntegerField(default=0)
    duration_us = models.BigIntegerField(default=0)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "right_id", "client", "service"], name="exchange_usage_day")
        ]


class MessageSeal(Model):
    """Niêm phong nhật ký thông điệp: the tree root of a run of lines, chained to the seal before, signed."""

    number = models.PositiveBigIntegerField(primary_key=True)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    size = models.PositiveIntegerField()
    root = models.BinaryField(max_length=32)
    previous_head = models.BinaryField(max_length=32)
    head = models.BinaryField(max_length=32)
    key = models.CharField(max_length=64)
    signature = models.BinaryField(max_length=64)
    sealed_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {}


class SealStamp(Model):
    """Dấu thời gian của một niêm phong (RFC 3161); comes later when the authority is down."""

    seal = models.OneToOneField(MessageSeal, on_delete=models.PROTECT, primary_key=True, related_name="stamp")
    token = models.BinaryField()
    attested_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {}
