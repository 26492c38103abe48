"""Errand: a paper handed in once is chosen from the vault the next day, shown to a bank for three days, and taken home."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.cases import ALLOWANCE, CaseMaker, scenario
from tests.factories.papers import letter
from tests.factories.world import World, citizen
from tests.journeys.browsing import Town, Visitor
from tinhso.apps.cases import flows
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.models import Case
from tinhso.apps.documents.actions import store_file
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM

pytestmark = [pytest.mark.journey, pytest.mark.sweep, pytest.mark.django_db(transaction=True)]

KEY = "disability_certificate"
PAPER = "Giấy xác nhận khuyết tật"


def test_asked_for_once_and_chosen_the_next_day(town: Town, place: World) -> None:
    maker = _yesterday(place)
    phone = _at_the_phone(town, maker)
    _chooses_it_for_the_next_case(phone, maker)
    address = _shows_it_to_the_bank(phone)
    bank = town.visitor(width=390, height=844)
    bank.page.goto(address)
    bank.look()
    assert bank.page.get_by_text("Vay vốn tại ngân hàng").count()
    _takes_everything_home(phone, town)
    _reads_who_has_looked(phone, town)


def _yesterday(place: World) -> CaseMaker:
    """A case of the day before, with a scanned certificate that the counter has checked."""
    applicant, at = scenario(ALLOWANCE).applicant, clock.now() - timedelta(days=1)
    maker = CaseMaker(place, person=citizen(applicant["personal_id"], applicant["full_name"]))
    scan = store_file(content=letter(), name="giay-xac-nhan.pdf", actor=SYSTEM, at=at)
    given = [DocumentInput(key=KEY, presence="uploaded", file_id=scan.id, name=scan.name)]
    case = maker.received(documents=given, at=at)
    assert flows.keep_components(case_id=case.pk, at=at) == 1
    return maker


def _at_the_phone(town: Town, maker: CaseMaker) -> Visitor:
    client, phone = Client(), town.visitor(width=390, height=844)
    sign_in(client, SimpleNamespace(id=maker.person.account_id), assurance=2)  # type: ignore[arg-type]  # only the id is read
    phone.page.context.add_cookies(
        [{"name": name, "value": cookie.value, "url": phone.address} for name, cookie in client.cookies.items()]
    )
    phone.open("/kho-giay-to/")
    phone.look()
    phone.photo("vault-phone")
    return phone


def _chooses_it_for_the_next_case(phone: Visitor, maker: CaseMaker) -> None:
    draft, page = maker.draft(at=clock.now()), phone.page
    phone.open(f"/ho-so/soan/{draft.pk}/giay-to")
    offer = page.locator(f"#giay-to-{KEY}")
    offer.get_by_text("Đã có trong kho của bạn").first.wait_for()
    phone.look()
    phone.photo("vault-offer-phone")
    offer.get_by_role("button", name="Dùng giấy tờ này").click()
    offer.get_by_text("Từ kho của bạn").wait_for()
    phone.look()
    page.get_by_role("link", name="Tiếp tục: xem lại").click()
    page.get_by_role("button", name="Nộp hồ sơ").click()
    page.get_by_text("Mã hồ sơ của bạn là").first.wait_for()
    phone.look()
    row = Case.objects.get(pk=draft.pk).documents.get(presence="vault")
    assert (row.reused, row.vault_document_id is not None) == ("component", True)


def _shows_it_to_the_bank(phone: Visitor) -> str:
    page = phone.page
    phone.open("/kho-giay-to/")
    page.get_by_role("link", name=PAPER).first.click()
    page.get_by_label("Chia sẻ để làm gì").wait_for()
    phone.look()
    phone.photo("vault-document-phone")
    page.get_by_label("Chia sẻ để làm gì").fill("Vay vốn tại ngân hàng")
    page.get_by_role("button", name="Tạo liên kết").click()
    page.get_by_text("Liên kết đã sẵn sàng").wait_for()
    phone.look()
    return page.get_by_label("Địa chỉ chia sẻ").input_value()


def _takes_everything_home(phone: Visitor, town: Town) -> None:
    page = phone.page
    phone.open("/kho-giay-to/tai-ve")
    page.get_by_role("button", name="Đóng gói giấy tờ của tôi").click()
    page.get_by_text("Đang đóng gói").wait_for()
    phone.look()
    town.drain()
    page.get_by_role("link", name="Tải gói về").wait_for()
    phone.look()
    with page.expect_download() as coming:
        page.get_by_role("link", name="Tải gói về").click()
    assert coming.value.suggested_filename == "kho-giay-to.zip"


def _reads_who_has_looked(phone: Visitor, town: Town) -> None:
    code = Case.objects.exclude(code=None).order_by("pk").first()
    assert code is not None
    head = town.officer("division_head")
    head.open(f"/can-bo/ho-so/{code.code}/kho")
    head.page.get_by_label(re.compile("Thẩm định")).check()
    head.page.get_by_role("button", name="Xem", exact=True).click()
    head.page.get_by_role("link", name=PAPER).wait_for()
    head.look()
    head.photo("vault-officer")
    phone.open("/ai-da-xem")
    phone.page.get_by_text("Thẩm định điều kiện giải quyết hồ sơ").first.wait_for()
    phone.look()
    phone.photo("vault-looks-phone")
