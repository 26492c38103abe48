"""Legal time, counted the slow way: day by day, minute by minute of the office, from the calendar as it was published.

The rules are those of `docs/explanation/deadlines.md`; nothing is shared with `lib/worktime`.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_DAY = timedelta(days=1)
_LAST_HOUR = 60
Stretches = tuple[tuple[int, int], ...]


class Stop(NamedTuple):
    """The clock stands still from one instant to another; `end` None: still. `anew`: afterwards it starts from zero."""

    start: datetime
    end: datetime | None
    anew: bool = False
    limit: str = ""


class Grant(NamedTuple):
    """An extension: decided then, so much more."""

    at: datetime
    amount: str


class Office:
    """The office hours of one calendar (its published document)."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._hours = sorted(
            (date.fromisoformat(one["from"]), one["week"]) for one in document["office_hours"]
        )  # the later one wins
        self._days = {date.fromisoformat(one["date"]): one for one in document["days"]}
        self._cutoff = int(document["same_day_cutoff"])
        self._known: dict[date, Stretches] = {}

    def open(self, day: date) -> Stretches:
        """The stretches of minutes in which the office is open on a day; none on a day off."""
        if day not in self._known:
            self._known[day] = self._looked_up(day)
        return self._known[day]

    def _looked_up(self, day: date) -> Stretches:
        special = self._days.get(day)
        if special is None:
            return self._weekly(day)
        if special["hours"] is not None:
            return tuple((start, end) for start, end in special["hours"])
        if special["kind"] == "swapped_working" and special["replaces"]:
            return self._weekly(date.fromisoformat(special["replaces"]))
        return ()

    def _weekly(self, day: date) -> Stretches:
        week = [week for since, week in self._hours if since <= day][-1]
        return tuple((start, end) for start, end in week[day.weekday()])

    def length(self, day: date) -> int:
        """Office minutes of a day."""
        return sum(end - start for start, end in self.open(day))

    def next_open(self, at: datetime) -> datetime:
        """The instant itself when the office is open then (before a closing minute), else the next opening."""
        day, minute = _place(at)
        while True:
            for start, end in self.open(day):
                if minute < end:
                    return _instant(day, max(minute, start))
            day, minute = day + _DAY, 0

    def between(self, start: datetime, end: datetime) -> int:
        """Office minutes from one instant to another."""
        if end < start:
            return -self.between(end, start)
        (day, minute), (last, until) = _place(start), _place(end)
        total = 0
        while day <= last:
            low, high = minute, until if day == last else 1440
            total += sum(max(0, min(stop, high) - max(begin, low)) for begin, stop in self.open(day))
            day, minute = day + _DAY, 0
        return total

    def add(self, at: datetime, minutes: int) -> datetime:
        """So many office minutes later: the last instant at which they are used up."""
        if minutes == 0:
            return _cut(at)
        day, minute = _place(at)
        left = minutes
        while True:
            for start, end in self.open(day):
                begin = max(start, minute)
                if begin < end and left <= end - begin:
                    return _instant(day, begin + left)
                left -= max(0, end - begin)
            day, minute = day + _DAY, 0

    def due(self, received: datetime, limit: str, *, last_hour_tomorrow: bool) -> datetime:
        """When a limit that begins with a reception ends."""
        amount, unit = _parse(limit)
        if unit == "clock_hour":
            return _cut(received) + timedelta(minutes=ceil(amount * 60))
        start = self.next_open(received)
        day, minute = _place(start)
        offset = sum(max(0, min(end, minute) - begin) for begin, end in self.open(day))
        if last_hour_tomorrow and offset >= self.length(day) - _LAST_HOUR:
            start = self.next_open(self._closing(day))
        return self.count(start, limit)

    def count(self, start: datetime, limit: str) -> datetime:
        """The end of a limit counted from an instant of office time."""
        amount, unit = _parse(limit)
        if unit == "working_day":
            return self._working_days(start, amount)
        if unit == "working_hour":
            return self.add(start, ceil(amount * 60))
        if unit == "same_day":
            day, minute = _place(self.next_open(start))
            return self._closing(self._following(day) if minute >= self._cutoff else day)
        if unit == "clock_hour":
            return start + timedelta(minutes=ceil(amount * 60))
        return self.settled(_civil(start, amount, unit))

    def settled(self, reached: datetime) -> datetime:
        """An end outside office hours moves to the next closing of a day."""
        day, minute = _place(reached)
        while True:
            stretches = self.open(day)
            if any(start <= minute <= end for start, end in stretches):
                return reached
            if stretches and minute <= stretches[-1][1]:
                return self._closing(day)
            day, minute = day + _DAY, 0
            if self.open(day):
                return self._closing(day)

    def paused(self, due: datetime, stop: Stop, limit: str) -> datetime:
        """A due instant after the clock has stood still."""
        assert stop.end is not None  # noqa: S101 - the caller has seen that it ended
        _, unit = _parse(limit)
        if unit in {"calendar_day", "clock_hour"}:
            moved = due + (_cut(stop.end) - _cut(stop.start))
            return moved if unit == "clock_hour" else self.settled(moved)
        moved = self.add(due, self.between(stop.start, stop.end))
        return self.settled(moved) if unit in {"month", "year"} else moved

    def _working_days(self, start: datetime, amount: Fraction) -> datetime:
        days, part = divmod(amount, 1)
        day, minute = _place(self.next_open(start))
        offset: Fraction | int = sum(max(0, min(end, minute) - begin) for begin, end in self.open(day))
        for _ in range(int(days)):
            day = self._following(day)
        if days and offset == 0:
            day = self._before(day)
            offset = self.length(day)
        length = self.length(day)
        reached = min(offset, length) + part * length
        if reached > length:
            rest = (reached - length) / length
            day = self._following(day)
            reached = rest * self.length(day)
        return self._at_offset(day, ceil(reached))

    def _at_offset(self, day: date, offset: int) -> datetime:
        for start, end in self.open(day):
            if offset <= end - start:
                return _instant(day, start + offset)
            offset -= end - start
        raise ValueError(f"{day} không đủ {offset} phút")

    def _following(self, day: date) -> date:
        day += _DAY
        while not self.open(day):
            day += _DAY
        return day

    def _before(self, day: date) -> date:
        day -= _DAY
        while not self.open(day):
            day -= _DAY
        return day

    def _closing(self, day: date) -> datetime:
        return _instant(day, self.open(day)[-1][1])

    def lateness(self, finished: datetime, due: datetime) -> str:
        """`early`, `on_time` or `late`: early is before the working day of the due instant has come."""
        finished, due = _cut(finished), _cut(due)
        if finished > due:
            return "late"
        day = finished.date() + _DAY
        while day <= due.date():
            if self.open(day):
                return "early"
            day += _DAY
        return "on_time"


