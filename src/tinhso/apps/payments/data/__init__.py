"""Values and errors of payments. Everything not named here is private to this package."""

from tinhso.apps.payments.data._errors import (
    AlreadyPaid,
    NoCollectingAccount,
    OrderNotFound,
    OrderNotOpen,
    ProviderUnavailable,
    RefundNotPossible,
    SameOfficerTwice,
    ShiftNotOpen,
    ShiftOpenAlready,
)
from tinhso.apps.payments.data._orders import CollectingAccount, OrderData, OrderLine, Posting

__all__ = [
    "AlreadyPaid",
    "CollectingAccount",
    "NoCollectingAccount",
    "OrderData",
    "OrderLine",
    "OrderNotFound",
    "OrderNotOpen",
    "Posting",
    "ProviderUnavailable",
    "RefundNotPossible",
    "SameOfficerTwice",
    "ShiftNotOpen",
    "ShiftOpenAlready",
]
