"""Errands of officers without a mouse, and with single-key shortcuts off, as for somebody who speaks to the computer: Tab,
arrows, Enter and Space lead everywhere. And an outsider who holds a paper in her hand."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories.cases import CaseMaker
from tests.factories.payments import due_order
from tests.factories.petitions import PetitionMaker
from tests.factories.world import World, officer
from tests.journeys.browsing import Town
from tests.journeys.keyboard import Typist
from tinhso.apps.cases.models import Result
from tinhso.apps.payments.models import CashShift
from tinhso.apps.petitions.models import Petition
from tinhso.kernel import clock

pytestmark = [pytest.mark.journey, pytest.mark.sweep, pytest.mark.django_db(transaction=True)]


def _at_work(town: Town, role: str) -> Typist:
    """An officer whose single keys are off."""
    hands = Typist(town.officer(role))
    hands.page.evaluate("localStorage.setItem('ts-keys', 'off')")
    hands.open("/can-bo/")
    hands.look()
    return hands


def test_a_specialist_appraises_a_case(town: Town, place: World) -> None:
    case = CaseMaker(place).at("appraisal")
    hands = _at_work(town, "specialist")
    hands.press("a", "j", "x")  # letters do nothing
    assert hands.page.url.endswith("/can-bo/")
    hands.follow(str(case.code))
    hands.page.wait_for_url(f"**/can-bo/ho-so/{case.code}")
    hands.look()
    hands.to("#viec-trinh summary")
    hands.press("Enter")
    hands.stands_on('[name="_outcome"]')
    hands.look()
    hands.choose("_outcome", "refuse")
    hands.follow("Trình dự thảo")
    # A refusal without a reason is refused, and she stands before the words that say so.
    hands.page.locator("#viec-trinh[open] [role=alert]").wait_for()
    hands.visitor.expect_refusal()
    hands.stands_on("#viec-trinh [data-focus]")
    hands.hears("lý do", how="focus")
    hands.photo("reason-missing")
    hands.look()
    hands.choose("_outcome", "grant")
    hands.write('[name="_text"]', "Du dieu kien huong tro cap.")
    hands.follow("Trình dự thảo")
    hands.hears("Đã trình dự thảo kết quả", how="status")
    hands.look()
    assert case.results.get().status == "proposed"


def test_a_leader_signs_a_batch(town: Town, place: World) -> None:
    maker = CaseMaker(place)
    cases = [maker.at("approval") for _ in range(3)]
    hands = _at_work(town, "leader")
    hands.open("/can-bo/ky-duyet")
    hands.look()
    for case in cases[:2]:
        hands.tick(f'[name="case"][value="{case.code}"]')
    hands.follow("Ký duyệt các hồ sơ đã chọn")
    hands.page.get_by_role("heading", name="Ký 2 kết quả?").wait_for()
    hands.look()
    hands.follow("Ký 2 kết quả")
    hands.page.get_by_role("heading", name="Đã ký 0 trên 2").wait_for()
    hands.to(f'a[href$="{cases[0].code}"]')
    town.drain()
    hands.hears("Đã ký xong 2 kết quả", how="status")
    hands.stands_on(f'a[href$="{cases[0].code}"]')  # where she was reading, though all around it came anew
    hands.look()
    assert Result.objects.filter(status="signed").count() == 2


def test_a_drawer_is_counted_and_its_difference_approved(town: Town, place: World) -> None:
    accountant = officer("accountant", place.commune)
    place.officers[f"accountant@{place.commune.path}"] = accountant
    order = due_order(place, at=clock.now())
    desk = _at_work(town, "one_stop_officer")
    desk.open("/can-bo/thu-phi/ca")
    desk.write("#float", "100000")
    desk.follow("Mở ca")
    desk.hears("Đã mở ca thu tiền", how="status")
    desk.look()
    desk.open(f"/can-bo/ho-so/{order.case_code}")
    desk.follow("Thu tiền mặt")
    desk.hears("Đã thu", how="status")
    desk.look()
    desk.open("/can-bo/thu-phi/ca")
    desk.write("#counted", "100500")
    desk.write("#card-counted", "0")
    desk.follow("Chốt ca")
    desk.hears("Lý do, nếu chênh lệch", how="focus")
    expect(desk.page.locator("#reason")).to_have_accessible_description(re.compile("lý do"))
    desk.photo("difference-unexplained")
    desk.visitor.expect_refusal()
    desk.look()
    assert desk.page.locator("#counted").input_value() == "100500", "nothing typed is lost"
    desk.write("#reason", "Khach khong lay tien le")
    desk.follow("Chốt ca")
    desk.hears("chờ", how="status")
    desk.look()
    keeper = _at_work(town, "accountant")
    keeper.open("/can-bo/thu-phi/khoan")
    keeper.look()
    keeper.follow("Duyệt")
    keeper.hears("Đã duyệt", how="status")
    keeper.look()
    assert CashShift.objects.get().status == "approved"


def test_a_clerk_answers_a_petition(town: Town, place: World) -> None:
    petition = PetitionMaker(place).send(at=clock.now())
    hands = _at_work(town, "clerk")
    hands.open("/can-bo/phan-anh/")
    hands.look()
    hands.follow(str(petition.code))
    hands.page.wait_for_url(f"**/can-bo/phan-anh/{petition.code}")
    hands.look()
    hands.to("#viec-accept summary")
    hands.press("Enter")
    hands.stands_on('[name="classification"]')
    hands.choose("classification", "staff")
    hands.follow("Tiếp nhận")
    hands.hears("Đã tiếp nhận và phân loại", how="status")
    hands.look()
    hands.to("#viec-draft summary")
    hands.press("Enter")
    hands.stands_on('[name="answer"]')
    hands.follow("Trình lãnh đạo")
    hands.page.locator("#viec-draft [role=alert]").wait_for()
    hands.stands_on("#viec-draft [data-focus]")
    hands.visitor.expect_refusal()
    hands.look()
    hands.to('[name="answer"]')
    hands.type("Tu tuan nay quay co hai nguoi.")
    hands.follow("Trình lãnh đạo")
    hands.hears("Đã trình dự thảo", how="status")
    hands.look()
    assert Petition.objects.get().drafted_at is not None


def test_an_outsider_checks_a_paper(town: Town, place: World) -> None:
    maker = CaseMaker(place)
    result = maker.at("resolved").results.get()
    hands = Typist(town.visitor())
    hands.open("/")
    hands.follow("Kiểm tra giấy tờ")
    hands.page.wait_for_url("**/kiem-tra")
    hands.look()
    hands.write("#ma", "12345678901234567890")
    hands.press("Enter")
    hands.hears("Không có giấy tờ nào", how="focus")
    hands.visitor.expect_refusal(404)
    hands.look()
    hands.write("#ma", str(result.check_code))
    hands.press("Enter")
    hands.hears("Giấy tờ này do tỉnh cấp, còn hiệu lực", how="status")
    hands.photo("checked-by-keyboard")
    hands.look()
