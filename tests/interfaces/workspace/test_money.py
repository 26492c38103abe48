"""The counter's shift and the accountant's pages: cash, a difference, money of nobody, a refund, a day compared."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import payments as made
from tests.factories.accounts import sign_in
from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.payments import NOW, assert_in_balance
from tests.factories.world import World, world
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.cases import actions as cases
from tinhso.apps.payments.models import CashShift, Payment, PaymentOrder, Refund
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import travel

PLACE = "/can-bo/thu-phi/"


def browser(actor: Actor) -> Client:
    client = Client(raise_request_exception=True)
    sign_in(client, get_account(actor.account_id or 0))
    return client


@pytest.fixture
def place(db: None) -> World:
    return world()


def said(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_cash_is_taken_in_a_shift_that_is_counted(place: World) -> None:
    with travel(NOW):
        order = made.due_order(place)
        counter, keeper = browser(place.officer("one_stop_officer")), browser(made.accountant(place))
        case = f"/can-bo/ho-so/{order.case_code}"
        assert "Mở ca thu tiền" in said(counter, case)
        counter.post(PLACE + "ca", {"do": "open", "float": "100.000"})
        page = said(counter, case)
        assert "Thu tiền mặt" in page
        given = {"method": "cash", "amount": str(order.amount_vnd), "key": "k"}
        for _ in range(2):
            assert counter.post(f"{PLACE}thu/{order.pk}", given).status_code == 302
        assert Payment.objects.count() == 1
        assert order.case_code in said(counter, PLACE + "ca")
        counted: dict[str, Any] = {"do": "close", "counted": str(100_000 + order.amount_vnd + 500), "card_counted": "0"}
        assert counter.post(PLACE + "ca", counted).status_code == 422
        counter.post(PLACE + "ca", {**counted, "reason": "Khách không lấy tiền lẻ"})
        assert "Khách không lấy tiền lẻ" in said(keeper, PLACE + "khoan")
        keeper.post(f"{PLACE}ca/{CashShift.objects.get().pk}/duyet")
        assert CashShift.objects.get().status == "approved"
        assert_in_balance()


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("counted", {"counted": "một trăm"}), ("counted", {"counted": "9" * 13}),
        ("card-counted", {"counted": "100.000", "card_counted": "x"}), ("reason", {"counted": "99.000"}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_count_is_told_at_its_field(place: World, field: str, given: dict[str, str]) -> None:
    with travel(NOW):
        counter = browser(place.officer("one_stop_officer"))
        refused = counter.post(PLACE + "ca", {"do": "open", "float": "?"})
        assert (refused.status_code, _told_at(refused, "float")) == (422, "Mời ghi số tiền bằng chữ số.")
        counter.post(PLACE + "ca", {"do": "open", "float": "100.000"})
        refused = counter.post(PLACE + "ca", {"do": "close", **given})
        assert refused.status_code == 422
        sums = ("Số tiền đếm được không hợp lệ.", "Mời ghi số tiền bằng chữ số.")
        told = _told_at(refused, field)
        assert told in ({"reason": ("Số đếm được khác sổ. Mời ghi lý do chênh lệch.",)}.get(field, sums))
        text = refused.content.decode()
        assert (text.count(told), text.count('aria-invalid="true"')) == (1, 1), "at the field, and nowhere else"
        assert f'value="{given["counted"]}"' in text
        assert CashShift.objects.get().status == "open"


def _told_at(answer: Any, field: str) -> str:
    """What the page says at a field that it marks as wrong, names the sentence of, and puts the keyboard into."""
    text = answer.content.decode()
    marked = re.search(rf'<input [^>]*id="{field}"[^>]*>', text)
    assert marked is not None
    for said in ('aria-invalid="true"', f'aria-describedby="{field}-error"', " autofocus", " is-invalid"):
        assert said in marked[0]
    sentence = re.search(rf'<div [^>]*id="{field}-error">([^<]+)</div>', text)
    assert sentence is not None
    return sentence[1]


def test_statement_match_return_refund_and_comparison(place: World) -> None:
    with travel(NOW):
        order = made.due_order(place)
        keeper, leader = browser(made.accountant(place)), browser(place.officer("leader"))
        lines = (
            "Số giao dịch;Ngày giao dịch;Số tiền;Nội dung\n"
            f"FT1;02/03/2026 09:00;{order.amount_vnd + 900};nop le phi\nFT2;02/03/2026 09:10;5000;mua hang\n"
        )
        file = SimpleUploadedFile("saoke.csv", lines.encode())
        keeper.post(PLACE + "doi-soat", {"do": "statement", "account": order.account, "file": file})
        first, second = Payment.objects.order_by("pk")
        assert "mua hang" in said(keeper, PLACE + "khoan")
        keeper.post(f"{PLACE}tien/{first.pk}", {"do": "match", "code": order.case_code, "note": "Có biên nhận"})
        keeper.post(f"{PLACE}tien/{second.pk}", {"do": "return"})
        order.refresh_from_db()
        over = Refund.objects.get(reason="overpaid")
        assert (order.status, over.amount_vnd) == ("paid", 900)
        assert leader.post(f"{PLACE}hoan-tra/{over.pk}", {"do": "check"}).status_code == 403
        keeper.post(f"{PLACE}hoan-tra/{over.pk}", {"do": "check"})
        assert "Duyệt hoàn trả" in said(leader, PLACE + "khoan")
        leader.post(f"{PLACE}hoan-tra/{over.pk}", {"do": "approve"})
        keeper.post(f"{PLACE}hoan-tra/{over.pk}", {"do": "paid", "reference": "FT9"})
        over.refresh_from_db()
        assert over.status == "paid"
        keeper.post(PLACE + "doi-soat", {"account": order.account, "day": "02/03/2026"})
        assert "02/03/2026" in said(keeper, PLACE + "doi-soat")
        assert_in_balance()


def test_one_order_whole_a_refund_of_it_in_cash_and_the_list_of_the_shift(place: World) -> None:
    with travel(NOW):
        order = made.due_order(place)
        counter, keeper, leader = map(
            browser, (place.officer("one_stop_officer"), made.accountant(place), place.officer("leader"))
        )
        counter.post(PLACE + "ca", {"do": "open", "float": "100.000"})
        counter.post(f"{PLACE}thu/{order.pk}", {"method": "cash", "amount": str(order.amount_vnd), "key": "k"})
        here = f"{PLACE}khoan/{order.pk}"
        asked = {"amount": "3.000", "reason": "exempted", "note": "Người có công, giấy chứng nhận"}
        assert keeper.post(here, {**asked, "amount": "900.000.000"}).status_code == 422
        assert keeper.post(here, asked).status_code == 302
        assert leader.post(here, asked).status_code == 403
        refund = Refund.objects.get()
        assert (refund.status, refund.amount_vnd) == ("checked", 3000)
        leader.post(f"{PLACE}hoan-tra/{refund.pk}", {"do": "approve"})
        assert "chờ chi" in said(counter, PLACE + "ca")
        counter.post(f"{PLACE}hoan-tra/{refund.pk}/tien-mat", {"received_by": "Lê Văn Ví Dụ"})
        page = said(keeper, here)
        assert "Đã trả lại" in page
        assert f"cash:{CashShift.objects.get().pk}" in page
        for person, status in ((counter, 200), (keeper, 200), (leader, 404)):
            answer = person.get(f"{PLACE}ca/{CashShift.objects.get().pk}/bang-ke")
            assert answer.status_code == status
            assert answer.content.startswith(b"%PDF-") is (status == 200)
        elsewhere = browser(made.officer("accountant", place.other_commune))
        assert elsewhere.get(here).status_code == 404


def test_other_units_orders_are_not_shown(place: World) -> None:
    with travel(NOW):
        order = made.due_order(place)
        elsewhere = browser(made.officer("accountant", place.other_commune))
        assert order.case_code not in said(elsewhere, PLACE + "khoan")
        assert PaymentOrder.objects.count() == 1


def test_a_fee_and_a_tax_notice_are_written_on_the_case(place: World) -> None:
    maker = CaseMaker(place)
    case = maker.at("appraisal")
    with travel(RECEIVED_AT + timedelta(hours=4)):
        specialist = browser(maker.officer("specialist"))
        acts = f"/can-bo/ho-so/{case.code}/viec/"
        fee = {
            "_name": "Phí đo đạc",
            "_price": "50.000 đồng",
            "_quantity": "3",
            "_basis": "Điều 4",
            "_reason": "3 thửa",
        }
        assert specialist.post(acts + "xac-dinh-khoan-thu", {**fee, "_quantity": "ba"}).status_code == 422
        assert specialist.post(acts + "xac-dinh-khoan-thu", fee).status_code == 302
        specialist.post(acts + "nghia-vu-tai-chinh", {"_basis": "Điều 1", "_note": "PC 12", "_amount": "15.000"})
        notice = {"_name": "Tiền sử dụng đất", "_amount": "3.000.000", "_notice": "12/TB ngày 02/3/2026"}
        specialist.post(acts + "thong-bao-thue", notice)
        page = said(specialist, f"/can-bo/ho-so/{case.code}")
        assert "50.000 đồng × 3" in page
        assert "Tiền sử dụng đất: 3.000.000 đồng, 12/TB ngày 02/3/2026" in page
    sums = PaymentOrder.objects.filter(subject=f"case:{case.pk}").exclude(occasion="fees").order_by("pk")
    assert list(sums.values_list("amount_vnd", flat=True)) == [150_000, 15_000, 3_000_000]


def test_who_hands_the_result_over_sees_what_is_not_paid(place: World) -> None:
    maker = CaseMaker(place)
    case = maker.at("resolved")
    with travel(RECEIVED_AT + timedelta(days=2)):
        specialist, counter = maker.officer("specialist"), browser(maker.officer("one_stop_officer"))
        given = {"basis": "Điều 4", "actor": specialist, "at": RECEIVED_AT + timedelta(days=2)}
        order_id = cases.assess_fee(case_id=case.pk, name="Phí đo đạc", price_vnd=70_000, **given)
        here = f"/can-bo/ho-so/{case.code}"
        assert "Chưa nộp đủ phí, lệ phí: còn 70.000" in said(counter, here)
        counter.post(PLACE + "ca", {"do": "open", "float": "0"})
        counter.post(f"{PLACE}thu/{order_id}", {"method": "cash", "amount": "70.000", "key": "k"})
        assert "Chưa nộp đủ" not in said(counter, here)
