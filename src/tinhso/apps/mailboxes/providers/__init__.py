"""The mail server as this app sees it. Mailboxes, aliases and passwords it reads by itself from the views of the database;
here is only what must be asked of it or told it. Where none is connected there is nothing to ask.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from django.conf import settings

from tinhso.apps.mailboxes.data import QueuedLetter, Usage
from tinhso.apps.mailboxes.providers.debian import DebianServer
from tinhso.lib.mailarchive import Message


class OpenBox(Protocol):
    """A mailbox somebody is signed in to; each call raises `MailServerSilent` when the server does not answer."""

    def messages(self) -> list[Message]:
        """Every message of every folder, as the server has them now."""

    def read(self, message: Message) -> Iterator[bytes]:
        """A message as it came, in portions."""

    def remove(self, messages: Iterable[Message]) -> None:
        """Remove these messages and no others; done twice, once."""


class MailServer(Protocol):
    """What can be asked of a mail server; each call raises `MailServerSilent` when it does not answer."""

    def boxes(self) -> set[str]:
        """The main address of every box that letters are put into, as the server sees them."""

    def usage(self) -> dict[str, Usage]:
        """How full each box is, by main address."""

    def queue(self) -> list[QueuedLetter]:
        """The letters that wait to be sent on; none where the queue is not read from here."""

    def end_sessions(self, address: str) -> None:
        """Cut what is signed in as an address."""

    def reads_boxes(self) -> bool:
        """Whether it is known where boxes are read."""

    def open_box(self, login: str, password: str) -> AbstractContextManager[OpenBox]:
        """Sign in to a box to read it whole."""


def server() -> MailServer | None:
    """The connected mail server, or None."""
    known = settings.MAIL_SERVER
    if not known["doveadm_url"]:
        return None
    return DebianServer(
        url=known["doveadm_url"],
        key=known["doveadm_key"],
        imap=known["imap"],
        queue_command=known["queue_command"],
        seconds=known["seconds"],
    )
