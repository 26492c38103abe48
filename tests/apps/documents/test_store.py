"""Keys and stores: rotation that rewrites no content, old plain content, an object store over the wire, and shredding."""

import os
import shutil
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import InternalError, connection

from tests.factories import files
from tests.factories.object_store import ObjectStore, object_store
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.documents import actions, flows, queries
from tinhso.apps.documents.actions import _files
from tinhso.apps.documents.data import StorageUnavailable, StoredFileData
from tinhso.apps.documents.models import Content
from tinhso.apps.documents.providers.keyring import KeyMissing, KeyRing
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.errors import Forbidden
from tinhso.kernel.secondcopy import SOCKET

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
CITIZEN = Actor(kind=ActorKind.CITIZEN, account_id=5, name="Nguyễn Thị Ví Dụ")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """A data folder of the test's own."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "files"


@pytest.fixture(scope="module")
def s3() -> Iterator[ObjectStore]:
    yield from object_store()


def store(content: bytes = files.PDF, name: str = "don.pdf") -> StoredFileData:
    return actions.store_file(content=content, name=name, actor=CITIZEN, at=AT)


def blobs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestKeys:
    def test_rotation_seals_the_keys_anew_and_leaves_the_content(self, folder: Path) -> None:
        stored = [store(files.pdf(pages=pages)) for pages in (1, 2, 3)]
        before, old = blobs(folder), queries.ring().active
        told: list[int] = []
        key_id, count = flows.rotate_keys(at=AT, told=told.append)
        assert (count, told) == (3, [3])
        assert blobs(folder) == before
        assert queries.keys_in_use() == {key_id: 3}
        queries.ring().retire(old)
        assert queries.read_file(stored[1].id) == files.pdf(pages=2)
        types = [entry.type for entry in entries_of("file_keys")]
        assert types == ["document.file_key_added", "document.keys_rewrapped"]

    def test_a_rotation_that_was_cut_off_is_gone_on_with(self) -> None:
        stored = [store(files.pdf(pages=pages)) for pages in (1, 2, 3)]
        actions.add_file_key(actor=SYSTEM, at=AT)
        assert actions.rewrap_keys(limit=2, actor=SYSTEM, at=AT) == 2
        assert len(queries.keys_in_use()) == 2
        assert queries.read_file(stored[2].id) == files.pdf(pages=3)
        assert flows.rewrap(at=AT) == 1
        assert len(queries.keys_in_use()) == 1

    def test_without_its_key_nothing_opens_and_that_is_told(self, tmp_path: Path) -> None:
        stored = store()
        shutil.rmtree(tmp_path / "keys")
        queries.ring()._keys.clear()
        with pytest.raises(StorageUnavailable, match="Chưa đọc được"):
            queries.open_file(stored.id)
        assert queries.read_file(store(files.pdf(pages=2)).id), "new content gets a new key"

    def test_a_key_opens_its_own_content_only(self) -> None:
        one, other = store(), store(files.pdf(pages=2))
        rows = {row.sha256: row for row in Content.objects.all()}
        Content.objects.filter(sha256=one.sha256).update(wrapped_key=rows[other.sha256].wrapped_key)
        with pytest.raises(StorageUnavailable):
            queries.open_file(one.id)

    def test_keys_lie_apart_and_for_their_owner_only(self, tmp_path: Path, settings: Any) -> None:
        settings.FILES = {**settings.FILES, "keys": str(tmp_path / "elsewhere")}
        store()
        keys = sorted((tmp_path / "elsewhere").iterdir())
        assert [path.name.rpartition(".")[2] for path in keys] == ["key", "key"]
        assert {path.stat().st_mode & 0o077 for path in keys} == {0}

    def test_a_key_that_is_not_what_its_name_says_is_refused(self, tmp_path: Path) -> None:
        ring = KeyRing(tmp_path / "ring")
        key_id = ring.add()
        (tmp_path / "ring" / f"{key_id}.key").write_text("00" * 32)
        with pytest.raises(KeyMissing):
            KeyRing(tmp_path / "ring").ids()

    @pytest.mark.enable_socket
    def test_a_copy_that_is_waited_for_and_does_not_come_keeps_nothing(self, tmp_path: Path) -> None:
        """The backup is waited for and its receiver has died: nobody hears "received" of what has no second copy."""
        with socket.socket(socket.AF_UNIX) as asked:
            asked.bind(str(tmp_path / SOCKET))
        with pytest.raises(StorageUnavailable, match="thử lại sau ít phút"):
            store()
        assert not Content.objects.exists()
        (tmp_path / SOCKET).unlink()
        assert queries.read_file(store().id) == files.PDF

    def test_only_the_system_touches_keys(self) -> None:
        for act in (actions.add_file_key, actions.rewrap_keys):
            with pytest.raises(Forbidden):
                act(actor=CITIZEN, at=AT)


class TestOldContent:
    def plain(self, folder: Path) -> tuple[StoredFileData, Path]:
        """A file as it lay before files were sealed."""
        stored = store()
        return stored, files.lies_plain(stored.sha256, files.PDF, folder)

    def test_is_read_as_it_is_and_sealed_by_command(self, folder: Path) -> None:
        stored, path = self.plain(folder)
        assert queries.read_file(stored.id) == files.PDF
        with queries.open_file(stored.id) as stream:
            stream.seek(5)
            assert stream.read(3) == files.PDF[5:8]
        assert queries.keys_in_use() == {"": 1}
        assert flows.seal_plain(at=AT) == 1
        assert not path.exists()
        assert all(b"%PDF" not in content for content in blobs(folder).values())
        assert queries.read_file(stored.id) == files.PDF
        assert flows.seal_plain(at=AT) == 0

    def test_is_not_sealed_when_it_is_not_what_it_was(self, folder: Path) -> None:
        _, path = self.plain(folder)
        path.write_bytes(files.PDF[:-1] + b"!")
        with pytest.raises(StorageUnavailable, match="không còn nguyên vẹn"):
            flows.seal_plain(at=AT)
        assert path.exists()


def test_content_that_vanished_is_healed_by_the_next_who_brings_it(folder: Path) -> None:
    stored = store()
    for path in folder.rglob("*-*"):
        path.unlink()
    again = store(name="lai.pdf")
    assert queries.read_file(stored.id) == queries.read_file(again.id) == files.PDF


def test_a_store_that_takes_long_over_much_does_not_cost_the_transaction(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = queries.storage("disk")
    keep = type(disk).keep

    def slowly(self: Any, name: str, source: Path) -> None:
        time.sleep(0.8)
        keep(self, name, source)

    monkeypatch.setattr(type(disk), "keep", slowly)
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '400ms'")
    try:
        monkeypatch.setattr(_files, "_KEPT_FIRST", 100)
        first, again = store(), store()
        assert (first.sha256, len(blobs(folder))) == (again.sha256, 1), "what was kept twice is taken back"
        monkeypatch.setattr(_files, "_KEPT_FIRST", 2**40)
        with pytest.raises(
            InternalError, match="idle-in-transaction"
        ):  # what it would cost: the database ends the session
            store(files.pdf(pages=2))
    finally:
        connection.close()
    assert queries.read_file(first.id) == files.PDF


def test_much_content_that_vanished_is_healed_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_files, "_KEPT_FIRST", 100)
    first = store()
    for path in blobs_at(folder):
        path.unlink()
    assert queries.read_file(store().id) == queries.read_file(first.id) == files.PDF


def blobs_at(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_blobs_no_row_knows_are_swept_after_a_day(folder: Path) -> None:
    stored = store()
    old = (AT - timedelta(days=3)).timestamp()
    lost = folder / "ab" / "cd" / ("ab" * 32 + "-0123456789ab")
    lost.parent.mkdir(parents=True)
    lost.write_bytes(b"x")
    for path in folder.rglob("*"):
        os.utime(path, (old, old))
    assert flows.sweep_incoming(at=AT) == 1
    assert not lost.exists()
    assert queries.read_file(stored.id) == files.PDF


class TestObjectStore:
    @pytest.fixture(autouse=True)
    def chosen(self, s3: ObjectStore, settings: Any) -> None:
        settings.FILES = {**settings.FILES, "store": "s3", "s3": s3.new_bucket()}

    def test_content_goes_there_sealed_and_comes_back(self, s3: ObjectStore, folder: Path) -> None:
        stored = store()
        (name,) = s3.objects()
        assert name.startswith("tinhso/")
        assert stored.sha256 not in name
        assert b"%PDF" not in s3.objects()[name]
        assert blobs(folder) == {}
        assert queries.read_file(stored.id) == files.PDF
        with queries.open_file(stored.id) as stream:
            stream.seek(10)
            assert stream.read(5) == files.PDF[10:15]

    def test_a_large_content_goes_in_parts(self, s3: ObjectStore) -> None:
        content = files.pdf() + b"\n%" + os.urandom(1024).hex().encode() * 4_200
        stored = actions.store_file(content=BytesIO(content), name="to.pdf", actor=CITIZEN, at=AT)
        assert len(content) > 8_500_000
        assert queries.read_file(stored.id) == content
        assert s3.tag_of_the_only_object().endswith("-2"), "two parts"

    def test_content_moves_between_stores(self, s3: ObjectStore, folder: Path, settings: Any) -> None:
        there = store()
        settings.FILES = {**settings.FILES, "store": "disk"}
        here = store(files.pdf(pages=2))
        assert flows.move_all(at=AT) == 1
        assert s3.objects() == {}
        assert len(blobs(folder)) == 2
        settings.FILES = {**settings.FILES, "store": "s3"}
        assert flows.move_all(at=AT) == 2
        assert blobs(folder) == {}
        assert queries.read_file(there.id) == files.PDF
        assert queries.read_file(here.id) == files.pdf(pages=2)

    def test_a_store_out_of_reach_is_told(self, settings: Any) -> None:
        stored = store()
        wrong = {**settings.FILES["s3"], "bucket": "khong-co"}
        settings.FILES = {**settings.FILES, "s3": wrong}
        with pytest.raises(StorageUnavailable):
            store(files.pdf(pages=2))
        with pytest.raises(StorageUnavailable):
            queries.open_file(stored.id)

    def test_what_no_row_knows_is_swept_there_too(self, s3: ObjectStore) -> None:
        store()
        s3.put("tinhso/ab/cd/lost")
        assert flows.sweep_incoming(at=AT) == 0, "younger than a day"
        assert flows.sweep_incoming(at=datetime.now(UTC) + timedelta(days=2)) == 1  # noqa: TID251 - the store's own clock
        assert len(s3.objects()) == 1
