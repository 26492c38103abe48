"""How we and the national portal stand, for the work itself and for officers' pages."""

from tinhso.apps.reconciliation.queries._following import (
    agency_code,
    changed_cases,
    is_lagging,
    latest_round,
    reading,
    sync_of_case,
    told_since,
)
from tinhso.apps.reconciliation.queries._lists import (
    count_to_settle,
    get_arrival,
    get_difference,
    list_arrivals_held,
    list_differences,
    list_mirrored,
    list_rounds,
    open_differences,
)
from tinhso.apps.reconciliation.rules import status_in_words as status_words

__all__ = [
    "agency_code",
    "changed_cases",
    "count_to_settle",
    "get_arrival",
    "get_difference",
    "is_lagging",
    "latest_round",
    "list_arrivals_held",
    "list_differences",
    "list_mirrored",
    "list_rounds",
    "open_differences",
    "reading",
    "status_words",
    "sync_of_case",
    "told_since",
]
