"""Folders of units that are wrong: every problem is told, with its place, in Vietnamese."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.factories.directory import FOLDER, province_content
from tinhso.apps.directory.content import UnitsInvalid, read_directory
from tinhso.apps.directory.data import CodePeriod, NamePeriod
from tinhso.apps.directory.enums import CodeScheme

PROVINCE = """
version: 1
key: mau
calendar: mau
valid_from: 2025-07-01
province: {name: Tỉnh Mẫu, kind: province, code: H48, gso: "51"}
central_agencies:
  - {name: Thuế, fields: [Thuế]}
"""
DEPARTMENTS = """
version: 1
departments:
  - key: construction
    name: Sở Xây dựng
    code: "12"
    divisions:
      - {key: office, name: Văn phòng, code: "01", handles: [Đường bộ]}
"""
COMMUNES = """
version: 1
communes:
  - {gso: "00010", code: "101", kind: ward, name: Hoà Bình}
  - {gso: "00020", code: "102", kind: commune, name: Ba Xa}
"""
TEMPLATE = """
version: 1
divisions:
  - key: economy
    name: Phòng Kinh tế
    name_by_kind: {ward: Phòng Kinh tế và Đô thị}
    code: "02"
    handles: [Hoạt động xây dựng]
  - {key: one_stop, kind: one_stop, name: "Trung tâm {territory}"}
"""
POSTS = """
version: 1
posts:
  - kinds: [division]
    division_keys: [office]
    posts: [{key: division_head, title: Chánh Văn phòng, rank: head, single: true}]
  - kinds: [division]
    posts: [{key: division_head, title: Trưởng phòng, rank: head, single: true}]
"""
FORMER = """
version: 1
valid_to: 2025-06-30
provinces: [{key: cu, gso: "62", code: H34, name: Cũ, into: ["51"]}]
districts: [{gso: "608", province: "62", kind: town, name: Xưa}]
communes: [{gso: "00030", district: "608", name: Một, into: ["00010"]}]
"""


class Folder:
    """A small right folder; `write` spoils one file of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = {
            "province": PROVINCE, "departments": DEPARTMENTS, "communes": COMMUNES, "commune-template": TEMPLATE,
            "posts": POSTS, "former-units": FORMER,
        }  # fmt: skip
        for name, text in self.files.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        (self.path / f"{name}.yaml").write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        assert old in self.files[name]
        self.write(name, self.files[name].replace(old, new))

    def problems(self) -> list[str]:
        with pytest.raises(UnitsInvalid) as refused:
            read_directory(self.path)
        return [f"{e.path}: {e.message}" for e in refused.value.errors]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_the_small_folder_is_right(folder: Folder) -> None:
    content = read_directory(folder.path)
    assert [u.path for u in content.units] == [
        "mau", "mau/construction", "mau/construction/office",
        "mau/commune-00010", "mau/commune-00010/economy", "mau/commune-00010/one_stop",
        "mau/commune-00020", "mau/commune-00020/economy", "mau/commune-00020/one_stop",
        "cu", "cu/district-608", "cu/district-608/commune-00030",
    ]  # fmt: skip
    units = {u.path: u for u in content.units}
    ward = units["mau/commune-00010"]
    assert ward.name == "Phường Hòa Bình"  # one spelling, whatever the file says
    assert ward.codes == (
        CodePeriod(CodeScheme.ORG, "H48.101", date(2025, 7, 1)),
        CodePeriod(CodeScheme.GSO, "00010", date(2025, 7, 1)),
    )
    assert units["mau/commune-00010/economy"].name == "Phòng Kinh tế và Đô thị"
    assert units["mau/commune-00020/economy"].name == "Phòng Kinh tế"
    assert units["mau/commune-00020/one_stop"].name == "Trung tâm xã Ba Xa"
    assert (units["mau/commune-00020/economy"].code, units["mau/commune-00020/one_stop"].code) == ("H48.102.02", "")
    assert units["mau/construction/office"].posts[0].title == "Chánh Văn phòng"
    assert units["mau/commune-00020/economy"].posts[0].title == "Trưởng phòng"
    assert units["mau/commune-00020/one_stop"].posts == ()
    assert units["cu/district-608"].name == "Thị xã Xưa"
    assert [(s.predecessor_path, s.successor_path) for s in content.successions] == [
        ("cu", "mau"), ("cu/district-608/commune-00030", "mau/commune-00010"),
    ]  # fmt: skip


