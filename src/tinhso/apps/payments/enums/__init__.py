"""Vocabularies of payments. Everything not named here is private to this package."""

from tinhso.apps.payments.enums._money import (
    AttemptStatus,
    DifferenceKind,
    DifferenceStatus,
    EntryKind,
    Occasion,
    OrderStatus,
    PaymentState,
    Provider,
    RefundReason,
    RefundStatus,
    ShiftStatus,
    Verdict,
)

__all__ = [
    "AttemptStatus",
    "DifferenceKind",
    "DifferenceStatus",
    "EntryKind",
    "Occasion",
    "OrderStatus",
    "PaymentState",
    "Provider",
    "RefundReason",
    "RefundStatus",
    "ShiftStatus",
    "Verdict",
]
