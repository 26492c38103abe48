"""The real province, against the official tables where they lie beside the project, and against itself everywhere."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tests.factories.directory import FOLDER, province_content
from tinhso.apps.directory.content import UnitSpec, read_directory
from tinhso.apps.directory.data import covers
from tinhso.apps.directory.enums import SuccessionExtent, UnitKind, UnitLevel
from tinhso.lib.text import canonical, fold

UNITS = FOLDER.parent
TODAY = date(2026, 1, 5)


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def alive(on: date) -> list[UnitSpec]:
    return [u for u in province_content().units if covers(u.valid_from, u.valid_to, on)]


def territories(on: date, level: UnitLevel) -> dict[str, UnitSpec]:
    return {u.gso_code: u for u in alive(on) if u.level == level and u.kind.is_administrative}


@pytest.mark.parametrize("folder", sorted(p for p in UNITS.iterdir() if p.is_dir()), ids=lambda p: p.name)
def test_every_folder_reads(folder: Path) -> None:
    content = read_directory(folder)
    assert content.key == folder.name
    assert all("Nguồn" in file.read_text(encoding="utf-8") for file in folder.glob("*.yaml"))


def test_the_province_counts_86_communes_9_wards_and_a_special_zone() -> None:
    kinds = Counter(u.kind for u in territories(TODAY, UnitLevel.COMMUNE).values())
    assert kinds == {UnitKind.COMMUNE: 86, UnitKind.WARD: 9, UnitKind.SPECIAL_ZONE: 1}


def test_every_commune_is_organised_alike() -> None:
    for unit in territories(TODAY, UnitLevel.COMMUNE).values():
        inside = {u.division_key: u for u in province_content().units if u.parent_path == unit.path}
        assert inside.keys() == {"office", "economy", "society", "one_stop"}
        urban = unit.kind != UnitKind.COMMUNE
        assert inside["economy"].name == ("Phòng Kinh tế, Hạ tầng và Đô thị" if urban else "Phòng Kinh tế")
        assert inside["one_stop"].name.endswith(unit.name[1:])
        assert [p.title for p in unit.posts] == ["Chủ tịch", "Phó Chủ tịch"]


def test_every_unit_of_today_has_a_code_of_its_own_under_its_parents() -> None:
    units = {u.path: u for u in alive(TODAY)}
    codes = Counter(u.code for u in units.values())
    assert not [code for code, count in codes.items() if count > 1 or not code]
    assert all(u.code.startswith(f"{units[u.parent_path].code}.") for u in units.values() if u.parent_path)


def test_codes_nobody_has_confirmed_are_marked() -> None:
    assert all("code" in u.assumed for u in alive(TODAY) if u.parent_path)


def test_every_former_commune_and_province_has_an_heir() -> None:
    heirs = {s.predecessor_path for s in province_content().successions}
    former = [u for u in province_content().units if u.valid_to is not None and u.level != UnitLevel.DISTRICT]
    assert len(former) == 272 + 5 + 2  # on the last day, rearranged half a year before, provinces
    assert not [u.path for u in former if u.path not in heirs]


def test_communes_equal_the_official_list(shared_data: Path) -> None:
    official = [r for r in rows(shared_data / "admin-units/communes-2025.csv") if r["province_code"] == "51"]
    ours = territories(TODAY, UnitLevel.COMMUNE)
    assert {r["code"]: (canonical(r["full_name"]), r["area_km2"], r["population"]) for r in official} == {
        code: (u.name, str(u.area_km2), str(u.population or "")) for code, u in ours.items()
    }


def test_former_units_equal_the_official_list(shared_data: Path) -> None:
    day = date(2025, 1, 4)
    communes = [r for r in rows(shared_data / "admin-units/communes-2024.csv") if r["province_code"] in {"51", "62"}]
    districts = [r for r in rows(shared_data / "admin-units/districts-2024.csv") if r["province_code"] in {"51", "62"}]
    ours = territories(day, UnitLevel.COMMUNE)
    assert {r["code"]: fold(r["full_name"]) for r in communes} == {c: fold(u.name) for c, u in ours.items()}
    paths = {u.path: u for u in province_content().units}
    assert {r["code"]: r["district_code"] for r in communes} == {
        code: paths[u.parent_path].gso_code for code, u in ours.items()
    }
    assert {r["code"]: canonical(r["full_name"]) for r in districts} == {
        code: u.name for code, u in territories(day, UnitLevel.DISTRICT).items()
    }


def test_communes_of_2022_equal_the_older_list(shared_data: Path) -> None:
    older = [r for r in rows(shared_data / "admin-units/communes-2022.csv") if r["province_code"] in {"51", "62"}]
    ours = territories(date(2022, 6, 1), UnitLevel.COMMUNE)

    def name(unit: UnitSpec) -> str:
        return next(n.name for n in unit.names if covers(n.valid_from, n.valid_to, date(2022, 6, 1)))

    assert {r["code"]: fold(r["full_name"]) for r in older} == {code: fold(name(u)) for code, u in ours.items()}


def test_successions_equal_the_official_conversion(shared_data: Path) -> None:
    # Lý Sơn had no communes: the table names no code for it, the district itself became the special zone.
    table = shared_data / "admin-units/commune-mapping-2025-07-01.csv"
    official = {
        (r["old_code"] or "536", r["new_code"]): r["kind"] == "partial"
        for r in rows(table)
        if r["new_province_code"] == "51" or r["old_province_code"] in {"51", "62"}
    }
    paths = {u.path: u for u in province_content().units}
    ours = {
        (paths[s.predecessor_path].gso_code, paths[s.successor_path].gso_code): s.extent == SuccessionExtent.PARTIAL
        for s in province_content().successions
        if s.on == date(2025, 7, 1) and paths[s.predecessor_path].level != UnitLevel.PROVINCE
    }
    assert ours == official


def test_every_field_of_the_national_set_has_an_office(shared_data: Path) -> None:
    """A field some province or commune handles belongs to a department, a division or an agency of the centre."""
    known = {(f.level, fold(f.field)) for f in province_content().fields}
    national = rows(shared_data / "procedures/fields.csv")
    homeless = [
        (level.value, r["field"])
        for r in national
        for level in (UnitLevel.PROVINCE, UnitLevel.COMMUNE)
        if int(r[level.value]) and (level, fold(r["field"])) not in known
    ]
    assert homeless == []
    assert {f.field for f in province_content().fields} <= {r["field"] for r in national}
