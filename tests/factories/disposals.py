"""Files whose retention period is over, and lists of them."""

from datetime import UTC, date, datetime

from tinhso.apps.documents import actions
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind, Grant

UNIT = 7
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
CLOSED = date(2020, 3, 5)
KIND = "case_document"


def keeper(permission: str, account_id: int, *, units: frozenset[int] = frozenset({UNIT})) -> Actor:
    """An officer with one right over the files of some units."""
    grant = Grant(permission=f"document.{permission}", unit_ids=units, fields=None)
    return Actor(kind=ActorKind.OFFICER, account_id=account_id, name=f"Cán bộ {account_id}", grants=(grant,))


PROPOSER = keeper("propose_disposal", 101)
APPROVER = keeper("approve_disposal", 102)


def over(content: bytes, *, name: str = "giay-to.pdf", since: date = CLOSED, unit_id: int = UNIT) -> int:
    """A stored file whose period began long ago; returns its number."""
    stored = actions.store_file(content=content, name=name, actor=SYSTEM, at=AT)
    actions.start_retention(file_ids=[stored.id], kind=KIND, since=since, unit_id=unit_id, actor=SYSTEM, at=AT)
    return stored.id


def proposed() -> int:
    """A list of everything that is over."""
    return actions.propose_disposal(unit_id=UNIT, actor=PROPOSER, at=AT)


def approved() -> int:
    """The same, approved by another person."""
    disposal_id = proposed()
    actions.decide_disposal(disposal_id=disposal_id, approve=True, actor=APPROVER, at=AT)
    return disposal_id
