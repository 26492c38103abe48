"""Files that arrive in portions: what has arrived stays, whatever happens to the line."""

from datetime import datetime, timedelta
from io import BytesIO, RawIOBase
from secrets import token_urlsafe
from typing import BinaryIO, cast

from django.conf import settings

from tinhso.apps.audit.actions import record
from tinhso.apps.documents import permissions, queries, rules
from tinhso.apps.documents.actions._files import seal_into, store_file, store_told
from tinhso.apps.documents.data import (
    FileRefused,
    FileTooLarge,
    StoredFileData,
    UploadData,
    UploadMisplaced,
    UploadQuotaReached,
)
from tinhso.apps.documents.enums import UploadStatus
from tinhso.apps.documents.events import UploadCompleted, UploadEnded, UploadStarted
from tinhso.apps.documents.models import StoredFile, Upload, UploadPart
from tinhso.apps.documents.providers import staging
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.crash import crash

_LONGEST_NAME = 200


@action
def start_upload(*, name: str, length: int, actor: Actor, at: datetime) -> UploadData:
    """Bắt đầu tải một tệp lên theo từng phần.

    Raises:
        FileTooLarge: longer than the limit. FileRefused: empty. UploadQuotaReached: too many are unfinished.
    """
    require(actor.account_id is not None)
    limit = settings.TINHSO_MAX_UPLOAD_MB * 1_048_576
    if length > limit:
        raise FileTooLarge(f"Tệp nặng {rules.size_words(length)}, tối đa là {rules.size_words(limit)}.")
    if length <= 0:
        raise FileRefused(f"Tệp “{name}” rỗng.")
    account_id = cast("int", actor.account_id)
    unfinished = Upload.objects.filter(account_id=account_id, status=UploadStatus.OPEN, expires_at__gt=at)
    if unfinished.count() >= settings.FILES["most_uploads"]:
        raise UploadQuotaReached
    upload = Upload.objects.create(
        token=token_urlsafe(32), account_id=account_id, name=name[:_LONGEST_NAME] or "tep",
        length=length, started_at=at, expires_at=at + timedelta(hours=settings.FILES["upload_hours"]),
    )  # fmt: skip
    started = UploadStarted(upload_id=upload.pk, length=length)
    record(started, subject=f"upload:{upload.pk}", actor=actor, at=at)
    return queries.upload_data(upload)


@action
def append_upload(*, token: str, offset: int, portion: bytes, actor: Actor, at: datetime) -> int:
    """Nhận thêm một phần của tệp đang tải lên; returns the new offset once the portion lies safely in the store.

    Raises:
        UploadNotFound: none of the person's own. UploadMisplaced: not where the last one ended, or beyond the length.
        StorageUnavailable.
    """
    require(actor.account_id is not None)
    found = queries.find_upload(token, actor=actor, at=at)
    upload = Upload.objects.select_for_update().get(pk=found.pk)
    here = queries.offset_of(upload)
    if upload.status != UploadStatus.OPEN or here != offset or here + len(portion) > upload.length:
        raise UploadMisplaced
    if not portion:
        return here
    part = UploadPart(upload=upload, start=here)
    with store_told(), staging.take_bytes(queries.files_folder(), portion, limit=len(portion)) as incoming:
        seal_into(part, incoming, folder="")
        crash("append_upload:kept")
    part.save(force_insert=True)
    return here + len(portion)


@action
def finish_upload(*, token: str, actor: Actor, at: datetime) -> StoredFileData:
    """Ghép các phần đã tải lên thành một tệp và lưu. Asked again, the same file is given.

    Raises:
        UploadNotFound; UploadMisplaced: something is still missing; and as `store_file`.
    """
    require(actor.account_id is not None)
    found = queries.find_upload(token, actor=actor, at=at)
    upload = Upload.objects.select_for_update().get(pk=found.pk)
    if upload.file_id is not None:
        return queries.get_file(upload.file_id)
    if queries.offset_of(upload) != upload.length:
        raise UploadMisplaced("Tệp chưa tải lên xong.")
    stored = store_file(
        content=cast("BinaryIO", _Joined(list(upload.parts.order_by("start")))), name=upload.name, actor=actor, at=at
    )
    upload.status, upload.file = UploadStatus.COMPLETE, StoredFile(pk=stored.id)
    upload.save(update_fields=["status", "file"])
    done = UploadCompleted(upload_id=upload.pk, file_id=stored.id)
    record(done, subject=f"upload:{upload.pk}", actor=actor, at=at)
    return stored


@action
def end_upload(*, token: str, actor: Actor, at: datetime) -> None:
    """Hủy một lượt tải lên của chính mình; its portions go with the clock's next round."""
    require(actor.account_id is not None)
    upload = Upload.objects.select_for_update().get(pk=queries.find_upload(token, actor=actor, at=at).pk)
    upload.expires_at = at
    if upload.status == UploadStatus.OPEN:
        upload.status = UploadStatus.ENDED
    upload.save(update_fields=["status", "expires_at"])
    record(UploadEnded(upload_id=upload.pk, reason="given up"), subject=f"upload:{upload.pk}", actor=actor, at=at)


@action
def forget_upload(*, upload_id: int, actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """Xóa một lượt tải lên đã hết hạn, the file it became aside. Returns the blobs that are nobody's now."""
    require(permissions.can_keep_store(actor))
    upload = Upload.objects.select_for_update().get(pk=upload_id)
    blobs = list(upload.parts.values_list("store", "blob"))
    reason = "used" if upload.status == UploadStatus.COMPLETE else "expired"
    upload.delete()
    record(UploadEnded(upload_id=upload_id, reason=reason), subject=f"upload:{upload_id}", actor=actor, at=at)
    return blobs


class _Joined(RawIOBase):
    """The portions of an upload one behind the other, each opened when its turn comes."""

    def __init__(self, parts: list[UploadPart]) -> None:
        super().__init__()
        self._waiting, self._now = parts, cast("BinaryIO", BytesIO())

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]", /) -> int:  # type: ignore[override]  # any writable buffer is one
        portion = self._now.read(len(buffer))
        while not portion and self._waiting:
            self._now.close()
            self._now = queries.open_content(self._waiting.pop(0))
            portion = self._now.read(len(buffer))
        buffer[: len(portion)] = portion
        return len(portion)

    def close(self) -> None:
        self._now.close()
        super().close()
