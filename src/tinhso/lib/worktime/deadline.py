"""The due instant (ngày giờ hẹn trả) of a limit, and every step of how it came about.

Three moves: find the start, count the limit from it, then let everything that happened since move the end, in the order
in which it happened: pauses, extensions, restarts. Every move leaves one or more `Step`s that join end to start, from the
reception to the due instant.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from tinhso.lib.worktime import wording
from tinhso.lib.worktime.calendar import WorkingCalendar, local_minute
from tinhso.lib.worktime.counting import count, extend, find_start, pause_minutes, settle
from tinhso.lib.worktime.errors import DeadlineError
from tinhso.lib.worktime.limits import Limit
from tinhso.lib.worktime.steps import Addition, Change, Pause, Restart, Step


@dataclass(frozen=True, slots=True)
class Deadline:
    """Thời hạn đã tính: `due_at` is None while a pause that began before the time ran out is still open."""

    start_at: datetime
    due_at: datetime | None
    steps: tuple[Step, ...]

    def to_dict(self) -> dict[str, object]:
        """`{"due_at", "steps": [{"from", "to", "rule", "basis"}]}` with ISO 8601 instants."""
        return {
            "due_at": self.due_at.isoformat() if self.due_at else None,
            "steps": [step.to_dict() for step in self.steps],
        }


def compute_deadline(
    *,
    received_at: datetime,
    limit: Limit,
    calendar: WorkingCalendar,
    pauses: Sequence[Pause] = (),
    last_hour_tomorrow: bool = False,
) -> Deadline:
    """Compute the due instant (thời hạn giải quyết) of a case fully and correctly received at `received_at`.

    Args:
        received_at: aware; seconds are dropped.
        limit: what the law gives.
        calendar: the calendar of the resolving unit.
        pauses: any order; overlapping ones count once; none may begin before `received_at`. A pause that begins after
            the time has run out changes nothing.
        last_hour_tomorrow: a reception in the last office hour of a day counts from the next opening. A policy of the
            procedure (NĐ 297/2025/NĐ-CP), without meaning for `clock_hour`.

    Returns:
        Instants in Asia/Ho_Chi_Minh. Only `clock_hour` may end outside office hours.

    Raises:
        DeadlineError: the pauses contradict the reception or themselves.
        CalendarRangeError: the calendar does not reach far enough.
    """
    return compute_course(
        received_at=received_at,
        limit=limit,
        calendar=calendar,
        changes=pauses,
        last_hour_tomorrow=last_hour_tomorrow,
    )


def compute_course(
    *,
    received_at: datetime,
    limit: Limit,
    calendar: WorkingCalendar,
    changes: Sequence[Change] = (),
    last_hour_tomorrow: bool = False,
    explained: bool = True,
) -> Deadline:
    """The due instant of a case with everything that has moved it: pauses, extensions, restarts.

    Arguments and errors as `compute_deadline`. `changes` come in any order. What happens when the time has run out
    changes nothing: no pause, no extension and no restart makes a late case punctual. A restart under the same limit
    never ends earlier than what was promised before it. Without `explained` no step is worded, which is many times
    faster; the instants are the same.
    """
    received = local_minute(received_at)
    course = _Course(received, limit, calendar, last_hour_tomorrow=last_hour_tomorrow, explained=explained)
    for change in _in_order(changes, received):
        if not course.move(change):
            return Deadline(start_at=course.start, due_at=None, steps=tuple(course.steps))
    return Deadline(start_at=course.start, due_at=course.due, steps=tuple(course.steps))


class _Course:
    """A clock on its way: where it started, when it is due, and the steps so far."""

    def __init__(
        self, received: datetime, limit: Limit, calendar: WorkingCalendar, *, last_hour_tomorrow: bool, explained: bool
    ) -> None:
        self.received, self.limit, self.calendar = received, limit, calendar
        self._last_hour, self._explained = last_hour_tomorrow, explained
        self.steps: list[Step] = []
        self.start, self.due = self._count(received)

    def move(self, change: Change) -> bool:
        """Let one change move the end; False when the clock stands still from here on."""
        if isinstance(change, Pause):
            return self._pause(change)
        if isinstance(change, Addition):
            self._add(change)
        else:
            self._restart(change)
        return True

    def _count(self, at: datetime) -> tuple[datetime, datetime]:
        limit, calendar = self.limit, self.calendar
        start, in_last_hour = find_start(at, limit, calendar, last_hour_tomorrow=self._last_hour)
        reached = count(start, limit, calendar)
        due = settle(reached, limit, calendar)
        if self._explained:
            self.steps.append(wording.start_step(at, start, limit, calendar, in_last_hour=in_last_hour))
            self.steps += wording.count_steps(start, reached, limit, calendar)
            self.steps += wording.settle_steps(reached, due, calendar)
        return start, due

    def _pause(self, pause: Pause) -> bool:
        if pause.start >= self.due:
            self._say(lambda: [wording.late_pause_step(pause, self.due)])
            return True
        if pause.end is None:
            self._say(lambda: [wording.open_pause_step(pause, self.calendar)])
            return False
        before, limit, calendar = self.due, self.limit, self.calendar
        minutes = pause_minutes(pause.start, pause.end, limit, calendar)
        reached = extend(before, minutes, limit, calendar)
        self.due = settle(reached, limit, calendar)
        if self._explained:
            self.steps.append(wording.pause_step(pause, minutes, before, reached, limit, calendar))
            self.steps += wording.settle_steps(reached, self.due, calendar)
        return True

    def _add(self, addition: Addition) -> None:
        if addition.at >= self.due:
            self._say(lambda: [wording.late_addition_step(addition, self.due)])
            return
        before, amount, calendar = self.due, addition.amount, self.calendar
        reached = count(before, amount, calendar)
        self.due = settle(reached, amount, calendar)
        if self._explained:
            self.steps.append(wording.addition_step(addition, before, reached, calendar))
            self.steps += wording.settle_steps(reached, self.due, calendar)

    def _restart(self, restart: Restart) -> None:
        if restart.since is not None and restart.since >= self.due:
            self._say(lambda: [wording.late_restart_step(restart, self.due)])
            return
        before, steps = self.due, self.steps
        self.limit = restart.limit or self.limit
        self.steps = [wording.restart_step(self.received, restart, restart.at, self.limit)] if self._explained else []
        start, due = self._count(restart.at)
        if restart.limit is None and due < before:
            self.steps = steps
            self._say(lambda: [wording.kept_step(restart, before, due)])
            return
        self.start, self.due = start, due

    def _say(self, steps: Callable[[], list[Step]]) -> None:
        if self._explained:
            self.steps += steps()


def _in_order(changes: Sequence[Change], received: datetime) -> Iterator[Change]:
    """The changes as they happened, cut to the minute; pauses joined between restarts so that no time counts twice."""
    # At one instant: a pause, an extension, a restart, and then what begins with the new count.
    pauses = [_checked(change, received) for change in changes if isinstance(change, Pause)]
    additions = [_at_minute(change) for change in changes if isinstance(change, Addition)]
    restarts = sorted((_whole(change) for change in changes if isinstance(change, Restart)), key=lambda r: r.at)
    if not additions and not restarts:
        yield from _merged(pauses)
        return
    edges: list[datetime | None] = [None, *(restart.at for restart in restarts), None]
    moves: list[tuple[datetime, int, Change]] = [(addition.at, 1, addition) for addition in additions]
    moves += [(restart.at, 2, restart) for restart in restarts]
    for first, last in pairwise(edges):
        moves += [
            (pause.start, 3 if pause.start == first else 0, pause) for pause in _merged(_within(pauses, first, last))
        ]
    yield from (change for *_, change in sorted(moves, key=lambda move: move[:2]))


def _within(pauses: Sequence[Pause], first: datetime | None, last: datetime | None) -> list[Pause]:
    """The parts of the pauses that lie between two restarts."""
    parts = []
    for pause in pauses:
        start = pause.start if first is None else max(pause.start, first)
        end = pause.end if last is None else min(pause.end or last, last)
        starts_here = first is None or pause.start >= first or pause.end is None or pause.end > first
        if starts_here and (last is None or start < last) and (end is None or end >= start):
            parts.append(Pause(start, end, pause.reason, pause.basis))
    return parts


def _merged(pauses: Sequence[Pause]) -> list[Pause]:
    """The pauses in order, overlapping ones joined into one."""
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda pause: pause.start):
        latest = merged[-1] if merged else None
        if latest is None or (latest.end is not None and latest.end <= pause.start):
            merged.append(pause)
            continue
        merged[-1] = Pause(
            start=latest.start,
            end=None if latest.end is None or pause.end is None else max(latest.end, pause.end),
            reason=_joined(latest.reason, pause.reason),
            basis=_joined(latest.basis, pause.basis),
        )
    return merged


def _checked(pause: Pause, received: datetime) -> Pause:
    start = local_minute(pause.start)
    end = None if pause.end is None else local_minute(pause.end)
    since = wording.instant_text(start)
    if start < received:
        received_text = wording.instant_text(received)
        raise DeadlineError(f"Khoảng tạm dừng từ {since} bắt đầu trước khi tiếp nhận ({received_text}).")
    if end is not None and end < start:
        raise DeadlineError(f"Khoảng tạm dừng kết thúc ({wording.instant_text(end)}) trước khi bắt đầu ({since}).")
    return Pause(start, end, pause.reason, pause.basis)


def _at_minute(addition: Addition) -> Addition:
    return Addition(local_minute(addition.at), addition.amount, addition.reason, addition.basis)


def _whole(restart: Restart) -> Restart:
    since = None if restart.since is None else local_minute(restart.since)
    return Restart(local_minute(restart.at), restart.limit, since, restart.reason, restart.basis)


def _joined(*texts: str) -> str:
    return "; ".join(dict.fromkeys(filter(None, texts)))
