"""Storing files and taking numbers: whole or not at all, and a sentence for every refusal."""

import contextlib
import errno
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from tests.factories import files
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.documents import actions, queries
from tinhso.apps.documents.data import (
    BookEntryData,
    FileNotFound,
    FileRefused,
    FileTooLarge,
    NumberNotReserved,
    StorageUnavailable,
)
from tinhso.apps.documents.models import BookEntry, Content, NumberBook, StoredFile
from tinhso.apps.documents.providers.disk import DiskStorage
from tinhso.kernel import actions as kernel_actions
from tinhso.kernel.actions import ActionMisuse
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind
from tinhso.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
CITIZEN = Actor(kind=ActorKind.CITIZEN, account_id=5, name="Nguyễn Thị Ví Dụ")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """A data folder of the test's own."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "files"


def store(content: Any = files.PDF, name: str = "don.pdf", actor: Actor = CITIZEN) -> Any:
    return actions.store_file(content=content, name=name, actor=actor, at=AT)


def left_behind(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


class TestStoreFile:
    def test_content_is_kept_under_its_digest_and_read_back(self, folder: Path) -> None:
        stored = store()
        assert (stored.media_type, stored.size, stored.name) == ("application/pdf", len(files.PDF), "don.pdf")
        assert queries.read_file(stored.id) == files.PDF
        (kept,) = left_behind(folder)
        assert stored.sha256 not in kept.as_posix(), "whoever sees the store cannot tell what is there"
        assert b"%PDF" not in kept.read_bytes()
        assert queries.get_file(stored.id) == stored
        (entry,) = entries_of(f"file:{stored.id}")
        assert entry.type == "document.file_stored"
        assert "don.pdf" not in str(entry.payload), "names of files name people; the log keeps digests"

    def test_the_same_content_twice_is_one_content_and_two_rows(self, folder: Path) -> None:
        first, second = store(name="a.pdf"), store(name="b.pdf")
        assert first.id != second.id
        assert first.sha256 == second.sha256
        assert len(left_behind(folder)) == 1
        assert queries.list_files([first.id, second.id, 999]).keys() == {first.id, second.id}

    def test_a_name_cannot_lie_about_the_content(self) -> None:
        stored = store(files.png(), "hop-dong.pdf")
        assert (stored.media_type, stored.name) == ("image/png", "hop-dong.png")

    @pytest.mark.parametrize(
        ("content", "name", "words"),
        [
            (b"MZ" + b"\0" * 100, "don.pdf", "là một chương trình"),
            (b"<html></html>", "don.pdf", "Không nhận ra nội dung của tệp “don.pdf”"),
            (b"", "don.pdf", "rỗng"),
            (files.png()[:40], "anh.png", "hỏng"),
            (files.png(20_000, 7_000), "anh.png", "kích thước quá lớn"),
            (files.archive({"word/document.xml": b"", "word/vbaProject.bin": b""}), "a.docx", "macro"),
            (files.archive({"a": b"b"}), "a.docx", "tệp nén"),
        ],
    )
    def test_refused_with_a_sentence_and_nothing_left(
        self, content: bytes, name: str, words: str, folder: Path
    ) -> None:
        with pytest.raises(FileRefused, match=words):
            store(content, name)
        assert left_behind(folder) == []
        assert not StoredFile.objects.exists()

    def test_200_megabytes_are_refused_before_they_are_read(self, folder: Path) -> None:
        class Upload:
            size = 200 * 1_048_576

            def read(self, _: int = -1) -> bytes:
                raise AssertionError("the content must not be read")

        with pytest.raises(FileTooLarge) as caught:
            store(Upload(), "phim.pdf")
        assert caught.value.message == "Tệp nặng 200 MB, tối đa là 20 MB."
        assert caught.value.status == 413
        assert left_behind(folder) == []

    def test_a_stream_of_unknown_length_is_given_up_at_the_limit(self, folder: Path, settings: Any) -> None:
        settings.TINHSO_MAX_UPLOAD_MB = 1

        class Endless:
            given = 0

            def read(self, size: int) -> bytes:
                self.given += size
                assert self.given < 3_000_000, "must stop soon after the limit"
                return b"%PDF-" + b"a" * (size - 5)

        with pytest.raises(FileTooLarge, match="Tệp nặng hơn 1 MB, tối đa là 1 MB"):
            store(Endless())
        assert left_behind(folder) == []

    def test_a_stream_is_read_in_pieces(self) -> None:
        sizes: list[int] = []

        class Watched(BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                sizes.append(size or -1)
                return super().read(size)

        store(Watched(files.PDF + b"\n" * 3_000_000))
        assert max(sizes) <= 1_048_576
        assert min(sizes) > 0

    def test_a_full_disk_is_a_sentence_and_leaves_nothing(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StorageUnavailable, match="hết chỗ lưu tệp") as caught:
            store()
        assert caught.value.status == 503
        assert left_behind(folder) == []
        assert not StoredFile.objects.exists()

    def test_the_row_comes_after_the_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real, order = DiskStorage.keep, []
        monkeypatch.setattr(DiskStorage, "keep", lambda *args: (order.append(Content.objects.count()), real(*args)))
        store()
        assert order == [0]

    def test_nobody_unknown_stores_files(self) -> None:
        with pytest.raises(Forbidden):
            store(actor=ANONYMOUS)

    def test_missing_or_damaged_content_is_told(self, folder: Path) -> None:
        stored = store()
        (path,) = left_behind(folder)
        whole = bytearray(path.read_bytes())
        whole[40] ^= 1
        path.write_bytes(whole)
        with pytest.raises(StorageUnavailable, match="nguyên vẹn"):
            queries.read_file(stored.id)
        path.write_bytes(b"other")
        with pytest.raises(StorageUnavailable, match="Chưa đọc được"):
            queries.open_file(stored.id)
        path.unlink()
        with pytest.raises(StorageUnavailable, match="Chưa đọc được"):
            queries.open_file(stored.id)
        with pytest.raises(FileNotFound):
            queries.get_file(987_654)


@contextlib.contextmanager
def inside_an_action() -> Iterator[None]:
    """What runs here runs as if a case's action had called it."""
    depth = kernel_actions._depth.set(1)
    try:
        with transaction.atomic(durable=True):
            yield
    finally:
        kernel_actions._depth.reset(depth)


