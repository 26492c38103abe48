"""What happens to money. Everything not named here is private to this package."""

from tinhso.apps.payments.events._orders import (
    AttemptEnded,
    AttemptOpened,
    AttemptSent,
    MessageDoubted,
    OrderCancelled,
    OrderRaised,
    PayerReturned,
    PaymentConfirmed,
    PaymentCorrected,
    PaymentMatched,
    PaymentTaken,
)
from tinhso.apps.payments.events._reconciliation import DayReconciled, DifferenceClosed
from tinhso.apps.payments.events._refunds import (
    RefundApproved,
    RefundChecked,
    RefundPaid,
    RefundProposed,
    RefundRefused,
)
from tinhso.apps.payments.events._shifts import ShiftApproved, ShiftClosed, ShiftOpened

__all__ = [
    "AttemptEnded",
    "AttemptOpened",
    "AttemptSent",
    "DayReconciled",
    "DifferenceClosed",
    "MessageDoubted",
    "OrderCancelled",
    "OrderRaised",
    "PayerReturned",
    "PaymentConfirmed",
    "PaymentCorrected",
    "PaymentMatched",
    "PaymentTaken",
    "RefundApproved",
    "RefundChecked",
    "RefundPaid",
    "RefundProposed",
    "RefundRefused",
    "ShiftApproved",
    "ShiftClosed",
    "ShiftOpened",
]
