"""An import that works in the background: handed in, how far it is, asked to be published, stopped."""

from collections.abc import Sequence
from datetime import date, datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.procedures.actions._imports import locked_import
from tinhso.apps.procedures.data import ImportNotReady
from tinhso.apps.procedures.enums import ImportStatus
from tinhso.apps.procedures.events import CatalogueFileReceived, CatalogueImportFailed, CataloguePublicationRequested
from tinhso.apps.procedures.models import CatalogueImport
from tinhso.apps.procedures.permissions import can_approve, can_manage
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind


@action
def begin_import(*, file_name: str, file_digest: str, effective_from: date, actor: Actor, at: datetime) -> int:
    """Tiếp nhận tệp danh mục để đọc: the file lies in the imports' folder; the event sets the worker to it.

    The same file for the same day while it is being read is the same import: a double click makes one.
    Returns the number of the import.
    """
    require(can_manage(actor))
    begun, is_new = CatalogueImport.objects.get_or_create(
        file_digest=file_digest, effective_from=effective_from, status=ImportStatus.READING,
        defaults={"file_name": file_name[:255], "staged_at": at, "staged_by": actor.name},
    )  # fmt: skip
    if not is_new:
        return begun.pk
    event = CatalogueFileReceived(import_id=begun.pk, file_name=begun.file_name, file_digest=file_digest)
    record(event, subject="catalogue", actor=actor, at=at)
    return begun.pk


@action
def note_progress(*, import_id: int, rows_read: int, rows_with_problems: int, actor: Actor, at: datetime) -> None:
    """Ghi tiến độ đọc tệp, for the page that somebody watches."""
    staged = locked_import(import_id)
    require(actor.kind is ActorKind.SYSTEM)
    if staged.status == ImportStatus.READING:
        staged.rows_read, staged.rows_with_problems = rows_read, rows_with_problems
        staged.save(update_fields=["rows_read", "rows_with_problems"])


@action
def fail_import(*, import_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Ghi nhận lần nhập dừng giữa chừng: an unreadable file ends it, a publication may be asked for again."""
    staged = locked_import(import_id)
    require(actor.kind is ActorKind.SYSTEM)
    if not ImportStatus(staged.status).is_running:
        return
    was_reading = staged.status == ImportStatus.READING
    staged.status = ImportStatus.FAILED if was_reading else ImportStatus.APPROVED
    staged.failure = reason
    staged.save(update_fields=["status", "failure"])
    record(CatalogueImportFailed(import_id=import_id, reason=reason), subject="catalogue", actor=actor, at=at)


@action
def request_publication(*, import_id: int, actor: Actor, at: datetime, take: Sequence[str] = ()) -> None:
    """Yêu cầu công bố lần nhập đã duyệt; the worker publishes. Asked twice, it is published once.

    Raises:
        ImportNotReady: it is not approved.
    """
    staged = locked_import(import_id)
    require(can_approve(actor))
    if staged.status in {ImportStatus.PUBLISHING, ImportStatus.APPLIED}:
        return
    if staged.status != ImportStatus.APPROVED:
        raise ImportNotReady("Chỉ công bố được lần nhập đã duyệt và chưa công bố.")
    staged.status, staged.take, staged.failure = ImportStatus.PUBLISHING, sorted(set(take)), ""
    staged.save(update_fields=["status", "take", "failure"])
    event = CataloguePublicationRequested(import_id=import_id, take=staged.take)
    record(event, subject="catalogue", actor=actor, at=at)
