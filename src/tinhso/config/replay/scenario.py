"""What is replayed: how many, when, where, of which procedures; read from `content/replays/<name>.yaml`.

Every draw is made from the seed and a number, so that the same scenario gives the same province on any machine.
"""

import random
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.yamltext import load_yaml

_END_OF_DAY = time(18, 0)
_SHARES = (
    "online", "evening", "refused_at_intake", "supplement_at_intake", "supplement", "answered", "withdrawn", "refused",
    "late", "delivered", "rated", "paid_online",
)  # fmt: skip


class ScenarioError(ValueError):
    """The scenario cannot be read; says where."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is asked through the exchange, how often beside the others, and what it is asked with."""

    service: str
    path: str
    weight: float
    body: Mapping[str, str]


@dataclass(frozen=True)
class Scenario:
    """A replay (kịch bản). `shares` are per cent; `spread` are deciles of cases a commune over the mean."""

    name: str
    title: str
    cases: int
    exchanges: int
    seed: int
    first_day: date
    last_day: date
    communes: tuple[str, str]
    procedures: Mapping[str, float]
    spread: tuple[float, ...]
    day_weights: Mapping[date, float]
    hours: Mapping[int, float]
    evening_hours: Mapping[int, float]
    shares: Mapping[str, float]
    services: tuple[Service, ...]

    @property
    def ends_at(self) -> datetime:
        """The present of the replay: nothing happens after it."""
        return datetime.combine(self.last_day, _END_OF_DAY, PROVINCE_TIME)

    def days(self) -> list[date]:
        """Every day of it, in order."""
        return sorted(self.day_weights)

    def commune_weights(self, communes: Sequence[str]) -> list[float]:
        """How many cases each of these communes has beside the others: the spread dealt out by the seed."""
        order = list(range(len(communes)))
        random.Random(f"{self.seed}-communes").shuffle(order)  # noqa: S311 - play data, repeatable on purpose
        last = len(self.spread) - 1
        found = []
        for place in order:
            position = last * place / max(len(communes) - 1, 1)
            low = min(int(position), last - 1)
            found.append(self.spread[low] + (self.spread[low + 1] - self.spread[low]) * (position - low))
        return found


class Moments:
    """Draws instants as the scenario spreads them over days and hours."""

    def __init__(self, scenario: Scenario) -> None:
        self._days = scenario.days()
        self._reached = list(accumulate(scenario.day_weights[day] for day in self._days))
        self._hours = {True: scenario.evening_hours, False: scenario.hours}

    def day(self, draw: random.Random) -> date:
        """A day, busy ones oftener."""
        return self._days[min(bisect(self._reached, draw.random() * self._reached[-1]), len(self._days) - 1)]

    def instant(self, day: date, draw: random.Random, *, evening: bool = False) -> datetime:
        """An instant of a day, inside office hours or outside."""
        hours = self._hours[evening]
        hour = draw.choices(list(hours), list(hours.values()))[0]
        return datetime.combine(day, time(hour, draw.randrange(60), draw.randrange(60)), PROVINCE_TIME)


def names(content: Path) -> list[str]:
    """The scenarios there are."""
    return sorted(path.stem for path in (content / "replays").glob("*.yaml"))


def read(content: Path, name: str) -> Scenario:
    """The scenario of that name.

    Raises:
        ScenarioError: no such file, or something in it is missing or makes no sense.
    """
    path = content / "replays" / f"{name}.yaml"
    if not path.is_file():
        raise ScenarioError(f"không có kịch bản «{name}»; đang có: {', '.join(names(content)) or 'chưa có'}")
    told: dict[str, Any] = load_yaml(path.read_text(encoding="utf-8"))
    try:
        found = _scenario(name, told)
    except (KeyError, TypeError, ValueError) as error:
        raise ScenarioError(f"{path.name}: {error}") from error
    if found.first_day > found.last_day or not found.procedures or len(found.spread) < 2:
        raise ScenarioError(f"{path.name}: khoảng ngày, thủ tục hoặc commune_spread không hợp lệ")
    return found


def _scenario(name: str, told: Mapping[str, Any]) -> Scenario:
    first, last = _day(told["days"]["from"]), _day(told["days"]["to"])
    return Scenario(
        name=name, title=str(told["title"]), cases=int(told["cases"]), exchanges=int(told["exchanges"]),
        seed=int(told["seed"]), first_day=first, last_day=last,
        communes=(str(told["communes"]["from"]), str(told["communes"]["to"])),
        procedures={str(row["code"]): float(row["weight"]) for row in told["procedures"]},
        spread=tuple(float(one) for one in told["commune_spread"]),
        day_weights=_weights(first, last, told["weekdays"], told.get("peaks", [])),
        hours={int(hour): float(weight) for hour, weight in told["hours"].items()},
        evening_hours={int(hour): float(weight) for hour, weight in told["evening_hours"].items()},
        shares={key: float(told["shares"][key]) for key in _SHARES},
        services=tuple(
            Service(row["service"], row["path"], float(row["weight"]), dict(row["body"])) for row in told["exchange"]
        ),
    )  # fmt: skip


def _weights(
    first: date, last: date, weekdays: Sequence[float], peaks: Sequence[Mapping[str, Any]]
) -> dict[date, float]:
    found = {}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        weight = float(weekdays[day.weekday()])
        for peak in peaks:
            if _day(peak["from"]) <= day <= _day(peak["to"]):
                weight *= float(peak["factor"])
        found[day] = weight
    return found


def _day(told: Any) -> date:
    return told if isinstance(told, date) else date.fromisoformat(str(told))
