"""What moves the legal clock, as rows for lists and reports. The due date itself is computed from the log alone."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tinhso.apps.cases.enums import PauseReason
from tinhso.apps.cases.models._case import _KEPT, Case
from tinhso.kernel.models import Model


class Pause(Model):
    """A stretch in which the clock stands still, with its reason and basis (khoảng thời gian không tính vào thời hạn)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="pauses")
    reason = models.CharField(max_length=20, choices=PauseReason.choices)
    basis = models.CharField(max_length=300, help_text="the article that lets the clock stand still")
    note = models.TextField(blank=True)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=200)
    expected_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)
    incident = models.ForeignKey("cases.Incident", on_delete=models.PROTECT, related_name="pauses", null=True)

    personal_data: ClassVar[dict[str, str]] = {"note": _KEPT, "started_by": _KEPT, "ended_by": _KEPT}

    class Meta:
        constraints = [
            # Reasons may overlap (an outage while an opinion is awaited); the clock counts the time once.
            models.UniqueConstraint(
                fields=["case", "reason", "incident"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="case_one_open_pause_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="case_pause_ends_after_start",
            ),
        ]


class Extension(Model):
    """A re-appointment: told and apologised for before the old date had passed (Mẫu 04, xin lỗi và hẹn lại)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="extensions")
    number = models.PositiveSmallIntegerField()
    reason = models.TextField()
    basis = models.CharField(max_length=300)
    old_due_at = models.DateTimeField()
    new_due_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200)
    decided_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"reason": _KEPT, "decided_by": _KEPT}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="case_extension_number"),
            models.CheckConstraint(condition=Q(new_due_at__gt=F("old_due_at")), name="case_extension_is_later"),
        ]


class Incident(Model):
    """A system that was down, or synchronisation that lagged, with its evidence (sự cố hệ thống)."""

    system = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=[("outage", "Hệ thống ngừng"), ("lag", "Đồng bộ chậm")])
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+", null=True)
    description = models.TextField()
    evidence = models.TextField(help_text="what proves it: a ticket, a notice, a line of the log")
    stops_clock = models.BooleanField(default=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    recorded_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"recorded_by": _KEPT}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="case_incident_ends_after_start",
            )
        ]


class IncidentRound(Model):
    """One pass of an incident over the open cases: clocks stopped when it began, let go on when it was over."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="rounds")
    is_end = models.BooleanField(help_text="the pass that lets the clocks go on")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    latest_case_id = models.BigIntegerField(default=0, help_text="where an interrupted round goes on")
    total = models.PositiveIntegerField(help_text="open cases at its start; more may come meanwhile")
    examined = models.PositiveIntegerField(default=0)
    touched = models.PositiveIntegerField(default=0)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        ordering: ClassVar[list[str]] = ["is_end"]
        constraints = [models.UniqueConstraint(fields=["incident", "is_end"], name="case_incident_round_once")]


class Recomputation(Model):
    """One round of computing open due dates anew under an edited calendar (tính lại thời hạn)."""

    calendar_key = models.CharField(max_length=60)
    calendar_number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    latest_case_id = models.BigIntegerField(default=0, help_text="where an interrupted round goes on")
    examined = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar_key", "calendar_number"], name="case_recomputation_once")
        ]


class RecomputedDeadline(Model):
    """A due date that moved in a round: before and after."""

    recomputation = models.ForeignKey(Recomputation, on_delete=models.CASCADE, related_name="lines")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    before_at = models.DateTimeField()
    after_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recomputation", "case"], name="case_recomputed_once"),
        ]
