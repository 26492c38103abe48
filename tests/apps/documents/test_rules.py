"""What a file is and may be called, by its content."""

import zipfile
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import files
from tinhso.apps.documents import rules
from tinhso.lib.inspection.archives import inspect_archive
from tinhso.lib.inspection.content import media_type_of
from tinhso.lib.inspection.report import Limits, Report


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (files.PDF, "application/pdf"),
        (b"\xef\xbb\xbf\n%PDF-1.4", "application/pdf"),
        (files.png(), "image/png"),
        (files.jpeg(), "image/jpeg"),
        (b"MZ\x90\x00" + b"\0" * 60, "application/x-msdownload"),
        (files.docx(), "application/zip"),
        (b"<html><script>alert(1)</script>", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
        (b"", ""),
    ],
)
def test_media_type_is_read_from_the_content(head: bytes, media_type: str) -> None:
    assert media_type_of(head) == media_type


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (files.docx(), rules.DOCX),
        (files.xlsx(), rules.XLSX),
        (files.odt(), rules.ODT),
        (files.archive({"a.txt": b"x"}), "application/zip"),
        (files.archive({"mimetype": b"text/html", "content.xml": b"x"}), "application/zip"),
    ],
)
def test_office_files_are_known_by_what_they_hold(content: bytes, media_type: str) -> None:
    assert inspect_archive(BytesIO(content), Limits()) == Report(media_type)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (files.archive({"word/document.xml": b"x", "word/vbaProject.bin": b"x"}), "macro"),
        (files.archive({"Basic/Standard/Module1.xml": b"x", "content.xml": b"x"}), "macro"),
        (files.zip_bomb(40), "bomb"),
        (files.overlapping_zip(), "bomb"),
        (files.nested_zip(), "bomb"),
        (b"PK\x03\x04 not really", "unreadable"),
        (files.docx()[:-40], "unreadable"),
    ],
    ids=["macro", "basic", "bomb", "overlapping", "nested", "words", "cut"],
)
def test_harmful_archives_are_refused(content: bytes, problem: str) -> None:
    assert inspect_archive(BytesIO(content), Limits()).problem == problem


def test_an_archive_of_very_many_parts_is_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i in range(301):
            archive.writestr(f"{i}", b"")
    assert inspect_archive(out, Limits(parts=300)).problem == "bomb"


@pytest.mark.parametrize(
    ("name", "media_type", "kept"),
    [
        ("don.pdf", "application/pdf", "don.pdf"),
        ("Đơn đề nghị.PDF", "application/pdf", "Đơn đề nghị.pdf"),
        ("anh.JPEG", "image/jpeg", "anh.jpeg"),
        ("anh.png", "image/jpeg", "anh.jpg"),
        ("hop-dong", "application/pdf", "hop-dong.pdf"),
        ("ban.ve.so.2", "application/pdf", "ban.ve.so.2.pdf"),
        ("../../etc/passwd", "application/pdf", "passwd.pdf"),
        ("C:\\Users\\a\\giay.docx", rules.DOCX, "giay.docx"),
        ("a\x00b\u202efdp.exe", "application/pdf", "abfdp.exe.pdf"),
        ("", "image/png", "tep.png"),
        (".pdf", "application/pdf", "tep.pdf"),
        ("Đơn.pdf", "application/pdf", "Đơn.pdf"),
    ],
)
def test_names_lose_what_could_mislead(name: str, media_type: str, kept: str) -> None:
    assert rules.clean_name(name, media_type=media_type) == kept


@given(st.text(max_size=400), st.sampled_from(sorted(rules.ALLOWED)))
def test_every_name_becomes_short_and_plain(name: str, media_type: str) -> None:
    kept = rules.clean_name(name, media_type=media_type)
    assert 0 < len(kept) <= 200
    assert "/" not in kept
    assert "\\" not in kept
    assert not any(ord(letter) < 32 or letter in "\u202e\u200b" for letter in kept)
    assert rules.clean_name(kept, media_type=media_type) == kept


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1, "1 KB"),
        (12_288, "12 KB"),
        (1_048_576, "1 MB"),
        (1_572_864, "1,5 MB"),
        (20_971_520, "20 MB"),
        (209_715_200, "200 MB"),
    ],
)
def test_sizes_are_said_as_people_say_them(size: int, words: str) -> None:
    assert rules.size_words(size) == words


def test_refusals_say_what_was_found_and_what_is_taken() -> None:
    assert rules.refusal("application/x-msdownload", "a.pdf").startswith(
        "Nội dung của tệp “a.pdf” là một chương trình."
    )
    assert "Không nhận ra nội dung" in rules.refusal("", "a.pdf")
    assert "PDF, ảnh PNG" in rules.refusal("", "a.pdf")


@pytest.mark.parametrize(
    ("scan", "policy", "held"),
    [
        ("pending", "allow", True),
        ("infected", "allow", True),
        ("clean", "hold", False),
        ("made_here", "hold", False),
        ("not_scanned", "allow", False),
        ("not_scanned", "hold", True),
        ("unscannable", "allow", False),
        ("unscannable", "hold", True),
    ],
)
def test_what_is_not_known_to_be_clean_is_held(scan: str, policy: str, held: bool) -> None:
    assert rules.is_held(scan, policy=policy) is held


def test_retention_counts_whole_years_from_the_one_after() -> None:
    assert rules.retention_over_on(date(2026, 1, 5), years=10) == date(2037, 1, 1)
    assert rules.retention_over_on(date(2026, 12, 31), years=10) == date(2037, 1, 1)
    assert rules.retention_over_on(date(2026, 1, 5), years=None) is None
