"""Giving papers their numbers."""

from datetime import datetime

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.documents import queries
from tinhso.apps.documents.data import BookEntryData, NumberNotReserved
from tinhso.apps.documents.enums import BookEntryStatus
from tinhso.apps.documents.events import NumberCancelled, NumberIssued, NumberReserved
from tinhso.apps.documents.models import BookEntry
from tinhso.kernel.actions import action
from tinhso.kernel.actor import Actor
from tinhso.kernel.prepared import Prepared

_LOCKED = Prepared(
    lambda entry_id: BookEntry.objects.select_for_update(of=("self",)).select_related("book").filter(pk=entry_id),
    entry_id=int,
)


@action(inner=True)
def reserve_number(*, unit_id: int, book: str, year: int, subject: str, actor: Actor, at: datetime) -> BookEntryData:
    """Lấy số văn bản: the next number of the unit's book of that year, without gaps.

    The book's row stays locked until the caller's transaction ends: a number taken and then rolled back is given to the
    next one who asks. `subject` is the stream of what the paper belongs to, such as "case:17".
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_numberbook (unit_id, book, year, latest) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (unit_id, book, year) DO UPDATE SET latest = documents_numberbook.latest + 1"
            " RETURNING id, latest",
            [unit_id, book, year],
        )
        book_id, number = cursor.fetchone()
    entry = BookEntry.objects.create(
        book_id=book_id, number=number, status=BookEntryStatus.RESERVED, subject=subject, reserved_at=at
    )
    event = NumberReserved(entry_id=entry.pk, unit_id=unit_id, book=book, year=year, number=number, subject=subject)
    record(event, subject=_stream(entry.pk), actor=actor, at=at)
    return BookEntryData(
        id=entry.pk, number=number, year=year, book=book, unit_id=unit_id, status=entry.status, subject=subject
    )


@action(inner=True)
def issue_number(*, entry_id: int, actor: Actor, at: datetime) -> BookEntryData:
    """Ghi văn bản đã ban hành vào sổ. Told twice, it happens once.

    Raises:
        NumberNotReserved: the number was cancelled.
    """
    return _settle(entry_id, BookEntryStatus.ISSUED, "", NumberIssued(entry_id=entry_id), actor=actor, at=at)


@action(inner=True)
def cancel_number(*, entry_id: int, actor: Actor, at: datetime, reason: str = "") -> BookEntryData:
    """Hủy số văn bản của một văn bản không ban hành được; the number stays in the book. Told twice, it happens once.

    Raises:
        NumberNotReserved: the paper was issued already.
    """
    event = NumberCancelled(entry_id=entry_id, reason=reason)
    return _settle(entry_id, BookEntryStatus.CANCELLED, reason, event, actor=actor, at=at)


def _settle(
    entry_id: int,
    status: BookEntryStatus,
    reason: str,
    event: NumberIssued | NumberCancelled,
    *,
    actor: Actor,
    at: datetime,
) -> BookEntryData:
    entry = _LOCKED.first(entry_id=entry_id)
    if entry is None:
        raise BookEntry.DoesNotExist(f"no number {entry_id} in the books")
    if entry.status == status:
        return queries.entry_data(entry)
    if entry.status != BookEntryStatus.RESERVED:
        raise NumberNotReserved
    entry.status, entry.settled_at, entry.reason = status, at, reason
    entry.save(update_fields=["status", "settled_at", "reason"])
    record(event, subject=_stream(entry.pk), actor=actor, at=at)
    return queries.entry_data(entry)


def _stream(entry_id: int) -> str:
    return f"book_entry:{entry_id}"
