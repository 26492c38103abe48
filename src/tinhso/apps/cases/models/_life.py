"""Turns in the life of a case: a supplement awaiting the head's word, and hand-overs between agencies."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tinhso.apps.cases.enums import TransferKind
from tinhso.apps.cases.models._case import _KEPT, Case
from tinhso.kernel.models import Model


class SupplementProposal(Model):
    """A request at appraisal that the head has yet to let go (đề xuất yêu cầu bổ sung chờ lãnh đạo ký)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="supplement_proposals")
    items = models.JSONField()
    document_keys = ArrayField(models.CharField(max_length=80), default=list)
    field_keys = ArrayField(models.CharField(max_length=80), default=list)
    reason = models.TextField()
    proposed_by = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(null=True)
    note = models.TextField(blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "reason": _KEPT,
        "proposed_by": _KEPT,
        "decided_by": _KEPT,
        "note": _KEPT,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(decided_at__isnull=True), name="case_one_open_supplement_proposal"
            )
        ]


class Transfer(Model):
    """A case on its way to the desk of another agency, and what became of it there (chuyển hồ sơ)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="transfers")
    kind = models.CharField(max_length=20, choices=TransferKind.choices)
    from_unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    to_unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    desk = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    step_key = models.CharField(max_length=60, help_text="the step it was taken from")
    reason = models.TextField(blank=True)
    basis = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField()
    sent_by = models.CharField(max_length=200)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.CharField(max_length=200, blank=True)
    declined_at = models.DateTimeField(null=True)
    declined_by = models.CharField(max_length=200, blank=True)
    decline_reason = models.TextField(blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "reason": _KEPT,
        "sent_by": _KEPT,
        "accepted_by": _KEPT,
        "declined_by": _KEPT,
        "decline_reason": _KEPT,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(accepted_at__isnull=True, declined_at__isnull=True),
                name="case_one_open_transfer",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(declined_at__isnull=True), name="case_transfer_one_end"
            ),
        ]


class EndedCase(Model):
    """A case that is over and whose files have yet to be given their retention period (hồ sơ vừa kết thúc).

    The database writes the rows, by triggers on cases and on the files handed in or scanned with them (migration
    `0015_ended_cases`): when a case ends, ends again, or gets a file after its end. The nightly round takes them away.
    """

    case_id = models.BigIntegerField(primary_key=True)
    written_by = models.BigIntegerField(help_text="the transaction that wrote it last")

    personal_data: ClassVar[dict[str, str]] = {}
