"""Official mail and the outside: comparing all with the directory and the server, looking at the server, archiving letters."""

from collections.abc import Sequence
from datetime import datetime

from tinhso.apps.mailboxes import actions, queries
from tinhso.apps.mailboxes.data import Difference, MailServerSilent, QueuedLetter
from tinhso.apps.mailboxes.enums import DifferenceKind
from tinhso.apps.mailboxes.flows._archiving import archive_and_remove
from tinhso.apps.mailboxes.models import MailCheck
from tinhso.apps.mailboxes.providers import MailServer, server
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.crash import crash
from tinhso.kernel.flows import flow

__all__ = ["archive_and_remove", "compare", "end_sessions", "look", "server_problem"]

_PEOPLE_AT_ONCE = 100
_AGENCIES_AT_ONCE = 10


@flow
def compare(*, at: datetime) -> MailCheck | None:
    """Đối chiếu và sửa: portion by portion, each a transaction of its own; killed and begun again, the end is the same.

    What the directory asks for is mended here; what only the server knows is shown.
    """
    if not queries.has_rules():
        return None
    day = at.astimezone(PROVINCE_TIME).date()
    found: list[Difference] = []
    for people in _portions(queries.staff_to_settle(day), _PEOPLE_AT_ONCE):
        found += actions.settle_people(staff_ids=people, actor=SYSTEM, at=at)
        crash("compare_mail:people")
    for agencies in _portions(queries.agencies_to_settle(day), _AGENCIES_AT_ONCE):
        found += actions.settle_agencies(agency_ids=agencies, actor=SYSTEM, at=at)
        crash("compare_mail:agencies")
    found += actions.settle_province(actor=SYSTEM, at=at)
    host = server()
    if host is not None:
        found += _compare_server(host)
    return actions.record_check(differences=found, is_server_asked=host is not None, actor=SYSTEM, at=at)


@flow
def look(*, at: datetime) -> int:
    """Xem dung lượng và hàng đợi trên máy chủ thư. Returns how many boxes it told of; 0 where no server is connected."""
    host = server()
    if host is None:
        return 0
    try:
        usage = host.usage()
        letters: list[QueuedLetter] = host.queue()
    except MailServerSilent:  # told by the next comparison; the figures say how old they are
        return 0
    known = actions.record_usage(usage=usage, actor=SYSTEM, at=at)
    actions.record_queue(letters=letters, actor=SYSTEM, at=at)
    return known


@flow
def server_problem() -> str:
    """Hỏi máy chủ thư có trả lời không. Returns what is wrong as a sentence; empty when it answers, or none is connected."""
    host = server()
    if host is None:
        return ""
    try:
        host.boxes()
    except MailServerSilent as error:
        return error.message
    return ""


@flow
def end_sessions(*, mailbox_id: int) -> None:
    """Ngắt các phiên còn mở của một hộp thư; a server that does not answer is asked again by the job.

    Raises:
        MailServerSilent: try again.
    """
    host = server()
    if host is not None:
        for address in queries.addresses_of_box(mailbox_id):
            host.end_sessions(address)


def _compare_server(host: MailServer) -> list[Difference]:
    try:
        known = host.boxes()
    except MailServerSilent as error:
        return [Difference(DifferenceKind.SERVER_SILENT, error.message, mended=False)]
    wanted = queries.open_addresses()
    return [
        *(Difference(DifferenceKind.SERVER_LACKS, address, mended=False) for address in sorted(wanted - known)),
        *(Difference(DifferenceKind.SERVER_EXTRA, address, mended=False) for address in sorted(known - wanted)),
    ]


def _portions(rows: Sequence[int], size: int) -> list[Sequence[int]]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]
