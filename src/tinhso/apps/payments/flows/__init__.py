"""Work with payment providers. Everything not named here is private to this package."""

from tinhso.apps.payments.flows._bank import take_bank_message, take_statement, take_statement_file
from tinhso.apps.payments.flows._paying import (
    ask_provider,
    ask_waiting,
    decide_kept,
    fetch_bill,
    start_payment,
    take_platform_notice,
)
from tinhso.apps.payments.flows._reconciling import reconcile, reconcile_latest

__all__ = [
    "ask_provider",
    "ask_waiting",
    "decide_kept",
    "fetch_bill",
    "reconcile",
    "reconcile_latest",
    "start_payment",
    "take_bank_message",
    "take_platform_notice",
    "take_statement",
    "take_statement_file",
]
