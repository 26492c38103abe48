"""Searching for malware with a real clamd, and drawing pages; what is held opens for nobody."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.factories import files
from tests.factories.scanner import clamd
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.documents import actions, flows, queries
from tinhso.apps.documents.data import FileHeld, FileRefused, PreviewNotFound, StoredFileData
from tinhso.apps.documents.models import Content, Preview
from tinhso.apps.documents.providers.clamd import ScannerUnavailable
from tinhso.kernel.actor import Actor, ActorKind

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
CITIZEN = Actor(kind=ActorKind.CITIZEN, account_id=5, name="Nguyễn Thị Ví Dụ")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """A data folder of the test's own."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "files"


@pytest.fixture
def scanner(settings: Any) -> None:
    settings.FILES = {**settings.FILES, "clamd": clamd()}


def store(content: bytes = files.PDF, name: str = "don.pdf", **more: Any) -> StoredFileData:
    return actions.store_file(content=content, name=name, actor=CITIZEN, at=AT, **more)


@pytest.mark.usefixtures("scanner")
class TestScanning:
    def test_held_until_scanned_and_then_open(self, drain_jobs: Callable[[], int]) -> None:
        stored = store()
        assert (stored.scan, stored.is_held, stored.state) == ("pending", True, "Đang chờ quét mã độc")
        with pytest.raises(FileHeld, match="đang chờ quét mã độc"):
            queries.open_file(stored.id)
        assert queries.list_previews(stored.id) == []
        drain_jobs()
        assert queries.get_file(stored.id).state == "Đã quét, không có mã độc"
        assert queries.read_file(stored.id) == files.PDF
        assert len(queries.list_previews(stored.id)) == 1

    @pytest.mark.parametrize("content", [files.infected_pdf(), files.pdf(files.stream(b"x TINHSO-BAD-MARK"))])
    def test_the_infected_opens_for_nobody_and_comes_in_no_more(
        self, content: bytes, drain_jobs: Callable[[], int]
    ) -> None:
        stored = store(content)
        drain_jobs()
        found = Content.objects.get()
        assert (found.scan, found.finding.partition(".")[0]) == ("infected", "Test")
        for opening in (lambda: queries.open_file(stored.id), lambda: queries.open_preview(stored.id, 1)):
            with pytest.raises(FileHeld, match="có mã độc"):
                opening()
        assert not Preview.objects.exists()
        with pytest.raises(FileRefused, match="có mã độc"):
            store(content, "lai.pdf")
        assert "document.content_scanned" in [entry.type for entry in entries_of(f"content:{found.pk}")]

    def test_infected_inside_an_office_file(self, drain_jobs: Callable[[], int]) -> None:
        parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": files.EICAR}
        stored = store(files.archive(parts), "don.docx")
        drain_jobs()
        assert queries.get_file(stored.id).scan == "infected"

    def test_more_than_the_scanner_takes_is_told(self, settings: Any) -> None:
        stored = store(files.PDF + b"\n%" + b"x" * 4_000_000)
        flows.examine(content_id=Content.objects.get().pk, at=AT)
        assert queries.get_file(stored.id).state == "Không quét được"
        assert not queries.get_file(stored.id).is_held
        settings.FILES = {**settings.FILES, "scan_policy": "hold"}
        with pytest.raises(FileHeld, match="không quét mã độc được"):
            queries.open_file(stored.id)

    def test_papers_made_here_need_none(self) -> None:
        assert not store(made_here=True).is_held

    def test_what_came_before_the_scanner_is_scanned_by_command(self, settings: Any) -> None:
        settings.FILES = {**settings.FILES, "clamd": ""}
        stored = store(files.infected_pdf())
        assert (stored.state, stored.is_held) == ("Chưa quét mã độc", False)
        settings.FILES = {**settings.FILES, "clamd": clamd()}
        assert flows.scan_waiting(at=AT) == 1
        assert queries.get_file(stored.id).is_held


@pytest.mark.parametrize("address", ["/nowhere/socket", "127.0.0.1:1"])
def test_a_silent_scanner_keeps_the_file_held(address: str, settings: Any) -> None:
    settings.FILES = {**settings.FILES, "clamd": address}
    stored = store()
    with pytest.raises(ScannerUnavailable):
        flows.examine(content_id=Content.objects.get().pk, at=AT)
    assert queries.get_file(stored.id).is_held


def test_without_a_scanner_policy_decides(settings: Any) -> None:
    stored = store()
    assert (stored.state, stored.is_held) == ("Chưa quét mã độc", False)
    settings.FILES = {**settings.FILES, "scan_policy": "hold"}
    with pytest.raises(FileHeld, match="chưa được quét"):
        queries.open_file(stored.id)


class TestPreviews:
    def test_pages_are_drawn_and_the_file_stays_as_it_is(self, drain_jobs: Callable[[], int], settings: Any) -> None:
        settings.FILES = {**settings.FILES, "preview_pages": 3}
        content = files.pdf(pages=5)
        stored = store(content)
        assert stored.preview == "waiting"
        drain_jobs()
        pages = queries.list_previews(stored.id)
        assert [page.page for page in pages] == [1, 2, 3]
        likeness = Image.open(BytesIO(queries.open_preview(stored.id, 2)))
        assert (likeness.format, likeness.size) == ("JPEG", (pages[1].width, pages[1].height))
        assert max(likeness.size) <= 1_400
        assert queries.read_file(stored.id) == content
        with pytest.raises(PreviewNotFound):
            queries.open_preview(stored.id, 4)

    def test_a_picture_is_drawn_anew_without_what_it_carried(self, drain_jobs: Callable[[], int]) -> None:
        out = BytesIO()
        exif = Image.Exif()
        exif[0x010F] = "May anh cua ong Vi Du"
        exif[0x0112] = 6  # lies on its side
        Image.new("RGB", (600, 300), "red").save(out, "JPEG", exif=exif)
        stored = store(out.getvalue(), "anh.jpg")
        drain_jobs()
        blob = queries.open_preview(stored.id, 1)
        assert b"May anh" not in blob
        assert Image.open(BytesIO(blob)).size == (300, 600)

    def test_what_cannot_be_drawn_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stored = store(files.png(), "anh.png")
        monkeypatch.setattr(queries, "media_type_of", lambda content: "application/pdf")
        flows.examine(content_id=Content.objects.get().pk, at=AT)
        assert queries.get_file(stored.id).preview == "failed"
        assert queries.list_previews(stored.id) == []

    def test_likenesses_lie_sealed_too(self, folder: Path, drain_jobs: Callable[[], int]) -> None:
        store()
        drain_jobs()
        assert len(list(folder.rglob("*-*"))) == 2
        assert not any(b"JFIF" in path.read_bytes() for path in folder.rglob("*-*"))
