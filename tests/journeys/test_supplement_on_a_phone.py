"""Errand: a copy of a birth record from a cheap phone: first without JavaScript, then a clearer photo is asked for."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.factories.files import png
from tests.factories.world import World
from tests.journeys.browsing import Town, Visitor

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 780, "has_touch": True, "is_mobile": True}
FIRST = {
    "requester_kind": "person",
    "residence.commune_code": "21025",
    "residence.detail": "Tổ dân phố 3",
    "event": "birth",
    "relation": "Con",
    "subject_name": "Nguyễn Thị Ví Dụ",
    "subject_birth": "12/05/1990",
    "subject_sex": "female",
    "registered_at": "Ủy ban nhân dân xã Tịnh Mẫu",
    "copies": "2",
    "commitment": True,
}
CLEARER = "Chụp lại văn bản ủy quyền cho rõ chữ ký"


def test_birth_record_from_a_cheap_phone(town: Town, place: World, tmp_path: Path) -> None:
    code = _submits_without_script(town, place, tmp_path)
    _office_asks_for_a_clearer_photo(town, code)
    phone = _answers_by_touch(town, code, tmp_path)
    _office_goes_on(town, code)
    _gets_the_record(phone, code, tmp_path)


def _signs_in(phone: Visitor) -> None:
    phone.page.get_by_role("button", name="Tiếp tục với định danh điện tử").tap()
    phone.page.get_by_role("button", name="Nguyễn Thị Hồng Nhạn").tap()
    phone.page.wait_for_url(f"{phone.address}/**")


def _submits_without_script(town: Town, place: World, folder: Path) -> str:
    phone = town.visitor(**PHONE, java_script_enabled=False)
    page = phone.page
    phone.open("/")
    page.get_by_role("searchbox").fill("trich luc khai sinh")
    page.get_by_role("button", name="Tìm", exact=True).tap()
    page.get_by_role("link", name="Cấp bản sao trích lục hộ tịch").first.tap()
    page.get_by_role("link", name="Nộp trực tuyến").tap()
    _signs_in(phone)
    page.get_by_role("button", name="Bắt đầu khai").tap()
    for name, value in FIRST.items():
        phone.put(name, value)
    page.get_by_label("Xã, phường, đặc khu giải quyết hồ sơ").select_option(str(place.commune.id))
    page.get_by_role("button", name="Tiếp tục: giấy tờ").tap()
    # The question that follows from an answer comes with the next page.
    page.locator('[name="on_behalf"]').first.wait_for()
    phone.expect_refusal()
    assert page.locator('[name="relation"]').input_value() == "Con", "nothing typed is lost"
    phone.put("on_behalf", "yes")
    page.get_by_role("button", name="Tiếp tục: giấy tờ").tap()
    page.wait_for_url("**/giay-to")
    photo = folder / "uy-quyen-mo.png"
    photo.write_bytes(png(40, 40))
    page.locator("#tep-mandate").set_input_files(photo)
    page.locator("#giay-to-mandate").get_by_role("button", name="Đính kèm").tap()
    page.get_by_text("uy-quyen-mo.png").first.wait_for()
    page.get_by_role("link", name="Tiếp tục: xem lại").tap()
    page.get_by_role("button", name="Nộp hồ sơ").tap()
    page.get_by_text("Mã hồ sơ của bạn là").first.wait_for()
    assert phone.complaints == []
    found = re.search(r"/ho-so/([^/?]+)", page.url)
    assert found is not None
    return found[1]


def _office_asks_for_a_clearer_photo(town: Town, code: str) -> None:
    officer = town.officer("one_stop_officer")
    officer.open(f"/can-bo/ho-so/{code}")
    officer.page.locator("#viec-yeu-cau-bo-sung summary").first.click()
    officer.page.get_by_label("Cần bổ sung, mỗi dòng một nội dung").fill(CLEARER)
    officer.page.locator("#s-reason").fill("Ảnh mờ, không đọc được chữ ký")
    officer.look()
    officer.page.get_by_role("button", name="Gửi yêu cầu bổ sung").click()
    officer.page.get_by_text("Đã yêu cầu bổ sung").first.wait_for()
    officer.look()
    town.drain()


def _answers_by_touch(town: Town, code: str, folder: Path) -> Visitor:
    phone = town.visitor(**PHONE)
    page = phone.page
    phone.open("/")
    phone.look()
    page.get_by_role("button", name="Mục").tap()
    page.get_by_role("link", name="Đăng nhập bằng định danh điện tử").tap()
    page.wait_for_url("**/dang-nhap**")
    phone.look()
    _signs_in(phone)
    phone.open("/ho-so/")
    phone.look()
    page.get_by_role("link", name="Bổ sung ngay").tap()
    page.wait_for_url(f"**/ho-so/{code}/bo-sung")
    expect(page.get_by_text(CLEARER)).to_be_visible()
    phone.look()
    program = folder / "uy-quyen.png"
    program.write_bytes(b"MZ\x90\x00" + bytes(200))
    page.locator('[name="giay.mandate"]').set_input_files(program)
    page.get_by_role("button", name="Gửi bổ sung").tap()
    page.locator("#error-summary", has_text="uy-quyen.png").wait_for()
    phone.expect_refusal()
    phone.look()
    program.write_bytes(png(80, 80))
    page.locator('[name="giay.mandate"]').set_input_files(program)
    page.get_by_label("Giải trình, nếu có").fill("Tôi đã chụp lại ngoài trời.")
    page.get_by_role("button", name="Gửi bổ sung").tap()
    page.get_by_text("Đã gửi bổ sung").first.wait_for()
    phone.look()
    return phone


def _office_goes_on(town: Town, code: str) -> None:
    officer = town.officer("one_stop_officer")
    officer.open(f"/can-bo/ho-so/{code}")
    officer.page.get_by_role("link", name="uy-quyen.png", exact=True).wait_for()
    with officer.page.expect_popup() as popped:
        officer.page.locator("#viec-tiep-nhan button").click()
    popped.value.close()
    officer.page.wait_for_url("**/da-tiep-nhan")
    town.drain()
    specialist = town.officer("specialist")
    specialist.open(f"/can-bo/ho-so/{code}")
    specialist.page.locator("#viec-trinh summary").click()
    specialist.page.get_by_label("Ý kiến thẩm định, lý do").fill("Có trong cơ sở dữ liệu hộ tịch.")
    specialist.page.get_by_role("button", name="Trình dự thảo").click()
    specialist.page.get_by_text("Đã trình dự thảo kết quả").first.wait_for()
    leader = town.officer("leader")
    leader.open(f"/can-bo/ho-so/{code}")
    leader.page.locator("#viec-ky button").click()
    leader.page.get_by_text("Đã phê duyệt, số").first.wait_for()
    town.drain()
    assert officer.complaints + specialist.complaints + leader.complaints == []


def _gets_the_record(phone: Visitor, code: str, folder: Path) -> None:
    page = phone.page
    phone.open(f"/ho-so/{code}")
    phone.look()
    with page.expect_download() as started:
        page.get_by_role("button", name="Nhận kết quả").tap()
    target = folder / "ket-qua.pdf"
    started.value.save_as(target)
    assert target.read_bytes().startswith(b"%PDF-")
    phone.open("/kiem-tra")
    page.get_by_label("Tệp nhận được").set_input_files(target)
    page.get_by_role("button", name="Kiểm tra tệp").tap()
    page.get_by_role("heading", name="Giấy tờ này do tỉnh cấp, còn hiệu lực").wait_for()
    phone.look()
