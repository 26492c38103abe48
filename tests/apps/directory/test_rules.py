"""The tree of units without a database: places, periods, successions, competence."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinhso.apps.directory import rules
from tinhso.apps.directory.data import CodePeriod, NamePeriod, PostData, UnitData
from tinhso.apps.directory.enums import CodeScheme, PostRank, SuccessionExtent, UnitKind, UnitLevel
from tinhso.apps.directory.rules import FieldOffice, Succession, UnitTree, signature_lines

OLD_END, NEW = date(2025, 6, 30), date(2025, 7, 1)
TODAY = date(2026, 1, 5)
WHOLE, PARTIAL = SuccessionExtent.WHOLE, SuccessionExtent.PARTIAL


def unit(
    id: int,
    name: str,
    kind: UnitKind,
    parent: int | None = None,
    *,
    level: UnitLevel = UnitLevel.COMMUNE,
    code: str = "",
    gso: str = "",
    since: date | None = None,
    until: date | None = None,
    division: str = "",
    path: str = "",
) -> UnitData:
    codes = [CodePeriod(CodeScheme.ORG, code, since, until)] if code else []
    codes += [CodePeriod(CodeScheme.GSO, gso, since, until)] if gso else []
    return UnitData(
        id=id, path=path or f"unit-{id}", parent_id=parent, kind=kind, level=level, name=name, code=code, gso_code=gso,
        valid_from=since, valid_to=until, division_key=division, calendar_key="quang-ngai",
        names=(NamePeriod(name, since, until),), codes=tuple(codes),
    )  # fmt: skip


PROVINCE = UnitLevel.PROVINCE
TREE = UnitTree(
    [
        unit(1, "Tỉnh Mẫu", UnitKind.PROVINCE, level=PROVINCE, code="H48", gso="51", since=NEW, path="mau"),
        unit(
            2, "Văn phòng Ủy ban nhân dân tỉnh", UnitKind.COMMITTEE_OFFICE, 1, level=PROVINCE, code="H48.01", since=NEW
        ),
        unit(3, "Trung tâm tỉnh", UnitKind.ONE_STOP, 2, level=PROVINCE, since=NEW, division="one_stop"),
        unit(4, "Sở Xây dựng", UnitKind.DEPARTMENT, 1, level=PROVINCE, code="H48.12", since=NEW),
        unit(5, "Phòng Quản lý vận tải", UnitKind.DIVISION, 4, level=PROVINCE, since=NEW, division="transport"),
        unit(6, "Sở Công Thương", UnitKind.DEPARTMENT, 1, level=PROVINCE, code="H48.02", since=NEW),
        unit(10, "Phường Ấm", UnitKind.WARD, 1, code="H48.101", gso="00010", since=NEW),
        unit(11, "Phòng Kinh tế", UnitKind.DIVISION, 10, code="H48.101.02", since=NEW, division="economy"),
        unit(12, "Trung tâm phường Ấm", UnitKind.ONE_STOP, 10, since=NEW, division="one_stop"),
        unit(20, "Xã Ăn", UnitKind.COMMUNE, 1, code="H48.102", gso="00020", since=NEW),
        unit(30, "Xã Áo", UnitKind.COMMUNE, 1, code="H48.103", gso="00030", since=NEW),
        unit(40, "Tỉnh Cũ", UnitKind.PROVINCE, level=PROVINCE, code="H34", gso="62", until=OLD_END, path="cu"),
        unit(41, "Huyện Cũ", UnitKind.DISTRICT, 40, level=UnitLevel.DISTRICT, gso="608", until=OLD_END),
        unit(42, "Xã Trọn", UnitKind.COMMUNE, 41, gso="00042", until=OLD_END),
        unit(43, "Xã Chia", UnitKind.COMMUNE, 41, gso="00043", until=OLD_END),
        unit(44, "Xã Xưa", UnitKind.COMMUNE, 41, gso="00044", until=date(2024, 12, 31)),
        unit(45, "Thị trấn Mất", UnitKind.TOWNSHIP, 41, gso="00045", until=OLD_END),
    ],
    [
        Succession(40, 1, NEW, WHOLE),
        Succession(42, 10, NEW, WHOLE),
        Succession(43, 20, NEW, PARTIAL),
        Succession(43, 30, NEW, PARTIAL),
        Succession(44, 42, date(2025, 1, 1), WHOLE),
    ],
    [
        FieldOffice("mau", PROVINCE, "Đường bộ", 4, "transport"),
        FieldOffice("mau", PROVINCE, "Hóa chất", 6),
        FieldOffice("mau", UnitLevel.COMMUNE, "Hoạt động xây dựng", None, "economy"),
        FieldOffice("mau", UnitLevel.COMMUNE, "Đăng ký, quản lý cư trú", central_agency="Công an"),
    ],
)


def names(units: object) -> list[str]:
    return [u.name for u in units]  # type: ignore[attr-defined]  # an iterable of units


def test_codes_mean_units_of_their_day() -> None:
    assert TREE.resolve(CodeScheme.ORG, "H48.12", TODAY) == TREE.get(4)
    assert TREE.resolve(CodeScheme.ORG, "H48.12", OLD_END) is None
    assert TREE.resolve(CodeScheme.GSO, "608", OLD_END) == TREE.get(41)
    assert TREE.resolve(CodeScheme.GSO, "H48", TODAY) is None
    assert TREE.at_path("cu") == TREE.get(40)
    assert TREE.at_path("nowhere") is None
    assert len(TREE) == 17


def test_up_and_down() -> None:
    assert names(TREE.ancestors(11)) == ["Phường Ấm", "Tỉnh Mẫu"]
    assert names(TREE.lineage(11)) == ["Phòng Kinh tế", "Phường Ấm", "Tỉnh Mẫu"]
    assert list(TREE.lineage(999)) == list(TREE.ancestors(999)) == []
    assert TREE.subtree_ids(10) == {10, 11, 12}
    assert TREE.subtree_ids(1, TODAY) == {1, 2, 3, 4, 5, 6, 10, 11, 12, 20, 30}
    assert TREE.subtree_ids(40) == frozenset()  # dissolved
    assert TREE.subtree_ids(40, OLD_END) == {40, 41, 42, 43, 45}
    assert TREE.subtree_ids(40, date(2024, 3, 12)) == {40, 41, 42, 43, 44, 45}
    assert TREE.subtree_ids(999) == frozenset()


def test_remembered_subtrees_stay_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_REMEMBERED_SUBTREES", 2)
    tree = UnitTree([unit(1, "Xã Một", UnitKind.COMMUNE), unit(2, "Phòng", UnitKind.DIVISION, 1)])
    for _ in range(3):
        assert [tree.subtree_ids(1, TODAY + timedelta(days=n)) for n in range(5)] == [{1, 2}] * 5
        assert tree.subtree_ids(2) == {2}
    assert len(tree._subtrees) <= 2


def test_units_come_in_the_order_people_expect() -> None:
    assert names(TREE.units(kinds=[UnitKind.WARD, UnitKind.COMMUNE])) == ["Xã Áo", "Xã Ăn", "Phường Ấm"]
    assert names(TREE.units(kinds=[UnitKind.DEPARTMENT])) == ["Sở Công Thương", "Sở Xây dựng"]
    assert names(TREE.units(parent_id=10)) == ["Trung tâm phường Ấm", "Phòng Kinh tế"]
    assert names(TREE.units(level=UnitLevel.DISTRICT, on=OLD_END)) == ["Huyện Cũ"]
    assert names(TREE.units(under_id=4)) == ["Sở Xây dựng", "Phòng Quản lý vận tải"]


def test_successors() -> None:
    (whole,) = TREE.successors(42, TODAY)
    assert (whole.unit.name, whole.extent, whole.since) == ("Phường Ấm", WHOLE, NEW)
    assert [(s.unit.name, s.extent) for s in TREE.successors(43, TODAY)] == [("Xã Áo", PARTIAL), ("Xã Ăn", PARTIAL)]
    assert names(s.unit for s in TREE.successors(44, TODAY)) == ["Phường Ấm"]  # by way of Xã Trọn
    assert names(s.unit for s in TREE.successors(44, date(2025, 3, 1))) == ["Xã Trọn"]
    assert TREE.successors(44, date(2024, 12, 31)) == ()
    assert TREE.successors(45, TODAY) == TREE.successors(999, TODAY) == ()


def test_part_of_a_part_stays_a_part() -> None:
    tree = UnitTree(
        [
            unit(1, "Xã Một", UnitKind.COMMUNE, until=date(2024, 12, 31)),
            unit(2, "Xã Hai", UnitKind.COMMUNE, until=OLD_END),
            unit(3, "Xã Ba", UnitKind.COMMUNE, since=NEW),
        ],
        [Succession(1, 2, date(2025, 1, 1), PARTIAL), Succession(2, 3, NEW, WHOLE)],
    )
    assert [s.extent for s in tree.successors(1, TODAY)] == [PARTIAL]
    assert tree.current(1, TODAY) is None
    assert tree.current(2, TODAY) == tree.get(3)


def test_circles_end() -> None:
    tree = UnitTree(
        [unit(1, "Xã Một", UnitKind.COMMUNE, until=OLD_END), unit(2, "Xã Hai", UnitKind.COMMUNE, until=OLD_END)],
        [Succession(1, 2, NEW, WHOLE), Succession(2, 1, NEW, WHOLE)],
    )
    assert tree.successors(1, TODAY) == ()


@pytest.mark.parametrize(
    ("asked", "centre"),
    [(11, 12), (10, 12), (12, 12), (5, 3), (4, 3), (1, 3), (20, 3)],  # a commune without one: the province's
)
def test_one_stop(asked: int, centre: int) -> None:
    found = TREE.one_stop_of(asked, TODAY)
    assert found is not None
    assert found.id == centre


def test_territory() -> None:
    assert [TREE.territory_of(i) for i in (11, 10, 5, 999)] == [TREE.get(10), TREE.get(10), TREE.get(1), None]


def test_no_one_stop_in_the_past() -> None:
    assert TREE.one_stop_of(42, OLD_END) is None
    assert TREE.one_stop_of(999) is None


def test_competence_at_province_level() -> None:
    assert TREE.competent(PROVINCE, "Đường bộ", None, TODAY) == TREE.get(4)
    assert TREE.competent(PROVINCE, "Hoá chất", 10, TODAY) == TREE.get(6)  # spelling of tones does not matter
    assert TREE.competent(PROVINCE, "Không có", None, TODAY) is None
    assert TREE.competent(PROVINCE, "Đường bộ", None, OLD_END) is None
    assert UnitTree([unit(1, "Xã Lẻ", UnitKind.COMMUNE)]).competent(PROVINCE, "Đường bộ", 1, TODAY) is None


def test_competence_at_commune_level() -> None:
    commune = UnitLevel.COMMUNE
    assert TREE.competent(commune, "Hoạt động xây dựng", 10, TODAY) == TREE.get(10)
    assert TREE.competent(commune, "Lĩnh vực chưa giao", 10, TODAY) == TREE.get(10)
    assert TREE.competent(commune, "Đăng ký, quản lý cư trú", 10, TODAY) is None  # the police's
    assert TREE.competent(commune, "Hoạt động xây dựng", 42, TODAY) == TREE.get(10)  # it succeeded whole
    assert TREE.competent(commune, "Hoạt động xây dựng", 43, TODAY) is None  # divided: somebody must say where
    assert TREE.competent(commune, "Hoạt động xây dựng", None, TODAY) is None
    assert TREE.competent(commune, "Hoạt động xây dựng", 4, TODAY) is None  # a department is no commune
    assert TREE.competent(commune, "Hoạt động xây dựng", 999, TODAY) is None


def test_fields_of() -> None:
    assert TREE.fields_of(4, TODAY) == TREE.fields_of(5, TODAY) == {"Đường bộ"}
    assert TREE.fields_of(6, TODAY) == {"Hóa chất"}
    assert TREE.fields_of(10, TODAY) == TREE.fields_of(11, TODAY) == {"Hoạt động xây dựng"}
    assert TREE.fields_of(2, TODAY) == TREE.fields_of(12, TODAY) == TREE.fields_of(999, TODAY) == frozenset()
    assert TREE.fields_of(41, OLD_END) == frozenset()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("am", ["Phường Ấm", "Trung tâm phường Ấm"]),
        ("phuong am", ["Phường Ấm", "Trung tâm phường Ấm"]),
        ("ấm phường", ["Phường Ấm", "Trung tâm phường Ấm"]),
        ("so xay", ["Sở Xây dựng"]),
        ("H48.12", ["Sở Xây dựng"]),
        ("00020", ["Xã Ăn"]),
        ("m", ["Tỉnh Mẫu"]),
        ("không đâu", []),
        (" – ", []),
    ],
)
def test_search(text: str, found: list[str]) -> None:
    assert names(TREE.search(text, on=TODAY)) == found


def test_search_prefers_words_in_the_asked_order() -> None:
    tree = UnitTree([unit(1, "Xã Bình An", UnitKind.COMMUNE), unit(2, "Xã An Bình", UnitKind.COMMUNE)])
    assert names(tree.search("bình an")) == ["Xã Bình An", "Xã An Bình"]
    assert names(tree.search("an binh")) == ["Xã An Bình", "Xã Bình An"]


def test_search_in_former_names_when_asked() -> None:
    renamed = UnitData(
        id=1, path="x", parent_id=None, kind=UnitKind.TOWNSHIP, level=UnitLevel.COMMUNE, name="Thị trấn Tịnh Hà",
        names=(NamePeriod("Xã Tịnh Xưa", None, date(2023, 4, 9)), NamePeriod("Thị trấn Tịnh Hà", date(2023, 4, 10))),
    )  # fmt: skip
    tree = UnitTree([renamed])
    assert tree.search("tinh xua") == []
    assert tree.search("tinh xua", former_names=True) == [renamed]


@pytest.mark.parametrize(
    ("name", "kind", "short", "agency"),
    [
        ("Phường Kon Tum", UnitKind.WARD, "Kon Tum", "Ủy ban nhân dân phường Kon Tum"),
        ("Đặc khu Lý Sơn", UnitKind.SPECIAL_ZONE, "Lý Sơn", "Ủy ban nhân dân đặc khu Lý Sơn"),
        ("Phường 2", UnitKind.WARD, "Phường 2", "Ủy ban nhân dân phường 2"),
        ("Sở Y tế", UnitKind.DEPARTMENT, "Sở Y tế", "Sở Y tế"),
    ],
)
def test_names_of_an_authority(name: str, kind: UnitKind, short: str, agency: str) -> None:
    value = unit(1, name, kind)
    assert (value.short_name, value.agency_name) == (short, agency)


def test_name_and_code_on_a_day() -> None:
    value = TREE.get(4)
    assert value is not None
    assert (value.code_on(TODAY), value.code_on(OLD_END), value.code_on(TODAY, CodeScheme.GSO)) == ("H48.12", "", "")
    assert value.name_on(date(1990, 1, 1)) == "Sở Xây dựng"


def post(rank: PostRank, title: str, unit_id: int = 1) -> PostData:
    return PostData(1, unit_id, "key", title, rank, is_single=False)


def test_signature_lines() -> None:
    chairman = post(PostRank.LEADER, "Chủ tịch")
    deputy, head = post(PostRank.DEPUTY_LEADER, "Phó Chủ tịch"), post(PostRank.HEAD, "Trưởng phòng", 2)
    assert signature_lines(chairman, chairman) == ("CHỦ TỊCH",)
    assert signature_lines(deputy, chairman) == ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
    assert signature_lines(head, chairman, is_delegated=True) == ("TUQ. CHỦ TỊCH", "TRƯỞNG PHÒNG")
    assert signature_lines(head, chairman) == ("TRƯỞNG PHÒNG",)
    assert signature_lines(deputy, None) == ("PHÓ CHỦ TỊCH",)


days = st.dates(date(2020, 1, 1), date(2027, 12, 31))


@given(st.lists(st.tuples(days, st.integers(0, 900)), min_size=1, max_size=8), days)
def test_a_chain_of_reorganisations_always_has_one_holder(lives: list[tuple[date, int]], asked: date) -> None:
    """Units that follow each other whole, without a gap: on any day from the first on, exactly one is responsible."""
    start = lives[0][0]
    chain, successions = [], []
    for number, (_, length) in enumerate(lives, start=1):
        is_last = number == len(lives)
        end = None if is_last else start + timedelta(days=length)
        chain.append(unit(number, f"Xã {number}", UnitKind.COMMUNE, since=start, until=end))
        if end is not None:
            start = end + timedelta(days=1)
            successions.append(Succession(number, number + 1, start, WHOLE))
    tree = UnitTree(chain, successions)
    alive = [u for u in chain if u.is_valid_on(asked)]
    if asked < lives[0][0]:
        assert alive == []
        return
    assert len(alive) == 1
    assert tree.current(1, asked) == alive[0]
