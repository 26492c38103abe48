"""Which files petitions still need, and since when the others are done with."""

from collections.abc import Iterator
from datetime import date

from tinhso.apps.petitions.enums import OPEN_STATUSES
from tinhso.apps.petitions.models import Attachment
from tinhso.kernel.clock import PROVINCE_TIME


def files_of_open_petitions(file_ids: frozenset[int]) -> dict[int, str]:
    """Those of these files that a petition needs that is not closed, each with why it has to stay."""
    rows = Attachment.objects.filter(file__in=file_ids, petition__status__in=OPEN_STATUSES)
    return dict.fromkeys(rows.values_list("file_id", flat=True), "phản ánh, kiến nghị chưa giải quyết xong")


def iterate_done_with() -> Iterator[tuple[int, date, int]]:
    """(unit, civil date of closing, file) of closed petitions whose files' retention has not begun."""
    rows = Attachment.objects.exclude(petition__status__in=OPEN_STATUSES)
    rows = rows.filter(
        petition__closed_at__isnull=False, file__disposed_at__isnull=True, file__retain_from__isnull=True
    )
    found = rows.order_by("pk").values_list("petition__handling_unit_id", "petition__closed_at", "file_id")
    for unit_id, closed_at, file_id in found.iterator(chunk_size=500):
        if closed_at is not None:
            yield unit_id, closed_at.astimezone(PROVINCE_TIME).date(), file_id
