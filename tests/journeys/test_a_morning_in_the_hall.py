"""Errand: a morning in the hall. Queues are set up, numbers taken and called, two cases come of one visit, papers move on."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories.cases import CaseMaker
from tests.factories.world import World
from tests.journeys.browsing import Town, Visitor
from tinhso.kernel import clock

pytestmark = [pytest.mark.journey, pytest.mark.sweep, pytest.mark.django_db(transaction=True)]


def test_a_morning_in_the_hall(town: Town, place: World) -> None:
    kiosk_address, display_address = _sets_up(town)
    visitor = town.visitor(width=1024, height=768)
    visitor.open(kiosk_address)
    visitor.look()
    visitor.photo("kiosk")
    visitor.page.get_by_role("button", name="Hộ tịch").click()
    expect(visitor.page.locator("#number")).to_have_text("A001")
    visitor.look()
    visitor.photo("kiosk-ticket")
    wall = town.visitor(width=1600, height=900)
    wall.open(display_address)
    wall.look()
    counter = town.officer("one_stop_officer")
    _serves(town, place, counter)
    expect(wall.page.locator(".calls .latest")).to_contain_text("A001")
    wall.photo("display")
    wall.look()
    code = counter.page.locator(".card .code").first.inner_text()
    _papers(counter, code)
    leader = town.officer("leader")
    leader.open("/can-bo/quay/hang-doi/thong-ke")
    expect(leader.page.locator("main")).to_contain_text("A · Hộ tịch")
    leader.look()
    leader.photo("statistics")


def _sets_up(town: Town) -> tuple[str, str]:
    admin = town.officer("unit_admin")
    admin.open("/can-bo/quay/hang-doi/cai-dat")
    for letter, name in (("A", "Hộ tịch, chứng thực"), ("B", "Đất đai, xây dựng")):
        admin.page.get_by_label("Chữ cái").fill(letter)
        admin.page.locator("#name").fill(name)
        admin.page.get_by_role("button", name="Thêm hàng đợi").click()
        expect(admin.page.locator("main")).to_contain_text(f"{letter} · {name}")
    admin.look()
    admin.photo("setup")
    kiosk = admin.page.get_by_role("link", name="Máy lấy số").get_attribute("href")
    display = admin.page.get_by_role("link", name="Bảng gọi số").get_attribute("href")
    assert kiosk is not None
    assert display is not None
    return kiosk, display


def _serves(town: Town, place: World, counter: Visitor) -> None:
    counter.open("/can-bo/quay/hang-doi/")
    counter.page.get_by_label("Quầy của bạn").fill("Quầy 3")
    counter.page.get_by_label("Quầy của bạn").blur()
    counter.press("c")
    expect(counter.page.locator("main")).to_contain_text("A001")
    counter.look()
    counter.press("b")
    expect(counter.page.get_by_role("button", name=re.compile("Xong lượt này"))).to_be_visible()
    maker = CaseMaker(place)
    for _ in range(2):
        maker.received(at=clock.now())
    town.drain()
    counter.page.reload()
    expect(counter.page.locator("main")).to_contain_text("Hồ sơ của lượt này")
    counter.look()
    counter.photo("serving")


def _papers(counter: Visitor, code: str) -> None:
    counter.open("/can-bo/ho-so-giay/")
    counter.page.locator("#place").fill("Tủ 2, ngăn 3")
    counter.page.locator("#code").fill(code)
    counter.press("Enter")
    expect(counter.page.get_by_role("status").first).to_be_visible()
    counter.look()
    counter.page.get_by_role("link", name=code).click()
    expect(counter.page.locator("main")).to_contain_text("Tủ 2, ngăn 3")
    counter.page.get_by_label("Mã bưu gửi").fill("RR123456785VN")
    counter.page.get_by_label("Bên trong").fill("Kết quả giải quyết")
    counter.page.get_by_role("button", name="Ghi bưu gửi").click()
    expect(counter.page.locator("main")).to_contain_text("Đang đi")
    counter.look()
    counter.photo("papers")
    counter.page.get_by_role("link", name="In nhãn").click()
    counter.page.wait_for_url("**/nhan")
    counter.look()
    counter.photo("label")
