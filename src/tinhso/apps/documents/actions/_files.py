"""Storing files: taken in sealed, looked into, kept, and only then known."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from secrets import token_hex
from typing import BinaryIO

from django.conf import settings

from tinhso.apps.audit.actions import record
from tinhso.apps.documents import queries, rules
from tinhso.apps.documents.data import FileRefused, FileTooLarge, StorageUnavailable, StoredFileData
from tinhso.apps.documents.enums import PreviewState, ScanState
from tinhso.apps.documents.events import ContentArrived, FileStored
from tinhso.apps.documents.models import Content, SealedBlob, StoredFile
from tinhso.apps.documents.providers import staging
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.crash import crash
from tinhso.lib.inspection import helper
from tinhso.lib.inspection.content import HEAD_BYTES, media_type_of
from tinhso.lib.inspection.report import Limits, Report

_DRAWN = ("application/pdf", "image/png", "image/jpeg")
# What takes a store longer than a transaction may stand still is kept before the first statement of it, at the price of a
# blob to take back where the content is known. An archive of a mailbox may be gigabytes.
_KEPT_FIRST = 67_108_864
_WHERE = ("store", "blob", "size", "wrapped_key", "key_id")


@action
def store_file(
    *, content: bytes | BinaryIO, name: str, actor: Actor, at: datetime, made_here: bool = False,
    most_bytes: int | None = None, most_pages: int | None = None,
) -> StoredFileData:  # fmt: skip
    """Lưu một tệp: the content decides what it is, not its name; it never stands whole in memory, nor plain on the disk.

    `made_here`: a paper or package this system made itself, which needs no looking into and keeps no limit of uploads.
    `most_bytes` and `most_pages` are limits of a procedure, narrower than the installation's.

    Raises:
        FileTooLarge: heavier than TINHSO_MAX_UPLOAD_MB or than `most_bytes`. FileRefused: empty, of a type that is not
        taken, encrypted, damaged, or harmful. StorageUnavailable: the store is full or out of reach.
    """
    require(actor.is_authenticated)
    stream = BytesIO(content) if isinstance(content, bytes) else content
    known_size = len(content) if isinstance(content, bytes) else getattr(content, "size", None)
    most = 2**62 if made_here else settings.TINHSO_MAX_UPLOAD_MB * 1_048_576
    limit = min(most, most_bytes or 2**62)
    if isinstance(known_size, int) and known_size > limit:
        raise _too_large(rules.size_words(known_size), limit)
    with store_told():
        try:
            with staging.take_in(queries.files_folder(), stream, limit=limit, head_bytes=HEAD_BYTES) as incoming:
                crash("store_file:taken_in")
                report = _report(incoming, name, made_here=made_here, most_pages=most_pages)
                crash("store_file:inspected")
                kept = _kept(incoming, report, made_here=made_here, actor=actor, at=at)
        except staging.StreamTooLongError as error:
            raise _too_large(f"hơn {rules.size_words(limit)}", limit) from error
    file = StoredFile.objects.create(
        content=kept, sha256=kept.sha256, media_type=report.media_type, size=kept.size,
        name=rules.clean_name(name, media_type=report.media_type), stored_at=at, stored_by_id=actor.account_id,
    )  # fmt: skip
    stored = FileStored(file_id=file.pk, sha256=file.sha256, media_type=file.media_type, size=file.size)
    record(stored, subject=f"file:{file.pk}", actor=actor, at=at)
    return queries.file_data(file)


@contextmanager
def store_told() -> Iterator[None]:
    """Turn what a store raises into the sentence a person reads."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise StorageUnavailable("Máy chủ hết chỗ lưu tệp, mời báo người vận hành." if full else "") from error


def seal_into(blob: SealedBlob, incoming: staging.Incoming, *, folder: str) -> None:
    """Keep a taken-in content in the store of the installation and write on the row where it is and what opens it.

    The blob's name ends in a word of its own: two who send the same content at once never write the same blob.
    """
    address = queries.ring().address(incoming.sha256)
    place = f"{folder}/" if folder else ""
    blob.store = settings.FILES["store"]
    blob.blob = f"{place}{address[:2]}/{address[2:4]}/{address}-{token_hex(6)}"
    blob.size = incoming.size
    blob.wrapped_key, blob.key_id = queries.ring().wrap(incoming.key, bound_to=blob.binding)
    queries.storage(blob.store).keep(blob.blob, incoming.path)


def _kept(incoming: staging.Incoming, report: Report, *, made_here: bool, actor: Actor, at: datetime) -> Content:
    """The content of these bytes: the one that is known, or a new one."""
    stored = Content(sha256=incoming.sha256)
    if incoming.size > _KEPT_FIRST:
        seal_into(stored, incoming, folder="")
    known = Content.objects.select_for_update().filter(sha256=incoming.sha256).first()
    if known is not None and known.scan == ScanState.INFECTED:
        raise FileRefused("Tệp này có mã độc nên không nhận.")
    if known is not None and _is_there(known):
        if stored.blob:
            queries.storage(stored.store).delete(stored.blob)
        return known
    if known is not None and known.shredded_at is not None:
        known.previews.all().delete()  # their keys are destroyed; the swept blobs are nobody's
    fresh = known or stored
    fresh.scan = ScanState.MADE_HERE if made_here else _first_state()
    fresh.pages, fresh.notes, fresh.shredded_at = report.pages, report.notes, None
    drawn = report.media_type in _DRAWN and not made_here
    fresh.preview = PreviewState.WAITING if drawn else PreviewState.NONE
    if stored.blob:
        for name in _WHERE:
            setattr(fresh, name, getattr(stored, name))
    else:
        seal_into(fresh, incoming, folder="")
    if known is not None:
        fresh.save()
    else:
        Content.objects.bulk_create([fresh], ignore_conflicts=True)
        found = Content.objects.get(sha256=incoming.sha256)
        if found.blob != fresh.blob:  # somebody stored the same content a moment earlier
            queries.storage(fresh.store).delete(fresh.blob)
            return found
        fresh = found
    if not made_here:
        record(ContentArrived(content_id=fresh.pk), subject=f"content:{fresh.pk}", actor=actor, at=at)
    return fresh


def _is_there(content: Content) -> bool:
    if content.shredded_at is not None:
        return False
    try:
        queries.storage(content.store).open(content.blob).close()
    except FileNotFoundError:
        return False
    return True


def _first_state() -> ScanState:
    return ScanState.PENDING if settings.FILES["clamd"] else ScanState.NOT_SCANNED


def _too_large(size: str, limit: int) -> FileTooLarge:
    return FileTooLarge(f"Tệp nặng {size}, tối đa là {rules.size_words(limit)}.")


def _report(incoming: staging.Incoming, name: str, *, made_here: bool, most_pages: int | None) -> Report:
    """What the file is, when it is taken."""
    if incoming.size == 0:
        raise FileRefused(f"Tệp “{name}” rỗng.")
    if made_here:
        return Report(media_type_of(incoming.head))
    pages = min(settings.FILES["most_pages"], most_pages or 2**62)
    report = helper.inspect(incoming.path, incoming.key, limits=Limits(pages=pages))
    if report.problem == "seal":
        raise StorageUnavailable
    refused = frozenset(settings.FILES["refused_notes"])
    problem = rules.problem_of(report, name, most_pages=pages, refused_notes=refused)
    if problem:
        raise FileRefused(problem)
    return report