def test_former_units_are_optional(folder: Folder) -> None:
    (folder.path / "former-units.yaml").unlink()
    assert read_directory(folder.path).successions == ()


def test_units_of_today_end_and_are_followed_too(folder: Folder) -> None:
    folder.replace(
        "communes", "name: Ba Xa}",
        'name: Ba Xa, valid_to: 2026-06-30, into: ["00010"], extent: partial}\n'
        '  - {gso: "00020", key: commune-00020-2026, code: "103", kind: commune, name: Ba Xa Mới, valid_from: 2026-07-01}',
    )  # fmt: skip
    folder.replace(
        "departments", "    divisions:",
        "    valid_to: 2026-06-30\n    into: [works]\n    divisions:",
    )  # fmt: skip
    folder.write(
        "departments",
        (folder.path / "departments.yaml").read_text(encoding="utf-8")
        + '  - {key: works, name: Sở Công trình, code: "13", valid_from: 2026-07-01}\n',
    )
    content = read_directory(folder.path)
    steps = {s.predecessor_path: (s.successor_path, s.on, s.extent.value) for s in content.successions}
    assert steps["mau/commune-00020"] == ("mau/commune-00010", date(2026, 7, 1), "partial")
    assert steps["mau/construction"] == ("mau/works", date(2026, 7, 1), "whole")
    units = {u.path: u for u in content.units}
    economy = units["mau/commune-00020/economy"]
    assert economy.valid_to == date(2026, 6, 30)  # what is inside ends with it
    assert economy.posts  # and works until then
    assert not units["cu/district-608"].posts
    assert units["mau/commune-00020-2026"].gso_code == "00020"


