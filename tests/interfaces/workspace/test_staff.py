"""People of a unit managed on its pages: taken on, appointed, lent authority, given roles, locked; by its manager only."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.interfaces.workspace.conftest import MORNING, Office, text_of
from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.actions import enrol_totp
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db

LIST, UNITS = "/can-bo/tai-khoan/", "/can-bo/don-vi/"
TODAY = date(2026, 11, 23)


def economy(office: Office) -> Any:
    """The commune's division of economy, with its head's post and a specialist's."""
    unit = directory.get_unit_by_path(f"{office.place.commune.path}/economy")
    return unit, directory.get_post(unit.id, "division_head"), directory.get_post(unit.id, "specialist")


def somebody(office: Office, **changed: str) -> dict[str, str]:
    unit, _, specialist = economy(office)
    return {
        "don-vi": str(unit.id), "code": "CB9001", "full_name": "Đinh Thị Thử Việc", "username": "dinh.thi.thu.viec",
        "post": str(specialist.id), "role": "specialist", "since": "23/11/2026", "email": "", "phone": "", "decision": "",
    } | changed  # fmt: skip


def taken_on(office: Office, admin: Client, **changed: str) -> tuple[int, str]:
    """Her account, and the password that the page showed once."""
    page = text_of(admin.post(f"{LIST}moi", somebody(office, **changed)))
    shown = re.search(r'id="password">([a-z0-9-]+)<', page)
    made = accounts.find_account(somebody(office, **changed)["username"])
    assert shown is not None
    assert made is not None
    return made.id, shown[1]


def test_somebody_is_taken_on_signs_in_and_must_bind_a_second_factor(office: Office) -> None:
    admin = office.browser("unit_admin")
    unit, _, specialist = economy(office)
    assert "Nhận cán bộ mới" in text_of(admin.get(f"{UNITS}{unit.id}"))
    assert specialist.title in text_of(admin.get(f"{LIST}moi?don-vi={unit.id}"))
    account_id, password = taken_on(office, admin)
    assert [held.post.id for held in directory.holdings_of(accounts.get_account(account_id).staff_id or 0, TODAY)] == [
        specialist.id
    ]
    assert [(one.role, one.unit_id) for one in accounts.list_assignments(account_id)] == [("specialist", unit.id)]
    browser = Client()
    answer = browser.post("/can-bo/dang-nhap", {"login": "dinh.thi.thu.viec", "password": password}, follow=True)
    assert browser.get("/can-bo/", follow=True).redirect_chain[-1][0] == "/can-bo/bao-mat", answer.redirect_chain
    found = text_of(admin.get(LIST, {"q": "thu viec"}))
    assert "Đinh Thị Thử Việc" in found, "without diacritics"
    assert password not in text_of(admin.get(f"{LIST}{account_id}"))


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"full_name": " "}, 422, "Họ tên cần từ 1 đến 200 ký tự"),
        ({"username": "co dau cach"}, 422, "không có dấu cách"),
        ({"role": "chua-co"}, 422, "Chọn vai trò"),
        ({"since": "32/13/2026"}, 422, "ngày/tháng/năm"),
    ],
)
def test_what_is_wrong_is_told_beside_it_and_nothing_is_made(
    office: Office, changed: dict[str, str], status: int, sentence: str
) -> None:
    answer = office.browser("unit_admin").post(f"{LIST}moi", somebody(office, **changed))
    assert (answer.status_code, sentence in text_of(answer)) == (status, True)
    assert directory.find_staff("CB9001") is None, "all of it or nothing"
    assert accounts.find_account("dinh.thi.thu.viec") is None


def test_a_code_or_a_name_that_is_taken(office: Office) -> None:
    admin = office.browser("unit_admin")
    taken_on(office, admin)
    again = admin.post(f"{LIST}moi", somebody(office, full_name="Người Khác", username="nguoi.khac"))
    assert (again.status_code, "đã có người dùng" in text_of(again)) == (409, True)
    twice = admin.post(f"{LIST}moi", somebody(office, code="CB9002", post=""))
    assert (twice.status_code, "Tên đăng nhập này đã có người dùng" in text_of(twice)) == (409, True)
    assert directory.find_staff("CB9002") is None


