"""Legal time (thời hạn giải quyết): office calendars, limits, due instants and lateness.

Everything here is a pure function of its arguments: no clock, no database, no law. The calendar carries the days, the
hours and the legal bases as data; the caller says when the case was received and which limit applies. Instants are
aware; they are cut to the whole minute and computed in Asia/Ho_Chi_Minh. The rules are explained in
`docs/explanation/deadlines.md`.

Import from here; how the package is split into modules is its own affair.
"""

from tinhso.lib.worktime.calendar import (
    ZONE,
    CalendarRules,
    DayKind,
    OfficeHours,
    Rule,
    SpecialDay,
    WorkingCalendar,
)
from tinhso.lib.worktime.deadline import Deadline, compute_course, compute_deadline
from tinhso.lib.worktime.errors import CalendarRangeError, DeadlineError, LimitError, WorktimeError
from tinhso.lib.worktime.lateness import Lateness, lateness, time_left, working_minutes_between
from tinhso.lib.worktime.limits import Limit, LimitUnit
from tinhso.lib.worktime.steps import Addition, Change, Pause, Restart, Step
from tinhso.lib.worktime.wording import duration_text, instant_text

__all__ = [
    "ZONE",
    "Addition",
    "CalendarRangeError",
    "CalendarRules",
    "Change",
    "DayKind",
    "Deadline",
    "DeadlineError",
    "Lateness",
    "Limit",
    "LimitError",
    "LimitUnit",
    "OfficeHours",
    "Pause",
    "Restart",
    "Rule",
    "SpecialDay",
    "Step",
    "WorkingCalendar",
    "WorktimeError",
    "compute_course",
    "compute_deadline",
    "duration_text",
    "instant_text",
    "lateness",
    "time_left",
    "working_minutes_between",
]
