"""Lists of the catalogue: by field and level, by occasion of life, imports waiting for approval."""

from datetime import date
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from tinhso.apps.procedures.content import load_life_events
from tinhso.apps.procedures.data import (
    FieldCount,
    ImportData,
    ImportItemData,
    LifeEvent,
    ProcedureNotFound,
    ProcedureSummary,
    SummaryPage,
)
from tinhso.apps.procedures.models import CatalogueImport, CatalogueImportItem, SearchEntry
from tinhso.apps.procedures.permissions import can_approve, can_manage
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor
from tinhso.lib.text import sort_key

LARGEST_PAGE = 100


def entries_in_force(on: date, *, level: str | None = None, field: str | None = None) -> QuerySet[SearchEntry]:
    """Index rows of the versions in force on a day; for the queries of this app."""
    entries = SearchEntry.objects.filter(Q(effective_to__isnull=True) | Q(effective_to__gt=on), effective_from__lte=on)
    if level:
        entries = entries.filter(level=level)
    return entries.filter(field=field) if field else entries


def list_procedures(
    *, on: date, level: str | None = None, field: str | None = None, runs_here: bool | None = None,
    limit: int = 20, cursor: str | None = None,
) -> SummaryPage:  # fmt: skip
    """Procedures in force on a day in code order; `cursor` is the last code of the page before."""
    entries = entries_in_force(on, level=level, field=field).order_by("code")
    if runs_here is not None:
        entries = entries.filter(runs_here=runs_here)
    if cursor:
        entries = entries.filter(code__gt=cursor)
    limit = max(1, min(limit, LARGEST_PAGE))
    found = list(entries[: limit + 1])
    items = tuple(summary(entry) for entry in found[:limit])
    return SummaryPage(items, items[-1].code if len(found) > limit else None)


def list_fields(*, on: date, level: str | None = None) -> list[FieldCount]:
    """Fields of administration with the number of procedures in force, in Vietnamese order."""
    rows = entries_in_force(on, level=level).values_list("field").annotate(count=Count("id"))
    return sorted((FieldCount(name, count) for name, count in rows), key=lambda row: sort_key(row.field))


def list_life_events(*, on: date) -> list[LifeEvent]:
    """The occasions of life and business, with how many of their procedures are in force."""
    events = _life_events()
    codes = {code for event in events for code in event.codes}
    present = set(entries_in_force(on).filter(code__in=codes).values_list("code", flat=True))
    return [
        LifeEvent(event.key, event.name, event.icon, event.codes, sum(code in present for code in event.codes))
        for event in events
    ]


def list_procedures_of_event(key: str, *, on: date) -> tuple[LifeEvent, tuple[ProcedureSummary, ...]]:
    """One occasion and its procedures in force, in the order an official gave them.

    Raises:
        ProcedureNotFound: there is no such occasion.
    """
    event = next((event for event in _life_events() if event.key == key), None)
    if event is None:
        raise ProcedureNotFound("Không có nhóm thủ tục này.")
    found = {entry.code: entry for entry in entries_in_force(on).filter(code__in=event.codes)}
    items = tuple(summary(found[code]) for code in event.codes if code in found)
    return LifeEvent(event.key, event.name, event.icon, event.codes, len(items)), items


def list_summaries(codes: list[str], *, on: date) -> list[ProcedureSummary]:
    """The named procedures that are in force, in the order named."""
    found = {entry.code: entry for entry in entries_in_force(on).filter(code__in=codes)}
    return [summary(found[code]) for code in codes if code in found]


def count_procedures(*, on: date) -> int:
    """How many procedures are in force on a day."""
    return entries_in_force(on).count()


def list_imports(*, actor: Actor, limit: int = 20) -> list[ImportData]:
    """The latest imports of the national catalogue."""
    require(can_manage(actor) or can_approve(actor))
    return [_import_data(row) for row in CatalogueImport.objects.order_by("-id")[:limit]]


def get_import(import_id: int, *, actor: Actor) -> ImportData:
    """One import with its report.

    Raises:
        ProcedureNotFound: there is no such import.
    """
    require(can_manage(actor) or can_approve(actor))
    row = CatalogueImport.objects.filter(pk=import_id).first()
    if row is None:
        raise ProcedureNotFound("Không có lần nhập danh mục này.")
    return _import_data(row)


def import_as_staged(import_id: int) -> ImportData | None:
    """One import for the system's own work; None when it was dropped. Not for pages."""
    row = CatalogueImport.objects.filter(pk=import_id).first()
    return None if row is None else _import_data(row)


def list_import_items(
    import_id: int, *, actor: Actor, change: str | None = None, limit: int = 50, cursor: str | None = None
) -> tuple[list[ImportItemData], str | None]:
    """The procedures of an import in code order, by kind of change; the second value is the next cursor."""
    require(can_manage(actor) or can_approve(actor))
    rows = CatalogueImportItem.objects.filter(catalogue_import_id=import_id).order_by("code").defer("facts")
    if change:
        rows = rows.filter(change=change)
    if cursor:
        rows = rows.filter(code__gt=cursor)
    found = list(rows[: limit + 1])
    items = [
        ImportItemData(
            row.code, row.name, row.change, tuple(row.differences), tuple((kind, text) for kind, text in row.problems)
        )
        for row in found[:limit]
    ]
    return items, items[-1].code if len(found) > limit else None


def summary(entry: SearchEntry) -> ProcedureSummary:
    """An index row as a list shows it; for the queries of this app."""
    return ProcedureSummary(
        code=entry.code, name=entry.name, short_name=entry.short_name, field=entry.field, level=entry.level,
        agency=entry.agency, locality=entry.locality, essential=entry.essential, runs_here=entry.runs_here,
        limit_label=entry.limit_label, fee_label=entry.fee_label,
    )  # fmt: skip


def _import_data(row: CatalogueImport) -> ImportData:
    return ImportData(
        id=row.pk, file_name=row.file_name, file_digest=row.file_digest, status=row.status,
        effective_from=row.effective_from, staged_at=row.staged_at, staged_by=row.staged_by,
        approved_at=row.approved_at, approved_by=row.approved_by, applied_at=row.applied_at, report=row.report,
        rows_read=row.rows_read, rows_with_problems=row.rows_with_problems, published=row.published,
        take=tuple(row.take), failure=row.failure,
    )  # fmt: skip


_events_read: dict[tuple[str, float], tuple[LifeEvent, ...]] = {}


def _life_events() -> tuple[LifeEvent, ...]:
    """The occasions of the content folder, read again when the file has changed."""
    root = Path(settings.CONTENT_DIR)
    path = root / "catalogue" / "life-events.yaml"
    key = (str(path), path.stat().st_mtime)
    if key not in _events_read:
        _events_read.clear()
        _events_read[key] = load_life_events(root)[0]
    return _events_read[key]
