"""Somebody without an account says on a phone what went wrong; the office answers; everybody reads it."""

import re
from pathlib import Path

import pytest

from tests.factories.world import World
from tests.journeys.browsing import Town


@pytest.mark.sweep
def test_a_petition_from_the_phone_to_the_public_page(town: Town, place: World, tmp_path: Path) -> None:
    passer_by = town.visitor(width=390, height=844)
    passer_by.open("/phan-anh/gui")
    passer_by.look()
    passer_by.page.get_by_role("button", name="Gửi phản ánh").click()
    passer_by.page.locator("#error-summary").wait_for()
    passer_by.expect_refusal()
    passer_by.look()
    passer_by.page.get_by_label("Hồ sơ chậm").check()
    passer_by.put("title", "Chờ lâu ở quầy")
    passer_by.put("content", "Chờ hai giờ mới được gọi số, quầy chỉ có một người.")
    passer_by.put("unit", str(place.commune.id))
    passer_by.put("phone", "0912 345 678")
    passer_by.page.get_by_role("button", name="Gửi phản ánh").click()
    passer_by.page.get_by_text("Đã gửi phản ánh").first.wait_for()
    passer_by.look()
    passer_by.page.screenshot(path=tmp_path / "sent.png", full_page=True)
    code = re.search(r"PA-\d{6}-\w{5}-\w{5}", passer_by.page.url)
    assert code is not None

    clerk, leader = town.officer("clerk"), town.officer("leader")
    clerk.open("/can-bo/phan-anh/")
    clerk.look()
    clerk.page.get_by_role("link", name=code[0]).click()
    clerk.press("A")
    clerk.look()
    clerk.page.screenshot(path=tmp_path / "desk.png", full_page=True)
    clerk.page.get_by_role("button", name="Tiếp nhận", exact=True).click()
    clerk.page.get_by_text("Đã tiếp nhận và phân loại").first.wait_for()
    clerk.press("A")
    clerk.put("answer", "Từ tuần này quầy có hai người. Cảm ơn ông, bà đã phản ánh.")
    clerk.page.get_by_role("button", name="Trình lãnh đạo").click()
    clerk.page.get_by_text("Đã trình dự thảo").first.wait_for()
    leader.open(f"/can-bo/phan-anh/{code[0]}")
    leader.press("A")
    leader.page.get_by_role("button", name="Duyệt trả lời").click()
    leader.page.get_by_text("Đã duyệt").first.wait_for()
    clerk.open(f"/can-bo/phan-anh/{code[0]}")
    clerk.press("A")
    clerk.look()
    clerk.page.screenshot(path=tmp_path / "publish.png", full_page=True)
    clerk.page.get_by_role("button", name="Công khai", exact=True).click()
    clerk.page.get_by_text("Đã công khai phản ánh").first.wait_for()
    clerk.open("/can-bo/phan-anh/so-lieu")
    clerk.look()

    for width in (390, 1320):
        reader = town.visitor(width=width)
        reader.open("/phan-anh/")
        reader.look()
        reader.page.screenshot(path=tmp_path / f"published-{width}.png", full_page=True)
        reader.page.get_by_role("link", name="Chờ lâu ở quầy").click()
        reader.page.get_by_role("heading", name="Chờ lâu ở quầy").wait_for()
        reader.look()
    passer_by.open(f"/phan-anh/tra-cuu?ma={code[0]}")
    passer_by.page.get_by_text("Từ tuần này quầy có hai người").wait_for()
    passer_by.look()
    passer_by.page.screenshot(path=tmp_path / "answered.png", full_page=True)
