"""One mailbox read over IMAP (RFC 3501) with TLS: its folders, its messages in portions, and messages removed by number.

Folders are opened for reading only (EXAMINE), so nothing is marked as read. Messages are removed by UID EXPUNGE
(RFC 4315), which removes those named and no other, whoever else marked what.
"""

import base64
import binascii
import imaplib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from tinhso.apps.mailboxes.data import MailServerSilent
from tinhso.kernel.outbound import trusted
from tinhso.lib.mailarchive import Folder, Message

_PORTION = 1_048_576
_RANGES_AT_ONCE = 200
_LISTED = re.compile(rb'\((?P<marks>[^)]*)\) (?P<delimiter>NIL|"(?:[^"\\]|\\.)*") (?P<name>.*)', re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_SHIFTED = re.compile(r"&([^-]*)-")
_UID, _SIZE = re.compile(rb"\bUID (\d+)"), re.compile(rb"\bRFC822\.SIZE (\d+)")
_FLAGS, _RECEIVED = re.compile(rb"\bFLAGS \(([^)]*)\)"), re.compile(rb'\bINTERNALDATE "([^"]+)"')


class ImapBox:
    """A mailbox somebody is signed in to."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._client = client
        self._open: tuple[str, bool] = ("", False)

    def messages(self) -> list[Message]:
        """Every message of every folder, as the server has them now."""
        found: list[Message] = []
        with _told():
            for line in self._asked(self._client.list(), "LIST"):
                folder = read_folder(line)
                if folder is not None:
                    found += self._messages(folder)
        return found

    def read(self, message: Message) -> Iterator[bytes]:
        """A message as it came, in portions."""
        with _told():
            if self._open != (message.folder.raw, False):
                self._enter(message.folder, for_reading=True)
            at = 0
            while at < message.size:
                asked = f"(BODY.PEEK[]<{at}.{_PORTION}>)"
                answer = self._asked(self._client.uid("FETCH", str(message.uid), asked), "FETCH")
                portion = _content_of(answer, message.uid)
                if not portion:
                    return
                at += len(portion)
                yield portion

    def remove(self, messages: Iterable[Message]) -> None:
        """Remove these messages and no others; what is gone already is no error."""
        numbers: dict[Folder, list[int]] = {}
        for message in messages:
            numbers.setdefault(message.folder, []).append(message.uid)
        with _told():
            if numbers and "UIDPLUS" not in str(self._client.capability()[1]):
                raise MailServerSilent("Máy chủ thư không có UIDPLUS nên không xóa được đúng những thư đã lưu trữ.")
            for folder, uids in numbers.items():
                self._enter(folder, for_reading=False)
                for some in sets_of(uids):
                    self._asked(self._client.uid("STORE", some, "+FLAGS.SILENT", r"(\Deleted)"), "STORE")
                    self._asked(self._client.uid("EXPUNGE", some), "EXPUNGE")

    def _messages(self, folder: Folder) -> list[Message]:
        count, validity = self._enter(folder, for_reading=True)
        if not count:
            return []
        known = Folder(folder.raw, folder.parts, validity)
        asked = "(UID FLAGS INTERNALDATE RFC822.SIZE)"
        lines = self._asked(self._client.uid("FETCH", "1:*", asked), "FETCH")
        found = [read_message(line, known) for line in lines if isinstance(line, bytes)]
        return sorted((one for one in found if one is not None), key=lambda one: one.uid)

    def _enter(self, folder: Folder, *, for_reading: bool) -> tuple[int, int]:
        """Open a folder; how many messages it has, and its numbering."""
        name = folder.raw.replace("\\", "\\\\").replace('"', '\\"')
        self._open = (folder.raw, not for_reading)
        answer = self._asked(self._client.select(f'"{name}"', readonly=for_reading), "SELECT")
        validity = int((self._client.response("UIDVALIDITY")[1] or [0])[0] or 0)
        if folder.validity and validity != folder.validity:
            raise MailServerSilent(f"Thư mục {'/'.join(folder.parts)} vừa được máy chủ đánh số lại.")
        return int(answer[0]), validity

    @staticmethod
    def _asked(answer: tuple[str, Any], command: str) -> list[Any]:
        state, content = answer
        if state != "OK":
            raise MailServerSilent(f"Máy chủ thư từ chối lệnh {command}.")
        return [one for one in content if one is not None]


@contextmanager
def signed_in(place: str, *, login: str, password: str, seconds: int) -> Iterator[ImapBox]:
    """A mailbox at `host:port`, signed in to with a password; every call waits at most `seconds`.

    Raises:
        MailServerSilent: it does not answer, its certificate is not trusted, or it refuses the password.
    """
    host, _, port = place.rpartition(":")
    with _told():
        client = imaplib.IMAP4_SSL(host.strip("[]"), int(port), ssl_context=trusted(), timeout=seconds)
        try:
            client.login(login, password)
        except BaseException:
            client.shutdown()
            raise
    try:
        yield ImapBox(client)
    finally:
        # `logout` waits for a goodbye, and shuts the connection down in any case.
        try:
            client.logout()
        except (imaplib.IMAP4.error, OSError):
            client.shutdown()


def read_folder(line: Any) -> Folder | None:
    """One answer to LIST; None for what holds no messages.

    Raises:
        MailServerSilent: it cannot be read.
    """
    head, literal = (line[0], line[1]) if isinstance(line, tuple) else (line, None)
    if not head:  # what stands after a literal
        return None
    match = _LISTED.match(head)
    if match is None:
        raise MailServerSilent("Máy chủ thư trả lời danh sách thư mục không đọc được.")
    if b"\\noselect" in match["marks"].lower() or b"\\nonexistent" in match["marks"].lower():
        return None
    try:
        raw = (literal if literal is not None else _unquoted(match["name"])).decode("ascii")
        delimiter = "" if match["delimiter"] == b"NIL" else _unquoted(match["delimiter"]).decode("ascii")
    except UnicodeDecodeError as error:
        raise MailServerSilent("Máy chủ thư trả lời danh sách thư mục không đọc được.") from error
    parts = raw.split(delimiter) if delimiter else [raw]
    return Folder(raw, tuple(folder_words(part) for part in parts))


def read_message(line: bytes, folder: Folder) -> Message | None:
    """One line of what a folder holds; None for news of another kind, such as a flag set meanwhile.

    Raises:
        MailServerSilent: it cannot be read.
    """
    uid, size, received, flags = (part.search(line) for part in (_UID, _SIZE, _RECEIVED, _FLAGS))
    if uid is None or size is None or received is None:
        return None
    try:
        when = datetime.strptime(received[1].decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z")
    except ValueError as error:
        raise MailServerSilent("Máy chủ thư báo ngày nhận thư không đọc được.") from error
    marks = tuple(flags[1].decode("ascii", "replace").split()) if flags is not None else ()
    # A flag of the session only: whether somebody saw the message arrive.
    return Message(folder, int(uid[1]), int(size[1]), when, tuple(mark for mark in marks if mark != "\\Recent"))


def folder_words(name: str) -> str:
    """A folder's name out of IMAP's modified UTF-7 (RFC 3501, 5.1.3); what is none stays as it is."""

    def shifted(match: re.Match[str]) -> str:
        if not match[1]:
            return "&"
        text = match[1].replace(",", "/")
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-16-be")

    try:
        return _SHIFTED.sub(shifted, name)
    except (binascii.Error, UnicodeDecodeError):
        return name


def sets_of(uids: Iterable[int]) -> list[str]:
    """Numbers as IMAP names several (`3:5,9`), each named; a range spans no number that is not among them."""
    ranges: list[list[int]] = []
    for uid in sorted(set(uids)):
        if ranges and ranges[-1][1] == uid - 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    words = [str(first) if first == last else f"{first}:{last}" for first, last in ranges]
    return [",".join(words[at : at + _RANGES_AT_ONCE]) for at in range(0, len(words), _RANGES_AT_ONCE)]


def _content_of(answer: Iterable[Any], uid: int) -> bytes:
    """The literal of the answer that is of this message, or nothing where it is gone."""
    for one in answer:
        if isinstance(one, tuple) and (found := _UID.search(one[0])) is not None and int(found[1]) == uid:
            return bytes(one[1])
    return b""


def _unquoted(word: bytes) -> bytes:
    return _ESCAPED.sub(rb"\1", word[1:-1]) if word.startswith(b'"') and len(word) > 1 else word


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the connection raises into the sentence an operator reads; never the password."""
    try:
        yield
    except imaplib.IMAP4.abort as error:
        raise MailServerSilent("Máy chủ thư ngắt kết nối IMAP giữa chừng.") from error
    except imaplib.IMAP4.error as error:
        raise MailServerSilent(f"Máy chủ thư từ chối: {str(error)[:200]}") from error
    except (OSError, ValueError, LookupError) as error:
        raise MailServerSilent(f"Không nối được máy chủ thư qua IMAP: {type(error).__name__}.") from error
