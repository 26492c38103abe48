"""Who acts: a person, an officer, a machine client or the system itself, with the rights that hold now."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """Kind of the acting party (loại chủ thể)."""

    CITIZEN = "citizen"
    OFFICER = "officer"
    MACHINE = "machine"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Grant:
    """One right: a permission in the units of a subtree, for some procedure fields (`None`: all of them)."""

    permission: str
    unit_ids: frozenset[int]
    fields: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting party of one request or job (chủ thể thực hiện).

    `assurance` is the level of the electronic identity (0 none, 1, 2) of a citizen; `mandate_id` names the mandate
    when she acts for somebody else.
    """

    kind: ActorKind
    account_id: int | None = None
    name: str = ""
    unit_id: int | None = None
    grants: tuple[Grant, ...] = ()
    assurance: int = 0
    personal_id: str = ""
    mandate_id: int | None = None

    @property
    def is_authenticated(self) -> bool:
        return self.kind != ActorKind.ANONYMOUS

    def has(self, permission: str, *, unit_id: int | None = None, field: str | None = None) -> bool:
        """Whether a right covers this unit (any unit when None) and this procedure field (any when None)."""
        return any(
            grant.permission == permission
            and (unit_id is None or unit_id in grant.unit_ids)
            and (field is None or grant.fields is None or field in grant.fields)
            for grant in self.grants
        )

    def unit_ids_for(self, permission: str) -> frozenset[int]:
        """Every unit in which the permission is held, whatever the field."""
        return frozenset().union(*(grant.unit_ids for grant in self.grants if grant.permission == permission))


SYSTEM = Actor(kind=ActorKind.SYSTEM, name="Hệ thống")
ANONYMOUS = Actor(kind=ActorKind.ANONYMOUS, name="Khách")
