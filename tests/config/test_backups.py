"""Backups open with their key only and not when changed; of old ones what nobody needs goes; a whole one comes back."""

import io
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from tinhso.config import backups, embedded, restoring
from tinhso.config.backups import BackupError, Repository

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def _repository(folder: Path, name: str = "key") -> Repository:
    if not (folder / name).exists():
        backups.new_backup_key(folder / name)
    return Repository(folder / "backup", folder / name)


def test_what_is_sealed_opens_with_its_key_and_under_its_name_only(tmp_path: Path) -> None:
    repository, content = _repository(tmp_path), bytes(range(256)) * 1_000
    sealed = repository.folder / "wal" / "000000010000000000000001"
    repository.seal(io.BytesIO(content), sealed)
    assert content[:64] not in sealed.read_bytes()
    with repository.opened(sealed) as plain:
        assert plain.read() == content
    with pytest.raises(BackupError), _repository(tmp_path, "other").opened(sealed):
        pass
    renamed = sealed.rename(sealed.with_name("000000010000000000000002"))
    with pytest.raises(BackupError), repository.opened(renamed):
        pass


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    repository = _repository(tmp_path)
    sealed = repository.folder / "wal" / "000000010000000000000001"
    repository.seal(io.BytesIO(b"x" * 100_000), sealed)
    changed = bytearray(sealed.read_bytes())
    changed[70_000] ^= 1
    sealed.write_bytes(changed)
    with pytest.raises(BackupError), repository.opened(sealed) as plain:
        list(iter(lambda: plain.read(1 << 16), b""))


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    backups.new_backup_key(tmp_path / "key")
    with pytest.raises(BackupError):
        backups.new_backup_key(tmp_path / "key")


def test_old_copies_go_and_the_log_that_only_they_needed(tmp_path: Path) -> None:
    repository = _repository(tmp_path)
    for number in (1, 2, 3):
        folder = repository.folder / "base" / f"2026112{number}-000000"
        folder.mkdir()
        told = {
            "began_at": AT.isoformat(), "ended_at": AT.isoformat(), "bytes": 1,
            "first_segment": f"0000000100000000000000{number}0",
        }  # fmt: skip
        (folder / "base.json").write_text(json.dumps(told))
    for segment in ("0000000100000000000000" + last for last in ("10", "1F", "20", "2A", "30")):
        (repository.folder / "wal" / segment).touch()
    (repository.folder / "wal" / "00000002.history").touch()
    assert backups.forget(repository, keep=2) == ["20261121-000000"]
    left = sorted(one.name[-2:] for one in (repository.folder / "wal").iterdir())
    assert left == ["20", "2A", "30", "ry"]
    assert backups.forget(repository, keep=2) == []


def test_only_an_empty_folder_is_restored_into(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "something").touch()
    with pytest.raises(BackupError, match="không trống"):
        restoring.restore(_repository(tmp_path), tmp_path / "data")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the database's own user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="tinhso-backups-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.sweep
def test_a_database_and_its_files_come_back_as_of_a_moment(place: Path) -> None:
    data, cluster = place / "data", embedded.Cluster(place / "data" / "postgres", fast=True)
    server = embedded.start(cluster)
    assert server is not None
    repository = _repository(place)
    moment = datetime.now(UTC)  # noqa: TID251 - the server's own clock is compared with it
    try:
        with psycopg.connect(cluster.url(embedded.SUPERUSER), autocommit=True) as database:
            database.execute("CREATE TABLE kept (number int)")
            database.execute("INSERT INTO kept VALUES (1)")
            (data / "files" / "ab").mkdir(parents=True)
            (data / "files" / "ab" / "blob").write_bytes(b"sealed")
            backups.make_base(cluster, data, repository, at=moment)
            (data / "keys").mkdir()
            (data / "keys" / "made-later").write_text("key")
            assert backups.seal_settings(data, repository)
            assert not backups.seal_settings(data, repository)
            database.execute("INSERT INTO kept VALUES (2)")
            row = database.execute("SELECT clock_timestamp()").fetchone()
            assert row is not None
            moment = row[0]
            time.sleep(0.05)
            database.execute("INSERT INTO kept VALUES (3)")
            database.execute("SELECT pg_switch_wal()")
        for segment in (cluster.data / "pg_wal").glob("0*"):
            shutil.copyfile(segment, repository.folder / "wal-open" / segment.name)
        backups.seal_segments(repository)
    finally:
        embedded.stop(cluster)
        server.wait()
    assert _restored(repository, place / "moment", until=moment) == [1, 2]
    assert _restored(repository, place / "whole", until=None) == [1, 2, 3]
    assert (place / "whole" / "files" / "ab" / "blob").read_bytes() == b"sealed"
    assert (place / "whole" / "keys" / "made-later").read_text() == "key"


def _restored(repository: Repository, folder: Path, *, until: datetime | None) -> list[int]:
    server = restoring.restore(repository, folder, until=until).server
    cluster = embedded.Cluster(folder / "postgres")
    try:
        with psycopg.connect(cluster.url(embedded.SUPERUSER)) as database:
            return [row[0] for row in database.execute("SELECT number FROM kept ORDER BY number")]
    finally:
        embedded.stop(cluster)
        assert server is not None
        server.wait()
