"""What can be wrong with a limit, a calendar or a deadline. Every message is a Vietnamese sentence for people."""


class WorktimeError(ValueError):
    """Base of the errors of this package."""


class LimitError(WorktimeError):
    """The limit (thời hạn) is not one the law knows: unknown unit, no amount, a fraction of a month."""


class CalendarRangeError(WorktimeError):
    """The calendar has no data for a date the computation needs."""


class DeadlineError(WorktimeError):
    """The facts of the case contradict each other: a pause that ends before it begins, a time without zone."""
