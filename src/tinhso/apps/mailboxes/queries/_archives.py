"""Archived letters of closed boxes: which wait for their day, what could not be archived, what may be opened by whom."""

from datetime import date

from django.db.models import Q, QuerySet

from tinhso.apps.documents import queries as documents
from tinhso.apps.documents.data import StoredFileData
from tinhso.apps.mailboxes import permissions
from tinhso.apps.mailboxes.data import ArchiveData, ArchivedBox, MailArchiveNotFound
from tinhso.apps.mailboxes.enums import BoxState
from tinhso.apps.mailboxes.models import MailArchive, Mailbox
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor

_PAGE = 100


def boxes_to_archive(on: date) -> list[int]:
    """Boxes whose letters are kept on the server no longer, and those archived that are not emptied yet."""
    waiting = Mailbox.objects.filter(Q(state=BoxState.CLOSED, remove_on__lte=on) | Q(state=BoxState.ARCHIVED))
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def archives_in_work(file_ids: frozenset[int]) -> dict[int, str]:
    """Those of these files that are archives of boxes whose letters are still being removed, each with why it stays."""
    held = MailArchive.objects.filter(file__in=file_ids, removed_at__isnull=True)
    return {
        file_id: "thư của hộp chưa xóa xong khỏi máy chủ"
        for file_id in held.values_list("file_id", flat=True)
        if file_id
    }


def archive_data(row: MailArchive) -> ArchiveData:
    """The values of a row."""
    return ArchiveData(
        id=row.pk, tried_at=row.tried_at, problem=row.problem, archived_at=row.archived_at, file_id=row.file_id,
        messages=row.messages or 0, mail_bytes=row.mail_bytes or 0, removed_at=row.removed_at,
    )  # fmt: skip


def archive_problems(actor: Actor) -> list[tuple[str, ArchiveData]]:
    """What could not be archived or emptied at the latest try: address, and why; for the operator.

    Raises:
        Forbidden: the actor does not operate official mail.
    """
    require(permissions.can_operate(actor))
    waiting = MailArchive.objects.filter(mailbox__state__in=[BoxState.CLOSED, BoxState.ARCHIVED])
    rows = _with_box(waiting.exclude(problem="")).order_by("pk")[:_PAGE]
    return [(_address(row), archive_data(row)) for row in rows]


def archives_visible_to(actor: Actor) -> QuerySet[MailArchive]:
    """The archives of boxes of units whose records the actor keeps; those of empty boxes too."""
    units = actor.unit_ids_for(permissions.MailPermission.READ_ARCHIVE)
    return MailArchive.objects.filter(mailbox__unit_id__in=units, archived_at__isnull=False)


def list_archives(*, actor: Actor, after: int = 0) -> tuple[list[ArchivedBox], int | None]:
    """Archived boxes of the actor's units in the order they were archived, a page after a number, and where the next begins."""
    rows = list(_with_box(archives_visible_to(actor).filter(pk__gt=after)).order_by("pk")[: _PAGE + 1])
    files = documents.list_files(row.file_id for row in rows if row.file_id is not None)
    more = rows[_PAGE - 1].pk if len(rows) > _PAGE else None
    return [_archived(row, files.get(row.file_id or 0)) for row in rows[:_PAGE]], more


def get_archive(*, actor: Actor, mailbox_id: int) -> ArchivedBox:
    """The archive of one box of the actor's units.

    Raises:
        MailArchiveNotFound: none there.
    """
    row = _with_box(archives_visible_to(actor).filter(mailbox=mailbox_id)).first()
    if row is None:
        raise MailArchiveNotFound
    return _archived(row, documents.get_file(row.file_id) if row.file_id is not None else None)


def _with_box(rows: QuerySet[MailArchive]) -> QuerySet[MailArchive]:
    return rows.select_related("mailbox").prefetch_related("mailbox__addresses")


def _address(row: MailArchive) -> str:
    return next((one.address for one in row.mailbox.addresses.all() if one.is_main), row.mailbox.name)


def _archived(row: MailArchive, file: StoredFileData | None) -> ArchivedBox:
    return ArchivedBox(
        mailbox_id=row.mailbox_id, address=_address(row), name=row.mailbox.name, unit_id=row.mailbox.unit_id,
        closed_on=row.mailbox.closed_on, archive=archive_data(row), sha256=file.sha256 if file is not None else "",
        size=file.size if file is not None else 0, disposed_at=file.disposed_at if file is not None else None,
    )  # fmt: skip
