"""The list of provinces and communes: how it is read, which edition holds on a day, and that the shipped one is whole."""

from datetime import date
from pathlib import Path

import pytest

from tests.factories.directory import province_content
from tinhso.lib.places import Edition, PlacesError, edition_on, known_editions, load_editions, parse_edition
from tinhso.lib.text import sort_key

CONTENT = Path(__file__).resolve().parents[2] / "content"
SMALL = (
    "# Ghi chú\nvalid_from\t2025-07-01\n\n"
    "91\tt\tAn Giang\n\t30985\tx\tAn Biên\n\t30544\tdk\tThổ Châu\n"
    "92\ttp\tCần Thơ\n\t31120\tp\tNinh Kiều\n"
)


def short(name: str) -> str:
    for kind in ("Thành phố ", "Tỉnh ", "Đặc khu ", "Phường ", "Xã "):
        name = name.removeprefix(kind)
    return name


def test_reads_codes_names_and_owners() -> None:
    assert parse_edition(SMALL) == Edition(
        date(2025, 7, 1),
        (("91", "Tỉnh An Giang"), ("92", "Thành phố Cần Thơ")),
        (("30985", "Xã An Biên", "91"), ("30544", "Đặc khu Thổ Châu", "91"), ("31120", "Phường Ninh Kiều", "92")),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("91\tt\tAn Giang", "thiếu ngày bắt đầu"),
        ("valid_from\thôm nay", "dòng 1: ngày phải có dạng"),
        ("valid_from\t2025-07-01\n\t30985\tx\tAn Biên", "dòng 2: xã phải đứng dưới một tỉnh"),
        ("valid_from\t2025-07-01\n91\tt\tAn Giang\n91\tt\tCà Mau", "dòng 3: mã 91 đã có"),
        ("valid_from\t2025-07-01\n91\tt\tAn Giang\n\t30985\tx\tA\n\t30985\tx\tB", "dòng 4: mã 30985 đã có"),
        ("valid_from\t2025-07-01\n91\tquận\tAn Giang", "dòng 2: phải gồm mã, loại và tên"),
        ("valid_from\t2025-07-01\n91\tt\tAn Giang\n\t3098\tx\tA", "dòng 3: phải gồm mã, loại và tên"),
        ("valid_from\t2025-07-01\n91\tt\t ", "dòng 2: phải gồm mã, loại và tên"),
    ],
)
def test_a_wrong_line_is_told_with_its_number(text: str, told: str) -> None:
    with pytest.raises(PlacesError) as caught:
        parse_edition(text, file="thu.tsv")
    assert any(told in problem and problem.startswith("thu.tsv") for problem in caught.value.problems)


def test_editions_follow_one_another(tmp_path: Path) -> None:
    (tmp_path / "b.tsv").write_text(SMALL)
    (tmp_path / "a.tsv").write_text("valid_from\t2030-01-01\n91\tt\tAn Giang\n")
    editions = load_editions(tmp_path)
    assert [edition.valid_from.year for edition in editions] == [2025, 2030]
    assert edition_on(editions, date(2025, 6, 30)) is None
    assert edition_on(editions, date(2029, 12, 31)) is editions[0]
    assert edition_on(editions, date(2030, 1, 1)) is editions[1]
    (tmp_path / "c.tsv").write_text(SMALL)
    with pytest.raises(PlacesError, match="cùng một ngày"):
        load_editions(tmp_path)


def test_no_folder_is_no_edition(tmp_path: Path) -> None:
    assert load_editions(tmp_path / "places") == ()


def test_the_shipped_list_is_the_whole_nation() -> None:
    (edition,) = known_editions(CONTENT / "places")
    assert edition.valid_from == date(2025, 7, 1)
    assert len(edition.provinces) == 34
    assert len(edition.communes) == 3321
    assert sum(name.startswith("Đặc khu ") for _, name, _ in edition.communes) == 13
    names = [short(name) for _, name in edition.provinces]
    assert names == sorted(names, key=sort_key)
    assert sum(file.stat().st_size for file in (CONTENT / "places").iterdir()) < 150_000


def test_the_shipped_list_and_the_directory_name_our_communes_alike() -> None:
    (edition,) = known_editions(CONTENT / "places")
    ours = {code: name for code, name, owner in edition.communes if owner == "51"}
    units = [unit for unit in province_content().units if unit.level == "commune" and unit.kind.is_administrative]
    today = {unit.gso_code: unit.name for unit in units if unit.valid_to is None}
    assert len(ours) == 96
    assert ours == today
