"""Notices, one row a reader."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject
from tinhso.kernel.models import Model


class Notice(Model):
    """That one person was told of one thing (thông báo). `source` names what it follows from, so it is told once.

    `facts` are the values of templates beside code and address (`date`, `unit`): nothing personal. `unit` pays.
    """

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=NoticeKind.choices)
    subject = models.CharField(max_length=12, choices=NoticeSubject.choices)
    code = models.CharField(max_length=60)
    words = models.CharField(max_length=400)
    source = models.CharField(max_length=60)
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+", null=True)
    facts = models.JSONField(default=dict)
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "words": "one year: what was told may be asked for",
        "account": "as long as the words",
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "source"], name="notice_told_once")]
        indexes = [
            models.Index(fields=["account", "-id"], name="notice_unread", condition=Q(read_at__isnull=True)),
            models.Index(fields=["account", "-id"], name="notice_of"),
        ]
