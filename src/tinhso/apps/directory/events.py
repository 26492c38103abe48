"""What happens in the directory. Streams: `unit:<id>`, `staffmember:<id>` and `directory:<folder>`."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class DirectoryPublished(Event):
    """A folder of units was loaded and something in it was new. Not sent when nothing changed."""

    type: ClassVar[str] = "directory.published"
    key: str
    fingerprint: str
    established: int
    changed: int
    dissolved: int


@dataclass(frozen=True)
class UnitEstablished(Event):
    """A unit is known from now on; `valid_from` may lie in the past."""

    type: ClassVar[str] = "unit.established"
    unit_id: int
    path: str
    name: str
    code: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class UnitChanged(Event):
    """Facts of a unit changed; `facts` names them (`name`, `codes`, `posts` ...)."""

    type: ClassVar[str] = "unit.changed"
    unit_id: int
    facts: tuple[str, ...]


@dataclass(frozen=True)
class UnitDissolved(Event):
    """A unit that was open got its last day. Sent instead of `unit.changed` when the last day is what changed."""

    type: ClassVar[str] = "unit.dissolved"
    unit_id: int
    valid_to: date
    successor_ids: tuple[int, ...]


@dataclass(frozen=True)
class StaffRegistered(Event):
    """A member of staff is known to the directory."""

    type: ClassVar[str] = "staff.registered"
    staff_id: int


@dataclass(frozen=True)
class StaffAppointed(Event):
    """A member of staff holds a post."""

    type: ClassVar[str] = "staff.appointed"
    holding_id: int
    staff_id: int
    post_id: int
    unit_id: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class AppointmentEnded(Event):
    """A member of staff leaves a post after `valid_to`."""

    type: ClassVar[str] = "staff.appointment_ended"
    holding_id: int
    staff_id: int
    post_id: int
    unit_id: int
    valid_to: date


@dataclass(frozen=True)
class AuthorityDelegated(Event):
    """One post's authority is lent to another."""

    type: ClassVar[str] = "authority.delegated"
    delegation_id: int
    from_post_id: int
    to_post_id: int
    unit_id: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class DelegationEnded(Event):
    """A delegation holds no longer after `valid_to`."""

    type: ClassVar[str] = "authority.delegation_ended"
    delegation_id: int
    unit_id: int
    valid_to: date
