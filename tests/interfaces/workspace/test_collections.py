"""Collection lists on the pages: drawn up, brought in with errors told, opened by another, paid in cash, counted."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.collections import AT, HEAD, ROWS, School, school
from tests.interfaces.workspace.conftest import text_of
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.collections.models import CollectionLine, CollectionList
from tinhso.apps.payments import actions as payments
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import travel

HOME = "/can-bo/thu-theo-danh-sach/"


def browser(actor: Actor) -> Client:
    client = Client(raise_request_exception=False)
    sign_in(client, get_account(actor.account_id or 0))
    return client


def upload(*rows: str) -> dict[str, object]:
    file = BytesIO("\n".join([HEAD, *rows]).encode())
    file.name = "danh-sach.csv"
    return {"verb": "import", "file": file}


@pytest.fixture
def desk(db: None) -> School:
    return school()


def test_a_round_goes_its_way_on_the_pages(desk: School, drain_jobs: Callable[[], int]) -> None:
    with travel(AT):
        keeps, opens = browser(desk.keeps), browser(desk.opens)
        form = {"body": "hoa_cuc", "fee": "tuition", "title": "Học phí tháng 12", "due": "20/12/2026"}
        assert keeps.post(HOME, form | {"fee": "hospital_fee"}).status_code == 422
        assert opens.post(HOME, form).status_code == 403
        page = keeps.post(HOME, form)["Location"]
        assert "Dòng 3:" in text_of(keeps.post(page, upload(ROWS[0], "An,,,,,,,,")))
        assert keeps.post(page, upload(*ROWS)).status_code == 302
        added = dict(
            zip(HEAD.split(","), ["Mai Bé Thêm", "01/02/2021", "HS-9", "", "Học phí", "5000", "", "", ""], strict=True)
        )
        assert keeps.post(page, {"verb": "add", **added}).status_code == 302
        extra = CollectionLine.objects.get(own_number="HS-9")
        assert keeps.post(page, {"verb": "remove", "line": extra.pk}).status_code == 302
        assert "Mở thu" not in text_of(keeps.get(page))
        assert keeps.post(page, {"verb": "open"}).status_code == 403
        assert opens.post(page, {"verb": "open"}).status_code == 302
        drain_jobs()
        line = CollectionLine.objects.get(own_number="HS-001")
        assert line.code in text_of(keeps.get(f"{page}?tim={line.code}&tinh-trang=due"))
        assert f"/nop-tien?ma={line.code}" in b"".join(keeps.get(f"{page}.csv")).decode()
        at_line = f"{HOME}khoan/{line.code}"
        assert "mở ca thu tiền" in text_of(keeps.get(at_line))
        payments.open_shift(unit_id=desk.place.commune.id, float_vnd=0, actor=desk.keeps, at=AT)
        assert "Tiền mặt" in text_of(keeps.get(at_line))
        part = {"verb": "collect", "method": "cash", "amount": "500.000", "key": "p"}
        assert keeps.post(at_line, part | {"amount": "5"}).status_code == 422
        assert keeps.post(at_line, part)["Location"] == at_line
        drain_jobs()
        assert "700.000" in text_of(keeps.get(at_line))
        assert "In phiếu nộp" in text_of(keeps.get(page))
        slips = keeps.get(f"{page}/phieu-nop-1.pdf")
        assert (slips.status_code, slips.content[:5]) == (200, b"%PDF-")
        assert keeps.get(f"{page}/phieu-nop-2.pdf").status_code == 404
        sum_of = {"method": "cash", "amount": "700000", "key": "k"}
        assert keeps.post(f"/can-bo/thu-phi/thu/{line.order_id}", sum_of)["Location"] == at_line
        drain_jobs()
        assert "Tiền mặt tại quầy" in text_of(keeps.get(at_line))
        second = CollectionLine.objects.get(own_number="HS-003")
        place = f"{HOME}khoan/{second.code}"
        assert keeps.post(place, {"verb": "exempt", "exemption": "giam_50", "evidence": "x"}).status_code == 403
        assert opens.post(place, {"verb": "exempt", "exemption": "giam_50", "evidence": "Giấy 1"}).status_code == 302
        assert opens.post(place, {"verb": "cancel", "reason": "Thôi học"}).status_code == 302
        assert "Không thu nữa" in text_of(opens.get(place))
        assert "0%" in text_of(opens.get(f"{HOME}so-lieu"))
        assert "ho_ten" in b"".join(keeps.get(f"{HOME}mau.csv")).decode()
        assert opens.post(page, {"verb": "remind"}).status_code == 302
        assert opens.post(page, {"verb": "close", "reason": "Hết kỳ"}).status_code == 302
        drain_jobs()
        assert CollectionList.objects.get().status == "closed"


def test_an_empty_list_tells_everybody_what_they_can_do(desk: School) -> None:
    with travel(AT):
        auditor = desk.place.officers[f"auditor@{desk.place.other_commune.path}"]
        assert "Lập đợt thu ở dưới" in text_of(browser(desk.keeps).get(HOME))
        assert "để kế toán mở" in text_of(browser(desk.opens).get(HOME))
        told = text_of(browser(auditor).get(HOME))
        assert "trong phạm vi của bạn" in told
        assert "Lập đợt thu mới" not in told


def test_strangers_find_nothing(desk: School) -> None:
    with travel(AT):
        line = desk.opened()[0]
        stranger = browser(desk.place.officers[f"auditor@{desk.place.other_commune.path}"])
        assert stranger.get(f"{HOME}{line.list_id}").status_code == 404
        assert stranger.get(f"{HOME}khoan/{line.code}").status_code == 404
        assert browser(desk.place.officer("clerk")).get(HOME).status_code == 403
