"""What a payer sees: the order, how far paying it is, and how it may be paid."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from tinhso.apps.payments import rules
from tinhso.apps.payments.data import NoCollectingAccount, OrderData, TransferDetails
from tinhso.apps.payments.enums import AttemptStatus, OrderStatus, Provider, RefundStatus
from tinhso.apps.payments.models import PaymentAttempt, PaymentOrder, Refund
from tinhso.apps.payments.queries._accounts import get_account
from tinhso.apps.payments.queries._orders import as_data
from tinhso.apps.payments.queries._sheets import has_bill
from tinhso.kernel.prepared import Prepared, attach
from tinhso.lib.vietqr import vietqr

_PURPOSE = 25
_ORDERS = Prepared(lambda subject: PaymentOrder.objects.filter(subject=subject).order_by("pk"), subject=str)
_REFUNDS = Prepared(lambda subject: Refund.objects.filter(order__subject=subject), subject=str)


@dataclass(frozen=True, slots=True)
class Bill:
    """One order as its payer sees it."""

    order: OrderData
    providers: tuple[str, ...]
    attempt: PaymentAttempt | None
    refunds: tuple[Refund, ...]
    transfer: TransferDetails | None

    @property
    def is_open(self) -> bool:
        """Whether something is to be paid."""
        return self.order.status in {OrderStatus.DUE, OrderStatus.PARTLY_PAID}

    @property
    def is_waiting(self) -> bool:
        """Whether a try is under way about which the bank has said nothing yet."""
        return self.is_open and self.attempt is not None and self.attempt.status in {"intended", "pending"}

    @property
    def shows_transfer(self) -> bool:
        """Whether the payer chose to transfer: then the code stays on the page until the money is there."""
        return self.is_waiting and self.attempt is not None and self.attempt.provider == Provider.VIETQR

    @property
    def has_failed(self) -> bool:
        """Whether the latest try came to nothing."""
        return (
            self.is_open
            and self.attempt is not None
            and self.attempt.status in {AttemptStatus.FAILED, AttemptStatus.LAPSED}
        )

    @property
    def status_words(self) -> str:
        """The state in words that promise nothing the bank has not said."""
        if self.is_waiting and not self.shows_transfer:
            return "Đang chờ ngân hàng xác nhận"
        return str(OrderStatus(self.order.status).label)

    @property
    def paper_of(self) -> int | None:
        """The try about which the platform has a paper of its own."""
        return self.attempt.pk if self.attempt is not None and has_bill(self.attempt) else None

    @property
    def tone(self) -> str:
        """The colour of the state."""
        tones = {OrderStatus.PAID: "ok", OrderStatus.CANCELLED: "idle"}
        return tones.get(OrderStatus(self.order.status), "soon")


def bills_of(subject: str) -> list[Bill]:
    """The orders of a case as its payer sees them, oldest first (khoản phải nộp). The case has judged who asks."""
    orders, refunds = _ORDERS.all(subject=subject), defaultdict(list)
    for refund in _REFUNDS.all(subject=subject) if orders else ():
        refunds[refund.order_id].append(refund)
    for order in orders:
        attach(order, "refunds", refunds[order.pk])
    prefetch_related_objects([order for order in orders if order.attempts_made], "attempts")
    return [_bill(order) for order in orders]


def transfer_details(order: OrderData, *, part_vnd: int | None = None) -> TransferDetails | None:
    """What to scan or type to transfer the rest of an order, or a part; None where its account takes no transfers."""
    try:
        account = get_account(order.account)
    except NoCollectingAccount:
        return None
    if Provider.VIETQR not in account.providers or not order.left_vnd:
        return None
    text = order.case_code if len(order.case_code) <= _PURPOSE else rules.bare(order.case_code)[:_PURPOSE]
    amount = min(part_vnd or order.left_vnd, order.left_vnd)
    code = vietqr(bank_bin=account.bank_bin, account=account.number, amount_vnd=amount, purpose=text)
    return TransferDetails(code, account.bank_name, account.number, account.name, amount, text)


def _bill(order: PaymentOrder) -> Bill:
    data = as_data(order)
    attempts = sorted(order.attempts.all(), key=lambda attempt: attempt.pk) if order.attempts_made else []
    try:
        providers = get_account(order.account).providers
    except NoCollectingAccount:
        providers = ()
    refunds = tuple(refund for refund in order.refunds.all() if refund.status != RefundStatus.REFUSED)
    latest = attempts[-1] if attempts else None
    part = latest.amount_vnd if latest is not None and latest.provider == Provider.VIETQR else None
    return Bill(data, providers, latest, refunds, transfer_details(data, part_vnd=part))
