"""Tables of payments."""

from tinhso.apps.payments.models._ledger import LedgerEntry, LedgerPosting
from tinhso.apps.payments.models._orders import Payment, PaymentAttempt, PaymentOrder, ProviderMessage
from tinhso.apps.payments.models._reconciliation import BankLine, Difference, Reconciliation
from tinhso.apps.payments.models._refunds import Refund
from tinhso.apps.payments.models._shifts import CashShift

__all__ = [
    "BankLine",
    "CashShift",
    "Difference",
    "LedgerEntry",
    "LedgerPosting",
    "Payment",
    "PaymentAttempt",
    "PaymentOrder",
    "ProviderMessage",
    "Reconciliation",
    "Refund",
]
