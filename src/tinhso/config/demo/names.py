"""Clearly fictional people with names and addresses as Vietnamese people have them; the same seed, the same people."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tinhso.lib.yamltext import load_yaml

# The part of a personal id that the register hands out begins with 00 in every made-up id: a range kept for examples.
# Its first hundred are the people of `content/demo/people.yaml`.
_FIRST_SERIES, _EXAMPLE_SERIES = 100, 9_900
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
        lists: dict[str, Any] = load_yaml((content / "demo" / "names.yaml").read_text(encoding="utf-8"))
        self._lists = lists
        self._surnames = list(lists["surnames"])
        self._weights = list(lists["surnames"].values())
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311 - play data, repeatable on purpose
        self._number = 0

    def _full_name(self, draw: random.Random, sex: str) -> str:
        """A name of two to four words."""
        if draw.random() < _HIGHLAND_SHARE:
            return str(draw.choice(self._lists[f"highland_{sex}"]))
        surname = draw.choices(self._surnames, self._weights)[0]
        return f"{surname} {draw.choice(self._lists[f'{sex}_middle'])} {draw.choice(self._lists[f'{sex}_given'])}"

    def person(self) -> Person:
        """The next citizen: a name, a personal id that fits sex and year of birth, a phone number out of service."""
        self._number += 1
        sex = self._random.choice(("male", "female"))
        born = _OLDEST + timedelta(days=self._random.randrange((_YOUNGEST - _OLDEST).days))
        return self._made(self._random, self._number, sex, born)

    def citizen(self, number: int) -> Person:
        """The citizen of that number: always the same one, and no two of the first two million with one personal id."""
        draw = random.Random(f"{self._seed}-{number}")  # noqa: S311 - play data, repeatable on purpose
        # Numbers that share a series differ in sex or year of birth.
        turn, series = divmod(number, 2 * _EXAMPLE_SERIES)
        years = range(_OLDEST.year, _YOUNGEST.year)
        kind = (random.Random(f"{self._seed}-series-{series}").randrange(2 * len(years)) + turn) % (2 * len(years))  # noqa: S311 - likewise
        born = date(years[kind // 2], 1, 1) + timedelta(days=draw.randrange(365))
        return self._made(draw, number, ("male", "female")[kind % 2], born)

    def _made(self, draw: random.Random, number: int, sex: str, born: date) -> Person:
        century = 0 if born.year < 2000 else 2
        digit = century + (1 if sex == "female" else 0)
        series = _FIRST_SERIES + number % _EXAMPLE_SERIES
        place = _OLD_PROVINCES[number // _EXAMPLE_SERIES % 2]
        return Person(
            full_name=self._full_name(draw, sex),
            personal_id=f"{place}{digit}{born.year % 100:02d}00{series:04d}",
            birth_date=born,
            sex=sex,
            phone=f"09000{number % 100_000:05d}",
            hamlet=str(draw.choice(self._lists["hamlets"])),
        )
