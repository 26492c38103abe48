"""Orders and the ways money reaches them."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.factories import payments as made
from tests.factories.cases import EXTRACT, RECEIVED_AT, CaseMaker
from tests.factories.payments import NOW, Platform, assert_in_balance, notify
from tests.factories.world import World, citizen, officer
from tinhso.apps.cases import actions as cases
from tinhso.apps.cases.data import ClockNotStopped
from tinhso.apps.cases.models import Case
from tinhso.apps.notifications.models import Notice
from tinhso.apps.payments import actions, flows, queries
from tinhso.apps.payments.data import (
    AlreadyPaid,
    Money,
    OrderNotFound,
    Posting,
    ProviderUnavailable,
    RefundNotPossible,
    SameOfficerTwice,
    ShiftNotOpen,
)
from tinhso.apps.payments.models import (
    CashShift,
    LedgerEntry,
    LedgerPosting,
    Payment,
    PaymentAttempt,
    PaymentOrder,
    Refund,
)
from tinhso.apps.payments.rules import check_balance
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import Forbidden, Invalid, NotFound
from tinhso.kernel.jobs import run_waiting


def start(order: PaymentOrder, provider: str = "platform") -> PaymentAttempt:
    flows.start_payment(order_id=order.pk, provider=provider, ip="203.0.113.9", actor=citizen(), at=NOW)
    return order.attempts.get(provider=provider, status="pending")


def transfer(order: PaymentOrder, amount: int, text: str, number: str = "FT1", at: datetime = NOW) -> None:
    money = Money("vietqr", number, order.account, amount, at, text=text, payer="LE VAN VI DU", payer_account="123")
    actions.take_money(money=money, actor=SYSTEM, at=at)


def test_a_case_that_costs_owes_one_order_from_submission_on(order: PaymentOrder) -> None:
    case = Case.objects.get(code=order.case_code)
    assert (order.amount_vnd, order.status) == (case.fee_vnd, "due")
    assert queries.order_balance(order.pk) == {
        f"receivable:{case.unit_id}": case.fee_vnd, f"revenue:{case.unit_id}": -case.fee_vnd,
    }  # fmt: skip
    assert PaymentOrder.objects.count() == 1


def test_paid_on_the_platform_by_its_notice(order: PaymentOrder, platform: Platform) -> None:
    attempt = start(order)
    assert attempt.reference == f"{order.case_code}-01"
    platform.pay(attempt.reference, order.amount_vnd)
    answers = [notify(platform.notice(attempt.reference))["MaLoi"] for _ in range(3)]
    order.refresh_from_db()
    assert (answers, order.status, order.paid_vnd) == (["00"] * 3, "paid", order.amount_vnd)
    assert Payment.objects.count() == 1
    assert_in_balance()
    with pytest.raises(AlreadyPaid):
        start(order)


def test_pressed_twice_it_is_one_try(order: PaymentOrder, platform: Platform) -> None:
    assert start(order).pk == start(order).pk
    assert len(platform.started) == 1


def test_what_the_platform_has_forgotten_gives_way_to_a_new_try_at_once(
    order: PaymentOrder, platform: Platform
) -> None:
    first = start(order)
    platform.down = True
    assert start(order).pk == first.pk
    platform.down = False
    platform.forgotten.add(first.reference)
    second = start(order)
    assert second.reference == f"{order.case_code}-02"
    first.refresh_from_db()
    assert first.status == "lapsed"
    # It had only seemed so: the money still counts, and the second try then leads nowhere.
    platform.pay(first.reference, order.amount_vnd)
    notify(platform.notice(first.reference))
    order.refresh_from_db()
    assert order.status == "paid"


def test_pressed_again_after_paying_it_is_booked_and_not_paid_twice(order: PaymentOrder, platform: Platform) -> None:
    attempt = start(order)
    platform.pay(attempt.reference, order.amount_vnd)
    again = {"order_id": order.pk, "provider": "platform", "ip": "", "actor": citizen(), "at": NOW}
    assert flows.start_payment(**again) == ""
    order.refresh_from_db()
    assert (order.status, len(platform.started)) == ("paid", 1)
    assert flows.fetch_bill(order_id=order.pk, attempt_id=attempt.pk, at=NOW).startswith(b"%PDF-")
    with pytest.raises(OrderNotFound):
        flows.fetch_bill(order_id=order.pk + 1, attempt_id=attempt.pk, at=NOW)


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"SoTien": "1"}, "04"), ({"MaTienTe": "USD"}, "04"), ({"MaThamChieu": "X"}, "01"), ({"MaGiaoDich": ""}, "06")],
)
def test_a_notice_that_is_wrong_moves_nothing_and_makes_us_ask(
    order: PaymentOrder, platform: Platform, changed: dict[str, str], code: str
) -> None:
    reference = start(order).reference
    platform.pay(reference, order.amount_vnd)
    assert notify(platform.notice(reference, **changed))["MaLoi"] == code
    assert not Payment.objects.exists()
    run_waiting()
    order.refresh_from_db()
    assert order.status == ("due" if code == "01" else "paid")


def test_a_forged_notice_is_refused(order: PaymentOrder, platform: Platform) -> None:
    reference = start(order).reference
    platform.pay(reference, order.amount_vnd)
    forged = platform.notice(reference).replace(b'"MaXacThuc": "', b'"MaXacThuc": "0')
    assert [notify(raw)["MaLoi"] for raw in (forged, b"{", b"[]")] == ["97"] * 3
    assert not Payment.objects.exists()


def test_the_browser_that_comes_back_is_not_believed(order: PaymentOrder, platform: Platform) -> None:
    reference = start(order).reference
    actions.note_return(reference=reference, actor=citizen(), at=NOW)
    run_waiting()
    order.refresh_from_db()
    assert order.status == "due"
    with pytest.raises(Forbidden):
        actions.note_return(reference=reference, actor=citizen("051190000027", "Người Khác"), at=NOW)


def test_silence_is_filled_by_asking_and_given_up_after_days(order: PaymentOrder, platform: Platform) -> None:
    reference = start(order).reference
    assert flows.ask_waiting(at=NOW + timedelta(minutes=29)) == 0
    platform.down = True
    assert flows.ask_waiting(at=NOW + timedelta(minutes=31)) == 0
    platform.down = False
    assert flows.ask_waiting(at=NOW + timedelta(minutes=32)) == 1
    assert flows.ask_waiting(at=NOW + timedelta(minutes=40)) == 0
    assert flows.ask_waiting(at=NOW + timedelta(days=4)) == 1
    assert PaymentAttempt.objects.get().status == "lapsed"
    platform.pay(reference, order.amount_vnd)
    notify(platform.notice(reference), at=NOW + timedelta(days=5))
    order.refresh_from_db()
    assert order.status == "paid"


def test_a_platform_that_is_down_leaves_a_try_that_is_asked_about(order: PaymentOrder, platform: Platform) -> None:
    platform.down = True
    with pytest.raises(ProviderUnavailable):
        start(order)
    platform.down = False
    assert PaymentAttempt.objects.get().status == "intended"
    # Our call had reached it after all, and somebody paid.
    platform.pay(PaymentAttempt.objects.get().reference, order.amount_vnd)
    flows.ask_waiting(at=NOW + timedelta(hours=1))
    order.refresh_from_db()
    assert order.status == "paid"


def test_a_transfer_is_known_by_the_code_however_the_bank_writes_it(order: PaymentOrder) -> None:
    start(order, "vietqr")
    bare = order.match_code
    transfer(order, order.amount_vnd, f"MBVCB.5512.{bare[:9]} {bare[9:]} CT TU 0011")
    order.refresh_from_db()
    assert (order.status, PaymentAttempt.objects.get().status) == ("paid", "confirmed")


def test_part_and_more_than_owed(order: PaymentOrder, place: World) -> None:
    transfer(order, 3000, order.case_code, "FT1")
    order.refresh_from_db()
    assert order.status == "partly_paid"
    transfer(order, order.amount_vnd, order.case_code, "FT2")
    order.refresh_from_db()
    refund = Refund.objects.get()
    assert (order.status, refund.amount_vnd, refund.reason) == ("paid", 3000, "overpaid")
    assert_in_balance()


def test_money_of_nobody_is_matched_or_returned_by_an_officer(order: PaymentOrder, place: World) -> None:
    keeper = made.accountant(place)
    transfer(order, order.amount_vnd, "chuyen tien le phi", "FT1")
    transfer(order, 7000, "mua hang", "FT2")
    first, second = Payment.objects.order_by("pk")
    assert queries.balance_of(f"suspense:{order.account}") == -order.amount_vnd - 7000
    actions.match_payment(
        payment_id=first.pk, order_id=order.pk, reason="Người nộp đưa biên nhận", actor=keeper, at=NOW
    )
    actions.return_payment(payment_id=second.pk, note="", actor=keeper, at=NOW)
    order.refresh_from_db()
    assert (order.status, Refund.objects.get().amount_vnd) == ("paid", 7000)
    assert_in_balance()


def test_a_refund_takes_two_and_leaves_by_the_bank(order: PaymentOrder, place: World) -> None:
    transfer(order, order.amount_vnd + 500, order.case_code)
    refund = Refund.objects.get()
    keeper, leader = made.accountant(place), place.officer("leader")
    given = {"refund_id": refund.pk, "at": NOW}
    with pytest.raises(RefundNotPossible):
        actions.approve_refund(actor=leader, **given)
    actions.check_refund(actor=keeper, **given)
    with pytest.raises(Forbidden):
        actions.approve_refund(actor=keeper, **given)
    actions.approve_refund(actor=leader, **given)
    actions.pay_refund(method="bank", reference="FT9", actor=keeper, **given)
    actions.pay_refund(method="bank", reference="FT9", actor=keeper, **given)
    order.refresh_from_db()
    assert (order.refunded_vnd, queries.balance_of(f"bank:{order.account}")) == (500, order.amount_vnd)
    assert queries.order_balance(order.pk)[f"excess:{order.unit_id}"] == 0
    assert_in_balance()
    refund.approved_by_id = refund.checked_by_id = 5
    with pytest.raises(IntegrityError), transaction.atomic():
        refund.save()


def test_the_same_person_never_checks_and_approves(order: PaymentOrder, place: World) -> None:
    transfer(order, order.amount_vnd + 500, order.case_code)
    refund, leader = Refund.objects.get(), place.officer("leader")
    Refund.objects.update(status="checked", checked_by_id=leader.account_id)
    with pytest.raises(SameOfficerTwice):
        actions.approve_refund(refund_id=refund.pk, actor=leader, at=NOW)


def test_withdrawn_before_reception_what_was_paid_goes_back(order: PaymentOrder) -> None:
    transfer(order, order.amount_vnd, order.case_code)
    case = Case.objects.get(code=order.case_code)
    cases.withdraw_case(case_id=case.pk, reason="Đổi ý.", actor=citizen(), at=NOW)
    run_waiting()
    assert Refund.objects.get().amount_vnd == order.amount_vnd


def test_withdrawn_unpaid_nothing_is_owed(order: PaymentOrder) -> None:
    case = Case.objects.get(code=order.case_code)
    cases.withdraw_case(case_id=case.pk, reason="Đổi ý.", actor=citizen(), at=NOW)
    run_waiting()
    order.refresh_from_db()
    assert order.status == "cancelled"
    transfer(order, order.amount_vnd, order.case_code)
    assert Refund.objects.get().amount_vnd == order.amount_vnd
    assert_in_balance()


def test_a_duty_paid_here_moves_the_case_once(place: World) -> None:
    maker = CaseMaker(place)
    case = maker.at("appraisal")
    at = RECEIVED_AT + timedelta(hours=4)
    specialist = maker.officer("specialist")
    cases.begin_financial_duty(case_id=case.pk, basis="Điều 1", note="", amount_vnd=1_500_000, actor=specialist, at=at)
    order = PaymentOrder.objects.get()
    for number in ("FT1", "FT2"):
        transfer(order, 1_500_000, order.case_code, number, at + timedelta(hours=1))
    run_waiting()
    case.refresh_from_db()
    assert case.status == "processing"
    assert case.pauses.get().ended_by == SYSTEM.name
    assert Refund.objects.get().amount_vnd == 1_500_000


def test_every_notice_of_the_tax_office_is_paid_before_the_case_goes_on(place: World) -> None:
    maker = CaseMaker(place)
    case = maker.at("appraisal")
    at = RECEIVED_AT + timedelta(hours=4)
    given = {"case_id": case.pk, "actor": maker.officer("specialist"), "at": at}
    with pytest.raises(ClockNotStopped):
        cases.note_duty(name="Tiền sử dụng đất", amount_vnd=1000, notice="12/TB", **given)
    cases.begin_financial_duty(basis="Điều 1", note="", **given)
    for name, sum_vnd in (("Tiền sử dụng đất", 3_000_000), ("Lệ phí trước bạ", 15_000)):
        cases.note_duty(name=name, amount_vnd=sum_vnd, notice="12/TB-CCT ngày 02/3/2026", **given)
    for number, order in enumerate(PaymentOrder.objects.order_by("pk")):
        case.refresh_from_db()
        assert case.status == "financial_duty"
        transfer(order, order.amount_vnd, order.case_code, f"FT{number}", at + timedelta(hours=1))
        run_waiting()
    case.refresh_from_db()
    assert case.status == "processing"


def test_an_assessed_fee_is_an_order_of_its_own(place: World) -> None:
    maker = CaseMaker(place)
    case = maker.at("appraisal")
    given = {"case_id": case.pk, "basis": "Điều 4", "actor": maker.officer("specialist"), "at": NOW}
    cases.assess_fee(name="Phí đo đạc", price_vnd=50_000, quantity=5, reason="5 thửa", **given)
    cases.assess_fee(name="Phí đo đạc bổ sung", price_vnd=50_000, **given)
    first, second = PaymentOrder.objects.order_by("pk")
    assert (first.number, first.amount_vnd, second.number) == (1, 250_000, 2)
    assert "50.000 đồng × 5. 5 thửa" in first.lines[0]["words"]
    run_waiting()
    assert any("Phải nộp 250.000 đồng: Phí đo đạc" in words for words in Notice.objects.values_list("words", flat=True))
    with pytest.raises(Invalid):
        cases.assess_fee(name="Phí", price_vnd=0, **given)


def test_counter_cash_and_the_closing_of_the_shift(order: PaymentOrder, place: World) -> None:
    counter, keeper = place.officer("one_stop_officer"), officer("accountant", place.commune)
    given = {"order_id": order.pk, "method": "cash", "amount_vnd": order.amount_vnd, "key": "k1", "actor": counter}
    with pytest.raises(ShiftNotOpen):
        actions.collect_at_counter(**given, at=NOW)
    shift = actions.open_shift(unit_id=place.commune.id, float_vnd=200_000, actor=counter, at=NOW)
    assert actions.collect_at_counter(**given, at=NOW).verdict == "accepted"
    assert actions.collect_at_counter(**given, at=NOW).verdict == "repeated"
    counted = {"shift_id": shift, "counted_vnd": 200_000 + order.amount_vnd - 1000, "card_counted_vnd": 0, "at": NOW}
    with pytest.raises(Invalid):
        actions.close_shift(**counted, reason="", actor=counter)
    actions.close_shift(**counted, reason="Thối nhầm", actor=counter)
    with pytest.raises(Forbidden):
        actions.approve_shift(shift_id=shift, actor=counter, at=NOW)
    actions.approve_shift(shift_id=shift, actor=keeper, at=NOW)
    assert CashShift.objects.get().status == "approved"
    balances = queries.account_balances()
    assert (balances[f"cash:{shift}"], balances[f"difference:{place.commune.id}"]) == (0, 1000)
    assert balances[f"vault:{place.commune.id}"] == order.amount_vnd - 1000
    assert_in_balance()


def test_a_refund_in_cash_leaves_the_drawer_and_stands_on_the_list(order: PaymentOrder, place: World) -> None:
    counter = place.officer("one_stop_officer")
    transfer(order, order.amount_vnd + 5000, order.case_code)
    refund = Refund.objects.get()
    actions.check_refund(refund_id=refund.pk, actor=made.accountant(place), at=NOW)
    actions.approve_refund(refund_id=refund.pk, actor=place.officer("leader"), at=NOW)
    given = {"refund_id": refund.pk, "method": "cash", "reference": "", "actor": counter, "at": NOW}
    with pytest.raises(ShiftNotOpen):
        actions.pay_refund(received_by="Lê Văn Ví Dụ", **given)
    shift = actions.open_shift(unit_id=place.commune.id, float_vnd=4000, actor=counter, at=NOW)
    with pytest.raises(RefundNotPossible):
        actions.pay_refund(received_by="Lê Văn Ví Dụ", **given)
    CashShift.objects.filter(pk=shift).update(status="approved")
    shift = actions.open_shift(unit_id=place.commune.id, float_vnd=20_000, actor=counter, at=NOW)
    assert queries.refunds_to_hand_back(counter) == [refund]
    with pytest.raises(Invalid):
        actions.pay_refund(**given)
    for _ in range(2):
        actions.pay_refund(received_by="Lê Văn Ví Dụ, căn cước", **given)
    sheet = queries.shift_sheet(actor=counter, shift_id=shift)
    assert (sheet.refunded_vnd, sheet.expected_vnd) == (5000, 15_000)
    with pytest.raises(NotFound):
        queries.shift_sheet(actor=place.officer("leader"), shift_id=shift)
    actions.close_shift(shift_id=shift, counted_vnd=15_000, card_counted_vnd=0, reason="", actor=counter, at=NOW)
    assert CashShift.objects.get(pk=shift).status == "approved"
    assert_in_balance()


def test_the_card_terminals_slip_counts_once(place: World) -> None:
    first, second = made.due_order(place), made.due_order(place)
    counter = place.officer("one_stop_officer")
    actions.open_shift(unit_id=place.commune.id, float_vnd=0, actor=counter, at=NOW)
    given = {"method": "card", "amount_vnd": first.amount_vnd, "slip": "000123", "actor": counter, "at": NOW}
    actions.collect_at_counter(order_id=first.pk, key="a", **given)
    with pytest.raises(Invalid):
        actions.collect_at_counter(order_id=second.pk, key="b", **given)


def test_the_book_is_only_added_to_and_never_off_balance(order: PaymentOrder) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        LedgerPosting.objects.update(amount_vnd=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        LedgerEntry.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="off balance"), transaction.atomic():
        LedgerPosting.objects.create(entry=LedgerEntry.objects.get(), account="bank:x", amount_vnd=5)
    for sides in ([Posting("a", 1)], [Posting("a", True), Posting("b", -1)]):
        with pytest.raises(ValueError, match=r"balance|whole"):
            check_balance(sides)


def test_counter_cases_owe_from_reception_on(place: World) -> None:
    maker = CaseMaker(place, code=EXTRACT)
    case = maker.received()
    assert PaymentOrder.objects.get().subject == f"case:{case.pk}"
