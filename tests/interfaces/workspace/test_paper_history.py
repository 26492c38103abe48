"""The paper file and the parcels of a case in its line of time: names and shelves for officers, plain words for the citizen."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.factories import accounts
from tests.interfaces.workspace.conftest import MORNING, Office, text_of
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.directory.queries import one_stop_of
from tinhso.apps.reception import actions as reception
from tinhso.kernel.clock import travel


@pytest.fixture
def owner(office: Office) -> Client:
    client = Client()
    assert office.person.account_id is not None
    accounts.sign_in(client, get_account(office.person.account_id))
    return client


def test_both_sides_see_where_the_papers_are(office: Office, owner: Client) -> None:
    case = office.received()
    counter, unit = office.actor("one_stop_officer"), one_stop_of(office.place.commune.id)
    assert unit is not None
    for minutes, place in ((10, "Giá A-12"), (20, "Giá B-07")):
        reception.move_paper(
            case_code=case.code or "",
            unit_id=unit.id,
            place=place,
            actor=counter,
            at=MORNING + timedelta(minutes=minutes),
        )
    parcel = reception.note_parcel(
        case_code=case.code or "", direction="out", carrier="Bưu điện Việt Nam", tracking_code="eq123456789vn",
        contents="Kết quả bản giấy", recipient="Nguyễn Thị Ví Dụ, thôn Mẫu", actor=counter,
        at=MORNING + timedelta(minutes=30),
    )  # fmt: skip
    with travel(MORNING + timedelta(hours=1)):
        shown = text_of(office.browser("one_stop_officer").get(f"/can-bo/ho-so/{case.code}"))
        mine = text_of(owner.get(f"/ho-so/{case.code}"))
    for wanted in (
        "Hồ sơ giấy đến",
        "Giá A-12",
        "Giá B-07",
        counter.name,
        "Gửi bưu gửi cho người nộp",
        "EQ123456789VN",
    ):
        assert wanted in shown, wanted
    assert mine.count("Hồ sơ giấy đã chuyển") == 1, "a move inside an office says nothing to her"
    assert "Đã gửi bưu chính cho bạn" in mine
    assert "EQ123456789VN" in mine
    assert "Giá A-12" not in mine
    assert "Bưu gửi đã đến tay" not in mine
    reception.confirm_parcel(
        case_code=case.code or "", parcel_id=parcel.pk, actor=counter, at=MORNING + timedelta(hours=2)
    )
    with travel(MORNING + timedelta(hours=3)):
        assert "Bưu gửi đã đến tay người nhận" in text_of(owner.get(f"/ho-so/{case.code}"))


def test_a_case_without_papers_tells_of_none(office: Office, owner: Client) -> None:
    case = office.received()
    for client, address in (
        (office.browser("specialist"), f"/can-bo/ho-so/{case.code}"),
        (owner, f"/ho-so/{case.code}"),
    ):
        shown = text_of(client.get(address))
        assert "Hồ sơ giấy đ" not in shown
        assert "Gửi bưu gửi" not in shown
        assert "Đã gửi bưu chính" not in shown