def approve(*, fail: bool = False, **book: Any) -> BookEntryData:
    """Take a number as the approval of a result does, and perhaps fail afterwards."""
    with inside_an_action():
        entry = actions.reserve_number(
            **{"unit_id": 1, "book": "GPXD", "year": 2026, "subject": "case:1", **book}, actor=SYSTEM, at=AT
        )
        if fail:
            raise RuntimeError("the paper fails")
        return entry


def settle(step: Callable[..., Any], **arguments: Any) -> Any:
    with inside_an_action():
        return step(**arguments, actor=SYSTEM, at=AT)


class TestNumbers:
    def test_numbers_follow_each_other_by_unit_book_and_year(self) -> None:
        numbers = [approve().number for _ in range(3)]
        others = [
            approve(unit_id=2).number,
            approve(book="QD").number,
            approve(year=2027).number,
        ]
        assert (numbers, others) == ([1, 2, 3], [1, 1, 1])

    def test_printed_with_a_zero_below_ten(self) -> None:
        assert [approve().label for _ in range(11)][8:] == ["09", "10", "11"]

    def test_a_rolled_back_number_goes_to_the_next(self) -> None:
        approve()
        with pytest.raises(RuntimeError):
            approve(fail=True)
        assert approve().number == 2
        assert NumberBook.objects.get().latest == 2

    def test_issued_and_cancelled_numbers_stay_in_the_book(self) -> None:
        first, second = approve(), approve()
        assert settle(actions.issue_number, entry_id=first.id).status == "issued"
        cancelled = settle(actions.cancel_number, entry_id=second.id, reason="lỗi ký số")
        assert cancelled.status == "cancelled"
        assert approve().number == 3
        book = queries.list_book_entries(unit_id=1, book="GPXD", year=2026)
        assert [(entry.number, entry.status) for entry in book] == [(1, "issued"), (2, "cancelled"), (3, "reserved")]
        types = [entry.type for entry in entries_of(f"book_entry:{second.id}")]
        assert types == ["document.number_reserved", "document.number_cancelled"]
        assert queries.get_book_entry(second.id).subject == "case:1"

    def test_told_twice_happens_once_and_never_backwards(self) -> None:
        entry = approve()
        for _ in range(2):
            settle(actions.issue_number, entry_id=entry.id)
        assert len(entries_of(f"book_entry:{entry.id}")) == 2
        with pytest.raises(NumberNotReserved):
            settle(actions.cancel_number, entry_id=entry.id)

    def test_only_inside_an_action(self) -> None:
        with pytest.raises(ActionMisuse):
            actions.reserve_number(unit_id=1, book="A", year=2026, subject="case:1", actor=SYSTEM, at=AT)

    def test_no_gap_and_no_double_with_many_at_once(self) -> None:
        problems: list[Exception] = []

        def work(fail: bool) -> None:
            try:
                for turn in range(5):
                    with contextlib.suppress(RuntimeError):
                        approve(fail=fail and turn % 2 == 0)
            except Exception as error:  # noqa: BLE001 - a thread's failure must reach the test
                problems.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=work, args=(i % 2 == 0,)) for i in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert problems == []
        numbers = sorted(BookEntry.objects.values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) == 3 * 5 + 3 * 2
