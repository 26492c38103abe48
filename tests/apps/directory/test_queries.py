from datetime import date

import pytest
from django.core.signals import request_finished, request_started
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from tests.factories.directory import (
    AT,
    BA_XA,
    CAM_THANH,
    KON_TUM,
    LY_SON,
    commune,
    department,
    province_content,
    small_content,
    small_directory,
    whole_directory,
)  # fmt: skip
from tinhso.apps.directory import queries
from tinhso.apps.directory.actions import publish_directory
from tinhso.apps.directory.enums import CodeScheme, SuccessionExtent, UnitKind
from tinhso.apps.directory.models import DirectoryStamp, UnitCode
from tinhso.kernel.actions import lasting_facts
from tinhso.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)
ASKED = date(2024, 3, 12)


def test_an_empty_directory_answers_nothing() -> None:
    assert queries.list_units() == []
    assert queries.search_units("kon tum") == []
    assert queries.subtree_ids(1) == frozenset()
    assert queries.central_agency_of(level="commune", field="Thuế", on=TODAY) == ""
    with pytest.raises(queries.UnitNotFound, match="Chưa nạp"):
        queries.get_province(TODAY)
    with pytest.raises(queries.UnitNotFound):
        queries.get_unit(1)
    with pytest.raises(queries.UnitNotFound, match="05/01/2026 không có đơn vị nào mang mã H48"):
        queries.get_unit_by_code("H48", TODAY)
    with pytest.raises(queries.UnitNotFound):
        queries.get_unit_by_path("quang-ngai")
    with pytest.raises(queries.UnitNotFound):
        queries.resolving_unit_of(1)


def test_which_unit_was_this_on_12_march_2024() -> None:
    whole_directory()
    asked = queries.unit_on("21262", ASKED)
    assert asked.name == "Xã Nghĩa An"
    assert [p.name for p in asked.parents] == ["Thành phố Quảng Ngãi", "Tỉnh Quảng Ngãi"]
    assert [(s.unit.name, s.extent) for s in asked.successors] == [("Xã An Phú", SuccessionExtent.WHOLE)]
    assert asked.successors[0].unit.gso_code == "21034"
    # by New Year's Day the same code meant the merged commune, which its heir took over half a year later
    assert queries.unit_on("21262", date(2025, 1, 1)).name == "Xã An Phú"
    assert queries.unit_on("21262", ASKED, today=date(2025, 3, 1)).successors[0].unit.gso_code == "21262"
    with pytest.raises(queries.UnitNotFound, match="01/07/2025 không có đơn vị nào mang mã 21262"):
        queries.unit_on("21262", date(2025, 7, 1))


def test_a_unit_of_today_has_no_successors() -> None:
    whole_directory()
    today = queries.unit_on("H48", TODAY)
    assert (today.name, today.successors, today.parents) == ("Tỉnh Quảng Ngãi", (), ())


def test_codes_of_the_two_provinces() -> None:
    whole_directory()
    kon_tum = queries.unit_on("H34", ASKED)
    assert kon_tum.name == "Tỉnh Kon Tum"
    assert [s.unit.code for s in kon_tum.successors] == ["H48"]
    assert queries.unit_on("H48", ASKED).unit.path == "quang-ngai-cu"
    assert queries.unit_on("h48", TODAY).unit.path == "quang-ngai"
    assert queries.get_province(ASKED).path == "quang-ngai-cu"  # of the two, the one whose code lives on
    assert queries.get_province(TODAY).path == "quang-ngai"


def test_a_divided_commune_names_both_heirs_and_a_renamed_one_its_old_name() -> None:
    whole_directory()
    divided = queries.unit_on("21142", ASKED)  # Trà Bùi
    assert [(s.unit.name, s.extent) for s in divided.successors] == [
        ("Xã Cà Đam", SuccessionExtent.PARTIAL),
        ("Xã Tây Trà Bồng", SuccessionExtent.PARTIAL),
    ]
    assert queries.unit_on("21220", date(2022, 6, 1)).name == "Xã Tịnh Hà"
    assert queries.unit_on("21220", ASKED).name == "Thị trấn Tịnh Hà"
    # Nghĩa Mỹ went partly to a town and partly to a commune, which later merged into one: still only a part of it
    (heir,) = queries.unit_on("21286", ASKED).successors
    assert (heir.unit.name, heir.extent) == ("Xã Vệ Giang", SuccessionExtent.PARTIAL)


