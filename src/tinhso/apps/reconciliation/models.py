"""What we remember of the national portal: what it was told, what came from it, where both sides differ."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.fields.related import ForeignKey, OneToOneField

from tinhso.apps.reconciliation.enums import ArrivalStatus, DifferenceKind, DifferenceState, Mend
from tinhso.kernel.models import Model

_KEPT_AS_CASE = "as long as the case it belongs to"
_UNTIL_TAKEN = "until the case is taken or dismissed; then the copy is emptied"


class Reading(Model):
    """How far the log has been read for the portal, one row. `pending` waits until every older transaction has ended."""

    position = models.BigIntegerField(default=0)
    pending_position = models.BigIntegerField(null=True)
    pending_transaction = models.BigIntegerField(null=True)
    pending_since = models.DateTimeField(null=True)
    since = models.DateTimeField(help_text="cases filed before are not told")
    lag_incident = ForeignKey("cases.Incident", on_delete=models.PROTECT, null=True, related_name="+")

    personal_data: ClassVar[dict[str, str]] = {}


class CaseSync(Model):
    """What the portal has been told of one case: up to which entry of its log."""

    case = OneToOneField("cases.Case", on_delete=models.PROTECT, primary_key=True, related_name="+")
    told_sequence = models.PositiveIntegerField(default=0)
    told_status = models.PositiveSmallIntegerField(null=True)
    told_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}


class Arrival(Model):
    """Hồ sơ nộp trên Cổng Dịch vụ công quốc gia: from being seen there to being a case here. One row a code."""

    code = models.CharField(max_length=60, unique=True)
    status = models.CharField(max_length=12, choices=ArrivalStatus.choices, default=ArrivalStatus.SEEN)
    procedure_code = models.CharField(max_length=40)
    procedure_name = models.CharField(max_length=600)
    applicant_name = models.CharField(max_length=200)
    unit = ForeignKey("directory.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    case = OneToOneField("cases.Case", on_delete=models.PROTECT, null=True, related_name="+")
    dossier = models.JSONField(null=True)
    filed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)
    settled_by = models.CharField(max_length=200, blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "applicant_name": _KEPT_AS_CASE,
        "dossier": _UNTIL_TAKEN,
        "settled_by": _KEPT_AS_CASE,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=ArrivalStatus.TAKEN) | Q(case__isnull=False), name="national_taken_has_case"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[ArrivalStatus.HELD, ArrivalStatus.DISMISSED]) | ~Q(failure=""),
                name="national_held_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-id"], name="national_arrival_held", condition=Q(status__in=["held", "seen"])
            )
        ]  # fmt: skip


class MirroredCase(Model):
    """Hồ sơ do hệ thống của bộ giải quyết, chỉ theo dõi: read-only here, followed as the portal reports it."""

    code = models.CharField(max_length=60, unique=True)
    procedure_code = models.CharField(max_length=40)
    procedure_name = models.CharField(max_length=600)
    applicant_name = models.CharField(max_length=200)
    system = models.CharField(max_length=300, help_text="the agency whose system runs it")
    unit = ForeignKey("directory.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    status = models.PositiveSmallIntegerField()
    submitted_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"applicant_name": _KEPT_AS_CASE}

    class Meta:
        indexes = [models.Index(fields=["unit", "-id"], name="national_mirrored_of_unit")]


class Round(Model):
    """Một lần đối soát hai bên."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    started_by = models.CharField(max_length=200)
    compared = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(
        default=0, help_text="cases not compared: something about them waits to be sent"
    )
    found = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)

    personal_data: ClassVar[dict[str, str]] = {"started_by": "as long as the round, five years"}


class Difference(Model):
    """Một chỗ hai bên khác nhau; open until mended, explained, or gone by itself."""

    code = models.CharField(max_length=60)
    kind = models.CharField(max_length=16, choices=DifferenceKind.choices)
    state = models.CharField(max_length=12, choices=DifferenceState.choices, default=DifferenceState.OPEN)
    case = ForeignKey("cases.Case", on_delete=models.PROTECT, null=True, related_name="+")
    unit = ForeignKey("directory.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    ours = models.CharField(max_length=500, blank=True)
    theirs = models.CharField(max_length=500, blank=True)
    first_round = ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    latest_round = ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    mend = models.CharField(max_length=12, blank=True, choices=Mend.choices)
    reason = models.TextField(blank=True)
    settled_by = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"settled_by": _KEPT_AS_CASE}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "kind"],
                condition=Q(state__in=[DifferenceState.OPEN, DifferenceState.MENDED, DifferenceState.EXPLAINED]),
                name="national_difference_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[DifferenceState.MENDED, DifferenceState.EXPLAINED]) | ~Q(reason=""),
                name="national_difference_settled_says_why",
            ),
        ]
        indexes = [models.Index(fields=["-id"], name="national_difference_open", condition=Q(state="open"))]
