"""Reconciliation. Stream `reconciliation:<account>`."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class DayReconciled(Event):
    """Đã đối soát một ngày: how many differences there are now, and how many of them wait for somebody."""

    type: ClassVar[str] = "payment.day_reconciled"
    account: str
    day: date
    differences: int
    open: int


@dataclass(frozen=True)
class DifferenceClosed(Event):
    """Kế toán đã giải thích, xử lý một chênh lệch."""

    type: ClassVar[str] = "payment.difference_closed"
    difference_id: int
    explanation: str
    undone: bool
