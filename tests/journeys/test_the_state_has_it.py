"""Errand: the state is asked instead of the person, through the gateway itself, and whom it concerns reads who asked."""

import re
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client, override_settings

from tests.factories.accounts import sign_in
from tests.factories.cases import CaseMaker
from tests.factories.world import CONTENT, World
from tests.journeys.browsing import Town, Visitor
from tests.simulators.serving import serve
from tinhso.apps.accounts.actions import register_citizen_login
from tinhso.apps.accounts.data import IdentityClaims
from tinhso.apps.accounts.queries import get_actor
from tinhso.apps.cases.models import Case
from tinhso.apps.exchange import actions as exchange
from tinhso.apps.exchange.content import load_registry
from tinhso.apps.exchange.models import Lookup, Message
from tinhso.interfaces.gateway.app import Application
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM

pytestmark = [pytest.mark.journey, pytest.mark.sweep, pytest.mark.django_db(transaction=True)]

NUMBER, NAME = "051191000001", "Nguyễn Thị Hồng Nhạn"
SOURCE = "Cơ sở dữ liệu quốc gia về dân cư"


@pytest.fixture
def gateway(place: World, simulator: str) -> Iterator[None]:
    """The gateway with the registry as shipped, before the simulated registers of the nation."""
    with override_settings(SIMULATORS_URL=simulator.removesuffix("/identity")):
        exchange.publish_registry(value=load_registry(CONTENT), actor=SYSTEM, at=clock.now())
        exchange.make_missing_keys(actor=SYSTEM, at=clock.now())
        with serve(Application()) as address, override_settings(GATEWAY_URL=address):
            yield


def test_the_state_has_it(town: Town, place: World, gateway: None) -> None:
    maker = _person(place)
    phone = _at_the_phone(town, maker)
    case = _has_it_fetched_and_files(phone, maker)
    _is_checked_by_the_counter(town, case)
    _reads_who_asked(phone, case)
    asked = Lookup.objects.order_by("pk")
    assert [row.outcome for row in asked] == ["found", "match"]
    for row in asked:
        lines = Message.objects.filter(message_id=row.message_id)
        assert {line.kind for line in lines} == {"request", "response"}
        assert {line.issue for line in lines} == {row.issue}


def _person(place: World) -> CaseMaker:
    claims = IdentityClaims(
        issuer="vneid", personal_id=NUMBER, full_name=NAME, birth_date=date(1991, 4, 12), phone="+84900000001", level=2
    )
    account = register_citizen_login(claims=claims, actor=SYSTEM, at=clock.now())
    return CaseMaker(place, person=get_actor(account.id, at=clock.now(), assurance=2))


def _at_the_phone(town: Town, maker: CaseMaker) -> Visitor:
    client, phone = Client(), town.visitor(width=390, height=844)
    account: Any = SimpleNamespace(id=maker.person.account_id)
    sign_in(client, account, assurance=2)
    phone.page.context.add_cookies(
        [{"name": name, "value": cookie.value, "url": phone.address} for name, cookie in client.cookies.items()]
    )
    return phone


def _has_it_fetched_and_files(phone: Visitor, maker: CaseMaker) -> Case:
    own = {
        "full_name": NAME,
        "personal_id": NUMBER,
        "birth_date": "1991-04-12",
        "ethnicity": None,
        "permanent_address": None,
    }
    draft, page = maker.draft(at=clock.now(), answers={**maker.scenario.answers, **own}), phone.page
    Case.objects.filter(pk=draft.pk).update(
        applicant={**draft.applicant, "full_name": NAME, "personal_id": NUMBER}, applicant_name=NAME
    )
    phone.open(f"/ho-so/soan/{draft.pk}")
    box = page.locator("#lay-residence")
    box.get_by_text("Nơi giữ dữ liệu").wait_for()
    phone.look()
    phone.photo("state-asks-phone")
    box.get_by_role("button", name="Tôi đồng ý, lấy dữ liệu").click()
    box.get_by_text("Đã xác nhận lúc").first.wait_for()
    assert page.locator('[name="permanent_address.detail"]').input_value() == "Tổ 4"
    assert page.locator('[name="ethnicity"]').input_value() == "Kinh"
    phone.photo("state-told-phone")
    page.get_by_role("button", name="Tiếp tục: giấy tờ").click()
    page.get_by_text(f"Nhà nước đã có: {SOURCE}").wait_for()
    phone.look()
    phone.photo("state-papers-phone")
    page.get_by_role("link", name="Tiếp tục: xem lại").click()
    page.get_by_role("button", name="Nộp hồ sơ").click()
    page.get_by_text("Mã hồ sơ của bạn là").first.wait_for()
    case = Case.objects.get(pk=draft.pk)
    assert case.documents.get(key="residence").presence == "database"
    return case


def _is_checked_by_the_counter(town: Town, case: Case) -> None:
    counter = town.officer("one_stop_officer")
    counter.open(f"/can-bo/ho-so/{case.code}")
    counter.page.get_by_role("link", name="Đối chiếu dữ liệu").click()
    counter.page.get_by_label(re.compile("^Xác thực")).first.check()
    counter.page.get_by_label("Đối chiếu nội dung khai trong hồ sơ").check()
    counter.page.get_by_role("button", name="Hỏi", exact=True).click()
    counter.page.get_by_text("Khớp", exact=True).first.wait_for()
    counter.look()
    counter.photo("state-officer")


def _reads_who_asked(phone: Visitor, case: Case) -> None:
    phone.open("/ai-da-xem")
    phone.page.get_by_text(f"Hỏi {SOURCE} (xác thực)").wait_for()
    phone.page.get_by_text("Mục đích: Đối chiếu nội dung khai trong hồ sơ").first.wait_for()
    assert phone.page.get_by_text("Bạn", exact=True).count() == 1
    phone.page.get_by_role("link", name=f"Mở hồ sơ {case.code}").first.wait_for()
    phone.look()
    phone.photo("state-who-asked-phone")
