"""A day of platform, bank and book: whatever is lost, doubled or wrong ends as the bank says, in balance."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import payments as made
from tests.factories.payments import NOW, Platform, assert_in_balance, notify
from tests.factories.world import World, citizen
from tinhso.apps.payments import actions, flows, queries
from tinhso.apps.payments.enums import DifferenceStatus
from tinhso.apps.payments.models import Difference, Payment, PaymentOrder, Refund
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import Invalid
from tinhso.kernel.jobs import run_waiting

DAY = date(2026, 3, 2)
LATER = NOW + timedelta(days=1)


def started(order: PaymentOrder) -> str:
    flows.start_payment(order_id=order.pk, provider="platform", ip="", actor=citizen(), at=NOW)
    return order.attempts.order_by("-pk").values_list("reference", flat=True)[0]


def statement(*lines: str) -> bytes:
    return "\n".join(["Số giao dịch;Ngày giao dịch;Số tiền;Nội dung", *lines]).encode()


def test_lost_notices_are_made_up_from_the_report(order: PaymentOrder, platform: Platform) -> None:
    platform.pay(started(order), order.amount_vnd)
    for _ in range(2):
        flows.reconcile(account_key=order.account, day=DAY, at=LATER)
    order.refresh_from_db()
    found = {row.kind: row for row in Difference.objects.all()}
    assert order.status == "paid"
    assert (found["missing_here"].status, found["not_settled"].status) == ("mended", "waiting")
    line = f"QT1;03/03/2026;{order.amount_vnd};PAYMENT QUYET TOAN NGAY 20260302"
    flows.take_statement_file(account_key=order.account, content=statement(line), at=LATER)
    flows.reconcile(account_key=order.account, day=DAY, at=LATER)
    assert set(Difference.objects.values_list("status", flat=True)) == {"mended"}
    balances = queries.account_balances()
    assert (balances[f"bank:{order.account}"], balances[f"platform:{order.account}"]) == (order.amount_vnd, 0)
    assert_in_balance()


def test_what_the_platform_does_not_have_waits_for_an_officer(order: PaymentOrder, platform: Platform) -> None:
    reference = started(order)
    platform.pay(reference, order.amount_vnd)
    notify(platform.notice(reference))
    del platform.paid[reference]
    flows.reconcile(account_key=order.account, day=DAY, at=LATER)
    found = Difference.objects.get(kind="missing_there")
    assert found.status == DifferenceStatus.OPEN
    actions.reconcile_day(account=order.account, day=DAY, report=[], actor=SYSTEM, at=LATER)
    from tests.factories.world import officer
    from tinhso.apps.directory.queries import get_unit

    keeper = officer("accountant", get_unit(order.unit_id))
    given = {"difference_id": found.pk, "explanation": "Nền tảng xác nhận không có", "undo": True}
    actions.close_difference(**given, actor=keeper, at=LATER)
    order.refresh_from_db()
    assert (order.status, order.paid_vnd) == ("due", 0)
    assert_in_balance()


def test_another_sum_in_the_report_becomes_the_books(order: PaymentOrder, platform: Platform) -> None:
    reference = started(order)
    platform.pay(reference, order.amount_vnd)
    notify(platform.notice(reference))
    platform.pay(reference, order.amount_vnd - 1000)
    flows.reconcile(account_key=order.account, day=DAY, at=LATER)
    order.refresh_from_db()
    assert (order.status, order.paid_vnd) == ("partly_paid", order.amount_vnd - 1000)
    assert_in_balance()


def test_a_statement_pays_refunds_and_is_taken_once(order: PaymentOrder, place: World) -> None:
    lines = (f"FT1;02/03/2026 10:00;{order.amount_vnd + 700};{order.case_code}", "FT2;02/03/2026 11:00;-55;phi")
    for expected in ({"transfer": 1, "unexplained": 1}, {"known": 2}):
        assert flows.take_statement_file(account_key=order.account, content=statement(*lines), at=NOW) == expected
    refund = Refund.objects.get()
    actions.check_refund(refund_id=refund.pk, actor=made.accountant(place), at=NOW)
    actions.approve_refund(refund_id=refund.pk, actor=place.officer("leader"), at=NOW)
    content = statement(f"FT3;04/03/2026;-700;HT-{refund.pk:06d} hoan tra")
    assert flows.take_statement_file(account_key=order.account, content=content, at=LATER) == {"refund": 1}
    refund.refresh_from_db()
    assert refund.status == "paid"
    assert_in_balance()


@pytest.mark.parametrize(
    "content", [b"", b"a;b\n1;2", statement("FT1;khong;5;x"), statement("FT1;02/03/2026;nam;x"), b"\xff"]
)
def test_a_statement_that_cannot_be_read_takes_nothing(place: World, content: bytes) -> None:
    with pytest.raises(Invalid):
        flows.take_statement_file(account_key="treasury", content=content, at=NOW)
    assert not Payment.objects.exists()


# What may happen to one order, in any order and any number of times.
EVENTS = st.lists(
    st.sampled_from(["start", "pay", "notice", "wrong", "failed", "back", "ask", "jobs", "down", "up", "restart", "reconcile"]),
    max_size=14,
)  # fmt: skip


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(story=EVENTS)
def test_any_order_repetition_and_loss_ends_as_the_bank_says(
    order: PaymentOrder, platform: Platform, story: list[str]
) -> None:
    untouched = transaction.savepoint()
    platform.__init__()  # type: ignore[misc]  # a fresh platform for each story
    try:
        reference = _live(order, platform, story)
        platform.down = False
        run_waiting()
        flows.ask_waiting(at=NOW + timedelta(hours=2))
        flows.reconcile(account_key=order.account, day=DAY, at=LATER)
        order.refresh_from_db()
        paid = sum(amount for _, amount, _ in platform.paid.values())
        assert order.paid_vnd == paid, reference
        assert (order.status == "paid") is bool(paid)
        assert order.payments.count() == len(platform.paid)
        entries = [e for e in _types(order) if e == "payment.confirmed"]
        assert len(entries) == bool(paid)
        assert_in_balance()
    finally:
        transaction.savepoint_rollback(untouched)
        order.refresh_from_db()


def _types(order: PaymentOrder) -> list[str]:
    from tinhso.apps.audit.queries import entries_of

    return [entry.type for entry in entries_of(f"paymentorder:{order.pk}")]


def _live(order: PaymentOrder, platform: Platform, story: list[str]) -> str:
    """One story: every step may meet what the step before has left, also nothing."""
    reference = ""
    for step in story:
        if step in {"start", "restart"}:
            reference = _begin(order) or reference
        elif step in {"down", "up"}:
            platform.down = step == "down"
        elif step == "jobs" and not platform.down:
            run_waiting()
        elif step == "reconcile":
            flows.reconcile(account_key=order.account, day=DAY, at=LATER)
        elif reference and step == "pay" and reference not in platform.failed:
            platform.pay(reference, order.amount_vnd)
        elif reference and step == "back":
            actions.note_return(reference=reference, actor=citizen(), at=NOW)
        elif reference and step == "ask" and not platform.down:
            flows.ask_waiting(at=NOW + timedelta(hours=1))
        elif reference and step in {"notice", "wrong", "failed"}:
            _tell(platform, reference, step)
    return reference


def _begin(order: PaymentOrder) -> str:
    from tinhso.kernel.errors import DomainError

    try:
        return started(order)
    except DomainError:  # paid already, or nobody answers: the try stays
        return order.attempts.order_by("-pk").values_list("reference", flat=True).first() or ""


def _tell(platform: Platform, reference: str, step: str) -> None:
    if step == "failed" and reference not in platform.paid:
        platform.failed.add(reference)
        notify(platform.notice(reference, MaLoi="99"))
    elif reference in platform.paid:
        notify(platform.notice(reference, **({"SoTien": "1"} if step == "wrong" else {})))
