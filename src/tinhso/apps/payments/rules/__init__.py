"""Rules of money: plain values in and out. Everything not named here is private to this package."""

from tinhso.apps.payments.rules._days import DAY, PROVINCE, civil_date
from tinhso.apps.payments.rules._ledger import (
    account_words,
    bank,
    card,
    card_clearing,
    cash,
    check_balance,
    difference,
    excess,
    float_of,
    platform,
    receivable,
    refund_due,
    revenue,
    suspense,
    vault,
)
from tinhso.apps.payments.rules._matching import bare, candidates, refund_code, refund_numbers, settlement_day
from tinhso.apps.payments.rules._statements import read_statement, read_transfer

__all__ = [
    "DAY",
    "PROVINCE",
    "account_words",
    "bank",
    "bare",
    "candidates",
    "card",
    "card_clearing",
    "cash",
    "check_balance",
    "civil_date",
    "difference",
    "excess",
    "float_of",
    "platform",
    "read_statement",
    "read_transfer",
    "receivable",
    "refund_code",
    "refund_due",
    "refund_numbers",
    "revenue",
    "settlement_day",
    "suspense",
    "vault",
]
