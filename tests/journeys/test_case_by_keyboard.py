"""Errand: a copy of a birth record asked for, handed in and followed without touching a mouse or a screen."""

import re
from pathlib import Path

import pytest

from tests.factories.files import png
from tests.journeys.browsing import Town
from tests.journeys.keyboard import Typist

pytestmark = [pytest.mark.journey, pytest.mark.sweep, pytest.mark.django_db(transaction=True)]

SAVED = "Đã lưu bản nháp lúc"


@pytest.mark.parametrize("width", [390, 1320])
def test_a_case_is_filled_in_handed_in_and_followed(town: Town, width: int, tmp_path: Path) -> None:
    her = Typist(town.visitor(width=width))
    _finds_the_procedure(her)
    _signs_in(her)
    _fills_in(her)
    _is_led_to_what_is_missing(her)
    _hands_in_a_photo(her, tmp_path)
    code = _submits(her)
    _follows(her, code)


def _finds_the_procedure(her: Typist) -> None:
    her.open("/")
    her.to("#q")
    her.type("trich luc khai sinh")
    her.hears("gợi ý")
    her.look()
    her.follow("Cấp bản sao trích lục hộ tịch")
    her.page.wait_for_url("**/thu-tuc/2.000635")
    her.look()
    her.follow("Nộp trực tuyến")
    her.page.wait_for_url("**/dang-nhap?**")
    her.look()


def _signs_in(her: Typist) -> None:
    her.follow("Tiếp tục với định danh điện tử")
    her.page.get_by_role("button", name="Nguyễn Thị Hồng Nhạn").wait_for()
    her.follow("Nguyễn Thị Hồng Nhạn")
    her.page.wait_for_url("**/bat-dau")
    her.look()
    her.follow("Bắt đầu khai")
    her.page.wait_for_url("**/ho-so/soan/*")


def _fills_in(her: Typist) -> None:
    her.choose("requester_kind", "person")
    her.hears(SAVED, how="status")
    her.pick('[name="residence.commune_code"]', "Phường Cẩm Thành")
    her.write('[name="residence.detail"]', "Tổ dân phố 3")
    her.choose("event", "birth")
    her.write('[name="relation"]', "Con")
    her.write('[name="subject_name"]', "Nguyễn Thị Ví Dụ")
    her.write('[name="subject_birth"]', "12051990")
    her.choose("subject_sex", "female")
    her.write('[name="registered_at"]', "Ủy ban nhân dân xã Tịnh Mẫu")
    her.write('[name="copies"]', "2")
    her.tick('[name="commitment"]')
    her.pick("#unit", "Phường Cẩm Thành")
    her.look()


def _is_led_to_what_is_missing(her: Typist) -> None:
    """One answer was passed by: the list of what is wrong has the keyboard, and each line leads into its field."""
    assert her.page.locator('[name="subject_birth"]').input_value() == "12/05/1990"
    her.follow("Tiếp tục: giấy tờ")
    her.stands_on("#error-summary")
    her.hears("cần", how="focus")
    her.visitor.expect_refusal()
    her.look()
    her.to("#error-summary a")
    her.press("Enter")
    her.stands_on('[name="on_behalf"]')
    her.look()
    her.choose("on_behalf", "yes")
    her.hears(SAVED)
    her.follow("Tiếp tục: giấy tờ")
    her.page.wait_for_url("**/giay-to")
    her.look()


def _hands_in_a_photo(her: Typist, folder: Path) -> None:
    """A file that cannot be, one that can, taken back and given again: told each time, and the keyboard stays nearby."""
    program, photo = folder / "uy-quyen.pdf", folder / "uy-quyen.png"
    program.write_bytes(b"MZ\x90\x00" + bytes(200))
    photo.write_bytes(png(40, 40))
    her.attach("#tep-mandate", program)
    her.hears("uy-quyen.pdf")
    her.stands_on("#tep-mandate")
    her.visitor.expect_refusal()
    her.look()
    her.attach("#tep-mandate", photo)
    her.hears("Đã cập nhật: 1 tệp", how="status")
    her.back_to("#giay-to-mandate button")
    her.press("Enter")
    her.hears("Đã cập nhật: 0 tệp", how="status")
    her.stands_on("#giay-to-mandate")
    her.photo(f"file-taken-back-{her.page.viewport_size['width']}")  # type: ignore[index]  # a window has a size
    her.look()
    her.attach("#tep-mandate", photo)
    her.hears("Đã cập nhật: 1 tệp", how="status")
    her.follow("Tiếp tục: xem lại")
    her.page.wait_for_url("**/xem-lai")


def _submits(her: Typist) -> str:
    her.look()
    her.follow("Nộp hồ sơ")
    her.page.get_by_text("Mã hồ sơ của bạn là").first.wait_for()
    her.hears("Mã hồ sơ của bạn là")
    her.look()
    found = re.search(r"/ho-so/([^/?]+)", her.page.url)
    assert found is not None
    return found[1]


def _follows(her: Typist, code: str) -> None:
    her.open("/")
    her.write("#code", code)
    her.press("Enter")
    her.page.wait_for_url("**/tra-cuu?**")
    her.hears("Chờ tiếp nhận")
    her.look()
