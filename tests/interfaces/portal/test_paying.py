"""Paying on line against the simulated platform and bank: the way there, the way back, and what they tell us."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.test import Client
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.factories.cases import EXTRACT, CaseMaker
from tests.factories.world import World
from tests.simulators.serving import serve
from tinhso.apps.payments import flows
from tinhso.apps.payments.models import Payment, PaymentOrder
from tinhso.apps.payments.queries import account_balances
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.jobs import run_waiting
from tinhso.simulators.payment import app as simulator

_APP = simulator.create_app(home="http://localhost")
Told = list[tuple[str, bytes, dict[str, str]]]


@pytest.fixture
def order(province: World, citizen: Actor) -> PaymentOrder:
    CaseMaker(province, code=EXTRACT, person=citizen).submitted(at=clock.now())
    return PaymentOrder.objects.get()


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The simulator over real HTTP, once for all tests here; each begins with its usual manners."""
    with serve(Starlette(routes=[Mount("/payment", _APP)])) as found:  # one of several, as in the demonstration
        yield f"{found}/payment"


@pytest.fixture
def bank(address: str, monkeypatch: pytest.MonkeyPatch, settings: Any, told: Told) -> Iterator[httpx.Client]:
    """A browser at the simulator; what that tells us waits in `told`."""

    async def keep(state: Any, path: str, content: bytes, headers: dict[str, str]) -> None:
        told.append((path, content, headers))

    monkeypatch.setattr(simulator, "_tell", keep)
    _APP.state.payment.deals.clear()  # codes of cases begin anew with each test
    settings.PAYMENT_PLATFORM = {**settings.PAYMENT_PLATFORM, "url": address}
    with httpx.Client(base_url=address, trust_env=False) as client:
        client.post("/admin", data={"fault": ""})
        yield client


def deliver(told: Told) -> list[int]:
    """Everything the simulator wants to tell reaches us now."""
    codes = []
    while told:
        path, content, headers = told.pop(0)
        given: Any = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        codes.append(Client().post(path, content, content_type="application/json", **given).status_code)
    return codes


def choose(site: Client, order: PaymentOrder, way: str) -> str:
    answer = site.post(f"/ho-so/{order.case_code}/nop-phi/{order.pk}", {"cach": way})
    assert answer.status_code == 302
    return str(answer["Location"])


def page_of(site: Client, order: PaymentOrder) -> str:
    return site.get(f"/ho-so/{order.case_code}/nop-phi").content.decode()


@pytest.mark.parametrize(("trusted", "ip"), [(0, "127.0.0.1"), (1, "198.51.100.1")])
def test_the_platform_is_told_the_payers_address_and_not_her_own_word(
    site: Client, order: PaymentOrder, bank: httpx.Client, settings: Any, trusted: int, ip: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = trusted
    site.post(
        f"/ho-so/{order.case_code}/nop-phi/{order.pk}", {"cach": "platform"}, HTTP_X_REAL_IP="203.0.113.8",
        HTTP_X_FORWARDED_FOR="203.0.113.7, 198.51.100.1",
    )  # fmt: skip
    assert [deal.message["Ip"] for deal in _APP.state.payment.deals.values()] == [ip]


@pytest.mark.parametrize("fault", ["", "early", "twice", "never", "wrong_sum", "late"])
def test_paid_on_the_platform_whatever_its_messages_do(
    site: Client, order: PaymentOrder, bank: httpx.Client, told: Told, fault: str
) -> None:
    bank.post("/admin", data={"fault": fault})
    page = choose(site, order, "platform")
    assert "Đang chờ ngân hàng xác nhận" in page_of(site, order)
    back = bank.post(page, data={"do": "pay"}).headers["Location"]
    if fault == "early":
        deliver(told)
    answer = site.get(back.removeprefix("http://localhost:8000"))
    assert answer["Location"] == f"/ho-so/{order.case_code}/nop-phi"
    deliver(told)
    run_waiting()
    bank.post("/admin", data={"fault": "", "flush": "1"})
    deliver(told)
    order.refresh_from_db()
    assert (order.status, Payment.objects.count(), sum(account_balances().values())) == ("paid", 1, 0)
    assert "Đã nộp đủ" in page_of(site, order)


def test_refused_there_it_may_be_tried_again(site: Client, order: PaymentOrder, bank: httpx.Client, told: Told) -> None:
    page = choose(site, order, "platform")
    bank.post(page, data={"do": "refuse"})
    deliver(told)
    assert "Lần thanh toán trước không thành" in page_of(site, order)
    assert choose(site, order, "platform").endswith("-02")


def test_down_it_says_that_nothing_was_taken(site: Client, order: PaymentOrder, bank: httpx.Client) -> None:
    bank.post("/admin", data={"fault": "down"})
    assert choose(site, order, "platform") == f"/ho-so/{order.case_code}/nop-phi"
    assert "Chưa có khoản tiền nào bị trừ" in page_of(site, order)


def test_transferred_by_the_code_on_the_page(site: Client, order: PaymentOrder, bank: httpx.Client, told: Told) -> None:
    from tinhso.apps.payments.queries import get_order, transfer_details

    choose(site, order, "vietqr")
    details = transfer_details(get_order(order.pk))
    assert details is not None
    page = page_of(site, order)
    assert details.account_number in page
    assert "<svg" in page
    bank.post("/admin", data={"fault": "twice"})
    bank.post("/bank", data={"qr": details.qr_text})
    assert deliver(told) == [200, 200]
    order.refresh_from_db()
    assert (order.status, Payment.objects.count()) == ("paid", 1)
    statement = bank.get("/bank/statement").content
    assert flows.take_statement_file(account_key=order.account, content=statement, at=clock.now()) == {"known": 1}


def test_what_nobody_signed_is_refused(site: Client, order: PaymentOrder) -> None:
    for headers in ({}, {"HTTP_X_SIGNATURE": "0" * 64}):
        given: Any = headers
        answer = Client().post("/thanh-toan/ngan-hang", b"{}", content_type="application/json", **given)
        assert answer.status_code == 403


def test_somebody_elses_order_is_not_there(stranger: Client, order: PaymentOrder) -> None:
    assert stranger.get(f"/ho-so/{order.case_code}/nop-phi").status_code == 404
    assert stranger.post(f"/ho-so/{order.case_code}/nop-phi/{order.pk}", {"cach": "vietqr"}).status_code == 404