def course(
    office: Office, received: datetime, limit: str, moves: list[Stop | Grant], *, last_hour_tomorrow: bool
) -> datetime | None:
    """The due instant after everything that moved it, in the order in which it happened; None: the clock stands still.

    What happens when the time has run out moves nothing.
    """
    due = office.due(received, limit, last_hour_tomorrow=last_hour_tomorrow)
    for move in sorted(moves, key=lambda one: _cut(one[0])):
        if _cut(move[0]) >= due:
            continue
        if isinstance(move, Grant):
            due = office.count(due, move.amount)
        elif move.end is None:
            return None
        elif move.anew:
            before, limit_after = office.paused(due, move, limit), move.limit or limit
            due = office.due(move.end, limit_after, last_hour_tomorrow=last_hour_tomorrow)
            if not move.limit:
                due = max(due, before)
            limit = limit_after
        else:
            due = office.paused(due, move, limit)
    return due


def _parse(limit: str) -> tuple[Fraction, str]:
    if limit == "same_day":
        return Fraction(1), "same_day"
    amount, unit = limit.split()
    return Fraction(Decimal(amount)), unit


def _civil(start: datetime, amount: Fraction, unit: str) -> datetime:
    if unit == "calendar_day":
        return start + timedelta(days=int(amount))
    months = start.month - 1 + int(amount) * (12 if unit == "year" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    day = start.day
    while True:
        try:
            return start.replace(year=year, month=month, day=day)
        except ValueError:  # a shorter month ends earlier
            day -= 1


def _cut(at: datetime) -> datetime:
    return at.astimezone(ZONE).replace(second=0, microsecond=0)


def _place(at: datetime) -> tuple[date, int]:
    local = _cut(at)
    return local.date(), local.hour * 60 + local.minute


def _instant(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(0), ZONE) + timedelta(minutes=minute)
