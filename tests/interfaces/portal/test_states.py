"""A case in every state of its life: its pages are there, say the state in one of few words, and offer what may be done."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from tests.factories.cases import STATES, CaseMaker
from tests.factories.world import World
from tests.interfaces.portal.conftest import body
from tinhso.apps.cases.models import Case
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor

pytestmark = pytest.mark.django_db

SAID = {
    "submitted": "Chờ tiếp nhận",
    "intake_supplement": "Chờ bổ sung",
    "received": "Đang xử lý",
    "assignment": "Đang xử lý",
    "appraisal": "Đang xử lý",
    "supplement": "Chờ bổ sung",
    "review": "Đang xử lý",
    "approval": "Đang xử lý",
    "approved": "Đang xử lý",
    "resolved": "Đã có kết quả",
    "delivered": "Đã trả",
    "intake_refused": "Từ chối",
    "withdrawn": "Đã rút",
    "stopped": "Dừng",
}


@pytest.fixture
def maker(province: World, citizen: Actor) -> CaseMaker:
    return CaseMaker(province, person=citizen)


def test_every_state_has_its_word() -> None:
    assert set(SAID) == set(STATES) - {"draft"}


@pytest.mark.parametrize("state", SAID)
def test_the_pages_of_a_case_in_every_state(site: Client, maker: CaseMaker, state: str) -> None:
    case = maker.at(state)
    page = site.get(f"/ho-so/{case.code}")
    text = page.content.decode()
    assert page.status_code == 200
    assert f"</svg>{SAID[state]}</span>" in text
    listed = site.get("/ho-so/").content.decode()
    assert f"</svg>{SAID[state]}</span>" in listed
    followed = Client().get("/tra-cuu", {"ma": case.code}).content.decode()
    assert f"</svg>{SAID[state]}</span>" in followed
    assert case.applicant_name not in followed
    assert ("/bo-sung" in text) == (state in {"intake_supplement", "supplement"})
    ended = {"approved", "resolved", "delivered", "intake_refused", "withdrawn", "stopped"}
    assert ("/rut" in text) == (state not in ended)


def test_a_draft_is_listed_with_the_way_on(site: Client, maker: CaseMaker) -> None:
    case = maker.at("draft")
    assert f'href="/ho-so/soan/{case.pk}"' in site.get("/ho-so/").content.decode()


def test_while_the_clock_stands_the_bar_is_hatched(site: Client, maker: CaseMaker) -> None:
    text = site.get(f"/ho-so/{maker.at('supplement').code}").content.decode()
    assert 'fill="url(#ts-hatch)"' in text
    assert "Đang dừng" in text


def test_taking_the_result_hands_it_over_and_gives_the_file(site: Client, maker: CaseMaker) -> None:
    case = maker.at("resolved")
    assert "Nhận kết quả" in site.get(f"/ho-so/{case.code}").content.decode()
    first = site.post(f"/ho-so/{case.code}/nhan-ket-qua")
    assert body(first).startswith(b"%PDF")
    assert Case.objects.get(pk=case.pk).status == "delivered"
    # The button pressed again, or the page reloaded: the file once more, nothing else.
    assert body(site.post(f"/ho-so/{case.code}/nhan-ket-qua")).startswith(b"%PDF")
    assert body(site.get(f"/ho-so/{case.code}/ket-qua")).startswith(b"%PDF")


def test_looking_at_the_result_does_not_hand_it_over(site: Client, maker: CaseMaker) -> None:
    case = maker.at("resolved")
    body(site.get(f"/ho-so/{case.code}/ket-qua"))
    assert Case.objects.get(pk=case.pk).status == "resolved"


def test_a_result_is_checked_by_its_code_without_the_name(site: Client, maker: CaseMaker) -> None:
    case = maker.at("delivered")
    code = case.results.get(status="signed").check_code
    assert f'href="/kiem-tra/{code}"' in site.get(f"/ho-so/{case.code}").content.decode()
    text = Client().get(f"/kiem-tra/{code}").content.decode()
    assert "do tỉnh cấp" in text
    assert case.applicant_name not in text


def test_the_service_is_rated_once(site: Client, maker: CaseMaker) -> None:
    case = maker.at("delivered")
    address = f"/ho-so/{case.code}/danh-gia"
    assert site.post(address, {"satisfaction": "nonsense"}).status_code == 422
    assert site.post(address, {"satisfaction": "satisfied", "comment": "Nhanh\x00"}).status_code == 302
    assert "Bạn đã đánh giá: Hài lòng" in site.get(f"/ho-so/{case.code}").content.decode()
    assert site.post(address, {"satisfaction": "satisfied"}).status_code == 409


def test_the_first_page_counts_what_is_done_this_month(maker: CaseMaker) -> None:
    maker.at("appraisal")
    case = maker.at("delivered")
    assert case.resolved_at is not None
    cache.clear()
    with clock.travel(case.resolved_at + timedelta(hours=3)):
        text = Client().get("/").content.decode()
    cache.clear()
    assert "Hồ sơ đã giải quyết tháng này" in text
    assert '<div class="v">1</div>' in text
    assert "100,0%" in text
    with clock.travel(case.resolved_at + timedelta(days=60)):
        assert "Hồ sơ đã giải quyết tháng này" not in Client().get("/").content.decode()
    cache.clear()


def test_an_extract_is_asked_for_from_the_page_of_the_case(site: Client, stranger: Client, maker: CaseMaker) -> None:
    case = maker.at("delivered")
    address = f"/ho-so/{case.code}/trich-luc"
    assert address in site.get(f"/ho-so/{case.code}").content.decode()
    page = site.get(address).content.decode()
    assert "Trích lục, bản sao từ sổ gốc" in page
    result = case.results.get()
    sent = {"ket-qua": str(result.pk), "loai": "extract", "muc-dich": ""}
    refused = site.post(address, sent)
    assert (refused.status_code, "Mời ghi" in refused.content.decode()) == (422, True)
    assert site.post(address, {**sent, "muc-dich": "Vay vốn"}).status_code == 302
    assert "Chờ duyệt" in site.get(address).content.decode()
    assert site.post(address, {**sent, "muc-dich": "Vay vốn"}).status_code == 409
    assert site.post(address, {**sent, "ket-qua": "999999"}).status_code == 404
    assert {stranger.get(address).status_code, stranger.post(address, sent).status_code} == {404}
    assert result.extracts.count() == 1
