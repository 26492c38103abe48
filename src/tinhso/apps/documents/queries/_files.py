"""Reading files: what is known of them, their bytes, the likenesses of their pages.

A file belongs to a case, a result or a person: the caller has checked the right to that before it opens the file.
"""

import hashlib
import io
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings

from tinhso.apps.documents import rules
from tinhso.apps.documents.data import (
    FileDisposedOf,
    FileHeld,
    FileNotFound,
    PreviewNotFound,
    PreviewPage,
    StorageUnavailable,
    StoredFileData,
)
from tinhso.apps.documents.enums import FileNote, PreviewState, ScanState
from tinhso.apps.documents.models import Preview, SealedBlob, StoredFile
from tinhso.apps.documents.providers.keyring import KeyRing, key_ring
from tinhso.apps.documents.providers.storage import Storage, storage_of
from tinhso.kernel.prepared import Prepared
from tinhso.lib.sealed import SealedReader

_HELD_WORDS = {
    ScanState.PENDING: "đang chờ quét mã độc, mời mở lại sau ít phút",
    ScanState.INFECTED: "có mã độc nên được giữ lại, không ai mở được",
    ScanState.NOT_SCANNED: "chưa được quét mã độc nên chưa mở được",
    ScanState.UNSCANNABLE: "không quét mã độc được nên chưa mở được",
}


def get_file(file_id: int) -> StoredFileData:
    """What is known of a file.

    Raises:
        FileNotFound: no such file.
    """
    return file_data(_file(file_id))


def list_files(file_ids: Iterable[int]) -> dict[int, StoredFileData]:
    """Several files by number, in one query; unknown numbers are absent."""
    return {file.pk: file_data(file) for file in StoredFile.objects.select_related("content").filter(pk__in=file_ids)}


def open_file(file_id: int) -> BinaryIO:
    """The content of a file for reading and seeking, decrypted piece by piece; the caller closes it.

    Raises:
        FileNotFound: no such file. FileHeld: not scanned yet, or infected. FileDisposedOf: its time was over.
        StorageUnavailable: known, but its store or its key is out of reach.
    """
    file = _file(file_id)
    content = file.content
    if file.disposed_at is not None or content.shredded_at is not None:
        raise FileDisposedOf
    if rules.is_held(content.scan, policy=settings.FILES["scan_policy"]):
        raise FileHeld(f"Tệp “{file.name}” {_HELD_WORDS[ScanState(content.scan)]}.")
    try:
        return open_content(content)
    except OSError as error:
        raise StorageUnavailable(f"Chưa đọc được tệp “{file.name}” trên máy chủ.") from error


def read_file(file_id: int) -> bytes:
    """The whole content of a small file (a paper), checked against its digest.

    Raises:
        As `open_file`; StorageUnavailable also when it is not what was stored.
    """
    file = get_file(file_id)
    with open_file(file_id) as stream:
        try:
            data = stream.read()
        except OSError as error:
            raise StorageUnavailable(f"Tệp “{file.name}” trên máy chủ không còn nguyên vẹn.") from error
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise StorageUnavailable(f"Tệp “{file.name}” trên máy chủ không còn nguyên vẹn.")
    return data


def list_previews(file_id: int) -> list[PreviewPage]:
    """Likenesses of the pages of a file, in order; empty while there are none, or while the file is held."""
    file = _file(file_id)
    if file.disposed_at is not None or rules.is_held(file.content.scan, policy=settings.FILES["scan_policy"]):
        return []
    pages = Preview.objects.filter(content=file.content_id).order_by("page")
    return [PreviewPage(page=found.page, width=found.width, height=found.height) for found in pages]


def open_preview(file_id: int, page: int) -> bytes:
    """The likeness of a page as JPEG.

    Raises:
        FileNotFound, FileHeld, FileDisposedOf, PreviewNotFound, StorageUnavailable.
    """
    file = _file(file_id)
    if file.disposed_at is not None:
        raise FileDisposedOf
    if rules.is_held(file.content.scan, policy=settings.FILES["scan_policy"]):
        raise FileHeld(f"Tệp “{file.name}” {_HELD_WORDS[ScanState(file.content.scan)]}.")
    preview = Preview.objects.filter(content=file.content_id, page=page).first()
    if preview is None:
        raise PreviewNotFound
    try:
        with open_content(preview) as stream:
            return stream.read()
    except OSError as error:
        raise StorageUnavailable from error


