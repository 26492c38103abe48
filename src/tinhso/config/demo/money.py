"""The money of the past: most fees are paid as a province's are, some wait, and a little of it is left to an accountant.

Receipts of it take their numbers here; the worker prints and seals them later, five minutes after another.
"""

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial

from django.db.models import Sum
from django.db.models.functions import TruncDate

from tinhso.apps.cases.models import Case
from tinhso.apps.directory import queries as directory
from tinhso.apps.payments import actions, queries
from tinhso.apps.payments.data import Money, OrderData, StatementLine
from tinhso.apps.payments.enums import PaymentState, Provider
from tinhso.apps.payments.models import Payment, PaymentOrder
from tinhso.config.demo.stage import Stage, Step
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME

# In per cent; chosen to look like a province's, measured nowhere.
PAID, ON_PLATFORM = 88, 60
# Shifts of a drawer are played for the latest days only. On the platform nothing is paid of the days that are still
# reconciled every morning: the platform that runs beside the demo knows only what was paid there.
CASH_DAYS, PLATFORM_DAYS = timedelta(days=6), (timedelta(days=6), timedelta(days=40))
FLOAT_VND = 500_000


class Till:
    """How the people of one process pay; it keeps the shifts that are open at their counters."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._open: dict[int, tuple[int, Actor, datetime]] = {}

    def pay(self, case: Case, draw: random.Random, *, at: datetime, counter: Actor | None) -> None:
        """What the case owes, by some way or not yet."""
        for order in queries.orders_of(f"case:{case.pk}"):
            if not order.left_vnd or order.status == "cancelled" or draw.random() * 100 >= PAID:
                continue
            age = self.stage.start - at
            if counter is not None and age < CASH_DAYS:
                self._cash(order, counter, at)
            elif PLATFORM_DAYS[0] < age < PLATFORM_DAYS[1] and draw.random() * 100 < ON_PLATFORM:
                self._platform(order, at)
            else:
                self._transfer(order, at)

    def close(self, before: datetime | None = None) -> None:
        """Count the drawers of shifts opened before a day; all of them without one."""
        for officer_id, (shift_id, actor, opened) in list(self._open.items()):
            if before is None or opened < before:
                expected = queries.balance_of(f"cash:{shift_id}")
                actions.close_shift(
                    shift_id=shift_id, counted_vnd=expected, card_counted_vnd=0, reason="", actor=actor,
                    at=min(datetime.combine(opened.date(), time(17), PROVINCE_TIME), self.stage.start),
                )  # fmt: skip
                del self._open[officer_id]

    def _cash(self, order: OrderData, counter: Actor, at: datetime) -> None:
        local = at.astimezone(PROVINCE_TIME)
        self.close(before=datetime.combine(local.date(), time(0), PROVINCE_TIME))
        officer_id = counter.account_id or 0
        if officer_id not in self._open:
            desk = directory.resolving_unit_of(counter.unit_id or order.unit_id).id
            shift_id = actions.open_shift(unit_id=desk, float_vnd=FLOAT_VND, actor=counter, at=at)
            self._open[officer_id] = shift_id, counter, local
        actions.collect_at_counter(
            order_id=order.id,
            method=Provider.CASH,
            amount_vnd=order.left_vnd,
            key=f"demo-{order.id}",
            actor=counter,
            at=at,
        )

    def _transfer(self, order: OrderData, at: datetime) -> None:
        text = f"MBVCB.{order.id}.{order.case_code.replace('.', '').replace('-', '')} nop phi"
        line = StatementLine(f"FT{order.id:010d}", at, order.left_vnd, text, order.payer_name, "9704000000000001")
        actions.take_bank_line(account=order.account, line=line, actor=SYSTEM, at=at)

    def _platform(self, order: OrderData, at: datetime) -> None:
        attempt = actions.open_attempt(order_id=order.id, provider=Provider.PLATFORM, actor=SYSTEM, at=at)
        paid = Money(
            Provider.PLATFORM, f"PP{order.id:010d}", order.account, order.left_vnd, at, reference=attempt.reference
        )
        actions.take_money(money=paid, actor=SYSTEM, at=at)


def money_acts(stage: Stage) -> Iterator[tuple[datetime, Step]]:
    """The platform hands over its days; once, somebody transfers without a code and somebody pays twice."""
    unsettled = Payment.objects.filter(provider=Provider.PLATFORM, settled_day__isnull=True)
    by_day = unsettled.annotate(day=TruncDate("paid_at", tzinfo=PROVINCE_TIME)).values("account", "day")
    for row in by_day.annotate(sum=Sum("amount_vnd")).order_by("day"):
        at = datetime.combine(row["day"], time(23, 50), PROVINCE_TIME)
        text = f"PAYMENTPLATFORM QUYET TOAN NGAY {row['day']:%Y%m%d}"
        line = StatementLine(f"QT{row['day']:%Y%m%d}-{stage.mark}", at, row["sum"], text, "CONG DVCQG")
        yield at, partial(_take, row["account"], line)
    if Payment.objects.filter(state=PaymentState.UNMATCHED).exists():
        return
    at = stage.start - timedelta(hours=3)
    paid = PaymentOrder.objects.filter(status="paid", paid_by=Provider.VIETQR).order_by("-pk").first()
    for account in queries.collecting_accounts()[:1]:
        nobody = StatementLine(
            "FT7000000001", at, 50_000, "nop le phi lam giay to", "TRAN THI VI DU", "9704000000000002"
        )
        yield at, partial(_take, account.key, nobody)
    if paid is not None:
        again = StatementLine(
            "FT7000000002", at, paid.amount_vnd, f"{paid.case_code} nop lai", paid.payer_name, "970400001"
        )
        yield at, partial(_take, paid.account, again)


def _take(account: str, line: StatementLine, at: datetime) -> None:
    actions.take_bank_line(account=account, line=line, actor=SYSTEM, at=at)