def test_what_went_whole_into_a_unit_is_its_heritage() -> None:
    whole_directory()
    heir, went = queries.unit_on("21034", TODAY).unit, queries.unit_on("21262", ASKED).unit  # An Phú, Nghĩa An
    assert went.id in queries.with_heritage({heir.id}, TODAY)
    assert went.id not in queries.with_heritage({heir.id}, ASKED), "it was there still"
    divided = {s.unit.id for s in queries.unit_on("21142", ASKED).successors}
    assert queries.unit_on("21142", ASKED).unit.id not in queries.with_heritage(divided, TODAY)
    kon_tum, province = queries.unit_on("H34", ASKED).unit, queries.get_province(TODAY)
    assert kon_tum.id in queries.with_heritage({province.id}, TODAY)
    assert queries.with_heritage({went.id}, ASKED) >= {went.id}
    for unit_id in queries.unit_ids():  # each as the successors of a day tell it, one by one
        unit = queries.get_unit(unit_id)
        heirs = () if unit.is_valid_on(TODAY) else queries.successors_of(unit_id, TODAY)
        whole = len(heirs) == 1 and heirs[0].extent == SuccessionExtent.WHOLE
        if heirs:
            assert (unit_id in queries.with_heritage({heirs[0].unit.id}, TODAY)) == whole, unit.path


def test_lists() -> None:
    whole_directory()
    today = queries.list_communes(TODAY)
    assert len(today) == 96
    assert [u.short_name for u in today[:4]] == ["An Phú", "Ba Dinh", "Ba Động", "Ba Gia"]
    assert len(queries.list_communes(date(2025, 6, 30))) == 272
    assert len(queries.list_communes(ASKED)) == 275
    assert len(queries.list_units(level="district", on=ASKED)) == 23
    assert queries.list_units(level="district", on=TODAY) == []
    assert queries.list_departments(TODAY)[0].code == "H48.02"
    assert len(queries.list_departments(TODAY)) == 16  # the police too, for its leg of a linked group
    assert len(queries.list_units(kinds=[UnitKind.ONE_STOP])) == 97


def test_subtree() -> None:
    top = small_directory()
    ward = commune()
    assert len(queries.subtree_ids(ward.id, TODAY)) == 5
    assert queries.subtree_ids(ward.id, TODAY) < queries.subtree_ids(top.id, TODAY)
    assert queries.subtree_ids(ward.id, date(2025, 6, 30)) == frozenset()
    assert queries.ancestors_of(ward.id) == (top,)


def test_competence_of_the_procedures_this_issue_carries() -> None:
    small_directory(CAM_THANH, LY_SON, BA_XA)
    ward, island = commune(CAM_THANH), commune(LY_SON)

    def office(level: str, field: str, unit_id: int | None) -> tuple[str, str]:
        unit = queries.competent_unit(level=level, field=field, commune_unit_id=unit_id, on=TODAY)
        assert unit is not None
        division = queries.handling_division(unit_id=unit.id, field=field, on=TODAY)
        return unit.name, division.name if division else ""

    hall = "Văn phòng Hội đồng nhân dân và Ủy ban nhân dân"
    assert office("commune", "Hoạt động xây dựng", ward.id) == ("Phường Cẩm Thành", "Phòng Kinh tế, Hạ tầng và Đô thị")
    assert office("commune", "Hoạt động xây dựng", commune(BA_XA).id) == ("Xã Ba Xa", "Phòng Kinh tế")
    assert office("commune", "Chứng thực", ward.id) == ("Phường Cẩm Thành", hall)
    assert office("commune", "Hộ tịch", island.id) == ("Đặc khu Lý Sơn", hall)
    assert office("commune", "Bảo trợ xã hội", ward.id) == ("Phường Cẩm Thành", "Phòng Văn hóa - Xã hội")
    assert office("province", "Đường bộ", None) == ("Sở Xây dựng", "Phòng Quản lý vận tải và phương tiện")
    assert office("province", "Văn hóa", ward.id)[0] == "Sở Văn hóa, Thể thao và Du lịch"
    assert (
        queries.competent_unit(level="commune", field="Đăng ký, quản lý cư trú", commune_unit_id=ward.id, on=TODAY)
        is None
    )
    assert queries.central_agency_of(level="commune", field="Đăng ký, quản lý cư trú", on=TODAY) == "Công an"
    assert queries.central_agency_of(level="commune", field="Chứng thực", on=TODAY) == ""
    # a unit that does not handle the field has no division for it
    assert queries.handling_division(unit_id=department("culture").id, field="Đường bộ", on=TODAY) is None
    assert "Đường bộ" in queries.fields_of(department("construction").id, TODAY)


