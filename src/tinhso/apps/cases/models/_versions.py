"""Moving running cases to another version of their procedure, under control."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.cases.enums import MoveStatus
from tinhso.apps.cases.models._case import _KEPT, Case
from tinhso.kernel.models import Model


class VersionMove(Model):
    """A proposal to move running cases from one version to another, and its approval (chuyển phiên bản thủ tục)."""

    procedure_code = models.CharField(max_length=40)
    to_version = models.ForeignKey("procedures.ProcedureVersion", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    basis = models.CharField(max_length=300, help_text="the transitional rule that allows it")
    status = models.CharField(max_length=12, choices=MoveStatus.choices, default=MoveStatus.PROPOSED)
    proposed_by = models.CharField(max_length=200)
    proposed_by_id = models.BigIntegerField(null=True)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"proposed_by": _KEPT, "decided_by": _KEPT}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["procedure_code"], condition=Q(status="proposed"), name="case_one_open_move_per_procedure"
            )
        ]


class VersionMoveLine(Model):
    """One case of a move: what would differ for it, and what became of it."""

    move = models.ForeignKey(VersionMove, on_delete=models.CASCADE, related_name="lines")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    from_version = models.ForeignKey("procedures.ProcedureVersion", on_delete=models.PROTECT, related_name="+")
    difference = models.JSONField(default=dict)
    can_move = models.BooleanField()
    moved_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["move", "case"], name="case_move_line_once")]
