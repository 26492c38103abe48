"""What goes into a deadline computation and what comes out, as data: pauses, additions, restarts and steps."""

from dataclasses import dataclass
from datetime import datetime

from tinhso.lib.worktime.limits import Limit


@dataclass(frozen=True, slots=True)
class Pause:
    """Tạm dừng tính thời hạn: from `start` to `end` (None while it lasts), with its reason and legal basis."""

    start: datetime
    end: datetime | None
    reason: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Addition:
    """Gia hạn: decided at `at`, `amount` counts from the due instant that held then."""

    at: datetime
    amount: Limit
    reason: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Restart:
    """Tính lại từ đầu: from `at` the limit counts anew, or another `limit` begins.

    `since` is when the waiting began that ends here (the request that was answered at `at`): a wait that began when the
    time had run out restarts nothing. None where nothing was waited for.
    """

    at: datetime
    limit: Limit | None = None
    since: datetime | None = None
    reason: str = ""
    basis: str = ""


Change = Pause | Addition | Restart


@dataclass(frozen=True, slots=True)
class Step:
    """Một bước tính: the clock moves from `from_` to `to` because of `rule` (a Vietnamese sentence).

    `basis` names the legal documents behind the rule, parted by semicolons; empty when the calendar states none.
    """

    from_: datetime
    to: datetime
    rule: str
    basis: str

    def to_dict(self) -> dict[str, str]:
        """`{"from", "to", "rule", "basis"}` with ISO 8601 instants."""
        return {"from": self.from_.isoformat(), "to": self.to.isoformat(), "rule": self.rule, "basis": self.basis}
