"""Lateness (mức độ đúng hạn) and the time left on a clock."""

from datetime import datetime
from enum import StrEnum

from tinhso.lib.worktime.calendar import WorkingCalendar, local_minute


class Lateness(StrEnum):
    """Trước hạn, đúng hạn, quá hạn: the three classes of the control sheet (phiếu kiểm soát)."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


def lateness(finished_at: datetime, due_at: datetime, calendar: WorkingCalendar) -> Lateness:
    """Class of a finished piece of work.

    On time means finished no later than the due minute, as the national indicator set compares the two instants
    (QĐ 766/QĐ-TTg). Early means finished before the working day of the due instant has come: a Saturday before a
    Monday deadline is early, Monday morning is on time. Both instants are cut to the minute, as due times are.
    """
    finished, due = local_minute(finished_at), local_minute(due_at)
    if finished > due:
        return Lateness.LATE
    return Lateness.EARLY if calendar.day_number(finished) < calendar.day_number(due) else Lateness.ON_TIME


def working_minutes_between(calendar: WorkingCalendar, start: datetime, end: datetime) -> int:
    """Office minutes from `start` to `end`; negative when `end` is the earlier."""
    return calendar.between(start, end)


def time_left(calendar: WorkingCalendar, now: datetime, due_at: datetime) -> int:
    """Office minutes left until `due_at` (thời gian còn lại); negative once late.

    Zero does not say on which side: after closing on the due day nothing is left and the work is late. Ask `lateness`.
    """
    return calendar.between(now, due_at)
