"""Errands about money: a fee paid on the platform and one by a QR code on the same phone; the counter's drawer, counted;
what was paid for a case that is withdrawn goes back."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.cases import EXTRACT, CaseMaker
from tests.factories.world import World, citizen, officer
from tests.journeys.browsing import Town, Visitor
from tests.simulators.serving import serve
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.payments.models import CashShift, PaymentOrder, Refund
from tinhso.apps.payments.queries import get_order, transfer_details
from tinhso.kernel import clock
from tinhso.simulators.payment import create_app

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PHONE: dict[str, Any] = {"width": 390, "height": 780, "has_touch": True, "is_mobile": True}


@pytest.fixture
def bank(live_server: Any, settings: Any) -> Iterator[str]:
    """The simulated platform and bank, which tell the running product."""
    with serve(create_app(home=live_server.url)) as address:
        settings.PAYMENT_PLATFORM = {**settings.PAYMENT_PLATFORM, "url": address}
        settings.BASE_URL = live_server.url
        yield address


def owed(place: World, *, count: int = 1) -> list[PaymentOrder]:
    """Fresh cases of one person that cost a fee."""
    maker = CaseMaker(place, code=EXTRACT)
    for _ in range(count):
        maker.submitted(at=clock.now())
    return list(PaymentOrder.objects.order_by("pk"))


def payer(town: Town) -> Visitor:
    """The person who owes, signed in on a phone."""
    phone, client = town.visitor(**PHONE), Client()
    sign_in(client, get_account(citizen().account_id or 0))
    cookies = [{"name": name, "value": one.value, "url": phone.address} for name, one in client.cookies.items()]
    phone.page.context.add_cookies(cookies)  # type: ignore[arg-type]  # the shape Playwright documents
    return phone


def transferred(bank: str, order: PaymentOrder) -> None:
    """The code on the page is scanned by a bank app."""
    details = transfer_details(get_order(order.pk))
    assert details is not None
    assert httpx.post(f"{bank}/bank", data={"qr": details.qr_text}, trust_env=False, timeout=60).status_code == 200


def test_paid_by_the_platform_and_by_a_code_on_a_phone(town: Town, place: World, bank: str) -> None:
    first, second = owed(place, count=2)
    phone = payer(town)
    phone.open(f"/ho-so/{first.case_code}")
    phone.page.get_by_role("link", name=re.compile("^Nộp")).first.tap()
    phone.page.get_by_role("button", name="Thanh toán qua Cổng").tap()
    phone.page.get_by_role("button", name="Trả tiền", exact=True).tap()
    phone.page.wait_for_url("**/nop-phi")
    phone.page.get_by_text("Đã nộp đủ").first.wait_for()
    phone.complaints.clear()  # of the bank's own page, which lies here without its style
    phone.photo("paid-on-the-platform")

    phone.open(f"/ho-so/{second.case_code}/nop-phi")
    phone.page.get_by_role("button", name="Chuyển khoản bằng mã QR").tap()
    phone.page.get_by_text("Quét bằng ứng dụng ngân hàng").wait_for()
    phone.look()
    transferred(bank, second)
    phone.page.get_by_role("link", name="Xem lại").tap()
    phone.page.get_by_text("Đã nộp đủ").first.wait_for()

    town.drain()
    phone.open(f"/ho-so/{first.case_code}")
    phone.page.get_by_role("link", name=re.compile("^Biên lai")).wait_for()
    phone.look()


@pytest.mark.sweep
def test_cash_at_the_counter_and_the_drawer_counted(town: Town, place: World) -> None:
    order = owed(place)[0]
    keeper_of_books = officer("accountant", place.commune)
    place.officers[f"accountant@{place.commune.path}"] = keeper_of_books
    counter = town.officer("one_stop_officer")
    counter.open(f"/can-bo/ho-so/{order.case_code}")
    counter.page.get_by_role("link", name="Mở ca thu tiền").click()
    counter.page.get_by_label("Tiền lẻ trong ngăn kéo").fill("200.000")
    counter.page.get_by_role("button", name="Mở ca").click()
    counter.page.get_by_text("Đã mở ca thu tiền").first.wait_for()
    counter.open(f"/can-bo/ho-so/{order.case_code}")
    counter.page.get_by_role("button", name="Thu tiền mặt").click()
    counter.page.get_by_text("Đã thu").first.wait_for()
    counter.open("/can-bo/thu-phi/ca")
    counter.look()
    printed = counter.page.get_by_role("link", name="In bảng kê").get_attribute("href") or ""
    assert counter.page.request.get(f"{counter.address}{printed}").body().startswith(b"%PDF-")
    counter.page.get_by_label("Tiền mặt đếm được").fill(str(200_000 + order.amount_vnd - 1000))
    counter.page.get_by_role("button", name="Chốt ca").click()
    counter.page.get_by_text("Mời ghi lý do chênh lệch").wait_for()
    counter.expect_refusal()
    counter.page.get_by_label("Lý do, nếu chênh lệch").fill("Thối nhầm 1.000 đồng")
    counter.page.get_by_role("button", name="Chốt ca").click()
    counter.page.get_by_text("chênh lệch chờ kế toán duyệt").wait_for()
    keeper = town.officer("accountant")
    keeper.open("/can-bo/thu-phi/khoan")
    keeper.page.get_by_role("button", name="Duyệt chênh lệch").click()
    keeper.page.get_by_text("Đã duyệt chênh lệch của ca").first.wait_for()
    assert CashShift.objects.get().status == "approved"


@pytest.mark.sweep
def test_withdrawn_before_reception_the_fee_goes_back(town: Town, place: World, bank: str) -> None:
    order = owed(place)[0]
    transferred(bank, order)
    place.officers[f"accountant@{place.commune.path}"] = officer("accountant", place.commune)
    phone, keeper, leader = payer(town), town.officer("accountant"), town.officer("leader")
    phone.open(f"/ho-so/{order.case_code}")
    phone.page.get_by_role("link", name="Rút hồ sơ này").tap()
    phone.page.get_by_label("Lý do").fill("Tôi chưa cần nữa.")
    phone.page.get_by_role("button", name="Rút hồ sơ").tap()
    phone.page.get_by_text("đã rút").first.wait_for()
    town.drain()
    phone.open(f"/ho-so/{order.case_code}/nop-phi")
    phone.page.get_by_text("chờ kiểm tra").wait_for()
    keeper.open("/can-bo/thu-phi/khoan")
    keeper.page.get_by_role("button", name="Đã kiểm tra, trình duyệt").click()
    keeper.page.get_by_text("chờ lãnh đạo duyệt").wait_for()
    leader.open("/can-bo/thu-phi/khoan")
    leader.look()
    leader.page.get_by_role("button", name="Duyệt hoàn trả").click()
    leader.page.get_by_text("Đã duyệt hoàn trả").first.wait_for()
    keeper.open("/can-bo/thu-phi/khoan")
    keeper.page.get_by_label("Số giao dịch ngân hàng").fill("FT-REFUND-1")
    keeper.page.get_by_role("button", name="Đã chuyển trả").click()
    keeper.page.get_by_text("Đã ghi việc chi hoàn trả").first.wait_for()
    keeper.page.get_by_role("link", name=order.case_code).last.click()
    keeper.look()
    phone.page.reload()
    phone.page.get_by_text("đã trả lại").wait_for()
    phone.look()
    assert Refund.objects.get().status == "paid"
