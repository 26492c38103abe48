"""What is found out about a content after it was stored: malware, and what its pages look like."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.documents import permissions, queries
from tinhso.apps.documents.actions._files import seal_into, store_told
from tinhso.apps.documents.enums import PreviewState, ScanState
from tinhso.apps.documents.events import ContentDrawn, ContentScanned
from tinhso.apps.documents.models import Content, Preview
from tinhso.apps.documents.providers import staging
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.crash import crash

_LARGEST_LIKENESS = 20_000_000


@action
def record_scan(*, content_id: int, state: ScanState, finding: str = "", actor: Actor, at: datetime) -> None:
    """Ghi kết quả quét mã độc của một nội dung. What was infected stays infected until an operator looks."""
    require(permissions.can_keep_store(actor))
    content = Content.objects.select_for_update().get(pk=content_id)
    if content.shredded_at is not None or content.scan == ScanState.INFECTED:
        return
    content.scan, content.finding, content.scanned_at = state, finding[:200], at
    content.save(update_fields=["scan", "finding", "scanned_at"])
    told = ContentScanned(content_id=content.pk, state=str(state), finding=finding[:200])
    record(told, subject=f"content:{content.pk}", actor=actor, at=at)


@action
def keep_preview(
    *, content_id: int, page: int, likeness: bytes, width: int, height: int, actor: Actor, at: datetime
) -> None:  # fmt: skip
    """Lưu bản xem trước của một trang; `page` counts from 1. Drawn twice, the first one stays."""
    require(permissions.can_keep_store(actor))
    content = Content.objects.select_for_update().get(pk=content_id)
    if content.shredded_at is not None or Preview.objects.filter(content=content, page=page).exists():
        return
    preview = Preview(content=content, page=page, width=width, height=height)
    with store_told(), staging.take_bytes(queries.files_folder(), likeness, limit=_LARGEST_LIKENESS) as incoming:
        seal_into(preview, incoming, folder="")
        crash("keep_preview:kept")
    preview.save(force_insert=True)


@action
def finish_previews(*, content_id: int, pages: int, drawn: bool, actor: Actor, at: datetime) -> None:
    """Ghi đã lập xong bản xem trước, hoặc không lập được."""
    require(permissions.can_keep_store(actor))
    content = Content.objects.select_for_update().get(pk=content_id)
    content.preview = PreviewState.READY if drawn else PreviewState.FAILED
    content.save(update_fields=["preview"])
    told = ContentDrawn(content_id=content.pk, pages=pages, state=content.preview)
    record(told, subject=f"content:{content.pk}", actor=actor, at=at)
