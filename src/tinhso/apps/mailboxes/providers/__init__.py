"""The mail server as this app sees it. Mailboxes, aliases and passwords it reads by itself from the views of the database;
here is only what must be asked of it or told it. Where none is connected there is nothing to ask.
"""

from typing import Protocol

from django.conf import settings

from tinhso.apps.mailboxes.data import QueuedLetter, Usage
from tinhso.apps.mailboxes.providers.debian import DebianServer


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

    def remove(self, address: str) -> None:
        """Remove every letter of a closed box; done twice, once."""


def server() -> MailServer | None:
    """The connected mail server, or None."""
    known = settings.MAIL_SERVER
    if not known["doveadm_url"]:
        return None
    return DebianServer(
        url=known["doveadm_url"],
        key=known["doveadm_key"],
        queue_command=known["queue_command"],
        seconds=known["seconds"],
    )