def test_posts_and_authority_are_given_and_ended(office: Office) -> None:
    admin = office.browser("unit_admin")
    unit, head, specialist = economy(office)
    taken_on(office, admin, post="")
    act = f"{UNITS}{unit.id}/viec/"
    nobody = admin.post(f"{act}bo-nhiem", {"code": "KHONG-CO", "post": head.id, "since": "23/11/2026"})
    assert (nobody.status_code, "Không có cán bộ nào mang mã này" in text_of(nobody)) == (422, True)
    assert admin.post(f"{act}bo-nhiem", {"code": "CB9001", "post": head.id, "since": "23/11/2026"}).status_code == 302
    (held,) = directory.holders_of(head.id, TODAY)
    twice = admin.post(f"{act}bo-nhiem", {"code": "CB9001", "post": head.id, "since": "23/11/2026"})
    assert twice.status_code == 409
    lent = {
        "from_post": head.id,
        "to_post": specialist.id,
        "document": "12/UQ-UBND",
        "since": "23/11/2026",
        "until": "",
    }
    assert admin.post(f"{act}uy-quyen", {**lent, "document": " "}).status_code == 422
    assert admin.post(f"{act}uy-quyen", lent).status_code == 302
    page = text_of(admin.get(f"{UNITS}{unit.id}"))
    assert "12/UQ-UBND" in page
    assert "Chấm dứt ủy quyền" in page
    (given,) = directory.list_delegations(actor=office.actor("unit_admin"), unit_id=unit.id, on=TODAY)
    assert admin.post(f"{act}cham-dut-uy-quyen", {"delegation": given.id, "until": "23/11/2026"}).status_code == 302
    assert admin.post(f"{act}thoi-giu", {"holding": held.id, "until": "23/11/2026"}).status_code == 302
    assert directory.holders_of(head.id, date(2026, 11, 24)) == []


def test_roles_and_locks_of_an_account(office: Office) -> None:
    admin = office.browser("unit_admin")
    unit, *_ = economy(office)
    account_id, password = taken_on(office, admin)
    page, given = f"{LIST}{account_id}", {"username": "dinh.thi.thu.viec", "role": "clerk", "since": "23/11/2026"}
    assert admin.post(f"{UNITS}{unit.id}/viec/giao-vai-tro", given).status_code == 302
    roles = {one.role: one for one in accounts.list_assignments(account_id)}
    assert set(roles) == {"specialist", "clerk"}
    ended = admin.post(f"{page}/viec/ket-thuc-vai-tro", {"assignment": roles["clerk"].id, "until": "30/11/2026"})
    assert ended.status_code == 302
    assert "đến hết 30/11/2026" in text_of(admin.get(page))
    renewed = text_of(admin.post(f"{page}/viec/mat-khau"))
    assert password not in renewed
    assert "Mật khẩu mới của" in renewed
    none_yet = admin.post(f"{page}/viec/go-ma-xac-thuc")
    assert (none_yet.status_code, "chưa gắn mã xác thực" in text_of(none_yet)) == (409, True)
    assert admin.post(f"{page}/viec/khoa", {"reason": " "}).status_code == 422
    assert admin.post(f"{page}/viec/khoa", {"reason": "Nghỉ việc"}).status_code == 302
    assert "Nghỉ việc" in text_of(admin.get(page))
    assert admin.post(f"{page}/viec/mo-khoa", {"reason": "Đi làm lại"}).status_code == 302


def test_a_lost_phone(office: Office) -> None:
    officer_id = office.actor("specialist").account_id
    admin = office.browser("unit_admin")
    assert officer_id is not None
    enrol_totp(account_id=officer_id, secret="JBSWY3DPEHPK3PXP", actor=SYSTEM, at=MORNING)
    answer = admin.post(f"{LIST}{officer_id}/viec/go-ma-xac-thuc", follow=True)
    assert "lần đăng nhập tới sẽ yêu cầu gắn mã mới" in text_of(answer)


def test_only_the_manager_of_the_unit(office: Office) -> None:
    unit, head, _ = economy(office)
    stranger, far = office.browser("unit_admin", other=True), office.actor("specialist").account_id
    assert stranger.get(f"{LIST}{far}").status_code == 404
    assert stranger.post(f"{LIST}{far}/viec/khoa", {"reason": "x"}).status_code == 404
    assert stranger.post(f"{LIST}moi", somebody(office)).status_code == 403
    assert stranger.post(f"{UNITS}{unit.id}/viec/thoi-giu", {"holding": 1, "until": "23/11/2026"}).status_code == 404
    assert "Quản lý cán bộ" not in text_of(stranger.get(f"{UNITS}{unit.id}"))
    for role in ("specialist", "leader", "auditor"):
        browser = office.browser(role)
        assert browser.get(LIST).status_code == 403
        assert browser.post(f"{UNITS}{unit.id}/viec/bo-nhiem", {"post": head.id}).status_code == 403
    mine = office.actor("unit_admin").account_id
    own = office.browser("unit_admin")
    assert "do người quản trị khác giao" in text_of(own.get(f"{LIST}{mine}"))
    assert own.post(f"{LIST}{mine}/viec/khong-co").status_code == 404


def test_an_account_one_does_not_manage_reads_as_none(office: Office) -> None:
    admin = office.browser("unit_admin")
    stranger = office.place.officers[f"clerk@{office.place.other_commune.path}"]
    pages = [text_of(admin.get(f"{LIST}{number}")) for number in (stranger.account_id, 987_654_321)]
    told = [re.search(r"<main.*</main>", one, re.DOTALL) for one in pages]
    assert told[0] is not None
    assert told[1] is not None
    assert told[0][0] == told[1][0]
    assert "Không tìm thấy tài khoản này." in told[0][0]
