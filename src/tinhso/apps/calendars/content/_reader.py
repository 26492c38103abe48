"""Reading one mapping of a YAML file, collecting every problem with its place."""

import re
from datetime import date, datetime
from typing import Any

_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class Reader:
    """Takes values out of a mapping by name; what is missing or of the wrong kind becomes a problem, not an error.

    Every getter returns a harmless value when there is a problem, so that one reading finds them all. `done` reports
    the names nobody asked for.
    """

    def __init__(self, data: Any, place: str, problems: list[str]) -> None:
        self.place = place
        self.problems = problems
        self._asked: set[str] = set()
        self._data: dict[Any, Any] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.problem("phải là các cặp khóa và giá trị")

    def problem(self, sentence: str) -> None:
        """Note a problem at this place."""
        self.problems.append(f"{self.place}: {sentence}")

    def has(self, key: str) -> bool:
        """Whether the mapping has a value of that name."""
        return self._data.get(key) is not None

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty; required unless a default is given."""
        value = self._take(key, required=default is None)
        if value is None:
            return default or ""
        if not isinstance(value, str) or not value.strip():
            self.problem(f"“{key}” phải là chữ")
            return ""
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts with at least one item."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
            self.problem(f"“{key}” phải là danh sách chữ, ít nhất một mục")
            return ()
        return tuple(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """true or false."""
        value = self._take(key, required=False)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.problem(f"“{key}” phải là true hoặc false")
            return default
        return value

    def number(self, key: str) -> int:
        """A whole number."""
        value = self._take(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if value is not None:
            self.problem(f"“{key}” phải là số nguyên")
        return 0

    def day(self, key: str) -> date:
        """A date, written 2026-02-16."""
        value = self._take(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if value is not None:
            self.problem(f"“{key}” phải là ngày, viết như 2026-02-16")
        return date.min

    def minute(self, key: str) -> int:
        """A time of day, written "15:00", as minutes since midnight."""
        value = self._take(key)
        match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        if match:
            return int(match[1]) * 60 + int(match[2])
        if value is not None:
            self.problem(f'“{key}” phải là giờ trong ngày, viết như "15:00"')
        return 0

    def hours(self, key: str) -> tuple[tuple[int, int], ...]:
        """Stretches of the day, written ["07:00-11:30", "13:30-17:00"], as minutes since midnight."""
        value = self._take(key)
        if value is None:
            return ()
        matches = (
            [_HOURS.fullmatch(item) if isinstance(item, str) else None for item in value]
            if isinstance(value, list)
            else [None]
        )
        if not all(matches):
            self.problem(f'“{key}” phải là danh sách khoảng giờ, viết như ["07:00-11:30", "13:30-17:00"]')
            return ()
        parts = [[int(part) for part in match.groups()] for match in matches if match]
        return tuple((h * 60 + m, end_h * 60 + end_m) for h, m, end_h, end_m in parts)

    def inner(self, key: str) -> "Reader":
        """The mapping of that name."""
        value = self._take(key)
        return Reader({} if value is None else value, f"{self.place}: {key}", self.problems)

    def each(self, key: str, *, required: bool = True) -> list["Reader"]:
        """The list of mappings of that name."""
        value = self._take(key, required=required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.problem(f"“{key}” phải là danh sách")
            return []
        return [Reader(item, f"{self.place}: {key} {rank}", self.problems) for rank, item in enumerate(value, 1)]

    def named(self, key: str) -> dict[str, "Reader"]:
        """The mapping of that name, whose values are mappings."""
        value = self._take(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.problem(f"“{key}” phải là các cặp khóa và giá trị")
            return {}
        return {str(name): Reader(item, f"{self.place}: {key}: {name}", self.problems) for name, item in value.items()}

    def done(self) -> None:
        """Report the names nobody asked for."""
        for key in self._data.keys() - self._asked:
            self.problem(f"không hiểu “{key}”")

    def _take(self, key: str, *, required: bool = True) -> Any:
        self._asked.add(key)
        value = self._data.get(key)
        if value is None and required:
            self.problem(f"thiếu “{key}”")
        return value
