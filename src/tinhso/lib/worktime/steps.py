"""What goes into a deadline computation and what comes out, as data: pauses and steps."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """Tạm dừng tính thời hạn: from `start` to `end` (None while it lasts), with its reason and legal basis."""

    start: datetime
    end: datetime | None
    reason: str = ""
    basis: str = ""


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
