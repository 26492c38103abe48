"""Backups open with their key only and not when changed; of old ones what nobody needs goes; a whole one comes back.

Restored is as much as log and files both reach; where commits wait for the backup, so do files.
"""

import io
import json
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from tinhso.config import backups, embedded, receiving, restoring
from tinhso.config.backups import BackupError, Base, Reached, Repository
from tinhso.config.receiving import Receiver
from tinhso.kernel.secondcopy import KEYS, SOCKET, ask_for_second_copy

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
_NAMES = "SELECT blob FROM documents_content ORDER BY id"


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


def test_the_last_whole_point_is_the_receivers_or_the_end_of_the_copy(tmp_path: Path) -> None:
    repository = _repository(tmp_path)
    base = Base(tmp_path, "20261123-020000", AT, AT + timedelta(minutes=5), "0" * 24, 1)
    assert repository.reached() is None
    assert restoring._whole_at(repository, base).setting == "recovery_target"
    repository.reach(Reached("0/3000148", AT + timedelta(minutes=9)))
    assert restoring._whole_at(repository, base) == restoring._Target("recovery_target_lsn", "0/3000148")
    repository.reach(Reached("0/2000148", AT + timedelta(minutes=4)))  # nobody has received since
    assert restoring._whole_at(repository, base).setting == "recovery_target"


class TestAskingForASecondCopy:
    @pytest.fixture
    def receiver(self, tmp_path: Path, settings: Any) -> Receiver:
        """A receiver of a province whose database is not needed."""
        settings.DATA_DIR = tmp_path / "data"
        (tmp_path / "data" / "files" / "ab").mkdir(parents=True)
        (tmp_path / "data" / "files" / "ab" / "blob").write_bytes(b"sealed")
        cluster = embedded.Cluster(tmp_path / "data" / "postgres")
        return Receiver(cluster, tmp_path / "data", _repository(tmp_path), tell=print)

    def ask(self, receiver: Receiver, what: str) -> list[str]:
        """Ask as a process of the province does, while the receiver answers; what was raised."""
        raised: list[str] = []

        def province() -> None:
            try:
                ask_for_second_copy(what)
            except OSError as error:
                raised.append(str(error))

        with socket.socket(socket.AF_UNIX) as asked:
            asked.bind(str(receiver.data / SOCKET))
            asked.listen()
            thread = threading.Thread(target=province)
            thread.start()
            while thread.is_alive():
                receiver._answer(asked, for_s=0.05)
            thread.join()
        return raised

    def test_nobody_waits_where_no_receiver_is_waited_for(self, receiver: Receiver) -> None:
        ask_for_second_copy("files/ab/blob")
        assert not list((receiver.repository.folder / "files").iterdir())

    @pytest.mark.enable_socket
    def test_the_file_is_there_before_its_keeper_goes_on(self, receiver: Receiver) -> None:
        assert self.ask(receiver, "files/ab/blob") == []
        assert (receiver.repository.folder / "files" / "ab" / "blob").read_bytes() == b"sealed"

    @pytest.mark.enable_socket
    def test_keys_are_sealed_at_once(self, receiver: Receiver) -> None:
        (receiver.data / "keys" / "files").mkdir(parents=True)
        (receiver.data / "keys" / "files" / "0001-aa.key").write_text("00" * 32)
        assert self.ask(receiver, KEYS) == []
        restoring.unpack(receiver.repository, receiver.repository.folder / backups.SETTINGS, receiver.data / "back")
        assert (receiver.data / "back" / "keys" / "files" / "0001-aa.key").read_text() == "00" * 32

    @pytest.mark.enable_socket
    @pytest.mark.parametrize("what", ["files/../keys/one.key", "settings", "/etc/passwd", "files/ab/not-there"])
    def test_nothing_else_is_copied(self, receiver: Receiver, what: str) -> None:
        (receiver.data / "keys").mkdir()
        (receiver.data / "keys" / "one.key").write_text("secret")
        assert self.ask(receiver, what) != []
        assert [one for one in receiver.repository.folder.rglob("*") if one.is_file()] == []

    @pytest.mark.enable_socket
    def test_a_receiver_that_died_is_waited_for_and_told(self, receiver: Receiver) -> None:
        with socket.socket(socket.AF_UNIX) as asked:
            asked.bind(str(receiver.data / SOCKET))
        with pytest.raises(ConnectionRefusedError):
            ask_for_second_copy("files/ab/blob")


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
    for name, until, numbers in (("moment", moment, [1, 2]), ("whole", None, [1, 2, 3])):
        found = restoring.restore(repository, place / name, until=until)
        assert _rows(place / name, found, "SELECT number FROM kept ORDER BY number") == numbers
    assert (place / "whole" / "files" / "ab" / "blob").read_bytes() == b"sealed"
    assert (place / "whole" / "keys" / "made-later").read_text() == "key"


