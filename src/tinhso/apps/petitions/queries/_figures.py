"""Figures of a period, by unit: one query, ready for the indicators."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from tinhso.apps.directory import queries as directory
from tinhso.apps.petitions.data import UnitFigures
from tinhso.apps.petitions.enums import SATISFIED, PetitionClass, PetitionStatus
from tinhso.apps.petitions.models import Petition
from tinhso.lib.worktime import Lateness

_RUNNING = (PetitionStatus.SENT, PetitionStatus.HANDLING, PetitionStatus.DRAFTED)


def figures(
    *, start: datetime, end: datetime, now: datetime, unit_ids: Collection[int] | None = None
) -> list[UnitFigures]:
    """Petitions sent in a period (`end` outside it), by the unit that has them; only units that have any.

    Public in the sum: no personal data. `open_late` counts what was due before `now` and is not answered yet.
    """
    rows = Petition.objects.filter(sent_at__gte=start, sent_at__lt=end)
    if unit_ids is not None:
        rows = rows.filter(handling_unit_id__in=sorted(unit_ids))
    answered = Q(status=PetitionStatus.ANSWERED)
    counted = (
        rows.values("handling_unit_id")
        .annotate(
            received=Count("pk"),
            refused=Count("pk", filter=Q(status=PetitionStatus.REFUSED)),
            answered=Count("pk", filter=answered),
            on_time=Count("pk", filter=answered & ~Q(lateness=Lateness.LATE)),
            open_late=Count("pk", filter=Q(status__in=_RUNNING, answer_due_at__lt=now)),
            rated=Count("pk", filter=~Q(satisfaction="")),
            satisfied=Count("pk", filter=Q(satisfaction__in=SATISFIED)),
            about_regulations=Count("pk", filter=Q(classification=PetitionClass.REGULATION)),
            about_staff=Count("pk", filter=Q(classification=PetitionClass.STAFF)),
            published=Count("pk", filter=Q(published_at__isnull=False)),
        )
        .order_by("handling_unit_id")
    )
    found = []
    for row in counted:
        numbers: dict[str, Any] = {name: value for name, value in row.items() if name != "handling_unit_id"}
        unit = directory.get_unit(row["handling_unit_id"])
        found.append(UnitFigures(unit_id=unit.id, unit_name=unit.name, **numbers))
    return found
