"""A citizen's cases: what she sees, what she may do, what others may not see."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.factories import vaults
from tests.factories.world import World
from tests.interfaces.portal.conftest import body
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.models import Case
from tinhso.apps.vault.enums import Origin
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def received(submitted: str, province: World) -> str:
    """The code of a case whose clock runs."""
    case = Case.objects.get(code=submitted)
    actions.receive_case(case_id=case.pk, actor=province.officer("one_stop_officer"), at=clock.now())
    return submitted


@pytest.fixture
def asked(submitted: str, province: World) -> str:
    """The code of a case that waits for a supplement before reception."""
    case = Case.objects.get(code=submitted)
    actions.request_supplement(
        case_id=case.pk,
        items=["Bản vẽ móng có chữ ký"],
        reason="Bản vẽ chưa ký",
        actor=province.officer("one_stop_officer"),
        at=clock.now(),
    )
    return submitted


def test_nobody_else_sees_a_case(stranger: Client, client: Client, submitted: str) -> None:
    client.logout()
    for address in ("", "/bo-sung", "/rut", "/ket-qua", "/giay/1", "/tep/1"):
        assert stranger.get(f"/ho-so/{submitted}{address}").status_code == 404
    for address in ("/rut", "/danh-gia", "/nhan-ket-qua", "/bo-sung"):
        assert stranger.post(f"/ho-so/{submitted}{address}").status_code == 404
    assert submitted not in stranger.get("/ho-so/").content.decode()


def test_a_visitor_is_sent_to_sign_in(province: World) -> None:
    answer = Client().get("/ho-so/H48.1-260101-0001")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/dang-nhap")


def test_the_list_shows_drafts_and_cases_and_what_to_do(site: Client, asked: str) -> None:
    text = site.get("/ho-so/").content.decode()
    assert asked in text
    assert "Chờ bổ sung" in text
    assert f'href="/ho-so/{asked}/bo-sung"' in text


def test_an_empty_list_says_what_to_do_next(site: Client) -> None:
    assert "Tìm thủ tục" in site.get("/ho-so/").content.decode()


def test_a_wrong_cursor_is_told(site: Client) -> None:
    assert site.get("/ho-so/", {"sau": "x"}).status_code == 422


def test_the_page_of_a_running_case_explains_its_date(site: Client, received: str) -> None:
    text = site.get(f"/ho-so/{received}").content.decode()
    assert "Đang xử lý" in text
    assert "Hẹn trả" in text
    assert "Vì sao hẹn ngày này?" in text
    assert "7 ngày làm việc" in text
    assert "ban ve.pdf" in text


def test_an_attached_file_comes_back_as_it_was(site: Client, submitted: str) -> None:
    document = Case.objects.get(code=submitted).documents.get(key="house_drawings")
    answer = site.get(f"/ho-so/{submitted}/tep/{document.pk}")
    assert answer["Content-Type"] == "application/pdf"
    assert "attachment" in answer["Content-Disposition"]
    assert body(answer).startswith(b"%PDF")
    assert site.get(f"/ho-so/{submitted}/tep/999999").status_code == 404


def test_the_acknowledgement_is_there_once_it_is_made(
    site: Client, received: str, drain_jobs: Callable[[], int]
) -> None:
    assert "Giấy tiếp nhận" not in site.get(f"/ho-so/{received}").content.decode()
    drain_jobs()
    text = site.get(f"/ho-so/{received}").content.decode()
    assert "Giấy tiếp nhận hồ sơ và hẹn trả kết quả" in text
    paper = text.split(f'href="/ho-so/{received}/giay/')[1].split('"')[0]
    answer = site.get(f"/ho-so/{received}/giay/{paper}")
    assert body(answer).startswith(b"%PDF")


def test_a_supplement_is_handed_in_on_one_page(site: Client, asked: str, drawings: Callable[[], Any]) -> None:
    page = site.get(f"/ho-so/{asked}/bo-sung").content.decode()
    assert "Bản vẽ móng có chữ ký" in page
    answer = site.post(f"/ho-so/{asked}/bo-sung", {"giay.house_drawings": drawings(), "note": "Đã ký đủ"})
    assert answer.status_code == 302
    case = Case.objects.get(code=asked)
    assert case.status == "submitted"
    assert case.documents.filter(key="house_drawings").count() == 2
    assert site.get(f"/ho-so/{asked}/bo-sung").status_code == 409


def test_a_supplement_offers_what_lies_in_the_vault(site: Client, asked: str, person: AccountData) -> None:
    document = vaults.kept(
        person.personal_id, type_code="", name="Bản vẽ đã thẩm định", origin=Origin.COMPONENT, at=clock.now(),
        procedure_code="1.013225", component_key="house_drawings",
    )  # fmt: skip
    page = site.get(f"/ho-so/{asked}/bo-sung").content.decode()
    assert "Đã có trong kho của bạn" in page
    assert "Bản vẽ đã thẩm định" in page
    assert site.post(f"/ho-so/{asked}/bo-sung", {"kho.house_drawings": str(uuid4())}).status_code == 422
    answer = site.post(f"/ho-so/{asked}/bo-sung", {"kho.house_drawings": str(document.uuid)})
    assert answer.status_code == 302
    taken = Case.objects.get(code=asked).documents.get(presence="vault")
    assert (taken.key, taken.file_id, taken.reused) == ("house_drawings", document.file_id, "component")


def test_a_supplement_with_nothing_in_it_is_sent_back(site: Client, asked: str) -> None:
    answer = site.post(f"/ho-so/{asked}/bo-sung", {"_shown": "", "note": " "})
    assert answer.status_code == 422
    assert "ít nhất một" in answer.content.decode()
    assert Case.objects.get(code=asked).status == "intake_supplement"


def test_a_wrong_correction_keeps_what_was_typed(site: Client, asked: str) -> None:
    answer = site.post(f"/ho-so/{asked}/bo-sung", {"_shown": "land_area", "land_area": "rộng", "note": "x"})
    assert answer.status_code == 422
    assert 'value="rộng"' in answer.content.decode()


def test_withdrawing_asks_first_and_only_once(site: Client, submitted: str) -> None:
    assert "Rút hồ sơ" in site.get(f"/ho-so/{submitted}/rut").content.decode()
    assert site.post(f"/ho-so/{submitted}/rut", {"reason": "Đổi ý"}).status_code == 302
    assert Case.objects.get(code=submitted).status == "withdrawn"
    assert site.post(f"/ho-so/{submitted}/rut").status_code == 409
    assert "Đã rút" in site.get(f"/ho-so/{submitted}").content.decode()


def test_no_result_yet_is_a_sentence(site: Client, submitted: str) -> None:
    for answer in (site.get(f"/ho-so/{submitted}/ket-qua"), site.post(f"/ho-so/{submitted}/nhan-ket-qua")):
        assert answer.status_code == 404
        assert "chưa có kết quả" in answer.content.decode()
    assert site.post(f"/ho-so/{submitted}/danh-gia", {"satisfaction": "satisfied"}).status_code == 409


def test_the_numbers_of_queries_are_fixed(
    site: Client, received: str, citizen: Actor, own_rows: bool, django_assert_max_num_queries: Any
) -> None:
    assert queries.my_cases(actor=citizen, now=clock.now()).items
    the_role = 2 if own_rows else 0  # put on and taken off by a statement each
    for address, most in (("/ho-so/", 8), (f"/ho-so/{received}", 22)):
        site.get(address)
        with django_assert_max_num_queries(most + the_role):
            site.get(address)


def test_the_applicant_looks_at_the_pages_of_what_she_handed_in(
    site: Client, stranger: Client, submitted: str, drain_jobs: Callable[[], int]
) -> None:
    drain_jobs()
    page = site.get(f"/ho-so/{submitted}").content.decode()
    links = sorted(set(re.findall(rf'href="(/ho-so/{submitted}/tep/\d+/xem)"', page)))
    kept = Case.objects.get(code=submitted).documents.filter(file__isnull=False)
    assert links == sorted(f"/ho-so/{submitted}/tep/{document.pk}/xem" for document in kept)
    assert links
    for link in links:
        opened = site.get(link)
        assert opened.status_code == 200
        assert "<img" in opened.content.decode()
        assert site.get(link.replace("/xem", "/trang/1"))["Content-Type"] == "image/jpeg"
        for address in (link, link.removesuffix("/xem"), link.replace("/xem", "/trang/1")):
            assert stranger.get(address).status_code == 404
