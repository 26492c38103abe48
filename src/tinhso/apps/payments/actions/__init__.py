"""What may be done with money. Everything not named here is private to this package."""

from tinhso.apps.payments.actions._attempts import (
    keep_notice,
    note_return,
    open_attempt,
    record_answer,
    record_started,
    take_notice,
)
from tinhso.apps.payments.actions._bank import take_bank_line
from tinhso.apps.payments.actions._ledger import post
from tinhso.apps.payments.actions._money import correct_payment, match_payment, take_money
from tinhso.apps.payments.actions._orders import cancel_order, raise_order
from tinhso.apps.payments.actions._reconciliation import close_difference, mend_from_report, reconcile_day
from tinhso.apps.payments.actions._refunds import (
    approve_refund,
    check_refund,
    pay_refund,
    propose_refund,
    refund_order,
    refuse_refund,
    return_payment,
)
from tinhso.apps.payments.actions._shifts import approve_shift, close_shift, collect_at_counter, open_shift

__all__ = [
    "approve_refund",
    "approve_shift",
    "cancel_order",
    "check_refund",
    "close_difference",
    "close_shift",
    "collect_at_counter",
    "correct_payment",
    "keep_notice",
    "match_payment",
    "mend_from_report",
    "note_return",
    "open_attempt",
    "open_shift",
    "pay_refund",
    "post",
    "propose_refund",
    "raise_order",
    "reconcile_day",
    "record_answer",
    "record_started",
    "refund_order",
    "refuse_refund",
    "return_payment",
    "take_bank_line",
    "take_money",
    "take_notice",
]
