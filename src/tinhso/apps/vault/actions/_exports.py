"""Packages of everything in a vault."""

from datetime import datetime, timedelta

from tinhso.apps.audit.actions import record
from tinhso.apps.vault import permissions, queries
from tinhso.apps.vault.data import DocumentNotFound, ExportNotReady
from tinhso.apps.vault.enums import ExportStatus
from tinhso.apps.vault.events import ExportAsked, ExportMade, ExportRemoved, ExportTaken
from tinhso.apps.vault.models import Export, Holder
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.lib.sealed import new_key

_AT_WORK = (ExportStatus.WAITING, ExportStatus.MAKING)


@action
def ask_export(*, actor: Actor, at: datetime) -> int:
    """Yêu cầu gói tải về toàn bộ giấy tờ trong kho; a job makes it. One that is being made already is given back.

    Raises:
        DocumentNotFound: nothing in the vault.
    """
    require(permissions.is_own(actor))
    holder_id = queries.find_holder(queries.holder_key(actor))
    if holder_id is None:
        raise DocumentNotFound("Kho của bạn chưa có giấy tờ nào.")
    holder = Holder.objects.select_for_update().get(pk=holder_id)
    known = Export.objects.filter(holder=holder, status__in=_AT_WORK).first()
    if known is not None:
        return known.pk
    export = Export.objects.create(
        holder=holder, asked_by_id=actor.account_id or 0, asked_at=at, secret=new_key(),
        total=holder.documents.count(),
    )  # fmt: skip
    record(ExportAsked(export_id=export.pk, holder_id=holder_id), subject=_stream(export), actor=actor, at=at)
    return export.pk


@action
def note_export(*, export_id: int, done: int, total: int, actor: Actor, at: datetime) -> bool:
    """Ghi gói tải về đã đóng được bao nhiêu giấy tờ; whether it is still wanted."""
    require(actor.kind is ActorKind.SYSTEM)
    rows = Export.objects.filter(pk=export_id, status__in=_AT_WORK)
    return bool(rows.update(status=ExportStatus.MAKING, done=done, total=total))


@action
def finish_export(*, export_id: int, documents: int, size: int, ok: bool, actor: Actor, at: datetime) -> None:
    """Ghi gói tải về đã đóng xong, hoặc không đóng được. Told twice, it happens once."""
    require(actor.kind is ActorKind.SYSTEM)
    export = Export.objects.select_for_update().get(pk=export_id)
    if export.status not in _AT_WORK:
        return
    export.status = ExportStatus.READY if ok else ExportStatus.FAILED
    export.done, export.size, export.ready_at = documents, size, at
    export.expires_at = at + timedelta(hours=queries.get_settings().export_hours)
    export.save(update_fields=["status", "done", "size", "ready_at", "expires_at"])
    event = ExportMade(export_id=export.pk, ok=ok, documents=documents, size=size)
    record(event, subject=_stream(export), actor=actor, at=at)


@action
def take_export(*, export_id: int, actor: Actor, at: datetime) -> None:
    """Ghi chủ kho tải gói về, before its bytes are sent.

    Raises:
        DocumentNotFound: no package of this holder. ExportNotReady: not finished, or removed.
    """
    require(permissions.is_own(actor))
    holder_id = queries.find_holder(queries.holder_key(actor))
    export = Export.objects.select_for_update().filter(pk=export_id).first()
    if export is None or export.holder_id != holder_id:
        raise DocumentNotFound("Không có gói tải về này.")
    if export.status != ExportStatus.READY or export.expires_at is None or export.expires_at <= at:
        raise ExportNotReady
    record(ExportTaken(export_id=export.pk), subject=_stream(export), actor=actor, at=at)


@action
def remove_export(*, export_id: int, actor: Actor, at: datetime) -> None:
    """Ghi gói tải về hết hạn đã xóa khỏi máy chủ; its key is forgotten with it. Told twice, it happens once."""
    require(actor.kind is ActorKind.SYSTEM)
    export = Export.objects.select_for_update().get(pk=export_id)
    if export.status == ExportStatus.REMOVED or export.expires_at is None or export.expires_at > at:
        return
    export.status, export.secret = ExportStatus.REMOVED, b""
    export.save(update_fields=["status", "secret"])
    record(ExportRemoved(export_id=export.pk), subject=_stream(export), actor=actor, at=at)


def _stream(export: Export) -> str:
    return f"vault_export:{export.pk}"
