"""What a file is and may be called, by its content."""

import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import files
from tinhso.apps.documents import rules


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
    assert rules.media_type_of(head) == media_type


def test_office_files_are_known_by_what_they_hold() -> None:
    assert rules.office_type_of(BytesIO(files.docx())) == (rules.DOCX, "")
    assert rules.office_type_of(BytesIO(files.xlsx())) == (rules.XLSX, "")
    assert rules.office_type_of(BytesIO(files.archive({"a.txt": b"x"}))) == ("application/zip", "")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (files.archive({"word/document.xml": b"x", "word/vbaProject.bin": b"x"}), "macro"),
        (files.archive({"word/document.xml": b"\0" * 40_000_000}), "bung ra quá lớn"),
        (b"PK\x03\x04 not really", "hỏng"),
    ],
)
def test_harmful_archives_are_refused(content: bytes, words: str) -> None:
    assert words in rules.office_type_of(BytesIO(content))[1]


def test_an_archive_of_very_many_parts_is_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i in range(5_001):
            archive.writestr(f"{i}", b"")
    assert "quá lớn" in rules.office_type_of(out)[1]


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
