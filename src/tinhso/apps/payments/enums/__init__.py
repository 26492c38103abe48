"""Vocabularies of payments. Everything not named here is private to this package."""

from tinhso.apps.payments.enums._money import (
    AnswerState,
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
    "AnswerState",
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
