"""Which files a vault keeps, and since when those of ended documents are done with."""

from collections.abc import Iterator
from datetime import date

from tinhso.apps.vault.enums import Standing
from tinhso.apps.vault.models import Document
from tinhso.kernel.clock import PROVINCE_TIME


def files_held(file_ids: frozenset[int]) -> dict[int, str]:
    """Those of these files that are documents of a vault, each with why it has to stay.

    What was replaced or revoked is no longer its holder's to use; the period of its kind then decides. A document past
    its last day is held all the same: it is the person's own store.
    """
    rows = Document.objects.filter(file__in=file_ids, standing=Standing.HELD)
    return dict.fromkeys(rows.values_list("file_id", flat=True), "còn trong kho giấy tờ của chủ kho")


def iterate_done_with() -> Iterator[tuple[int, date, int]]:
    """(unit, civil date of its end, file) of ended documents whose files' retention has not begun."""
    rows = Document.objects.exclude(standing=Standing.HELD).filter(issuer_unit__isnull=False, ended_at__isnull=False)
    rows = rows.filter(file__disposed_at__isnull=True, file__retain_from__isnull=True)
    for unit_id, ended_at, file_id in (
        rows.order_by("pk").values_list("issuer_unit_id", "ended_at", "file_id").iterator(chunk_size=500)
    ):
        if unit_id is not None and ended_at is not None:
            yield unit_id, ended_at.astimezone(PROVINCE_TIME).date(), file_id
