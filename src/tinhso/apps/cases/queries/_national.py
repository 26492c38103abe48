"""What the synchronisation with the national portal asks of cases; for the system's own work, not for pages."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Collate

from tinhso.apps.cases.enums import NATIONAL_STATUS, CaseStatus
from tinhso.apps.cases.models import Case


@dataclass(frozen=True, slots=True)
class NationalFacts:
    """A case as both sides compare it; `national_status` by the one table."""

    case_id: int
    code: str
    unit_id: int | None
    desk_unit_id: int | None
    national_status: int
    received_at: datetime | None
    due_at: datetime | None
    finished_at: datetime | None
    delivered_at: datetime | None


def facts_since(since: datetime, *, after_code: str = "", limit: int = 500) -> list[NationalFacts]:
    """Filed cases of a day and later, in the order of their codes as bytes, page by page."""
    rows = (
        Case.objects.filter(submitted_at__gte=since, code__isnull=False)
        .exclude(status=CaseStatus.DRAFT)
        .annotate(key=Collate("code", "C"))
        .filter(key__gt=after_code)
        .order_by("key")
    )
    return [_facts(row) for row in rows.only(*_FIELDS)[:limit]]


def facts_of_codes(codes: list[str]) -> dict[str, NationalFacts]:
    """Cases by code, whenever they were filed."""
    rows = Case.objects.filter(code__in=codes).exclude(status=CaseStatus.DRAFT).only(*_FIELDS)
    return {row.code or "": _facts(row) for row in rows}


_FIELDS = (
    "id", "code", "unit_id", "intake_unit_id", "status", "received_at", "due_at", "resolved_at", "closed_at", "delivered_at",
)  # fmt: skip


def _facts(row: Case) -> NationalFacts:
    return NationalFacts(
        case_id=row.pk, code=row.code or "", unit_id=row.unit_id, desk_unit_id=row.intake_unit_id or row.unit_id,
        national_status=NATIONAL_STATUS[row.status], received_at=row.received_at, due_at=row.due_at,
        finished_at=row.resolved_at or row.closed_at, delivered_at=row.delivered_at,
    )  # fmt: skip
