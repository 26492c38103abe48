"""Errand: a woman opens a karaoke place with one application; ward, police and department each do their leg."""

import re
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import expect

from tests.factories.accounts import TOTP_SECRET, sign_in
from tests.factories.directory import department
from tests.factories.linked import KARAOKE, linked_world
from tests.factories.papers import letter
from tests.factories.world import AT, World
from tests.journeys.browsing import Town, Visitor
from tinhso.apps.accounts.actions import enrol_totp
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.cases.models import Case, Leg
from tinhso.apps.directory.data import UnitData
from tinhso.kernel.actor import SYSTEM

pytestmark = [pytest.mark.journey, pytest.mark.sweep, pytest.mark.django_db(transaction=True)]

FORM = {
    "residence.commune_code": "21025",
    "residence.detail": "Tổ dân phố 3",
    "business_name": "Hộ kinh doanh Karaoke Sông Trà Mẫu",
    "premises_address.commune_code": "21025",
    "premises_address.detail": "Số 20 đường Trần Mẫu",
    "capital": "800000000",
    "workers": "4",
    "insurance_payment": "quarterly",
    "sign_name": "Karaoke Sông Trà",
    "rooms.0.name": "VIP 1",
    "rooms.0.floor": "Tầng 1",
    "rooms.0.area": "32",
    "eligibility": True,
    "no_latch": True,
    "commitment": True,
    "truth": True,
}


@pytest.fixture
def place(transactional_db: None) -> World:
    """The small province with the police in it and the linked groups published."""
    cache.clear()
    made = linked_world()
    for actor in made.officers.values():
        assert actor.account_id is not None
        enrol_totp(account_id=actor.account_id, secret=TOTP_SECRET, actor=SYSTEM, at=AT)
    return made


def test_one_application_through_three_agencies(town: Town, place: World, tmp_path: Path) -> None:
    owner = town.visitor()
    whole = _applies(town, owner, place, tmp_path)

    counter = _officer(town, place, "one_stop_officer")
    _opens(counter, whole)
    counter.look()
    _does(counter, whole, "tiep-nhan", None)
    town.drain()
    owner.open(f"/ho-so/{whole}")
    owner.look()
    expect(owner.page.get_by_role("link", name="Giấy tiếp nhận")).to_have_count(1)
    expect(owner.page.locator("#legs-title")).to_contain_text("Các bước ở từng cơ quan")

    first = _code_of(whole, "business")
    _grants(town, place, first, None)
    owner.open(f"/ho-so/{whole}")
    owner.look()

    second = _code_of(whole, "security")
    police_counter = _officer(town, place, "one_stop_officer", place.province)
    _opens(police_counter, second)
    police_counter.look()
    expect(police_counter.page.locator("#legs-title")).to_contain_text("Hồ sơ liên thông")
    _does(police_counter, second, "tiep-nhan", None)
    town.drain()
    _grants(town, place, second, department("police"))

    third = _code_of(whole, "licence")
    _does(police_counter, third, "tiep-nhan", None)
    town.drain()
    _grants(town, place, third, department("culture"), consult=True)

    owner.open(f"/ho-so/{whole}")
    owner.look()
    with owner.page.expect_download() as started:
        owner.page.get_by_role("button", name="Nhận trọn bộ kết quả").click()
    assert started.value.suggested_filename == f"ket-qua-{whole}.zip"
    owner.open("/ho-so/")
    owner.look()
    expect(owner.page.locator("main")).to_contain_text(whole)
    assert first not in owner.page.content(), "she sees one case"
    assert {c.status for c in Case.objects.filter(parent__code=whole)} | {Case.objects.get(code=whole).status} == {
        "delivered"
    }

    counter.open("/can-bo/lien-thong/")
    counter.look()
    expect(counter.page.locator("main")).to_contain_text(whole)


def test_pages_of_a_group_on_a_phone(town: Town, place: World) -> None:
    anybody = town.visitor(width=390, height=844)
    anybody.open("/lam-mot-lan")
    anybody.look()
    anybody.page.get_by_role("link", name="Mở quán karaoke, làm một lần").click()
    anybody.page.wait_for_url(f"**/thu-tuc/{KARAOKE}")
    anybody.look()


