"""Keys of the store: new ones, re-wrapping, sealing what was plain, moving to another store."""

from datetime import datetime
from typing import BinaryIO

from tinhso.apps.audit.actions import record
from tinhso.apps.documents import permissions, queries
from tinhso.apps.documents.actions._files import seal_into, store_told
from tinhso.apps.documents.data import StorageUnavailable
from tinhso.apps.documents.events import ContentMoved, ContentSealed, FileKeyAdded, KeysRewrapped
from tinhso.apps.documents.models import Content, Preview, UploadPart
from tinhso.apps.documents.providers import staging
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.crash import crash

_STREAM = "file_keys"


@action
def add_file_key(*, actor: Actor, at: datetime) -> str:
    """Thêm một khóa bảo vệ tệp; from now on it seals what is new. Returns its id.

    Raises:
        StorageUnavailable: the folder of keys cannot be written.
    """
    require(permissions.can_keep_store(actor))
    with store_told():
        key_id = queries.ring().add()
    record(FileKeyAdded(key_id=key_id), subject=_STREAM, actor=actor, at=at)
    return key_id


@action
def rewrap_keys(*, limit: int = 500, actor: Actor, at: datetime) -> int:
    """Bọc lại một lô khóa dữ liệu bằng khóa mới nhất; the content itself is not read. Returns how many, 0 when done.

    Raises:
        StorageUnavailable: an old key is not in the folder of keys.
    """
    require(permissions.can_keep_store(actor))
    ring = queries.ring()
    count = 0
    for model in (Content, Preview, UploadPart):
        rows = model.objects.select_for_update(skip_locked=True).exclude(key_id__in=["", ring.active])
        for row in rows.order_by("pk")[: limit - count]:
            with store_told():
                key = ring.unwrap(bytes(row.wrapped_key or b""), row.key_id, bound_to=row.binding)
                row.wrapped_key, row.key_id = ring.wrap(key, bound_to=row.binding)
            row.save(update_fields=["wrapped_key", "key_id"])
            count += 1
    if count:
        record(KeysRewrapped(key_id=ring.active, count=count), subject=_STREAM, actor=actor, at=at)
    return count


@action
def seal_content(*, content_id: int, actor: Actor, at: datetime) -> bool:
    """Mã hóa nội dung đã lưu từ trước khi kho tệp được mã hóa. False when it is sealed already.

    The plain blob stays until the row names the sealed one; `drop_blob` removes it afterwards.

    Raises:
        StorageUnavailable: it cannot be read, or is not what its digest says.
    """
    require(permissions.can_keep_store(actor))
    content = Content.objects.select_for_update().get(pk=content_id)
    if content.key_id or content.shredded_at is not None:
        return False
    with store_told(), queries.open_content(content) as plain:
        _reseal(content, plain)
    content.save(update_fields=["store", "blob", "size", "wrapped_key", "key_id"])
    record(ContentSealed(content_id=content.pk), subject=f"content:{content.pk}", actor=actor, at=at)
    return True


def _reseal(content: Content, plain: BinaryIO) -> None:
    with staging.take_in(queries.files_folder(), plain, limit=content.size, head_bytes=0) as incoming:
        if incoming.sha256 != content.sha256:
            raise StorageUnavailable(f"Nội dung {content.sha256} trong kho không còn nguyên vẹn.")
        seal_into(content, incoming, folder="")
        crash("seal_content:kept")


@action
def move_content(*, content_id: int, actor: Actor, at: datetime) -> bool:
    """Chuyển nội dung sang nơi lưu đang được cấu hình. False when it is there already. The key changes too.

    Raises:
        StorageUnavailable: either store is out of reach, or the content is not what its digest says.
    """
    require(permissions.can_keep_store(actor))
    content = Content.objects.select_for_update().get(pk=content_id)
    from_store = content.store
    if content.shredded_at is not None or from_store == queries.chosen_store():
        return False
    with store_told(), queries.open_content(content) as plain:
        _reseal(content, plain)
    content.save(update_fields=["store", "blob", "size", "wrapped_key", "key_id"])
    record(
        ContentMoved(content_id=content.pk, store=content.store), subject=f"content:{content.pk}", actor=actor, at=at
    )
    return True
