"""Values the log hands to its readers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tinhso.kernel.actor import Actor, ActorKind


@dataclass(frozen=True, slots=True)
class EntryData:
    """One row of the log, as readers see it."""

    id: int
    stream: str
    sequence: int
    type: str
    payload: dict[str, Any]
    actor_kind: str
    actor_id: int | None
    actor_name: str
    at: datetime
    recorded_at: datetime

    @property
    def actor(self) -> Actor:
        """Who acted, as the row knows him: without the rights of the moment."""
        return Actor(kind=ActorKind(self.actor_kind), account_id=self.actor_id, name=self.actor_name)


@dataclass(frozen=True, slots=True)
class IdempotencyClaim:
    """What a claimed key says: `fresh` means go on; otherwise `answer` is what was answered the first time."""

    fresh: bool
    answer: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LogProblem:
    """One breach found by verification."""

    seal_id: int | None
    entry_id: int | None
    message: str


@dataclass(frozen=True, slots=True)
class LogReport:
    """Outcome of `verify_log`."""

    entries: int
    seals: int
    unsealed: int
    problems: tuple[LogProblem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems
