"""Addresses people have proved to be theirs, and how they want to be told."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.notifications.enums import Channel
from tinhso.kernel.models import Model


class Contact(Model):
    """Địa chỉ nhận thông báo: a phone, an e-mail address, a chat user or a browser, proved by its owner."""

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    address = models.CharField(max_length=600)
    details = models.JSONField(default=dict)
    verified_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "account": "until the person takes the address away",
        "address": "until the person takes the address away; then cleared",
        "details": "keys of a browser's subscription, cleared with the address",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "channel"],
                condition=Q(ended_at__isnull=True) & ~Q(channel=Channel.PUSH),
                name="contact_one_a_channel",
            ),
            models.UniqueConstraint(
                fields=["address"],
                condition=Q(ended_at__isnull=True, channel=Channel.PUSH),
                name="contact_browser_once",
            ),
        ]
        indexes = [models.Index(fields=["account"], condition=Q(ended_at__isnull=True), name="contact_of")]


class ContactCode(Model):
    """Mã xác nhận địa chỉ: only its digest, for ten minutes and five tries."""

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    address = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "account": "one day: limits how many codes are sent",
        "address": "one day: limits how many codes an address is sent",
    }

    class Meta:
        indexes = [
            models.Index(fields=["account", "-created_at"], name="contact_code_of"),
            models.Index(fields=["address", "-created_at"], name="contact_code_to"),
            models.Index(
                fields=["digest"], condition=Q(channel=Channel.ZALO, used_at__isnull=True), name="contact_code_chat"
            ),
        ]


class Choice(Model):
    """Cách nhận thông báo: the order of channels, quiet hours of the person's own, topics she wants no messages of."""

    account = models.OneToOneField("accounts.Account", on_delete=models.PROTECT, related_name="+")
    order = models.JSONField(default=list)
    quiet_from = models.PositiveSmallIntegerField(null=True)
    quiet_to = models.PositiveSmallIntegerField(null=True)
    muted = models.JSONField(default=list)
    changed_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"account": "as long as the account: how its holder wants to be told"}
