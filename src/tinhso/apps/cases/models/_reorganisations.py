"""A unit that went into another: its open cases handed over in one controlled round."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tinhso.apps.cases.enums import MoveStatus
from tinhso.apps.cases.models._case import _KEPT, Case
from tinhso.kernel.models import Model


class Reorganisation(Model):
    """A round that hands the open cases of a unit to its successor (bàn giao hồ sơ khi sắp xếp tổ chức)."""

    from_unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    to_unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    basis = models.CharField(max_length=300, help_text="the document that reorganised the units")
    status = models.CharField(max_length=12, choices=MoveStatus.choices, default=MoveStatus.PROPOSED)
    proposed_by = models.CharField(max_length=200)
    proposed_by_id = models.BigIntegerField(null=True)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    latest_case_id = models.BigIntegerField(default=0, help_text="where an interrupted round goes on")
    total = models.PositiveIntegerField(help_text="open cases when it was proposed")
    examined = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)

    personal_data: ClassVar[dict[str, str]] = {"proposed_by": _KEPT, "decided_by": _KEPT}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["from_unit"],
                condition=Q(status__in=["proposed", "approved"]),
                name="case_one_open_reorganisation",
            ),
            models.CheckConstraint(condition=~Q(from_unit=F("to_unit")), name="case_reorganisation_to_another"),
        ]


class ReorganisationLine(Model):
    """What became of one case of a round: the desk it lay at and lies at, or why it stayed."""

    reorganisation = models.ForeignKey(Reorganisation, on_delete=models.CASCADE, related_name="lines")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    desk_before = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+", null=True)
    desk_after = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+", null=True)
    moved = models.BooleanField()
    failure = models.TextField(blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reorganisation", "case"], name="case_reorganisation_line_once")]
