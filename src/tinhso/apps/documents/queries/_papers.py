"""Reading numbers and letters; typesetting papers."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from tinhso.apps.documents import content
from tinhso.apps.documents.data import BookEntryData, CancelledNumber, LetterForm, PaperNotTypeset
from tinhso.apps.documents.enums import BookEntryStatus
from tinhso.apps.documents.models import BookEntry, NumberBook
from tinhso.kernel.errors import NotFound
from tinhso.lib.qr import qr_picture
from tinhso.lib.typesetting import TypesettingError, typeset, unpack_templates

# Up to so many books are asked one by one; more are all of a province, whose cancelled numbers lie side by side.
_FEW_BOOKS = 300


def get_book_entry(entry_id: int) -> BookEntryData:
    """One number of a book.

    Raises:
        NotFound: no such number.
    """
    entry = BookEntry.objects.select_related("book").filter(pk=entry_id).first()
    if entry is None:
        raise NotFound("Không có số văn bản này.")
    return entry_data(entry)


def list_book_entries(*, unit_id: int, book: str, year: int) -> list[BookEntryData]:
    """The numbers of one book in order, cancelled ones included. The caller has checked the right to the unit."""
    entries = BookEntry.objects.select_related("book").filter(book__unit_id=unit_id, book__book=book, book__year=year)
    return [entry_data(entry) for entry in entries.order_by("number")]


def list_cancelled(
    *, unit_ids: Collection[int], since: datetime, until: datetime, book: str = "", limit: int = 200
) -> list[CancelledNumber]:
    """Numbers of these units' books that were cancelled in a span, the latest first. The caller has checked the right."""
    of_units = NumberBook.objects.filter(unit_id__in=unit_ids, **({"book": book} if book else {}))
    books = {one.pk: one for one in of_units.order_by("pk")}
    cancelled = BookEntry.objects.filter(status=BookEntryStatus.CANCELLED, settled_at__gte=since, settled_at__lt=until)
    cancelled = cancelled.order_by("-settled_at", "-pk")
    if len(books) <= _FEW_BOOKS:
        # The latest of each book, and of these the latest: nothing is gone through that stands in other books.
        latest = ArraySubquery(cancelled.filter(book=OuterRef("pk")).values("pk")[:limit])
        by_book = NumberBook.objects.filter(pk__in=books).values_list(latest, flat=True).order_by("pk")
        numbers = [number for found in by_book for number in found]
        rows = list(cancelled.filter(pk__in=numbers)[:limit]) if numbers else []
    else:
        rows = list(cancelled.filter(book__in=books)[:limit])
    for row in rows:
        row.book = books[row.book_id]
    return [
        CancelledNumber(
            label=entry_data(row).label, book=row.book.book, year=row.book.year, unit_id=row.book.unit_id,
            subject=row.subject, reserved_at=row.reserved_at, cancelled_at=row.settled_at, reason=row.reason,
        )
        for row in rows
        if row.settled_at is not None
    ]  # fmt: skip


def get_letter(key: str) -> LetterForm:
    """A shared letter of content/letters by key: "acknowledgement", "supplement_request", "refusal" …

    Raises:
        NotFound: no such letter.
    """
    letter = list_letters().get(key)
    if letter is None:
        raise NotFound(f"Không có mẫu giấy tờ “{key}”.")
    return letter


@lru_cache(maxsize=1)
def list_letters() -> dict[str, LetterForm]:
    """Every shared letter by key; read once a process."""
    return content.load_letters(Path(settings.CONTENT_DIR))


def typeset_letter(key: str, data: Mapping[str, Any], *, sources: Mapping[str, str] | None = None) -> bytes:
    """Typeset a shared letter (lập giấy tờ theo mẫu) as PDF/A-2b; `data` as content/letters/letters.yaml describes.

    Raises:
        PaperNotTypeset: a required key is absent, or the template fails.
    """
    letter = get_letter(key)
    missing = letter.required - data.keys()
    if missing:
        raise PaperNotTypeset(f"Mẫu “{letter.name}” còn thiếu dữ liệu: {', '.join(sorted(missing))}.")
    return typeset_paper(letter.template, {"form": letter.form_line, **data}, sources=sources)


def typeset_paper(template: str, data: Mapping[str, Any], *, sources: Mapping[str, str] | None = None) -> bytes:
    """Typeset any template of content/ as PDF/A-2b.

    `qr_text` in the data becomes the QR picture `qr_svg`. `sources` (path → text) are the templates of the version a
    case started with; without them the present files of content/ are used.

    Raises:
        PaperNotTypeset: no such template, a key it needs is absent, a character that no font has.
    """
    values = dict(data)
    if values.get("qr_text") and not values.get("qr_svg"):
        values["qr_svg"] = qr_picture(str(values["qr_text"]))
    content_root = Path(settings.CONTENT_DIR)
    try:
        root = unpack_templates(sources, Path(settings.DATA_DIR) / "templates") if sources else content_root
        return typeset(template=template, data=values, root=root, beside=settings.BASE_DIR)
    except TypesettingError as error:
        raise PaperNotTypeset(str(error), details=error.details) from error


def entry_data(entry: BookEntry) -> BookEntryData:
    """A number as others see it."""
    book = entry.book
    return BookEntryData(
        id=entry.pk, number=entry.number, year=book.year, book=book.book, unit_id=book.unit_id, status=entry.status,
        subject=entry.subject,
    )  # fmt: skip
