"""Packages written and checked: the same bytes for the same facts, and no damaged or hostile package called right."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.archives import foreign_opinions
from tinhso.lib.eark import (
    DataFile,
    PackageError,
    PackageKind,
    PackageSpec,
    Party,
    PreservationEvent,
    SideFile,
    check_package,
    read_preserved,
    write_package,
)

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
EAD = (
    "<ead><fileCode>H48.01</fileCode><title>Hồ sơ</title><maintenance>05</maintenance><language>01</language>"
    "<startDate>2026-01-01</startDate><endDate>2026-02-01</endDate></ead>"
)
TOP = "uuid-0F3C"


def data_file(name: str = "001-giay.pdf", content: bytes = b"%PDF-1.7 giay", **changed: str) -> DataFile:
    return DataFile(
        name=name,
        media_type="application/pdf",
        created_at=AT,
        open=lambda: io.BytesIO(content),
        title="Giấy tờ",
        **changed,
    )


def spec(*files: DataFile, kind: PackageKind = PackageKind.SIP, ead: str = EAD) -> PackageSpec:
    return PackageSpec(
        kind=kind, identifier=TOP, label="Hồ sơ thử", created_at=AT, software="Tỉnh Số", software_version="1",
        creator=Party("UBND xã Thử", "H48.99"), archivist=Party("Lưu trữ lịch sử", "H48.LT"),
        descriptive=SideFile("EAD.xml", "application/xml", ead.encode()), files=files or (data_file(signature="PAdES B-B"),),
        documentation=(SideFile("muc-luc.txt", "text/plain", b"Muc luc"),),
        schemas=(SideFile("a.xsd", "application/xml", b"<a/>"),),
        about_files=SideFile("EAD_doc.xml", "application/xml", b"<documents/>"),
        events=(PreservationEvent("e-1", "creation", AT, "Lập gói", note="Cán bộ Thử"),), references=(("CODE", "H48"),),
        rights="Luật Lưu trữ",
    )  # fmt: skip


def packed(wanted: PackageSpec) -> bytes:
    out = io.BytesIO()
    write_package(out, wanted)
    return out.getvalue()


def rezipped(package: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The package with its members changed, still a good zip file."""
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        members = {name: source.read(name) for name in source.namelist()}
    change(members)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in members.items():
            target.writestr(name, content)
    return out.getvalue()


@settings(max_examples=25, deadline=None)
@given(contents=st.lists(st.binary(min_size=1, max_size=4_000), min_size=1, max_size=5))
def test_whatever_the_data_the_package_holds_and_is_the_same_twice(contents: list[bytes]) -> None:
    wanted = spec(*(data_file(f"{number:03d}-tep.pdf", content) for number, content in enumerate(contents)))
    package = packed(wanted)
    report = check_package(io.BytesIO(package))
    assert (report.problems, report.files, report.data_bytes) == ((), len(contents), sum(map(len, contents)))
    assert packed(wanted) == package
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        kept = read_preserved(archive, TOP)
        assert [archive.read(f"{TOP}/{one.path}") for one in kept] == contents


def test_another_maker_finds_every_kind_right(tmp_path: Path) -> None:
    paths = []
    for kind in PackageKind:
        paths.append(tmp_path / f"{kind}.zip")
        paths[-1].write_bytes(packed(spec(kind=kind)))
    for opinion in foreign_opinions(*paths):
        assert (opinion.structure, opinion.schema) == ("WellFormed", "VALID")
        assert opinion.errors <= {"SIP14"}  # contradicts the validator's own CSIP rules: see the decision record


def test_another_maker_finds_what_we_break(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(
        rezipped(
            packed(spec()),
            lambda m: m.update({f"{TOP}/METS.xml": m[f"{TOP}/METS.xml"].replace(b'LABEL="CSIP"', b'LABEL="X"')}),
        )
    )
    opinion = foreign_opinions(path)[0]
    assert "CSIP82" in opinion.errors


DATA = f"{TOP}/representations/rep1/data/001-giay.pdf"
PREMIS = f"{TOP}/representations/rep1/metadata/preservation/premis.xml"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda m: m.update({DATA: b"%PDF-1.7 giaX"}), "không khớp mã băm"),
        (lambda m: m.update({DATA: b"%PDF-1.7"}), "METS ghi"),
        (lambda m: m.pop(DATA), "gói không có"),
        (lambda m: m.update({f"{TOP}/representations/rep1/data/them.exe": b"MZ"}), "không được METS nêu"),
        (lambda m: m.pop(f"{TOP}/METS.xml"), "thiếu tệp METS.xml"),
        (lambda m: m.update({f"{TOP}/METS.xml": b"<a>"}), "không phải XML"),
        (lambda m: m.update({f"{TOP}/METS.xml": b"<a/>"}), "không phải METS"),
        (lambda m: m.update({f"{TOP}/METS.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "DOCTYPE"),
        (lambda m: m.update({PREMIS: m[PREMIS].replace(b"<premis:size>", b"<premis:size> ")}), "premis.xml"),
        (lambda m: m.update({f"{TOP}/../ra-ngoai": b"x"}), "trỏ ra ngoài"),
        (lambda m: m.update({"khac/tep": b"x"}), "đúng một thư mục"),
        (
            lambda m: m.update({f"{TOP}/METS.xml": m[f"{TOP}/METS.xml"].replace(b'OBJID="uuid-0F3C"', b'OBJID="x"')}),
            "OBJID",
        ),
        (
            lambda m: m.update({f"{TOP}/METS.xml": m[f"{TOP}/METS.xml"].replace(b'"SHA-256"', b'"MD5"')}),
            "không phải SHA-256",
        ),
    ],
)
def test_damage_is_told(change: Callable[[dict[str, bytes]], None], told: str) -> None:
    report = check_package(io.BytesIO(rezipped(packed(spec()), change)))
    assert any(told in problem for problem in report.problems), report.problems


@pytest.mark.parametrize("missing", ["maintenance", "title", "fileCode", "startDate"])
def test_mandatory_metadata_is_asked_for(missing: str) -> None:
    report = check_package(io.BytesIO(packed(spec(ead=EAD.replace(missing, "other")))))
    assert any(missing in problem for problem in report.problems)


def test_bomb_and_noise_are_refused() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr(f"{TOP}/metadata/a", b"\0" * 30_000_000)
        target.writestr(f"{TOP}/representations/a", b"x")
    assert "bung ra quá lớn" in check_package(bomb).problems[0]
    for noise in (b"", b"PK\x03\x04", b"%PDF-1.7"):
        assert not check_package(io.BytesIO(noise)).ok


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: spec(data_file(sha256="0" * 64)),
        lambda: spec(data_file("../ra-ngoai.pdf")),
        lambda: spec(data_file("giấy.pdf")),
        lambda: spec(data_file(), data_file()),
    ],
)
def test_package_that_would_not_hold_is_not_written(wrong: Callable[[], PackageSpec]) -> None:
    with pytest.raises(PackageError):
        write_package(io.BytesIO(), wrong())


def test_package_without_a_record_of_its_files_is_not_taken_apart() -> None:
    package = rezipped(packed(spec()), lambda m: m.update({PREMIS: b"<a"}))
    with zipfile.ZipFile(io.BytesIO(package)) as archive, pytest.raises(PackageError):
        read_preserved(archive, TOP)
