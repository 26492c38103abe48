"""A closed box past its term: its letters archived, compared with the server, and only then removed.

Killed at any point, the next round begins again: before `keep_archive` nothing is archived and nothing removed; after it the
archive is there, is read back whole, and what it holds is removed as often as need be.
"""

import time
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from tinhso.apps.documents import queries as documents
from tinhso.apps.mailboxes import actions
from tinhso.apps.mailboxes.data import BoxToArchive, MailServerSilent
from tinhso.apps.mailboxes.providers import MailServer, OpenBox, server
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.crash import crash
from tinhso.kernel.errors import DomainError
from tinhso.kernel.flows import flow
from tinhso.lib.mailarchive import ArchiveError, ArchiveWriter, Kept, Key, Message, digest_of, read_archive
from tinhso.lib.sealed import SealedSpool

_ROUNDS = 5
# The mail host may read the views from a replica, which knows the one-time password a moment later.
_TRIES, _PAUSE_S = 3, 2.0

Archived = dict[Key, Kept]


@flow
def archive_and_remove(*, mailbox_id: int, at: datetime) -> bool:
    """Lưu trữ rồi xóa thư của một hộp đóng quá thời hạn giữ. Returns whether its letters are archived and removed now.

    What does not agree is told in words and nothing is removed; the next night it is tried again. Without a connected server,
    and one whose boxes can be read, nothing is done; the operator's page says so.
    """
    host = server()
    if host is None or not host.reads_boxes():
        return False
    begun = actions.begin_archiving(mailbox_id=mailbox_id, actor=SYSTEM, at=at)
    if begun is None:
        return False
    crash("archive_mail:begun")
    try:
        with ExitStack() as stack:
            box = _opened(host, begun, stack)
            _empty(box, _archived(box, begun, at))
    except (ArchiveError, DomainError) as error:
        told = error.message if isinstance(error, DomainError) else str(error)
        actions.record_archive_problem(mailbox_id=mailbox_id, problem=told, actor=SYSTEM, at=at)
        return False
    crash("archive_mail:removed")
    actions.record_removed(mailbox_id=mailbox_id, actor=SYSTEM, at=at)
    return True


def _opened(host: MailServer, begun: BoxToArchive, stack: ExitStack) -> OpenBox:
    for _ in range(_TRIES - 1):
        try:
            return stack.enter_context(host.open_box(begun.login, begun.password))
        except MailServerSilent:
            time.sleep(_PAUSE_S)
    return stack.enter_context(host.open_box(begun.login, begun.password))


def _archived(box: OpenBox, begun: BoxToArchive, at: datetime) -> Archived:
    """What the archive of this box holds, read back from the store and the same as on the server."""
    if not begun.is_archived:
        return _read_back(_make(box, begun, at))
    held = _read_back(begun.file_id)
    there = box.messages()
    if any(message.key not in held for message in there):
        return _read_back(_make(box, begun, at))
    _compare(box, there, held)
    return held


def _make(box: OpenBox, begun: BoxToArchive, at: datetime) -> int | None:
    """Write the archive, continuing the one there is, compare it and keep it. Returns its file."""
    folder = Path(settings.DATA_DIR) / "mail-spool"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with SealedSpool(folder) as spool:
        with ArchiveWriter(spool) as out:
            if begun.file_id is not None:
                with documents.open_file(begun.file_id) as earlier:
                    out.carry(earlier)
            _fetch(box, out, carried=frozenset(out.kept))
            out.finish(begun.about)
        crash("archive_mail:compared")
        with spool.reader() as plain:
            content: BinaryIO | None = plain if out.kept else None
            return actions.keep_archive(
                mailbox_id=begun.mailbox_id, content=content, messages=len(out.kept),
                mail_bytes=sum(one.size for one in out.kept.values()), continues=begun.is_archived,
                instead_of=begun.file_id, actor=SYSTEM, at=at,
            )  # fmt: skip


def _fetch(box: OpenBox, out: ArchiveWriter, *, carried: frozenset[Key]) -> None:
    """Take every letter, then read every one again and compare, until the server shows nothing that was not compared."""
    compared: set[Key] = set()
    for _ in range(_ROUNDS):
        there = box.messages()
        for message in there:
            if message.key not in out.kept:
                out.add(message, box.read(message))
                crash("archive_mail:fetched")
        waiting = [message for message in there if message.key not in compared]
        if not waiting:
            gone = len(out.kept.keys() - carried - {message.key for message in there})
            if gone:
                raise ArchiveError(f"{gone} thư đã lấy về nay không còn trên máy chủ; chưa xóa gì.")
            return
        _compare(box, waiting, out.kept)
        compared |= {message.key for message in waiting}
    raise ArchiveError("Thư vẫn đến hộp trong lúc lưu trữ; chưa xóa gì.")


def _compare(box: OpenBox, messages: Iterable[Message], held: Archived) -> None:
    for message in messages:
        kept = held[message.key]
        if message.size != kept.size or digest_of(box.read(message)) != kept.sha256:
            raise ArchiveError(f"Thư {kept.path} trên máy chủ khác với bản lưu trữ; chưa xóa gì.")


def _read_back(file_id: int | None) -> Archived:
    if file_id is None:
        return {}
    with documents.open_file(file_id) as stream:
        return read_archive(stream)


def _empty(box: OpenBox, held: Archived) -> None:
    """Remove what the archive holds, folder by folder, and nothing else."""
    folders: dict[str, list[Message]] = {}
    for message in box.messages():
        if message.key in held:
            folders.setdefault(message.folder.raw, []).append(message)
    for messages in folders.values():
        box.remove(messages)
        crash("archive_mail:folder_removed")
    left = len(box.messages())
    if left:
        raise ArchiveError(f"{left} thư đến hộp sau khi lưu trữ; sẽ lưu trữ thêm ở lượt sau.")
