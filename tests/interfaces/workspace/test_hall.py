"""The hall on the screen: kiosk, display, calling by hand, booking from home, paper files and parcels."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.interfaces.workspace.conftest import MORNING, Office, text_of
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.directory import queries as directory
from tinhso.apps.reception.models import Parcel, Ticket
from tinhso.kernel.clock import travel

pytestmark = pytest.mark.django_db
HERE = "/can-bo/quay/hang-doi/"


@pytest.fixture
def hall(office: Office) -> int:
    """The commune's hall with one queue, and the address of its kiosk."""
    unit = directory.one_stop_of(office.place.commune.id)
    assert unit is not None
    data = {"unit": str(unit.id), "letter": "a", "name": "Hộ tịch", "places": "1", "fields": []}
    assert office.browser("unit_admin").post(f"{HERE}cai-dat", data).status_code == 302
    return unit.id


def kiosk_of(office: Office) -> str:
    page = text_of(office.browser("unit_admin").get(f"{HERE}cai-dat"))
    return page.split('href="/kiosk/')[1].split('"')[0].join(["/kiosk/", ""])


def take(office: Office, **more: str) -> Any:
    address = kiosk_of(office)
    path, key = address.split("?khoa=")
    page = text_of(Client().get(address))
    queue = page.split('name="queue" value="')[1].split('"')[0]
    return Client().post(path, {"queue": queue, "khoa": key, **more}, follow=True)


def test_the_kiosk_gives_a_number_with_a_code_to_follow(office: Office, hall: int) -> None:
    page = text_of(take(office))
    assert "A001" in page
    assert "<svg" in page
    ticket = Ticket.objects.get()
    assert "A001" in text_of(Client().get(f"/so-thu-tu/{ticket.code}"))
    assert Client().get("/so-thu-tu/000000000000").status_code == 404


def test_without_its_key_the_kiosk_gives_nothing(office: Office, hall: int) -> None:
    page = text_of(Client().get(f"/kiosk/{hall}"))
    assert "Số thứ tự được cấp tại máy đặt trong sảnh" in page
    queue = page.split('name="queue" value="')[1].split('"')[0]
    assert Client().post(f"/kiosk/{hall}", {"queue": queue, "khoa": "x"}).status_code == 403
    assert not Ticket.objects.exists()


def test_a_procedure_leads_to_the_queue_that_serves_its_field(office: Office, hall: int) -> None:
    other = {"unit": str(hall), "letter": "b", "name": "Chứng thực", "places": "0", "fields": ["Chứng thực"]}
    office.browser("unit_admin").post(f"{HERE}cai-dat", other)
    path, key = kiosk_of(office).split("?khoa=")
    page = text_of(Client().get(path, {"khoa": key, "q": "chung thuc ban sao"}))
    hits = page.split("Thủ tục tìm thấy")[1].split("Hoặc chọn hàng")[0]
    assert 'name="procedure" value="2.000815"' in hits
    assert '<span class="letter">B</span>' in hits
    Client().post(path, {"procedure": "2.000815", "khoa": key})
    Client().post(path, {"procedure": "2.000635", "khoa": key})  # no queue of its own: the one for everything
    assert [ticket.label for ticket in Ticket.objects.order_by("pk")] == ["B001", "A001"]
    assert "Không thấy thủ tục nào khớp" in text_of(Client().get(path, {"khoa": key, "q": "qqqxyz"}))
    assert Client().post(path, {"procedure": "9.999999", "khoa": key}).status_code == 404


def test_an_officer_calls_serves_and_ends(office: Office, hall: int) -> None:
    take(office)
    take(office, priority="1")
    browser = office.browser("one_stop_officer")
    assert "A001" in text_of(browser.get(HERE))
    called = text_of(browser.post(f"{HERE}viec/goi", {"unit": hall, "desk": "Quầy 3"}, follow=True))
    assert "Bắt đầu phục vụ" in called
    shown = text_of(Client().get(f"/bang-goi/{hall}"))
    assert "A002" in shown.split("Đang chờ")[0], "who has priority is called first"
    assert "Quầy 3" in shown
    ticket = Ticket.objects.get(number=2)
    again = browser.post(f"{HERE}viec/goi", {"unit": hall, "desk": "Quầy 3"})
    assert (again.status_code, "kết thúc lượt này" in text_of(again)) == (409, True)
    for verb, status in (("goi-lai", "called"), ("bat-dau", "serving"), ("xong", "done")):
        browser.post(f"{HERE}viec/{verb}", {"ticket": ticket.pk})
        ticket.refresh_from_db()
        assert ticket.status == status
    assert 'value="Quầy 3"' in text_of(browser.get(HERE)), "the desk is remembered"


