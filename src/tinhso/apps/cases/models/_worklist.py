"""Open cases laid out by who sees them, in the order of the worklist: what an officer's first page is read from."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.cases.enums import AWAITING_APPLICANT, OPEN_STATUSES
from tinhso.apps.cases.models._case import Case
from tinhso.kernel.models import Model


class WorklistEntry(Model):
    """An open case in the sight of one unit (dòng của danh sách việc): the unit that resolves it, or a desk it has reached.

    A copy of five columns of the case, one row for each unit, so that the first page of a unit is a range of an index.
    The database keeps it, by triggers on the table of cases (migration `0010_worklist_entries`); nobody else writes it.
    """

    pk = models.CompositePrimaryKey("case", "unit_id")
    # The trigger deletes the rows of a case that goes; the reference is checked at the end of the transaction.
    case = models.ForeignKey(Case, on_delete=models.DO_NOTHING, related_name="+", db_index=False)
    unit_id = models.BigIntegerField()
    field = models.CharField(max_length=200)
    status = models.CharField(max_length=20)
    urgency = models.DateTimeField(help_text="the due date, or `NEVER` while the clock stands still")

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        indexes = [
            models.Index(fields=["unit_id", "urgency", "case"], name="worklist_all"),
            models.Index(
                fields=["unit_id", "urgency", "case"], name="worklist_clock_runs", condition=Q(status__in=OPEN_STATUSES)
            ),
            models.Index(
                fields=["unit_id", "urgency", "case"],
                name="worklist_supplement",
                condition=Q(status__in=AWAITING_APPLICANT),
            ),
        ]
