"""Errand: a house owner asks for a building permit, from the search box to the signed permit in her hands."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Download, expect

from tests.factories.files import png
from tests.factories.papers import letter
from tests.factories.world import World
from tests.journeys.browsing import Town, Visitor
from tinhso.apps.cases.models import Case

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

CODE = re.compile(r"/ho-so/(H48\.[\d.]+-\d{6}-\d{4})")
WORKS_FIRST = "kind", "works"  # she presses the wrong one first: the page must follow
LAND = {
    "owner_kind": "person",
    "contact_address.commune_code": "21025",
    "contact_address.detail": "Tổ dân phố 3",
    "kind": "house",
    "site_address.commune_code": "21025",
    "site_address.detail": "Số 15 đường Nguyễn Mẫu",
    "land_parcel": "125",
    "map_sheet": "12",
    "land_area": "120",
    "land_document": "certificate",
    "land_document_number": "DK 123456",
    "land_document_date": "22/04/2019",
    "adjacent_building": "no",
}
HOUSE = {
    "designer_name": "Công ty TNHH Thiết kế Mẫu",
    "verification_required": "no",
    "fire_safety_required": "no",
    "house_grade": "III",
    "ground_floor_area": "96",
    "floors.0.name": "Tầng 1",
    "floors.0.area": "96",
    "height": "9,6",
    "storeys": "2",
    "duration_months": "8",
    "commitment": True,
}


def test_house_owner_gets_a_building_permit(town: Town, place: World, tmp_path: Path) -> None:
    owner = town.visitor()
    _finds_the_procedure(owner)
    _signs_in(owner)
    _fills_in(owner, place)
    _hands_in_papers(owner, tmp_path)
    code = _submits_once(owner)
    _the_office_receives(town, owner, code)
    _the_division_appraises(town, code)
    _the_leader_signs_in_batch(town, code)
    _takes_checks_and_rates(town, owner, code, tmp_path)


def _finds_the_procedure(owner: Visitor) -> None:
    page = owner.page
    owner.open("/")
    owner.look()
    page.get_by_role("searchbox").press_sequentially("xin giay phep xay nha", delay=20)
    page.locator("#suggestions a").first.wait_for()
    owner.look()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tim?q=xin+giay+phep+xay+nha")
    owner.look()
    page.get_by_role("link", name="Cấp giấy phép xây dựng mới").first.click()
    page.wait_for_url("**/thu-tuc/1.013225")
    owner.look()
    page.get_by_role("link", name="Nộp trực tuyến").click()


def _signs_in(owner: Visitor) -> None:
    page = owner.page
    page.wait_for_url("**/dang-nhap?**")
    owner.look()
    page.get_by_role("button", name="Tiếp tục với định danh điện tử").click()
    page.get_by_role("button", name="Nguyễn Thị Hồng Nhạn").wait_for()
    owner.look()
    page.get_by_role("button", name="Nguyễn Thị Hồng Nhạn").click()
    page.wait_for_url("**/thu-tuc/1.013225/bat-dau")
    owner.look()


def _fills_in(owner: Visitor, place: World) -> None:
    page = owner.page
    page.get_by_role("button", name="Bắt đầu khai").click()
    page.wait_for_url("**/ho-so/soan/*")
    assert page.locator('[name="full_name"]').input_value() == "Nguyễn Thị Hồng Nhạn", "filled in from her sign-in"
    owner.answer(*WORKS_FIRST)
    page.locator('[name="works_type"]').first.wait_for()
    for name, value in LAND.items():
        owner.answer(name, value)
    expect(page.locator('[name="works_type"]')).to_have_count(0)
    page.locator("#saved", has_text="Đã lưu bản nháp lúc").wait_for()
    page.reload()
    assert page.locator('[name="land_document_date"]').input_value() == "22/04/2019", "a reload keeps what was typed"
    assert page.locator('[name="kind"][value="house"]').is_checked()
    with page.expect_response(lambda response: response.url.endswith("/luu")):
        page.get_by_role("button", name="Thêm tầng").click()
    for name, value in HOUSE.items():
        owner.answer(name, value)
    expect(page.get_by_text("Tổng diện tích sàn").locator("xpath=..")).to_contain_text("96")
    expect(page.locator("#place")).to_contain_text(place.commune.agency_name)
    owner.look()
    page.get_by_role("button", name="Tiếp tục: giấy tờ").click()
    page.wait_for_url("**/giay-to")


def _hands_in_papers(owner: Visitor, folder: Path) -> None:
    page = owner.page
    owner.look()
    slot = page.locator("#giay-to-house_drawings")
    program = _file(folder / "ban-ve.pdf", b"MZ\x90\x00" + bytes(200))
    slot.locator("input[type=file]").set_input_files(program)
    expect(slot.locator(".invalid-feedback")).to_contain_text("ban-ve.pdf")
    owner.expect_refusal()
    owner.look()
    for file in (_file(folder / "mat-bang.pdf", letter()), _file(folder / "mat-dung.png", png(64, 64))):
        slot.locator("input[type=file]").set_input_files(file)
        slot.get_by_text(file.name, exact=False).first.wait_for()
    owner.look()
    page.get_by_role("link", name="Tiếp tục: xem lại").click()
    page.wait_for_url("**/xem-lai")


def _submits_once(owner: Visitor) -> str:
    page = owner.page
    owner.look()
    expect(page.get_by_text("75.000 ₫").first).to_be_visible()
    page.get_by_role("button", name="Nộp hồ sơ").dblclick()
    page.get_by_text("Mã hồ sơ của bạn là").first.wait_for()
    owner.look()
    found = CODE.search(page.url)
    assert found is not None, page.url
    assert Case.objects.exclude(code=None).count() == 1, "a double click makes one case"
    owner.open("/ho-so/")
    owner.look()
    owner.open(f"/tra-cuu?ma={found[1]}")
    owner.look()
    assert "Hồng Nhạn" not in page.locator("main").inner_text(), "following by code shows no name"
    return found[1]


def _the_office_receives(town: Town, owner: Visitor, code: str) -> None:
    officer = town.officer_signs_in("one_stop_officer")
    page = officer.page
    officer.look()
    page.get_by_role("link", name=re.compile("Chờ tiếp nhận")).first.click()
    page.wait_for_url("**/viec/cho-tiep-nhan")
    officer.look()
    page.get_by_role("link", name=code).click()
    page.wait_for_url(f"**/can-bo/ho-so/{code}")
    officer.look()
    assert "051191000001" not in page.content(), "the personal number is masked"
    with page.expect_popup() as popped:
        page.get_by_role("button", name="Tiếp nhận", exact=False).first.click()
    page.wait_for_url("**/da-tiep-nhan")
    officer.look()
    popped.value.close()
    receipt = page.context.request.get(str(page.locator("#receipt").evaluate("link => link.href")))
    assert (receipt.status, receipt.headers["content-type"]) == (200, "application/pdf")
    assert receipt.body().startswith(b"%PDF-")
    town.drain()
    _opens(officer, code)
    officer.look()
    owner.open(f"/ho-so/{code}")
    owner.look()
    owner.page.get_by_role("link", name=re.compile("Giấy tiếp nhận")).wait_for()


def _the_division_appraises(town: Town, code: str) -> None:
    head = town.officer("division_head")
    head.look()
    _opens(head, code)
    head.look()
    head.page.locator("#viec-chuyen summary").click()
    choice = head.page.get_by_label("Giao cho")
    choice.select_option(choice.locator("option", has_text="specialist").get_attribute("value"))
    head.page.locator("#viec-chuyen").get_by_role("button", name="Chuyển").click()
    head.page.get_by_text("Đã chuyển đến bước").first.wait_for()

    specialist = town.officer("specialist")
    page = specialist.page
    specialist.look()
    page.get_by_role("link", name=code).click()
    page.locator("#viec-trinh summary").click()
    specialist.look()
    page.get_by_label("Ý kiến thẩm định, lý do").fill("Đủ điều kiện cấp giấy phép.")
    page.get_by_role("textbox", name="Chỉ giới đường đỏ").fill("cách tim đường 6,0 m")
    page.get_by_role("button", name="Trình dự thảo").click()
    page.get_by_text("Đã trình dự thảo kết quả").first.wait_for()

    _opens(head, code)
    head.look()
    draft = head.page.context.request.get(
        str(head.page.get_by_role("link", name="Xem dự thảo").evaluate("link => link.href"))
    )
    assert draft.body().startswith(b"%PDF-")
    head.page.locator("#viec-chuyen summary").click()
    head.page.locator("#viec-chuyen").get_by_role("button", name="Chuyển").click()
    head.page.get_by_text("Đã chuyển đến bước").first.wait_for()


def _the_leader_signs_in_batch(town: Town, code: str) -> None:
    leader = town.officer("leader")
    page = leader.page
    leader.look()
    leader.open("/can-bo/ky-duyet")
    leader.look()
    page.get_by_label(f"Đánh dấu {code}").check()
    page.get_by_role("button", name="Ký duyệt các hồ sơ đã chọn").click()
    page.get_by_role("heading", name="Ký 1 kết quả?").wait_for()
    leader.look()
    page.get_by_role("button", name="Ký 1 kết quả").click()
    page.get_by_role("heading", name="Đã ký 0 trên 1").wait_for()
    leader.look()
    town.drain()
    page.get_by_role("heading", name="Đã ký xong 1 kết quả").wait_for()
    _opens(leader, code)
    page.get_by_role("link", name="Mở kết quả đã ký").wait_for()
    leader.look()


def _takes_checks_and_rates(town: Town, owner: Visitor, code: str, folder: Path) -> None:
    page = owner.page
    owner.open(f"/ho-so/{code}")
    owner.look()
    permit = _downloads(owner, lambda: page.get_by_role("button", name="Nhận kết quả").click(), folder)
    assert permit.read_bytes().startswith(b"%PDF-")
    owner.open(f"/ho-so/{code}")
    page.get_by_role("link", name="Kiểm tra chữ ký").click()
    page.wait_for_url("**/kiem-tra/*")
    expect(page.get_by_role("heading", name="Giấy tờ này do tỉnh cấp, còn hiệu lực")).to_be_visible()
    owner.look()
    check_code = page.url.rsplit("/", 1)[1]

    anybody = town.visitor()
    anybody.open("/kiem-tra")
    anybody.look()
    anybody.page.get_by_label("Mã kiểm tra, cạnh mã QR").fill(check_code)
    anybody.page.keyboard.press("Enter")
    expect(anybody.page.get_by_role("heading", name="còn hiệu lực")).to_be_visible()
    anybody.page.get_by_label("Tệp nhận được").set_input_files(permit)
    anybody.page.get_by_role("button", name="Kiểm tra tệp").click()
    anybody.page.locator("#verdict-title").wait_for()
    anybody.look()
    assert "Con dấu cơ quan" in anybody.page.content()

    owner.open(f"/ho-so/{code}")
    owner.look()
    page.get_by_label("Rất hài lòng").check()
    page.get_by_role("button", name="Gửi đánh giá").click()
    page.get_by_text("Bạn đã đánh giá: Rất hài lòng").wait_for()
    owner.look()


def _opens(officer: Visitor, code: str) -> None:
    officer.open(f"/can-bo/ho-so/{code}")


def _downloads(owner: Visitor, press: Callable[[], None], folder: Path) -> Path:
    with owner.page.expect_download() as started:
        press()
    download: Download = started.value
    target = folder / download.suggested_filename
    download.save_as(target)
    return target


def _file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
