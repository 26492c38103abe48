"""`tinhso unit` as it is typed."""

import json

import pytest
from click.testing import CliRunner, Result

from tests.factories.directory import FOLDER, small_directory, whole_directory
from tinhso.apps.directory.content import UnitsInvalid
from tinhso.apps.directory.queries import UnitNotFound, list_communes
from tinhso.config.commands.unit import command

pytestmark = pytest.mark.django_db


def run(*words: str) -> Result:
    return CliRunner().invoke(command, list(words), catch_exceptions=True)


def test_show_a_unit_of_the_past() -> None:
    whole_directory()
    shown = run("show", "21262", "--on", "2024-03-12").output.splitlines()
    assert shown == [
        "Ngày 12/03/2024, mã 21262 là Xã Nghĩa An",
        "  Loại: Xã, cấp xã",
        "  Mã: 21262",
        "  Hiệu lực: trước khi có dữ liệu đến 31/12/2024",
        "  Chưa xác nhận: valid_to",
        "  Thuộc: Thành phố Quảng Ngãi, Tỉnh Quảng Ngãi",
        "  Nay: Xã An Phú (H48.103, 21034), từ 01/07/2025, toàn bộ",
    ]
    assert "  Nay: không có đơn vị kế thừa" in run("show", "522", "--on", "12/03/2024").output


def test_show_as_json() -> None:
    whole_directory()
    shown = json.loads(run("show", "H34", "--on", "2024-03-12", "--json").output)
    assert (shown["name"], shown["on"], shown["valid_to"]) == ("Tỉnh Kon Tum", "2024-03-12", "2025-06-30")
    assert [(s["path"], s["extent"], s["since"]) for s in shown["successors"]] == [
        ("quang-ngai", "whole", "2025-07-01")
    ]


def test_show_a_unit_of_today() -> None:
    small_directory()
    assert "mã H48.12 là Sở Xây dựng" in run("show", "h48.12").output
    failed = run("show", "H48.99")
    assert isinstance(failed.exception, UnitNotFound)


def test_load_tells_what_it_did() -> None:
    assert "quang-ngai: lập mới 877, thay đổi 0, kết thúc 0" in run("load", str(FOLDER)).output
    assert len(list_communes()) == 96
    assert "quang-ngai: không có gì thay đổi (877 đơn vị)" in run("load").output


def test_load_a_folder_that_is_none(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("units")
    (folder / "province.yaml").write_text("version: 1", encoding="utf-8")
    assert isinstance(run("load", str(folder)).exception, UnitsInvalid)