def test_histories_of_names_and_codes(folder: Folder) -> None:
    folder.replace(
        "communes", "name: Ba Xa}",
        "name: Ba Xa, former_names: [{name: Xã Ba, valid_to: 2025-12-31}],"
        " former_codes: [{code: H48.990, valid_to: 2026-01-31}]}",
    )  # fmt: skip
    commune = next(u for u in read_directory(folder.path).units if u.path == "mau/commune-00020")
    assert commune.names == (
        NamePeriod("Xã Ba", date(2025, 7, 1), date(2025, 12, 31)),
        NamePeriod("Xã Ba Xa", date(2026, 1, 1)),
    )
    assert commune.codes[:2] == (
        CodePeriod(CodeScheme.ORG, "H48.990", date(2025, 7, 1), date(2026, 1, 31)),
        CodePeriod(CodeScheme.ORG, "H48.102", date(2026, 2, 1)),
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("province", "version: 1", "version: 2", "province.yaml:: cần `version: 1`."),
        ("province", "key: mau", "name: mau", "thiếu `key`"),
        ("province", "code: H48", "code: h-48", "`code`: Mã cơ quan có dạng H48"),
        ("province", "2025-07-01", "hôm qua", "`valid_from` cần là ngày, viết như 2025-07-01."),
        ("province", "name: Thuế,", "name: Thuế, level: village,", "`level: village` không có trong các giá trị cho phép"),
        ("province", "province: {", "provinces: {", "không hiểu khóa `provinces`"),
        ("departments", "code: \"12\"", "code: 12", "departments.yaml: departments[0]: `code` cần là chữ"),
        ("departments", "name: Sở Xây dựng", "name: Sở Xây dựng\n    nmae: x", "không hiểu khóa `nmae`"),
        ("departments", "handles: [Đường bộ]", "handles: [1]", "`handles` cần là danh sách chữ"),
        ("departments", "handles: [Đường bộ]", "handles: [Đường bộ, Thuế]", "(cấp tỉnh) giao cho cả Thuế và mau/construction"),
        ("communes", "kind: ward", "kind: phường", "`kind: phường` không có trong các giá trị cho phép"),
        ("communes", "\"102\"", "\"101\"", "mã H48.101 trùng với Phường Hòa Bình (communes.yaml: communes[0])."),
        ("communes", "gso: \"00020\"", "gso: \"00010\"", "đơn vị `mau/commune-00010` đã có ở communes.yaml: communes[0]."),
        ("communes", "name: Ba Xa", "name: Ba Xa, area_km2: -1", "`area_km2` cần là số không âm."),
        ("communes", "name: Ba Xa", "name: Ba Xa, assumed: [everything]", "`assumed` không có mục `everything`."),
        ("communes", "name: Ba Xa", "name: Ba Xa, valid_to: 2025-06-01", "ngày kết thúc trước ngày bắt đầu."),
        ("communes", "name: Ba Xa", "name: Ba Xa, former_names: [{name: Xã Ba}]", "tên cũ cần `valid_to`."),
        ("communes", "name: Ba Xa", "name: Ba Xa, former_codes: [{code: H48.9}]", "mã cũ cần `valid_to`."),
        ("communes", COMMUNES, "version: 1\ncommunes: 5", "communes.yaml:: `communes` cần là danh sách."),
        ("communes", COMMUNES, "version: 1\ncommunes: [5]", "communes.yaml: communes[0]: cần là một nhóm khóa và giá trị."),
        ("communes", COMMUNES, "version: 1\ndefaults: 5", "`defaults` cần là một nhóm khóa và giá trị."),
        ("communes", COMMUNES, "a: [", "communes.yaml: không đọc được YAML"),
        ("commune-template", "key: one_stop,", "key: economy,", "hai đơn vị cùng `key` trong `mau/commune-00010`."),
        ("posts", "single: true", "single: perhaps", "`single` cần là true hoặc false."),
        ("posts", "rank: head", "rank: king", "giá trị cho phép: leader, deputy_leader, head"),
        ("posts", "kinds: [division]", "kinds: [castle]", "không có loại đơn vị `castle`."),
        ("posts", "[{key: division_head, title: Ch", "[{key: division_head}, {key: division_head, title: Ch", "cùng `key`."),
        ("former-units", "into: [\"00010\"]", "into: [\"00011\"]", "ngày 01/07/2025 không có đơn vị nào mang mã 00011."),
        ("former-units", "province: \"62\"", "province: \"63\"", "`province: 63` không có trong tệp này."),
        ("former-units", "valid_to: 2025-06-30\n", "", "có `into` thì phải có `valid_to`."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(folder: Folder, name: str, old: str, new: str, expected: str) -> None:
    folder.replace(name, old, new)
    assert any(expected in problem for problem in folder.problems()), folder.problems()


@pytest.mark.parametrize("name", ["province", "departments", "communes", "commune-template", "posts"])
def test_missing_files(folder: Folder, name: str) -> None:
    (folder.path / f"{name}.yaml").unlink()
    assert f"{name}.yaml: không có tệp" in folder.problems()[0]


def test_all_problems_come_at_once(folder: Folder) -> None:
    folder.write("communes", 'version: 1\ncommunes: [{gso: 1}, {gso: "00010", code: "1", kind: x, name: A, extra: 1}]')
    problems = folder.problems()
    assert len(problems) > 5
    with pytest.raises(UnitsInvalid, match=r"chỗ chưa đúng.*và \d+ chỗ khác"):
        read_directory(folder.path)


def test_the_fingerprint_follows_facts_not_spelling(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(FOLDER, copy)
    communes = copy / "communes.yaml"
    communes.write_text("# khác lời chú\n" + communes.read_text(encoding="utf-8"), encoding="utf-8")
    assert read_directory(copy).fingerprint == province_content().fingerprint
    communes.write_text(communes.read_text(encoding="utf-8").replace("60996", "60997"), encoding="utf-8")
    assert read_directory(copy).fingerprint != province_content().fingerprint
