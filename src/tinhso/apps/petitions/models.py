"""Tables of petitions."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from tinhso.apps.petitions.enums import (
    OPEN_STATUSES,
    PetitionClass,
    PetitionStatus,
    PetitionTopic,
    ReminderKind,
    Satisfaction,
    Stage,
)
from tinhso.kernel import ownrows
from tinhso.kernel.models import Model

_KEPT = "as long as the petition's file is kept (lưu trữ phản ánh, kiến nghị), to answer the sender"
_DAY = "a mark of where it was sent from, to limit sending; of no use after that day"


class Petition(Model):
    """A petition or complaint (phản ánh, kiến nghị): what was said, who has it, until when, what was answered."""

    code = models.CharField(max_length=24, unique=True)
    status = models.CharField(max_length=10, choices=PetitionStatus.choices)
    topic = models.CharField(max_length=12, choices=PetitionTopic.choices)
    classification = models.CharField(max_length=12, choices=PetitionClass.choices, blank=True)
    title = models.CharField(max_length=200)
    content = models.TextField()

    # What is published is everybody's to read.
    own_rows: ClassVar[str] = f"account_id = {ownrows.ACCOUNT} OR published_at IS NOT NULL"

    # Who sent it: an account, or a contact alone.
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+", null=True)
    sender_name = models.CharField(max_length=200, blank=True)
    sender_phone = models.CharField(max_length=20, blank=True)
    sender_email = models.CharField(max_length=254, blank=True)
    is_confidential = models.BooleanField(default=False)
    network_mark = models.CharField(max_length=64, blank=True)

    # About what, and who has it. `intake_unit` is the one-stop centre that receives for the handling unit.
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    handling_unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    intake_unit_id = models.BigIntegerField(null=True)
    passed_unit_ids = ArrayField(models.BigIntegerField(), default=list)
    procedure_code = models.CharField(max_length=40, blank=True)
    procedure_name = models.TextField(blank=True)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+", null=True)

    sent_at = models.DateTimeField()
    here_since = models.DateTimeField()
    refuse_due_at = models.DateTimeField()
    ask_due_at = models.DateTimeField()
    answer_due_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)

    asked_at = models.DateTimeField(null=True)
    asked_text = models.TextField(blank=True)
    give_until = models.DateTimeField(null=True)
    given_at = models.DateTimeField(null=True)
    given_text = models.TextField(blank=True)

    answer = models.TextField(blank=True)
    drafted_at = models.DateTimeField(null=True)
    drafted_by_id = models.BigIntegerField(null=True)
    drafted_by = models.CharField(max_length=200, blank=True)
    returned_reason = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=200, blank=True)
    lateness = models.CharField(max_length=8, blank=True)
    refusal = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)

    publish_due_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    withheld_at = models.DateTimeField(null=True)
    withheld_reason = models.TextField(blank=True)
    public_title = models.CharField(max_length=200, blank=True)
    public_content = models.TextField(blank=True)
    public_answer = models.TextField(blank=True)
    public_search = models.TextField(blank=True)

    satisfaction = models.CharField(max_length=16, choices=Satisfaction.choices, blank=True)
    rating_comment = models.TextField(blank=True)
    rated_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "title": _KEPT, "content": _KEPT, "sender_name": _KEPT, "sender_phone": _KEPT, "sender_email": _KEPT,
        "given_text": _KEPT, "asked_text": _KEPT, "answer": _KEPT, "rating_comment": _KEPT, "network_mark": _DAY,
    }  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PetitionStatus.values), name="petition_status"),
            models.CheckConstraint(condition=Q(topic__in=PetitionTopic.values), name="petition_topic"),
            models.CheckConstraint(
                condition=Q(account__isnull=False) | ~Q(sender_phone="") | ~Q(sender_email=""),
                name="petition_sender_can_be_reached",
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN_STATUSES) ^ Q(closed_at__isnull=False), name="petition_closed_when_done"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=False) ^ ~Q(status=PetitionStatus.ANSWERED),
                name="petition_answered_says_when",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | (Q(answered_at__isnull=False) & ~Q(public_answer="")),
                name="petition_published_after_the_answer",
            ),
            models.CheckConstraint(
                condition=Q(status=PetitionStatus.LAPSED)
                | (Q(status=PetitionStatus.ASKED) ^ Q(answer_due_at__isnull=False)),
                name="petition_clock_stands_while_asked",
            ),
        ]
        indexes = [
            models.Index(fields=["handling_unit", "sent_at"], name="petition_of_unit"),
            models.Index(fields=["account", "-id"], name="petition_of_account"),
            models.Index(
                fields=["answer_due_at"], condition=Q(status__in=OPEN_STATUSES), name="petition_open_by_due"
            ),
            models.Index(
                fields=["-published_at", "-id"], condition=Q(published_at__isnull=False), name="petition_published"
            ),
            GinIndex(fields=["passed_unit_ids"], name="petition_passed"),
            GinIndex(
                fields=["public_search"], opclasses=["gin_trgm_ops"], condition=Q(published_at__isnull=False),
                name="petition_public_words",
            ),
        ]  # fmt: skip


class Attachment(Model):
    """A file of a petition (tài liệu kèm theo)."""

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="attachments")
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=6, choices=Stage.choices)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        indexes = [models.Index(fields=["petition"], name="petition_attachments")]


class Reminder(Model):
    """A reminder that was given, once for every kind and due date (nhắc việc)."""

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=12, choices=ReminderKind.choices)
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "kind", "due_at"], name="petition_reminded_once"),
        ]
