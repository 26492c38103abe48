"""Storing files and giving papers their numbers."""

import errno
import warnings
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection
from PIL import Image, UnidentifiedImageError

from tinhso.apps.audit.actions import record
from tinhso.apps.documents import queries, rules
from tinhso.apps.documents.data import (
    BookEntryData,
    FileRefused,
    FileTooLarge,
    NumberNotReserved,
    StorageUnavailable,
    StoredFileData,
)
from tinhso.apps.documents.enums import BookEntryStatus
from tinhso.apps.documents.events import FileStored, NumberCancelled, NumberIssued, NumberReserved
from tinhso.apps.documents.models import BookEntry, StoredFile
from tinhso.apps.documents.providers import disk
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor

_MOST_PIXELS = 120_000_000


@action
def store_file(*, content: bytes | BinaryIO, name: str, actor: Actor, at: datetime) -> StoredFileData:
    """Lưu một tệp: the content decides what it is, not its name; large streams never stand whole in memory.

    Raises:
        FileTooLarge: heavier than TINHSO_MAX_UPLOAD_MB. FileRefused: empty, of a type that is not taken, or harmful.
        StorageUnavailable: the disk is full or out of reach.
    """
    require(actor.is_authenticated)
    stream = BytesIO(content) if isinstance(content, bytes) else content
    known_size = len(content) if isinstance(content, bytes) else getattr(content, "size", None)
    limit = settings.TINHSO_MAX_UPLOAD_MB * 1_048_576
    if isinstance(known_size, int) and known_size > limit:
        raise _too_large(rules.size_words(known_size), limit)
    folder = queries.files_folder()
    try:
        with disk.take_in(folder, stream, limit=limit, head_bytes=rules.HEAD_BYTES) as incoming:
            media_type = _checked_type(incoming, name)
            disk.keep(folder, incoming)
    except disk.StreamTooLongError as error:
        raise _too_large(f"hơn {rules.size_words(limit)}", limit) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise StorageUnavailable("Máy chủ hết chỗ lưu tệp, mời báo người vận hành." if full else "") from error
    file = StoredFile.objects.create(
        sha256=incoming.sha256, media_type=media_type, size=incoming.size,
        name=rules.clean_name(name, media_type=media_type), stored_at=at, stored_by_id=actor.account_id,
    )  # fmt: skip
    stored = FileStored(file_id=file.pk, sha256=file.sha256, media_type=media_type, size=file.size)
    record(stored, subject=f"file:{file.pk}", actor=actor, at=at)
    return queries.file_data(file)


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
    return queries.entry_data(entry)


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
    entry = BookEntry.objects.select_for_update(of=("self",)).select_related("book").get(pk=entry_id)
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


def _too_large(size: str, limit: int) -> FileTooLarge:
    return FileTooLarge(f"Tệp nặng {size}, tối đa là {rules.size_words(limit)}.")


def _checked_type(incoming: disk.Incoming, name: str) -> str:
    """The media type of the content, when it is one that is taken."""
    if incoming.size == 0:
        raise FileRefused(f"Tệp “{name}” rỗng.")
    media_type = rules.media_type_of(incoming.head)
    if media_type == "application/zip":
        with incoming.path.open("rb") as file:
            media_type, problem = rules.office_type_of(file)
        if problem:
            raise FileRefused(problem)
    if media_type not in rules.ALLOWED:
        raise FileRefused(rules.refusal(media_type, name))
    if media_type.startswith("image/"):
        _check_picture(incoming.path, name)
    return media_type


def _check_picture(path: Path, name: str) -> None:
    """Refuse a picture that cannot be opened or that unfolds into an enormous one; only its head is decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is ours
            with Image.open(path) as picture:
                width, height = picture.size
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise FileRefused(f"Ảnh “{name}” đã hỏng hoặc không mở được.") from error
    if width * height > _MOST_PIXELS:
        raise FileRefused(f"Ảnh “{name}” có kích thước quá lớn ({width} × {height} điểm ảnh).")
