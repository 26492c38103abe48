"""Rules of money: plain values in and out. Everything not named here is private to this package."""

from tinhso.apps.payments.rules._days import PROVINCE, civil_date
from tinhso.apps.payments.rules._ledger import (
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

__all__ = [
    "PROVINCE",
    "bank",
    "card",
    "card_clearing",
    "cash",
    "check_balance",
    "civil_date",
    "difference",
    "excess",
    "float_of",
    "platform",
    "receivable",
    "refund_due",
    "revenue",
    "suspense",
    "vault",
]
