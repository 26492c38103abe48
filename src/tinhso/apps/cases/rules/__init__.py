"""What follows from a case's log and values. Pure: the time is an argument, nothing is read or written."""

from tinhso.apps.cases.rules._bar import Stop, duration_label, full_time_bar, time_bar
from tinhso.apps.cases.rules._clock import (
    CLOCK_EVENTS,
    RESTART,
    SUPPLEMENT_BASIS,
    clock_entries,
    clock_of,
    deadline_of,
    extended_due,
    step_due,
)
from tinhso.apps.cases.rules._lateness import differs, indicator_766, late_because, time_shares, waiting_minutes
from tinhso.apps.cases.rules._life import (
    fee_effect_of_ending,
    fee_effect_of_error,
    settlement,
    touched_elsewhere,
)
from tinhso.apps.cases.rules._linked import (
    LEG_STATUS_OF,
    OPEN,
    OVER,
    acknowledge_until,
    all_granted,
    is_over,
    leg_answers,
    leg_due,
    stand_ins,
    waits_for_results,
)
from tinhso.apps.cases.rules._scans import (
    count_problem,
    digitised_metadata,
    digitised_name,
    document_code,
    page_problems,
)
from tinhso.apps.cases.rules._texts import abbreviation, search_text
from tinhso.apps.cases.rules._work import Candidate, choose, reminder_due, turn_after

__all__ = [
    "CLOCK_EVENTS",
    "LEG_STATUS_OF",
    "OPEN",
    "OVER",
    "RESTART",
    "SUPPLEMENT_BASIS",
    "Candidate",
    "Stop",
    "abbreviation",
    "acknowledge_until",
    "all_granted",
    "choose",
    "clock_entries",
    "clock_of",
    "count_problem",
    "deadline_of",
    "differs",
    "digitised_metadata",
    "digitised_name",
    "document_code",
    "duration_label",
    "extended_due",
    "fee_effect_of_ending",
    "fee_effect_of_error",
    "full_time_bar",
    "indicator_766",
    "is_over",
    "late_because",
    "leg_answers",
    "leg_due",
    "page_problems",
    "reminder_due",
    "search_text",
    "settlement",
    "stand_ins",
    "step_due",
    "time_bar",
    "time_shares",
    "touched_elsewhere",
    "turn_after",
    "waiting_minutes",
    "waits_for_results",
]