def _rows(folder: Path, found: restoring.Restored, statement: LiteralString) -> list[Any]:
    """The first column of what is asked of a restored database, which then is stopped."""
    cluster = embedded.Cluster(folder / "postgres")
    try:
        with psycopg.connect(cluster.url(embedded.SUPERUSER)) as database:
            return [row[0] for row in database.execute(statement)]
    finally:
        embedded.stop(cluster)
        assert found.server is not None
        found.server.wait()


def _contents(database: "psycopg.Connection[Any]", data: Path, *names: str) -> None:
    """Files as the store keeps them: the bytes first, then the row."""
    for name in names:
        (data / "files").mkdir(exist_ok=True)
        (data / "files" / name).write_bytes(name.encode())
        database.execute("INSERT INTO documents_content (store, blob) VALUES ('disk', %s)", [name])


def _has_reached(receiver: Receiver, database: "psycopg.Connection[Any]") -> bool:
    """One more look; whether all that is there now had come by then."""
    (end,) = database.execute("SELECT pg_current_wal_insert_lsn()").fetchone() or ("",)
    receiver.look()
    reached = receiver.repository.reached()
    return reached is not None and receiving._row(database, "SELECT %s::pg_lsn >= %s::pg_lsn", [reached.lsn, end])[0]


def _until(done: Any) -> None:
    until = time.monotonic() + 30
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.sweep
@pytest.mark.enable_socket
def test_a_restore_goes_as_far_as_log_and_files_both_reach(place: Path, settings: Any) -> None:
    data, cluster = place / "data", embedded.Cluster(place / "data" / "postgres", fast=True)
    settings.DATA_DIR = data
    server = embedded.start(cluster)
    assert server is not None
    repository = _repository(place)
    receiver = Receiver(cluster, data, repository, tell=print)
    try:
        with psycopg.connect(cluster.url(embedded.SUPERUSER), autocommit=True) as database:
            database.execute(
                "CREATE TABLE documents_content (id serial, store text, blob text, key_id text DEFAULT '',"
                " shredded_at timestamptz)"
            )
            receiver._keep_the_log_coming()
            backups.make_base(cluster, data, repository, at=datetime.now(UTC))  # noqa: TID251 - the server's own clock
            _contents(database, data, "first")
            _until(lambda: _has_reached(receiver, database))
            with psycopg.connect(cluster.url(embedded.SUPERUSER)) as other:
                _contents(other, data, "slow")
                assert not receiver.look(), "its row cannot be seen yet, and may have been committed before the mark"
                other.commit()
            _until(lambda: _has_reached(receiver, database))
            assert (repository.folder / "files" / "slow").exists()
            _contents(database, data, "late")  # the log comes by itself, the file with the next look
            (end,) = database.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone() or ("",)
            (late,) = database.execute("SELECT clock_timestamp()").fetchone() or (AT,)
            database.execute("CREATE TABLE after_it ()")
            _until(lambda: receiving._row(database, receiving._COME, [end, "pg_receivewal"])[0])
    finally:
        embedded.stop(cluster, immediate=True)
        server.wait()
        assert receiver._log is not None
        receiver._log.terminate()
        receiver._log.wait()
    backups.seal_segments(repository)
    found = restoring.restore(repository, place / "whole")
    assert found.missing == ("files/late",)
    assert _rows(place / "whole", found, _NAMES) == ["first", "slow"]
    with pytest.raises(BackupError, match="chưa kịp tới"):
        restoring.restore(repository, place / "moment", until=late)
    assert not any((place / "moment").iterdir())
    (repository.folder / "files" / "late").write_bytes(b"late")
    found = restoring.restore(repository, place / "again")
    assert found.missing == ()
    assert _rows(place / "again", found, _NAMES) == ["first", "slow", "late"]
