"""Reading the catalogue: lists by key, fields, occasions of life, search and its everyday words."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.factories.procedures import AT, DAY, curated, official, publish_facts, publish_package
from tinhso.apps.audit.models import Entry
from tinhso.apps.procedures import actions, queries
from tinhso.apps.procedures.data import ProcedureNotFound, ProcedureNotInForce, ProcedureNotRunHere, RequiredDocument
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue() -> None:
    publish_facts(
        curated("9.100001", "Đăng ký khai sinh", field="Hộ tịch", essential=True),
        curated("9.100002", "Đăng ký khai sinh có yếu tố nước ngoài", field="Hộ tịch"),
        curated("9.100003", "Cấp giấy phép kinh doanh karaoke", field="Văn hóa", level="province"),
        curated("9.100004", "Đăng ký kết hôn", field="Hộ tịch", everyday_words=("lấy vợ lấy chồng",)),
        curated(
            "9.100005", "Giải quyết chế độ mẫu", field="Bảo trợ",
            documents=(RequiredDocument("a", "Giấy xác nhận khuyết tật"),),
        ),
        curated("9.100006", "Đăng ký khai sinh kiểu tỉnh khác", field="Hộ tịch", locality="Đắk Lắk"),
    )  # fmt: skip


def codes(q: str, **options: Any) -> list[str]:
    return [item.code for item in queries.search_procedures(q, on=DAY, **options).items]


# ------------------------------------------------------------------------------------------------ versions


def test_what_is_not_there_is_said_in_a_sentence() -> None:
    with pytest.raises(ProcedureNotFound, match=r"Không có thủ tục 9\.999999"):
        queries.get_version("9.999999", DAY)
    publish_package(effective_from="2026-06-01")
    with pytest.raises(ProcedureNotInForce, match="chỉ có hiệu lực từ ngày 01/06/2026"):
        queries.get_version("9.000001", DAY)
    for missing in (lambda: queries.get_version_by_id(0), lambda: queries.list_versions("9.999999")):
        with pytest.raises(ProcedureNotFound):
            missing()


def test_a_procedure_that_is_only_described_cannot_be_started(catalogue: None) -> None:
    with pytest.raises(ProcedureNotRunHere):
        queries.get_package("9.100001", DAY)
    publish_package()
    version, package = queries.get_package("9.000001", DAY)
    assert version.package is package


def test_a_version_is_parsed_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    publish_package()
    first = queries.get_version("9.000001", DAY)
    with django_assert_num_queries(1):
        assert queries.get_version("9.000001", DAY).package is first.package


# ------------------------------------------------------------------------------------------------ lists


def test_lists_go_on_from_a_code(catalogue: None) -> None:
    first = queries.list_procedures(on=DAY, limit=4)
    second = queries.list_procedures(on=DAY, limit=4, cursor=first.next)
    assert [i.code for i in first.items + second.items] == [f"9.10000{n}" for n in range(1, 7)]
    assert second.next is None
    assert first.items[0].limit_label == "5 ngày làm việc"


def test_lists_by_level_field_and_day(catalogue: None) -> None:
    assert [i.code for i in queries.list_procedures(on=DAY, level="province").items] == ["9.100003"]
    assert [i.code for i in queries.list_procedures(on=DAY, field="Bảo trợ").items] == ["9.100005"]
    assert queries.list_procedures(on=date(2026, 1, 1)).items == ()
    publish_package()
    assert [i.code for i in queries.list_procedures(on=DAY, runs_here=True).items] == ["9.000001"]
    assert queries.count_procedures(on=DAY) == 7


def test_fields_are_in_vietnamese_order_with_counts(catalogue: None) -> None:
    assert [(f.field, f.count) for f in queries.list_fields(on=DAY)] == [("Bảo trợ", 1), ("Hộ tịch", 4), ("Văn hóa", 1)]
    assert [f.field for f in queries.list_fields(on=DAY, level="province")] == ["Văn hóa"]


def test_occasions_of_life_count_what_is_in_force(catalogue: None, tmp_path: Path, settings: Any) -> None:
    settings.CONTENT_DIR = tmp_path
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "catalogue" / "life-events.yaml").write_text(
        "events:\n  - {key: co-con, name: Có con nhỏ, icon: star, procedures: ['9.100004', '9.999999', '9.100001']}\n"
    )
    (event,) = queries.list_life_events(on=DAY)
    assert (event.name, event.count) == ("Có con nhỏ", 2)
    event, items = queries.list_procedures_of_event("co-con", on=DAY)
    assert [item.code for item in items] == ["9.100004", "9.100001"]
    with pytest.raises(ProcedureNotFound):
        queries.list_procedures_of_event("none", on=DAY)


def test_summaries_keep_the_order_asked(catalogue: None) -> None:
    found = queries.list_summaries(["9.100003", "9.999999", "9.100001"], on=DAY)
    assert [item.code for item in found] == ["9.100003", "9.100001"]


# ------------------------------------------------------------------------------------------------ search


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("khai sinh", "9.100001"),
        ("KHAI SINH", "9.100001"),
        ("khai sinh nước ngoài", "9.100002"),
        ("karaoke", "9.100003"),
        ("karaoekk", "9.100003"),
        ("lấy chồng", "9.100004"),
        ("giấy khuyết tật", "9.100005"),
        ("9.100003", "9.100003"),
        ("9.1000", "9.100001"),
    ],
)
def test_search_finds(catalogue: None, q: str, expected: str) -> None:
    assert codes(q)[0] == expected


def test_another_province_s_own_procedure_comes_last(catalogue: None) -> None:
    assert codes("đăng ký khai sinh")[-1] == "9.100006"


def test_search_keeps_to_level_and_field(catalogue: None) -> None:
    assert codes("khai sinh", level="province") == []
    assert codes("đăng ký", field="Hộ tịch")
    assert "9.100003" not in codes("giấy phép", field="Hộ tịch")


def test_pages_of_a_search_do_not_overlap(catalogue: None) -> None:
    first = queries.search_procedures("khai sinh", on=DAY, limit=2)
    second = queries.search_procedures("khai sinh", on=DAY, limit=2, cursor=first.next)
    assert first.next == "2"
    assert not {i.code for i in first.items} & {i.code for i in second.items}


@pytest.mark.parametrize("q", ["", "   ", "🙂", "%_%"])
def test_no_word_lists_everything(catalogue: None, q: str) -> None:
    assert len(codes(q)) == 6


@pytest.mark.parametrize(
    "q", ["'; DROP TABLE x; --", "a & b | !c", "<->", "khai:*", "x" * 5000, "\x00khai sinh", "9.1'"]
)
def test_any_text_may_be_searched(catalogue: None, q: str) -> None:
    queries.search_procedures(q, on=DAY)


@pytest.mark.parametrize("cursor", ["x", "-1", "99999999", "'"])
def test_a_cursor_that_is_none_starts_anew(catalogue: None, cursor: str) -> None:
    assert queries.search_procedures("khai sinh", on=DAY, cursor=cursor).items


def test_a_search_asks_the_database_few_times(
    catalogue: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    codes("khai sinh")
    with django_assert_max_num_queries(3):
        codes("đăng ký khai sinh")


# ------------------------------------------------------------------------------------------------ everyday words


def words_value(**entry: Any) -> dict[str, Any]:
    return {"entries": [{"say": ["mở quán hát"], **entry}], "ignore": ["muốn"]}


def test_an_official_teaches_the_search_a_word(catalogue: None) -> None:
    assert "9.100003" not in codes("mở quán hát")
    manager = official("procedure.manage")
    assert actions.publish_synonyms(value=words_value(codes=["9.100003"]), actor=manager, at=AT) == 1
    assert codes("muốn mở quán hát")[0] == "9.100003"
    assert actions.publish_synonyms(value=words_value(codes=["9.100003"]), actor=manager, at=AT) is None
    assert actions.publish_synonyms(value=words_value(mean="kết hôn"), actor=manager, at=AT) == 2
    assert codes("mở quán hát")[0] == "9.100004"
    assert Entry.objects.filter(type="catalogue.synonyms_published").count() == 2
    assert queries.get_synonyms()[0] == 2


def test_a_vocabulary_with_faults_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        actions.publish_synonyms(value={"entries": [{"say": ["a"]}], "x": 1}, actor=SYSTEM, at=AT)
    assert len(caught.value.errors) == 2
    with pytest.raises(Forbidden):
        actions.publish_synonyms(value=words_value(mean="a"), actor=official("procedure.approve"), at=AT)


def test_words_taught_hold_for_versions_published_later() -> None:
    actions.publish_synonyms(value=words_value(codes=["9.100001"]), actor=SYSTEM, at=AT)
    publish_facts(curated("9.100001", "Đăng ký hoạt động mẫu"))
    assert codes("mở quán hát") == ["9.100001"]
