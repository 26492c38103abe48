"""Acts of keeping step with the national portal."""

from tinhso.apps.reconciliation.actions._arrivals import (
    dismiss_arrival,
    hold_arrival,
    note_acknowledged,
    note_arrival,
    record_mirrored,
    retry_arrival,
    take_arrival,
)
from tinhso.apps.reconciliation.actions._rounds import (
    explain_difference,
    fail_round,
    finish_round,
    resend_ours,
    start_round,
    take_theirs,
)
from tinhso.apps.reconciliation.actions._telling import (
    advance_reading,
    begin_reading,
    end_lag,
    note_lag,
    tell_case,
)

__all__ = [
    "advance_reading",
    "begin_reading",
    "dismiss_arrival",
    "end_lag",
    "explain_difference",
    "fail_round",
    "finish_round",
    "hold_arrival",
    "note_acknowledged",
    "note_arrival",
    "note_lag",
    "record_mirrored",
    "resend_ours",
    "retry_arrival",
    "start_round",
    "take_arrival",
    "take_theirs",
    "tell_case",
]
