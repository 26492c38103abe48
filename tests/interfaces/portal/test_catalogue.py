"""Finding a procedure and reading about it."""

import gzip
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.factories.world import World
from tests.interfaces.portal.conftest import HOUSE
from tinhso.apps.procedures import actions as procedures
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db


def test_home_has_the_search_the_life_events_and_the_case_box(client: Client, province: World) -> None:
    page = client.get("/")
    text = page.content.decode()
    assert page.status_code == 200
    assert 'action="/tim"' in text
    assert 'action="/tra-cuu"' in text
    assert "Theo việc trong đời" in text
    assert "tỉnh Quảng Ngãi" in text


def test_home_needs_few_queries(client: Client, province: World, django_assert_max_num_queries: Any) -> None:
    client.get("/")
    with django_assert_max_num_queries(4):
        client.get("/")


def test_the_first_page_weighs_little_over_the_wire(client: Client, province: World) -> None:
    names = [
        "vendor/bootstrap.min.css", "ui/theme.css", "ui/components.css", "ui/portal.css", "django_htmx/htmx-2.min.js",
        "ui/page.js", "ui/announce.js", "ui/scan.js", "ui/icon.svg",
    ]  # fmt: skip
    page = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    weight = len(page.content)
    for name in names:
        found = finders.find(name)
        assert isinstance(found, str), name
        with open(found, "rb") as file:  # noqa: PTH123 - a finder gives text
            weight += len(gzip.compress(file.read()))
    for name in ("latin-400", "latin-600", "vietnamese-400", "vietnamese-600"):
        found = finders.find(f"vendor/be-vietnam-pro/{name}.woff2")
        assert isinstance(found, str), name
        with open(found, "rb") as file:  # noqa: PTH123 - a finder gives text
            weight += len(file.read())
    assert weight < 150_000


@pytest.mark.parametrize("words", ["xin giấy phép xây nhà", "xin giay phep xay nha", "XIN GIẤY PHÉP XÂY NHÀ"])
def test_search_finds_by_everyday_words(client: Client, province: World, words: str) -> None:
    text = client.get("/tim", {"q": words}).content.decode()
    assert f'href="/thu-tuc/{HOUSE}"' in text


def test_the_swap_of_a_search_equals_a_reload(client: Client, province: World) -> None:
    whole = client.get("/tim", {"q": "giay phep"}).content.decode()
    piece = client.get("/tim", {"q": "giay phep"}, headers={"HX-Request": "true"}).content.decode()
    assert piece.strip() in whole
    assert "<html" not in piece


def test_suggestions_say_how_many_there_are(client: Client, province: World) -> None:
    text = client.get("/tim/goi-y", {"q": "xay nha"}).content.decode()
    assert "data-announce" in text
    assert client.get("/tim/goi-y", {"q": " "}).content.strip() == b""


@pytest.mark.parametrize("query", ["\x00", "'; drop table", "🏠" * 300, "%", "\\", "<script>"])
def test_search_survives_any_words(client: Client, province: World, query: str) -> None:
    answer = client.get("/tim", {"q": query, "linh-vuc": query, "cap": query, "sau": query, "viec": ""})
    assert answer.status_code in {200, 422}
    assert "<script>" not in answer.content.decode().replace("<script type", "").replace("<script src", "")


def test_nothing_found_says_what_to_do(client: Client, province: World) -> None:
    text = client.get("/tim", {"q": "zzzz qqqq"}).content.decode()
    assert "Chưa thấy thủ tục nào" in text


def test_a_procedure_says_who_how_long_what_it_costs_and_what_is_spared(client: Client, province: World) -> None:
    page = client.get(f"/thu-tuc/{HOUSE}")
    text = page.content.decode()
    assert page.status_code == 200
    assert "7 ngày làm việc" in text
    assert "10 ngày làm việc" in text
    assert "75.000 ₫" in text
    assert "tạm tính" in text
    assert "Không cần nộp vì Nhà nước đã có" in text
    assert "Cơ sở dữ liệu quốc gia về đất đai" in text
    assert "có hiệu lực từ 30/12/2024" in text
    assert f'href="/thu-tuc/{HOUSE}/bat-dau"' in text


def test_a_procedure_page_needs_few_queries(
    client: Client, province: World, django_assert_max_num_queries: Any
) -> None:
    client.get(f"/thu-tuc/{HOUSE}")
    with django_assert_max_num_queries(2):
        client.get(f"/thu-tuc/{HOUSE}")


def test_an_unknown_code_is_a_page_with_a_sentence(client: Client, province: World) -> None:
    page = client.get("/thu-tuc/9.999999")
    assert page.status_code == 404
    assert "Không có thủ tục 9.999999" in page.content.decode()


def test_an_abolished_procedure_says_since_when(client: Client, province: World) -> None:
    procedures.abolish_procedure(
        code=HOUSE, effective_from=clock.today(), reason="Bãi bỏ", actor=SYSTEM, at=clock.now()
    )
    page = client.get(f"/thu-tuc/{HOUSE}")
    assert page.status_code == 409
    assert "hết hiệu lực" in page.content.decode()


def test_static_pages(client: Client, province: World) -> None:
    assert "Hỗ trợ tiếp cận" in client.get("/ho-tro-tiep-can").content.decode()
    manifest = client.get("/ung-dung.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    assert manifest.json()["start_url"] == "/"
