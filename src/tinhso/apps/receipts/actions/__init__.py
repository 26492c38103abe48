"""What may be done with receipts."""

from tinhso.apps.receipts.actions._endings import (
    approve_ending,
    cancel_refunded_receipt,
    propose_ending,
    refuse_ending,
)
from tinhso.apps.receipts.actions._receipts import (
    begin_receipt,
    record_issued,
    record_provider_number,
    record_receipt_failed,
    record_reconciled,
)

__all__ = [
    "approve_ending",
    "begin_receipt",
    "cancel_refunded_receipt",
    "propose_ending",
    "record_issued",
    "record_provider_number",
    "record_receipt_failed",
    "record_reconciled",
    "refuse_ending",
]
