"""Clearly fictional people with names and addresses as Vietnamese people have them; the same seed, the same people."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

# The part of a personal id that the register hands out begins with 00 in every made-up id: a range kept for examples.
_EXAMPLE_SERIES = 9_999
_OLD_PROVINCES = ("051", "062")  # Quảng Ngãi and Kon Tum, as personal ids keep them
_YOUNGEST, _OLDEST = date(2006, 1, 1), date(1950, 1, 1)
_HIGHLAND_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up citizen."""

    full_name: str
    personal_id: str
    birth_date: date
    sex: str
    phone: str
    hamlet: str


class Names:
    """Draws people from the lists of `content/demo/names.yaml`."""

    def __init__(self, content: Path, *, seed: int) -> None:
        lists: dict[str, Any] = yaml.safe_load((content / "demo" / "names.yaml").read_text(encoding="utf-8"))
        self._lists = lists
        self._surnames = list(lists["surnames"])
        self._weights = list(lists["surnames"].values())
        self._random = random.Random(seed)  # noqa: S311 - play data, repeatable on purpose
        self._number = 0

    def full_name(self, sex: str) -> str:
        """A name of two to four words."""
        draw = self._random
        if draw.random() < _HIGHLAND_SHARE:
            return str(draw.choice(self._lists[f"highland_{sex}"]))
        surname = draw.choices(self._surnames, self._weights)[0]
        return f"{surname} {draw.choice(self._lists[f'{sex}_middle'])} {draw.choice(self._lists[f'{sex}_given'])}"

    def person(self) -> Person:
        """The next citizen: a name, a personal id that fits sex and year of birth, a phone number out of service."""
        draw = self._random
        self._number += 1
        sex = draw.choice(("male", "female"))
        born = _OLDEST + timedelta(days=draw.randrange((_YOUNGEST - _OLDEST).days))
        century = 0 if born.year < 2000 else 2
        digit = century + (1 if sex == "female" else 0)
        series = self._number % _EXAMPLE_SERIES
        place = _OLD_PROVINCES[self._number // _EXAMPLE_SERIES % 2]
        return Person(
            full_name=self.full_name(sex),
            personal_id=f"{place}{digit}{born.year % 100:02d}00{series:04d}",
            birth_date=born,
            sex=sex,
            phone=f"09000{self._number % 100_000:05d}",
            hamlet=str(draw.choice(self._lists["hamlets"])),
        )
