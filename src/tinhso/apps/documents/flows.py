"""Work on stored content that talks with stores and scanners, which no transaction covers."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from tinhso.apps.documents import actions, queries
from tinhso.apps.documents.enums import PreviewState, ScanState
from tinhso.apps.documents.providers import clamd, staging
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.crash import crash
from tinhso.kernel.flows import flow
from tinhso.lib.inspection import helper

# No upload takes this long; younger leftovers may still be on their way in.
_ABANDONED = timedelta(days=1)
_LOOKED_UP = 500
_LONGEST_SIDE = 1_400  # pixels: an A4 page that can be read on a screen


@flow
def sweep_incoming(*, at: datetime) -> int:
    """Xóa tệp tải lên dở dang: temporary files and blobs no row knows, that a crash left behind. Returns how many."""
    return staging.sweep(queries.files_folder(), before=at - _ABANDONED) + _sweep_blobs(before=at - _ABANDONED)


@flow
def forget_expired_uploads(*, at: datetime) -> int:
    """Dọn các lượt tải lên đã hết hạn: the rows first, then the portions. Returns how many."""
    total = 0
    while upload_ids := queries.expired_uploads(at=at):
        for upload_id in upload_ids:
            for place, blob in actions.forget_upload(upload_id=upload_id, actor=SYSTEM, at=at):
                queries.storage(place).delete(blob)
            total += 1
    return total


def _sweep_blobs(*, before: datetime) -> int:
    """Remove blobs older than this that no row names: a crash came between the blob and its row, or after the row."""
    place = queries.chosen_store()
    store = queries.storage(place)
    old = [name for name, written in store.names() if written < before]
    removed = 0
    for start in range(0, len(old), _LOOKED_UP):
        batch = old[start : start + _LOOKED_UP]
        known = queries.known_blobs(batch, place=place)
        for name in batch:
            if name not in known:
                store.delete(name)
                removed += 1
    return removed


@flow
def examine(*, content_id: int, at: datetime) -> None:
    """Quét mã độc rồi lập bản xem trước của một nội dung mới. Done again, what is done already is left alone.

    Raises:
        ScannerUnavailable: clamd does not answer now; the content stays held and the job is tried again.
    """
    scan_content(content_id=content_id, at=at)
    draw_content(content_id=content_id, at=at)


@flow
def scan_content(*, content_id: int, at: datetime) -> None:
    """Quét mã độc một nội dung bằng clamd, khi có.

    Raises:
        ScannerUnavailable: clamd does not answer now.
    """
    scanner = str(settings.FILES["clamd"])
    content = queries.content_of(content_id)
    if not scanner or content.scan not in {ScanState.PENDING, ScanState.NOT_SCANNED, ScanState.UNSCANNABLE}:
        return
    try:
        with queries.open_content(content) as plain:
            found = clamd.scan(scanner, plain)
        state, finding = (ScanState.INFECTED, found) if found else (ScanState.CLEAN, "")
    except clamd.NotScannable as error:
        state, finding = ScanState.UNSCANNABLE, str(error)
    crash("scan_content:scanned")
    actions.record_scan(content_id=content_id, state=state, finding=finding, actor=SYSTEM, at=at)


@flow
def draw_content(*, content_id: int, at: datetime) -> None:
    """Lập bản xem trước các trang của một nội dung; its own bytes are only read."""
    content = queries.content_of(content_id)
    most = int(settings.FILES["preview_pages"])
    if content.preview != PreviewState.WAITING or queries.is_held(content) or not most:
        return
    media_type = queries.media_type_of(content)
    page, drawn = 0, True
    try:
        with queries.sealed_copy(content) as (path, key):
            pages = helper.render(path, key, media_type=media_type, first=0, count=most, longest=_LONGEST_SIDE)
            for page, (likeness, width, height) in enumerate(pages, 1):
                actions.keep_preview(
                    content_id=content_id, page=page, likeness=likeness, width=width, height=height, actor=SYSTEM, at=at
                )
                crash("draw_content:page_kept")
    except helper.InspectionFailed:
        drawn = page > 0
    actions.finish_previews(content_id=content_id, pages=page, drawn=drawn, actor=SYSTEM, at=at)


@flow
def scan_waiting(*, at: datetime, told: Callable[[int], None] = lambda count: None) -> int:
    """Quét mọi nội dung chưa được quét. Returns how many were looked at."""
    total, after = 0, 0
    while content_ids := queries.contents_to("scan", after=after):
        for content_id in content_ids:
            examine(content_id=content_id, at=at)
            total += 1
        after = content_ids[-1]
        told(total)
    return total


@flow
def rotate_keys(*, at: datetime, told: Callable[[int], None] = lambda count: None) -> tuple[str, int]:
    """Thay khóa bảo vệ tệp: a new key, and every data key sealed with it anew, in batches. Returns its id and how many.

    Cut off in the middle it is simply run again without a new key (`rewrap`): both keys are there and both open.
    """
    key_id = actions.add_file_key(actor=SYSTEM, at=at)
    return key_id, rewrap(at=at, told=told)


@flow
def rewrap(*, at: datetime, told: Callable[[int], None] = lambda count: None) -> int:
    """Bọc lại mọi khóa dữ liệu còn dùng khóa cũ. Returns how many."""
    total = 0
    while count := actions.rewrap_keys(actor=SYSTEM, at=at):
        total += count
        told(total)
    return total


@flow
def seal_plain(*, at: datetime, told: Callable[[int], None] = lambda count: None) -> int:
    """Mã hóa mọi nội dung lưu từ trước; the plain bytes are removed once the sealed ones are there. Returns how many."""
    return _each("seal", lambda content_id: actions.seal_content(content_id=content_id, actor=SYSTEM, at=at), told)


@flow
def move_all(*, at: datetime, told: Callable[[int], None] = lambda count: None) -> int:
    """Chuyển mọi nội dung sang nơi lưu đang được cấu hình; then the old place is cleared. Returns how many."""
    return _each("move", lambda content_id: actions.move_content(content_id=content_id, actor=SYSTEM, at=at), told)


def _each(work: str, step: Callable[[int], bool], told: Callable[[int], None]) -> int:
    total, after = 0, 0
    while content_ids := queries.contents_to(work, after=after):
        for content_id in content_ids:
            place, blob = queries.blob_of(content_id)
            if step(content_id):
                queries.storage(place).delete(blob)
                total += 1
        after = content_ids[-1]
        told(total)
    return total


@flow
def carry_out_disposal(*, disposal_id: int, at: datetime) -> None:
    """Tiêu hủy các tệp của một danh mục đã phê duyệt: keys first, then the bytes. Cut off anywhere, it is run again."""
    for item_id in queries.items_to_dispose(disposal_id):
        actions.dispose_file(item_id=item_id, actor=SYSTEM, at=at)
        crash("carry_out_disposal:shredded")
    clear_shredded(at=at)
    actions.finish_disposal(disposal_id=disposal_id, actor=SYSTEM, at=at)


@flow
def clear_shredded(*, at: datetime) -> int:
    """Xóa khỏi kho những nội dung đã hủy khóa. Returns how many."""
    total, after = 0, 0
    while content_ids := queries.contents_to_clear(after=after):
        for content_id in content_ids:
            blobs = queries.blobs_to_clear(content_id)
            for place, blob in blobs:
                queries.storage(place).delete(blob)
                crash("clear_shredded:deleted")
            actions.clear_content(content_id=content_id, blob=blobs[0][1], actor=SYSTEM, at=at)
            total += 1
        after = content_ids[-1]
    return total