def _applies(town: Town, owner: Visitor, place: World, folder: Path) -> str:
    page = owner.page
    owner.open(f"/thu-tuc/{KARAOKE}")
    owner.look()
    page.get_by_role("link", name="Nộp trực tuyến").click()
    page.get_by_role("button", name="Tiếp tục với định danh điện tử").click()
    page.get_by_role("button", name="Nguyễn Thị Hồng Nhạn").click()
    page.wait_for_url("**/bat-dau")
    page.get_by_role("button", name="Bắt đầu khai").click()
    page.wait_for_url("**/ho-so/soan/*")
    for name, value in FORM.items():
        if name == "rooms.0.name":
            with page.expect_response(lambda response: response.url.endswith("/luu")):
                page.get_by_role("button", name="Thêm phòng hát").click()
        owner.answer(name, value)
    with page.expect_response(lambda response: response.url.endswith("/luu")):
        page.get_by_label("Xã, phường, đặc khu giải quyết hồ sơ").select_option(str(place.commune.id))
    page.get_by_role("button", name="Tiếp tục: giấy tờ").click()
    page.wait_for_url("**/giay-to")
    for key in ("fire_safety", "personal_statement"):
        file = folder / f"{key}.pdf"
        file.write_bytes(letter())
        slot = page.locator(f"#giay-to-{key}")
        slot.locator("input[type=file]").set_input_files(file)
        slot.get_by_text(f"{key}.pdf").first.wait_for()
    owner.look()
    page.get_by_role("link", name=re.compile("xem lại", re.IGNORECASE)).last.click()
    page.wait_for_url("**/xem-lai")
    owner.look()
    expect(page.locator("main")).to_contain_text("1.400.000")
    page.get_by_role("button", name=re.compile("^Nộp hồ sơ")).click()
    page.wait_for_url("**vua-nop=1")
    owner.look()
    return str(Case.objects.get(procedure_code=KARAOKE).code)


def _grants(town: Town, place: World, code: str, unit: UnitData | None, *, consult: bool = False) -> None:
    """A leg through its agency: given out, appraised, reviewed, signed."""
    head, specialist = _officer(town, place, "division_head", unit), _officer(town, place, "specialist", unit)
    _does(head, code, "chuyen", "Chuyển")
    if consult:
        _does(specialist, code, "chuyen", "Chuyển")
    _opens(specialist, code)
    specialist.look()
    _does(specialist, code, "trinh", "Trình dự thảo", fill={"Ý kiến thẩm định, lý do": "Đủ điều kiện."})
    _does(head, code, "chuyen", "Chuyển")
    leader = _officer(town, place, "leader", unit)
    _does(leader, code, "ky", None)
    town.drain()
    assert Case.objects.get(code=code).status == "resolved"


def _does(officer: Visitor, code: str, slug: str, button: str | None, *, fill: dict[str, str] | None = None) -> None:
    """One act on a case's page: open its form, fill it, send it."""
    _opens(officer, code)
    act = officer.page.locator(f"#viec-{slug}")
    if act.locator("summary").count():
        act.locator("summary").click()
    for label, text in (fill or {}).items():
        act.get_by_label(label).fill(text)
    sender = act.get_by_role("button", name=button) if button else act.locator("button[type=submit]")
    with officer.page.expect_navigation():
        sender.first.click()


def _opens(officer: Visitor, code: str) -> None:
    officer.open(f"/can-bo/ho-so/{code}")


def _code_of(whole: str, leg: str) -> str:
    found = Leg.objects.select_related("child").get(parent__code=whole, key=leg)
    assert found.child is not None, found.note
    return str(found.child.code)


def _officer(town: Town, place: World, role: str, unit: UnitData | None = None) -> Visitor:
    """An officer of a unit (the commune by default) who is at work already."""
    here, client = town.visitor(), Client()
    account_id = place.officer(role, unit).account_id
    assert account_id is not None
    sign_in(client, get_account(account_id))
    cookies = [{"name": name, "value": cookie.value, "url": town.address} for name, cookie in client.cookies.items()]
    here.page.context.add_cookies(cookies)  # type: ignore[arg-type]  # the shape Playwright documents
    return here
