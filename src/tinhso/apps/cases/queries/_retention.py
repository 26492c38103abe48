"""Which handed-in files cases still need, and since when the others are done with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import DateField, F, Q
from django.db.models.functions import Coalesce, TruncDate

from tinhso.apps.cases.models import CaseDocument, Scan, ScanSource
from tinhso.apps.cases.queries._archive import OVER
from tinhso.kernel.clock import PROVINCE_TIME

# Tables of files that came with a case, each with the way to it.
_HANDED_IN: tuple[tuple[type[CaseDocument] | type[Scan] | type[ScanSource], str], ...] = (
    (CaseDocument, "case"), (Scan, "case"), (ScanSource, "scan__case"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DoneWith:
    """Files of a case that is over (giấy tờ của hồ sơ đã kết thúc): whose records they are, since which civil date."""

    unit_id: int
    closed_on: date
    file_ids: tuple[int, ...]


def cases_of_files(file_ids: frozenset[int]) -> dict[int, set[int]]:
    """Every case each of these files was handed in or scanned with."""
    found: dict[int, set[int]] = {}
    for table, case in _HANDED_IN:
        rows = table.objects.filter(file__in=file_ids).values_list("file_id", f"{case}_id")
        for file_id, case_id in rows:
            if file_id is not None:
                found.setdefault(file_id, set()).add(case_id)
    return found


def files_of_open_cases(file_ids: frozenset[int]) -> dict[int, str]:
    """Those of these files that a case needs that is not over, each with why it has to stay.

    Of a digitised paper both count: the signed file, and the scanner's pages it was made of.
    """
    needed: dict[int, str] = {}
    for table, case in _HANDED_IN:
        rows = table.objects.filter(file__in=file_ids).exclude(**{f"{case}__status__in": OVER})
        needed |= {
            found: "hồ sơ chưa kết thúc" for found in rows.values_list("file_id", flat=True) if found is not None
        }
    return needed


def done_with(case_ids: Sequence[int]) -> Iterator[DoneWith]:
    """Files of these cases, if they are over, whose retention has not begun yet, or began before the case was closed."""
    for table, case in _HANDED_IN:
        yield from _of_table(table, case, case_ids)


def _of_table(
    table: type[CaseDocument] | type[Scan] | type[ScanSource], case: str, case_ids: Sequence[int]
) -> Iterator[DoneWith]:
    closed = TruncDate(
        Coalesce(f"{case}__delivered_at", f"{case}__closed_at"), tzinfo=PROVINCE_TIME, output_field=DateField()
    )
    rows = table.objects.filter(
        **{f"{case}__in": case_ids, f"{case}__status__in": OVER, f"{case}__unit__isnull": False},
        file__disposed_at__isnull=True,
    )
    rows = rows.annotate(closed_on=closed).filter(closed_on__isnull=False, file__isnull=False)
    rows = rows.filter(Q(file__retain_from__isnull=True) | Q(file__retain_from__lt=F("closed_on")))
    found = sorted(rows.values_list(f"{case}__unit_id", "closed_on", "file_id"))
    for (unit_id, closed_on), group in groupby(found, key=lambda row: row[:2]):
        yield DoneWith(unit_id, closed_on, tuple(row[2] for row in group))
