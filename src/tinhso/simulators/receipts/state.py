"""What a simulated provider remembers: the receipts it issued, and how it is to behave."""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PROVIDERS = ("sinvoice", "vnpt")


class Behaviour(StrEnum):
    """What a tester may ask of a provider."""

    NORMAL = ""
    DOWN = "down"
    LOST = "lost"  # issues, and the answer never arrives: slower than anybody waits
    DUPLICATE = "duplicate"  # gives another number to a receipt it has issued already
    WRONG = "wrong"  # says a number that belongs to somebody else
    REFUSE = "refuse"


@dataclass
class Issued:
    """One receipt as the provider keeps it."""

    key: str
    series: str
    number: int
    amount: int
    day: date
    cancelled: bool = False


@dataclass
class Provider:
    """The memory of one provider."""

    behaviour: Behaviour = Behaviour.NORMAL
    issued: list[Issued] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def token(self) -> str:
        """A new bearer token."""
        self.tokens.add(made := secrets.token_urlsafe(24))
        return made

    def find(self, key: str) -> Issued | None:
        """What was first issued under a key."""
        return next((one for one in self.issued if one.key == key), None)

    def issue(self, key: str, series: str, amount: int) -> Issued:
        """The next number; the same key is the same receipt, unless told to misbehave."""
        known = self.find(key)
        if known is not None and self.behaviour is not Behaviour.DUPLICATE:
            return known
        number = max((one.number for one in self.issued if one.series == series), default=0) + 1
        made = Issued(key, series, number, amount, datetime.now(ZONE).date())  # noqa: TID251 - outside of our clock
        self.issued.append(made)
        if self.behaviour is Behaviour.WRONG:
            return Issued(key, series, 1, amount, made.day)
        return made

    def used(self, series: str, start: date, end: date) -> list[Issued]:
        """Every number of a series used from `start` up to before `end`."""
        return [one for one in self.issued if one.series == series and start <= one.day < end]


@dataclass
class State:
    """Both providers."""

    accounts: dict[str, str]
    providers: dict[str, Provider] = field(default_factory=lambda: {key: Provider() for key in PROVIDERS})
