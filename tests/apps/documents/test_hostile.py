"""Files of strangers: each is refused in words or taken with a word of warning, and nothing of a refused one stays."""

import resource
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.factories import files
from tinhso.apps.documents import actions, queries
from tinhso.apps.documents.data import FileRefused, StoredFileData
from tinhso.apps.documents.models import Content, StoredFile
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.lib.inspection import helper

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
CITIZEN = Actor(kind=ActorKind.CITIZEN, account_id=5, name="Nguyễn Thị Ví Dụ")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """A data folder of the test's own."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "files"


def store(content: bytes, name: str = "don.pdf", **limits: Any) -> StoredFileData:
    return actions.store_file(content=content, name=name, actor=CITIZEN, at=AT, **limits)


REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "cut": (lambda: files.pdf(pages=3)[:60], "don.pdf", "đã hỏng hoặc không mở được"),
    "words": (lambda: b"%PDF-1.7 nothing", "don.pdf", "đã hỏng hoặc không mở được"),
    "no pages": (lambda: files.pdf(pages=0), "don.pdf", "không có trang nào"),
    "password": (files.encrypted_pdf, "don.pdf", "có mật khẩu"),
    "script": (files.scripted_pdf, "don.pdf", "có mã lệnh"),
    "launch": (files.launching_pdf, "don.pdf", "có lệnh mở chương trình"),
    "dynamic form": (files.xfa_pdf, "don.pdf", "XFA"),
    "pdf bomb": (files.pdf_bomb, "don.pdf", "đã hỏng hoặc không mở được"),
    "zip bomb": (lambda: files.zip_bomb(60), "don.docx", "bung ra quá lớn"),
    "overlapping": (files.overlapping_zip, "don.docx", "bung ra quá lớn"),
    "nested": (files.nested_zip, "don.docx", "bung ra quá lớn"),
    "pdf and archive": (files.pdf_that_is_an_archive, "don.pdf", "lẫn nội dung của một loại tệp khác"),
    "picture and page": (files.picture_that_is_a_page, "anh.png", "lẫn nội dung của một loại tệp khác"),
    "picture and pdf": (files.picture_that_is_a_pdf, "anh.jpg", "lẫn nội dung của một loại tệp khác"),
    "page before pdf": (lambda: b"\n%PDF-1.7<html><script>1</script>" + files.PDF, "don.pdf", "lẫn nội dung"),
    "page": (lambda: b"<html><script>1</script></html>", "don.pdf", "Không nhận ra nội dung"),
    "vector": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "anh.svg", "Không nhận ra nội dung"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_in_words_with_nothing_left(kind: str, folder: Path) -> None:
    make, name, words = REFUSED[kind]
    with pytest.raises(FileRefused, match=words) as caught:
        store(make(), name)
    assert name in caught.value.message
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert not StoredFile.objects.exists()
    assert not Content.objects.exists()


@pytest.mark.sweep
def test_ten_thousand_pages_are_the_most(settings: Any) -> None:
    assert settings.FILES["most_pages"] == 10_000
    assert store(files.pdf(pages=10_000)).pages == 10_000
    with pytest.raises(FileRefused, match="có 10001 trang, tối đa là 10000"):
        store(files.pdf(pages=10_001))
    with pytest.raises(FileRefused, match="có 3 trang, tối đa là 2"):
        store(files.pdf(pages=3), most_pages=2)


@pytest.mark.parametrize(
    ("make", "notes"),
    [
        (files.carrying_pdf, ("embedded",)),
        (lambda: files.encrypted_pdf(user=""), ("restricted",)),
        (lambda: files.PDF.replace(b"startxref", b"startxxxx"), ("damaged",)),
        (lambda: files.PDF, ()),
    ],
)
def test_what_is_taken_is_told(make: Callable[[], bytes], notes: tuple[str, ...]) -> None:
    stored = store(make())
    assert stored.notes == notes
    assert len(stored.warnings) == len(notes)


def test_what_is_refused_is_a_setting(settings: Any) -> None:
    settings.FILES = {**settings.FILES, "refused_notes": ["embedded"]}
    assert store(files.scripted_pdf()).notes == ("script",)
    with pytest.raises(FileRefused, match="có tệp khác đính bên trong"):
        store(files.carrying_pdf())


def test_a_signed_file_of_others_stays_as_it_is() -> None:
    content = files.signed_by_others()
    assert queries.read_file(store(content).id) == content


def test_a_bomb_costs_this_process_nothing() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bomb = files.pdf_bomb()
    with pytest.raises(FileRefused):
        store(bomb)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000, "kilobytes"


def test_a_helper_that_died_is_started_anew() -> None:
    store(files.PDF)
    assert helper._process is not None
    helper._process.kill()
    helper._process.wait()
    assert store(files.pdf(pages=2)).pages == 2
