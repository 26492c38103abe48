"""When a message may go, in which order channels are tried, and what a report makes of it. Plain Python."""

from tinhso.apps.notifications.rules._chat import Wish, wish_of
from tinhso.apps.notifications.rules._codes import code_digest, code_matches, email_problem, masked, new_code
from tinhso.apps.notifications.rules._sending import (
    after_quiet,
    backoff,
    chain,
    is_quiet,
    merged,
    next_channel,
    zone_day,
)
from tinhso.apps.notifications.rules._webhooks import STALE, is_fresh, mac_of, report_mac, same_mac

__all__ = [
    "STALE",
    "Wish",
    "after_quiet",
    "backoff",
    "chain",
    "code_digest",
    "code_matches",
    "email_problem",
    "is_fresh",
    "is_quiet",
    "mac_of",
    "masked",
    "merged",
    "new_code",
    "next_channel",
    "report_mac",
    "same_mac",
    "wish_of",
    "zone_day",
]
