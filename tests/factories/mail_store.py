"""A mail server of a few letters, for what the product does with one; the real ones are in `mail_servers`."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from django.db import connection

from tests.factories.mail import AT, Worker, settle
from tinhso.apps.directory.actions import end_appointment
from tinhso.apps.mailboxes import flows, rules
from tinhso.apps.mailboxes.data import MailServerSilent
from tinhso.apps.mailboxes.flows import _archiving
from tinhso.apps.mailboxes.models import Mailbox
from tinhso.kernel.actor import SYSTEM
from tinhso.lib.mailarchive import Folder, Message

_CAME = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)
_PORTION = 1000


class MailStore:
    """Boxes by address, folders in them, letters by number. It asks the product's own view whom to admit, as Dovecot does."""

    def __init__(self) -> None:
        self.boxes: dict[str, dict[str, dict[int, bytes]]] = {}
        self.admitted: list[str] = []
        self.refuses = 0  # how many times more it does not know the password yet
        self.before_reading: Callable[[Message, int], None] = lambda message, times: None
        self.reads: dict[tuple[str, int], int] = {}
        self._latest = 0

    def put(self, address: str, folder: str, content: bytes) -> int:
        """A letter arrives; its number."""
        self._latest += 1
        self.boxes.setdefault(address, {}).setdefault(folder, {})[self._latest] = content
        return self._latest

    def all_of(self, address: str) -> dict[str, list[bytes]]:
        """What is in a box, by folder; folders without letters left out."""
        found = self.boxes.get(address, {})
        return {folder: list(letters.values()) for folder, letters in found.items() if letters}

    def reads_boxes(self) -> bool:
        """It does."""
        return True

    @contextmanager
    def open_box(self, login: str, password: str) -> Iterator["_Open"]:
        """Sign in, if the view says so now."""
        with connection.cursor() as cursor:
            asked = [login, rules.password_digest(password)]
            cursor.execute("SELECT username FROM mail_login WHERE login = %s AND digest = %s", asked)
            row = cursor.fetchone()
        if self.refuses:
            self.refuses, row = self.refuses - 1, None
        if row is None:
            raise MailServerSilent("Máy chủ thư từ chối: AUTHENTICATIONFAILED")
        self.admitted.append(password)
        yield _Open(self, self.boxes.setdefault(row[0], {}))


class _Open:
    def __init__(self, store: MailStore, folders: dict[str, dict[int, bytes]]) -> None:
        self._store, self._folders = store, folders

    def messages(self) -> list[Message]:
        return [
            Message(Folder(name, tuple(name.split("/")), 7), uid, len(content), _CAME, ("\\Seen",))
            for name, letters in list(self._folders.items())
            for uid, content in list(letters.items())
        ]

    def read(self, message: Message) -> Iterator[bytes]:
        name = (message.folder.raw, message.uid)
        self._store.reads[name] = self._store.reads.get(name, 0) + 1
        self._store.before_reading(message, self._store.reads[name])
        content = self._folders[message.folder.raw].get(message.uid, b"")
        yield from (content[at : at + _PORTION] for at in range(0, len(content), _PORTION))

    def remove(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._folders[message.folder.raw].pop(message.uid, None)


def archived(one: Worker, *letters: bytes) -> Mailbox:
    """The box of somebody whose post has ended, long past its term: archived with these letters, and emptied."""
    store, address = MailStore(), one.address
    for content in letters:
        store.put(address, "INBOX", content)
    end_appointment(holding_id=one.holding_id, valid_to=AT.date() - timedelta(days=1), actor=SYSTEM, at=AT)
    settle(one)
    # So far away because the database judges the one-time password by its own clock, which no test moves.
    late = AT + timedelta(days=4_000)
    with patch.object(_archiving, "server", lambda: store):
        assert flows.archive_and_remove(mailbox_id=one.box.pk, at=late)
    return one.box
