"""A closed box whose term is over: admitted to, archived, emptied; and who opens the archive."""

from datetime import datetime, timedelta
from typing import BinaryIO

from tinhso.apps.audit.actions import record
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import start_retention, store_file
from tinhso.apps.mailboxes import permissions, rules
from tinhso.apps.mailboxes.actions._boxes import addresses_of, day_of, locked, main_address
from tinhso.apps.mailboxes.data import (
    BoxToArchive,
    MailArchiveMoved,
    MailArchiveNotFound,
    MailboxNotFound,
    MailInvalid,
)
from tinhso.apps.mailboxes.enums import BoxKind, BoxState
from tinhso.apps.mailboxes.events import (
    MailArchived,
    MailArchiveFailed,
    MailArchiveOpened,
    MailArchivingBegun,
    MailboxRemoved,
)
from tinhso.apps.mailboxes.models import AppPassword, MailArchive, Mailbox
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor

RETENTION = "mailbox_archive"
_ADMITTED = timedelta(hours=4)
_LONGEST = 500


@action
def begin_archiving(*, mailbox_id: int, actor: Actor, at: datetime) -> BoxToArchive | None:
    """Bắt đầu lưu trữ một hộp đóng quá thời hạn giữ: a one-time password for this box alone, of which the digest is kept.

    None where there is nothing to do: opened again, its day not come, or done. Begun anew, the password before is void.
    """
    require(permissions.can_operate(actor))
    box = locked(mailbox_id)
    if not _is_due(box, at):
        return None
    row = MailArchive.objects.filter(mailbox=box).first() or MailArchive(mailbox=box)
    password = rules.new_password()
    row.digest, row.digest_until, row.tried_at = rules.password_digest(password), at + _ADMITTED, at
    row.save()
    record(MailArchivingBegun(mailbox_id=box.pk, until=row.digest_until), subject=box, actor=actor, at=at)
    return BoxToArchive(
        mailbox_id=box.pk, login=main_address(box), password=password, is_archived=box.state == BoxState.ARCHIVED,
        file_id=row.file_id, about=_about(box, at),
    )  # fmt: skip


@action
def keep_archive(
    *, mailbox_id: int, content: BinaryIO | None, messages: int, mail_bytes: int, continues: bool, instead_of: int | None,
    actor: Actor, at: datetime,
) -> int | None:  # fmt: skip
    """Lưu tệp thư lưu trữ của một hộp và ghi vào hộp, in one act: stored and not known of, it would be nobody's.

    From here on the box does not open again: who comes back gets a new one. `continues`: a letter came after the box was
    archived, and this takes the place of `instead_of`, all of which it holds. Returns the stored file; None of an empty box.

    Raises:
        MailArchiveMoved: opened again meanwhile, or archived by another round. StorageUnavailable: try again.
    """
    require(permissions.can_operate(actor))
    # Before anything is locked or asked: sealing gigabytes takes longer than a transaction may stand still.
    name = f"thu-luu-tru-{mailbox_id}.zip"
    stored = store_file(content=content, name=name, made_here=True, actor=actor, at=at) if content is not None else None
    box = locked(mailbox_id)
    row = MailArchive.objects.select_for_update().get(mailbox=box)
    expected = BoxState.ARCHIVED if continues else BoxState.CLOSED
    if box.state != expected or row.file_id != instead_of or not _is_due(box, at):
        raise MailArchiveMoved
    row.file_id = stored.id if stored is not None else None
    row.archived_at, row.messages, row.mail_bytes, row.problem = at, messages, mail_bytes, ""
    row.save()
    box.state, box.successor = BoxState.ARCHIVED, None
    box.save(update_fields=["state", "successor"])
    if stored is not None and box.closed_on is not None:
        start_retention(
            file_ids=[stored.id], kind=RETENTION, since=box.closed_on, unit_id=box.unit_id, actor=actor, at=at
        )
    made = MailArchived(
        mailbox_id=box.pk, messages=messages, file_id=row.file_id, sha256=stored.sha256 if stored is not None else ""
    )
    record(made, subject=box, actor=actor, at=at)
    return row.file_id


@action
def record_archive_problem(*, mailbox_id: int, problem: str, actor: Actor, at: datetime) -> None:
    """Ghi lý do chưa lưu trữ hoặc chưa xóa được thư của một hộp; the one-time password ends."""
    require(permissions.can_operate(actor))
    box = locked(mailbox_id)
    if box.state == BoxState.REMOVED:  # another round has finished meanwhile
        return
    row = MailArchive.objects.select_for_update().get(mailbox=box)
    row.problem, row.digest, row.digest_until, row.tried_at = problem[:_LONGEST], "", None, at
    row.save()
    record(MailArchiveFailed(mailbox_id=box.pk, problem=row.problem), subject=box, actor=actor, at=at)


@action
def record_removed(*, mailbox_id: int, actor: Actor, at: datetime) -> None:
    """Ghi việc đã xóa khỏi máy chủ thư của hộp đã lưu trữ. The address stays with it; told twice, once."""
    box = locked(mailbox_id)
    require(permissions.can_operate(actor))
    if box.state != BoxState.ARCHIVED:
        return
    row = MailArchive.objects.select_for_update().get(mailbox=box)
    row.digest, row.digest_until, row.problem, row.removed_at = "", None, "", at
    row.save()
    box.state, box.used_bytes, box.used_at = BoxState.REMOVED, 0, at
    box.save()
    AppPassword.objects.filter(mailbox=box).delete()
    record(MailboxRemoved(mailbox_id=box.pk), subject=box, actor=actor, at=at)


@action
def open_archive(*, mailbox_id: int, reason: str, actor: Actor, at: datetime) -> int:
    """Mở thư đã lưu trữ của một hộp: by who keeps the records of its unit, each time with a reason. Returns the file.

    Raises:
        MailArchiveNotFound: none there. MailInvalid: no reason.
    """
    box = Mailbox.objects.filter(pk=mailbox_id).first()
    if box is None:
        raise MailboxNotFound
    require(permissions.can_read_archive(actor, box.unit_id))
    row = MailArchive.objects.filter(mailbox=box, file__isnull=False).first()
    if row is None or row.file_id is None:
        raise MailArchiveNotFound
    words = " ".join(reason.split())[:_LONGEST]
    if not words:
        raise MailInvalid("Mời nêu lý do mở thư đã lưu trữ.")
    opened = MailArchiveOpened(mailbox_id=box.pk, file_id=row.file_id, reason=words)
    record(opened, subject=box, actor=actor, at=at)
    return row.file_id


def _is_due(box: Mailbox, at: datetime) -> bool:
    waiting = box.state in {BoxState.CLOSED, BoxState.ARCHIVED}
    return waiting and box.remove_on is not None and box.remove_on <= day_of(at)


def _about(box: Mailbox, at: datetime) -> dict[str, object]:
    """What the inventory says of the box."""
    unit = directory.get_unit(box.unit_id)
    return {
        "box": {
            "number": box.pk, "kind": box.kind, "kind_name": BoxKind(box.kind).label, "name": box.name,
            "address": main_address(box), "addresses": addresses_of(box),
        },
        "unit": {"code": unit.code, "name": unit.agency_name},
        "opened_on": day_of(box.opened_at).isoformat(),
        "closed_on": box.closed_on.isoformat() if box.closed_on else "",
        "archived_on": day_of(at).isoformat(),
    }  # fmt: skip