def test_one_stop_resolving_unit_and_code_prefix() -> None:
    top = small_directory()
    ward, construction = commune(), department("construction")
    economy = queries.division_of(ward.id, "economy", TODAY)
    centre, provincial = queries.one_stop_of(ward.id, TODAY), queries.one_stop_of(construction.id)
    assert economy
    assert centre
    assert provincial
    assert centre.name == "Trung tâm Phục vụ hành chính công phường Cẩm Thành"
    assert provincial.name == "Trung tâm Phục vụ hành chính công tỉnh Quảng Ngãi"
    assert queries.one_stop_of(top.id) == provincial
    assert {queries.resolving_unit_of(u.id).id for u in (economy, centre, ward)} == {ward.id}
    assert queries.code_prefix(construction.id, TODAY) == "H48.12"
    assert queries.code_prefix(economy.id, TODAY) == economy.code == "H48.101.02"
    UnitCode.objects.filter(unit_id=economy.id).delete()
    DirectoryStamp.objects.update(token="00000000-0000-0000-0000-000000000000")
    assert queries.code_prefix(economy.id, TODAY) == "H48.101"
    with pytest.raises(queries.UnitNotFound, match="chưa có mã"):
        queries.code_prefix(top.id, date(2025, 6, 30))
    assert queries.calendar_key_of(ward.id) == "quang-ngai"


def test_search() -> None:
    whole_directory()
    assert [u.name for u in queries.search_units("kon tum", kinds=[UnitKind.WARD])] == ["Phường Kon Tum"]
    assert queries.search_units("Đặng Thuỳ Trâm")[0].name == "Xã Đặng Thùy Trâm"
    assert queries.search_units("dang thuy tram", limit=1)[0].short_name == "Đặng Thùy Trâm"
    assert queries.search_units("H48.12")[0].name == "Sở Xây dựng"
    assert queries.search_units("nghia an") == []  # it is no more
    assert [u.name for u in queries.search_units("nghia an", on=ASKED)] == ["Xã Nghĩa An"]


def test_units_from_older_rows_are_assumed_where_content_says_so() -> None:
    small_directory()
    assert commune().assumed == ("code",)
    assert department("foreign_affairs").assumed == ("name", "code")
    assert queries.get_province(TODAY).assumed == ()


def test_the_tree_is_read_once_until_it_changes(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    small_directory()
    with django_assert_num_queries(1):
        queries.get_unit_by_path("quang-ngai")
    DirectoryStamp.objects.update(token="11111111-1111-1111-1111-111111111111")
    with django_assert_num_queries(6):
        queries.get_unit_by_path("quang-ngai")
    with django_assert_num_queries(1):
        queries.list_communes(TODAY)


def test_a_piece_of_work_asks_for_the_stamp_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    small_directory()
    queries.list_units()
    with lasting_facts():
        with django_assert_num_queries(1):
            queries.list_units()
            queries.list_communes()
        queries.forget_tree()
        with django_assert_num_queries(1):
            queries.list_units()
    with django_assert_num_queries(1):
        queries.list_units()


def test_names_of_communes_are_those_of_the_day() -> None:
    small_directory()
    for on in (date(2025, 7, 2), TODAY):
        named = [(unit.code_on(on, CodeScheme.GSO), unit.name_on(on)) for unit in queries.list_communes(on)]
        assert list(queries.commune_names(on)) == named
        assert named


def test_a_request_asks_for_the_stamp_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    small_directory()
    # Not the product's close_old_connections: it would end the transaction of this test.
    for signal in (request_started, request_finished):
        assert any("directory." in str(key[0]) for key, *_ in signal.receivers)
    queries.begin_request()
    try:
        with django_assert_num_queries(1):
            for _ in range(20):
                queries.get_unit_by_path("quang-ngai")
                queries.list_communes(TODAY)
        publish_directory(content=province_content(), actor=SYSTEM, at=AT)  # a change in this request shows at once
        assert len(queries.list_communes(TODAY)) == 96
    finally:
        queries.end_request()
    with CaptureQueriesContext(connection) as asked:
        queries.list_communes(TODAY)
        queries.list_communes(TODAY)
    assert len(asked) == 2


def test_the_database_keeps_codes_apart() -> None:
    small_directory()
    code = UnitCode.objects.get(unit_id=commune(KON_TUM).id, scheme="org").code
    with pytest.raises(IntegrityError, match="unit_code_means_one_unit_a_day"), transaction.atomic():
        UnitCode.objects.create(unit_id=commune(CAM_THANH).id, scheme="org", code=code, valid_from=date(2026, 1, 1))
    with pytest.raises(IntegrityError, match="unit_code_one_of_a_scheme_a_day"), transaction.atomic():
        UnitCode.objects.create(unit_id=commune(CAM_THANH).id, scheme="org", code="H48.999", valid_from=TODAY)


def test_small_and_whole_describe_the_same_ward() -> None:
    small_directory()
    small = commune()
    publish_directory(content=province_content(), actor=SYSTEM, at=AT)
    assert commune() == small
    assert len(small_content().units) < len(province_content().units)