def test_the_display_is_a_fragment_when_asked_anew(office: Office, hall: int) -> None:
    piece = text_of(Client().get(f"/bang-goi/{hall}", headers={"HX-Request": "true"}))
    assert piece.startswith('<div id="calls"')
    assert "<html" not in piece


def test_figures_are_for_those_who_lead(office: Office, hall: int) -> None:
    take(office)
    page = text_of(office.browser("leader").get(f"{HERE}thong-ke", {"tu": "2026-11-23", "den": "2026-11-23"}))
    assert "A · Hộ tịch" in page
    assert office.browser("specialist").get(f"{HERE}thong-ke").status_code == 403


def test_a_citizen_books_a_quarter_of_an_hour_and_gives_it_back(office: Office, hall: int) -> None:
    client = Client()
    assert office.person.account_id is not None
    sign_in(client, get_account(office.person.account_id), assurance=2)
    assert "Quầy" in text_of(client.get("/dat-lich")) or hall
    page = text_of(client.get(f"/dat-lich/{hall}"))
    slot = page.split('name="slot" value="')[1].split('"')[0]
    queue = page.split('name="queue" value="')[1].split('"')[0]
    done = client.post(f"/dat-lich/{hall}", {"queue": queue, "slot": slot}, follow=True)
    assert "Hẹn lúc" in text_of(done)
    assert "Bạn đã có số" in text_of(client.get("/dat-lich"))
    twice = client.post(f"/dat-lich/{hall}", {"queue": queue, "slot": slot})
    assert (twice.status_code, "đang chờ" in text_of(twice)) == (409, True)
    for wrong in ("x", "2026-11-23T08:15:00"):
        assert client.post(f"/dat-lich/{hall}", {"queue": queue, "slot": wrong}).status_code == 409
    code = Ticket.objects.get().code
    assert "Đã hủy" in text_of(client.post(f"/so-thu-tu/{code}/tra-lai", follow=True))


def test_a_paper_file_is_where_its_label_was_last_read(office: Office) -> None:
    case = office.received()
    counter, specialist = office.browser("one_stop_officer"), office.browser("specialist")
    label = text_of(counter.get(f"/can-bo/ho-so-giay/{case.code}/nhan"))
    assert "<svg" in label
    assert case.code in label
    done = text_of(counter.post("/can-bo/ho-so-giay/", {"code": f" {case.code} ", "place": "Tủ 2"}))
    assert 'value="Tủ 2"' in done, "the place stays for the next label"
    with travel(MORNING + timedelta(minutes=3)):
        specialist.post("/can-bo/ho-so-giay/", {"code": case.code, "place": ""})
        page = text_of(specialist.get(f"/can-bo/ho-so-giay/{case.code}"))
    assert page.index(office.actor("specialist").name, page.index("đang ở đâu")) < page.index("Tủ 2")
    assert specialist.post("/can-bo/ho-so-giay/", {"code": "H48.99-1"}).status_code == 404


def test_a_parcel_is_sent_and_arrives(office: Office) -> None:
    case = office.received()
    counter = office.browser("one_stop_officer")
    address = f"/can-bo/ho-so-giay/{case.code}"
    assert "Bản giấy, bưu gửi" in text_of(counter.get(f"/can-bo/ho-so/{case.code}"))
    data = {
        "direction": "out", "carrier": "VNPost", "tracking_code": "rr123vn", "contents": "Kết quả",
        "recipient": "Nguyễn Thị Ví Dụ, Tổ 3",
    }  # fmt: skip
    assert counter.post(f"{address}/buu-gui", data).status_code == 302
    parcel = Parcel.objects.get()
    assert (parcel.tracking_code, parcel.received_at) == ("RR123VN", None)
    assert "Đang đi" in text_of(counter.get(address))
    known = counter.post(f"{address}/buu-gui", data)
    assert (known.status_code, "đã được ghi nhận" in text_of(known)) == (409, True)
    assert counter.post(f"{address}/buu-gui", data | {"tracking_code": "x", "recipient": ""}).status_code == 422
    for _ in range(2):
        counter.post(f"{address}/buu-gui/{parcel.pk}")
    parcel.refresh_from_db()
    assert parcel.received_at == MORNING
    assert counter.post(f"{address}/buu-gui/0").status_code == 404
    assert office.browser("specialist").post(f"{address}/buu-gui", data).status_code == 403
    stranger = office.browser("one_stop_officer", other=True)
    assert stranger.get(address).status_code == 404
