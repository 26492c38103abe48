"""The due instant (ngày giờ hẹn trả) of a limit, and every step of how it came about.

`compute_deadline` makes three moves: find the start, count the limit from it, add what each pause took. Every move
leaves one or more `Step`s that join end to start, from the reception to the due instant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tinhso.lib.worktime import wording
from tinhso.lib.worktime.calendar import WorkingCalendar, local_minute
from tinhso.lib.worktime.counting import count, extend, find_start, pause_minutes, settle
from tinhso.lib.worktime.errors import DeadlineError
from tinhso.lib.worktime.limits import Limit
from tinhso.lib.worktime.steps import Pause, Step


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
    received = local_minute(received_at)
    stops = _merged(pauses, received)
    start, in_last_hour = find_start(received, limit, calendar, last_hour_tomorrow=last_hour_tomorrow)
    steps = [wording.start_step(received, start, limit, calendar, in_last_hour=in_last_hour)]
    reached = count(start, limit, calendar)
    due = settle(reached, limit, calendar)
    steps += wording.count_steps(start, reached, limit, calendar)
    steps += wording.settle_steps(reached, due, calendar)
    for stop in stops:
        if stop.start >= due:
            steps.append(wording.late_pause_step(stop, due))
            continue
        if stop.end is None:
            steps.append(wording.open_pause_step(stop, calendar))
            return Deadline(start_at=start, due_at=None, steps=tuple(steps))
        minutes = pause_minutes(stop.start, stop.end, limit, calendar)
        reached = extend(due, minutes, limit, calendar)
        steps.append(wording.pause_step(stop, minutes, due, reached, limit, calendar))
        due = settle(reached, limit, calendar)
        steps += wording.settle_steps(reached, due, calendar)
    return Deadline(start_at=start, due_at=due, steps=tuple(steps))


def _merged(pauses: Sequence[Pause], received: datetime) -> list[Pause]:
    """The pauses in order, cut to the minute, overlapping ones joined into one so that no time counts twice."""
    merged: list[Pause] = []
    for pause in sorted((_checked(pause, received) for pause in pauses), key=lambda pause: pause.start):
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


def _joined(*texts: str) -> str:
    return "; ".join(dict.fromkeys(filter(None, texts)))