def open_content(blob: SealedBlob) -> BinaryIO:
    """The plain bytes of anything sealed, or of content from before files were sealed; for this app and its jobs.

    Raises:
        OSError: its store does not have it, or its key is not in the folder of keys (KeyMissing).
    """
    opened = storage(blob.store).open(blob.blob)
    if not blob.key_id:
        plain = _PlainReader(opened)
        return cast("BinaryIO", io.BufferedReader(plain, buffer_size=262_144))
    try:
        key = data_key(blob)
        reader = SealedReader(opened.read_at, sealed=opened.size, key=key, close=opened.close)
    except OSError:
        opened.close()
        raise
    return cast("BinaryIO", io.BufferedReader(reader, buffer_size=262_144))


def data_key(blob: SealedBlob) -> bytes:
    """The key that opens a sealed content. Raises: KeyMissing, SealBroken."""
    return ring().unwrap(bytes(blob.wrapped_key or b""), blob.key_id, bound_to=blob.binding)


class _PlainReader(io.RawIOBase):
    """Content from before files were sealed."""

    def __init__(self, blob: Any) -> None:
        super().__init__()
        self._blob, self._at = blob, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = max(0, {0: 0, 1: self._at, 2: self._blob.size}[whence] + offset)
        return self._at

    def readinto(self, buffer: "memoryview[int]", /) -> int:  # type: ignore[override]  # any writable buffer is one
        portion = self._blob.read_at(self._at, len(buffer))
        buffer[: len(portion)] = portion
        self._at += len(portion)
        return len(portion)

    def close(self) -> None:
        if not self.closed:
            self._blob.close()
        super().close()


def files_folder() -> Path:
    """Where content lies on this machine, and where it is taken in."""
    return Path(settings.DATA_DIR) / "files"


def ring() -> KeyRing:
    """The key-encryption keys."""
    return key_ring(Path(settings.FILES["keys"] or Path(settings.DATA_DIR) / "keys" / "files"))


def storage(place: str) -> Storage:
    """A store by name."""
    return _storage(place, str(files_folder()), tuple(sorted(settings.FILES["s3"].items())))


@lru_cache(maxsize=8)
def _storage(place: str, folder: str, s3: tuple[tuple[str, str], ...]) -> Storage:
    return storage_of(place, {"folder": folder, "s3": dict(s3)})


_BY_ID = Prepared(lambda file_id: StoredFile.objects.select_related("content").filter(pk=file_id), file_id=int)


def _file(file_id: int) -> StoredFile:
    file = _BY_ID.first(file_id=file_id)
    if file is None:
        raise FileNotFound
    return file


def over_limits(file_id: int, *, most_bytes: int | None, most_pages: int | None) -> str:
    """Why a kept file is more than a procedure takes, as a sentence for the person; "" when it is not.

    Raises:
        FileNotFound: no such file.
    """
    if most_bytes is None and most_pages is None:
        return ""
    file = get_file(file_id)
    return rules.over_limits(
        name=file.name, size=file.size, pages=file.pages, most_bytes=most_bytes, most_pages=most_pages
    )


def file_data(file: StoredFile) -> StoredFileData:
    """A file as others see it."""
    content = file.content
    return StoredFileData(
        id=file.pk, sha256=file.sha256, media_type=file.media_type, size=file.size, name=file.name,
        stored_at=file.stored_at, scan=content.scan, notes=tuple(content.notes), pages=content.pages,
        preview=content.preview if content.preview != PreviewState.NONE else "",
        is_held=rules.is_held(content.scan, policy=settings.FILES["scan_policy"]),
        state=str(ScanState(content.scan).label),
        warnings=tuple(str(FileNote(note).label) for note in content.notes), disposed_at=file.disposed_at,
    )  # fmt: skip
