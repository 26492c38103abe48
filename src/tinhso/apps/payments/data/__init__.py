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
from tinhso.apps.payments.data._orders import (
    Answer,
    CollectingAccount,
    Money,
    OrderData,
    OrderLine,
    Posting,
    ReportLine,
    StartRequest,
    StatementLine,
    Taken,
    TransferDetails,
)

__all__ = [
    "AlreadyPaid",
    "Answer",
    "CollectingAccount",
    "Money",
    "NoCollectingAccount",
    "OrderData",
    "OrderLine",
    "OrderNotFound",
    "OrderNotOpen",
    "Posting",
    "ProviderUnavailable",
    "RefundNotPossible",
    "ReportLine",
    "SameOfficerTwice",
    "ShiftNotOpen",
    "ShiftOpenAlready",
    "StartRequest",
    "StatementLine",
    "Taken",
    "TransferDetails",
]
