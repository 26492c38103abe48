"""The receiver of a backup: the write-ahead log as it is written, and with it the files and keys that its rows name.

The log and the files come on two ways, and the log is the quicker one. So the receiver says again and again how far both
have come (`Repository.reach`): a restore that lacks a file goes back to there. Where every commit waits for the log, who
keeps a file waits for its copy as well (`kernel.secondcopy`), and nothing has to be given back.
"""

import contextlib
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, LiteralString

import psycopg

from tinhso.config import backups, embedded
from tinhso.config.backups import BackupError, Reached, Repository
from tinhso.kernel.secondcopy import KEYS, SOCKET, TAKEN

_SLOT = "tinhso_backup"
_RECEIVER = "pg_receivewal"
_EVERY_S = 1.0
_LOOK_S = 0.2
_LAST_LOOK_S = 10.0
# Numbers are given before rows are committed, so a row may turn up behind this many newer ones.
_NEWEST = 5_000
_NOW = "SELECT pg_current_wal_flush_lsn()::text, clock_timestamp()"
_COME = "SELECT coalesce(max(flush_lsn) >= %s::pg_lsn, false) FROM pg_stat_replication WHERE application_name = %s"
# A transaction lets go of its tables only after its rows can be seen.
_WRITERS = """
    SELECT virtualtransaction FROM pg_locks
    WHERE relation = to_regclass('documents_content') AND mode = 'RowExclusiveLock'"""
_FILES = """
    SELECT id, blob FROM documents_content WHERE id > (SELECT coalesce(max(id), 0) FROM documents_content) - %s
    AND store = 'disk' AND blob <> '' ORDER BY id"""


@dataclass(frozen=True)
class _Mark:
    """A moment, and who was writing files then: once they have ended, all files of rows up to it can be seen."""

    reached: Reached
    writers: frozenset[str]


class Receiver:
    """Receives until it is told to stop."""

    def __init__(
        self, cluster: embedded.Cluster, data: Path, repository: Repository, *, tell: Callable[[str], None]
    ) -> None:
        self.cluster, self.data, self.repository, self.tell = cluster, data, repository, tell
        self.stopping = False
        self._log: subprocess.Popen[bytes] | None = None
        self._mark: _Mark | None = None
        self._copied: set[str] = set()

    def run(self, *, synchronous: bool = False) -> None:
        """Take everything as it comes. The server keeps what has not been taken (a slot), so nothing is missed while
        this does not run; each piece is on this disk before the server hears that it came.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        with contextlib.ExitStack() as waited:
            asked, caught_up, looked = None, False, 0.0
            while not self.stopping:
                try:
                    self._keep_the_log_coming()
                    if not caught_up:
                        backups.copy_files(self.data, self.repository)  # what came while nobody received
                        if synchronous:
                            asked = waited.enter_context(_waited_for(self.cluster, self.data))
                        else:
                            let_go(self.cluster, self.data)
                        caught_up = True
                    if time.monotonic() - looked > _EVERY_S:
                        self.look()
                        looked = time.monotonic()
                except (BackupError, OSError, psycopg.Error) as error:
                    self.tell(f"Chưa nhận được, thử lại: {error}")
                    time.sleep(_EVERY_S)
                self._answer(asked, for_s=_LOOK_S)
            self._last_look()
        if self._log is not None:
            self._log.terminate()
            self._log.wait()
        backups.copy_files(self.data, self.repository)
        backups.seal_segments(self.repository)

    def look(self) -> bool:
        """Take what is new besides the log; whether it could be said anew how far log and files have come."""
        with psycopg.connect(self.cluster.url(embedded.SUPERUSER), autocommit=True, connect_timeout=5) as database:
            mark = self._mark or _Mark(_now(database), _writers(database))
            come = _row(database, _COME, [mark.reached.lsn, _RECEIVER])[0] and not mark.writers & _writers(database)
            self._copy_new_files(database)
        backups.seal_settings(self.data, self.repository)
        backups.seal_segments(self.repository)
        self._mark = None if come else mark
        if come:
            self.repository.reach(mark.reached)
        return come

    def _copy_new_files(self, database: "psycopg.Connection[Any]") -> None:
        """Copy what the newest rows name: quick however large the store is. A whole copy looks through all of it."""
        if _row(database, "SELECT to_regclass('documents_content')")[0] is None:
            return
        rows = [blob for _, blob in database.execute(_FILES, [_NEWEST])]
        for blob in rows:
            if blob not in self._copied:
                self._copy(f"files/{blob}")
        self._copied = set(rows)

    def _copy(self, place: str) -> None:
        backups.copy_file(self.data / place, self.repository.folder / place)

    def _keep_the_log_coming(self) -> None:
        if self._log is None or self._log.poll() is not None:
            backups.run(self.cluster, _RECEIVER, "--slot", _SLOT, "--create-slot", "--if-not-exists")
            folder = str(self.repository.folder / "wal-open")
            options = ("-D", folder, "--slot", _SLOT, "--synchronous", "--no-loop", "-s", "1")
            self._log = backups.start(self.cluster, _RECEIVER, *options)

    def _answer(self, asked: "socket.socket | None", *, for_s: float) -> None:
        """Copy what is asked for, for a while."""
        if asked is None:
            time.sleep(for_s)
            return
        until = time.monotonic() + for_s
        with selectors.DefaultSelector() as ready:
            ready.register(asked, selectors.EVENT_READ)
            while (left := until - time.monotonic()) > 0 and ready.select(left):
                line, _ = asked.accept()
                with line:
                    try:
                        self._answer_one(line)
                    except OSError as error:
                        self.tell(f"Chưa chép được tệp đang được chờ: {error}")

    def _answer_one(self, line: socket.socket) -> None:
        line.settimeout(_EVERY_S)
        what = line.recv(1_000).decode("utf-8", "replace").strip()
        if what == KEYS:
            backups.seal_settings(self.data, self.repository)
        elif PurePosixPath(what).parts[:1] == ("files",) and ".." not in PurePosixPath(what).parts:
            self._copy(what)
            if not (self.repository.folder / what).is_file():
                return
        else:
            return
        line.sendall(TAKEN)

    def _last_look(self) -> None:
        """Bring the mark up to the end, where the database still answers."""
        self._mark, until = None, time.monotonic() + _LAST_LOOK_S
        with contextlib.suppress(BackupError, OSError, psycopg.Error):
            while not self.look() and time.monotonic() < until:
                time.sleep(_LOOK_S)

    def _stop(self, *_signal: object) -> None:
        self.stopping = True


@contextlib.contextmanager
def _waited_for(cluster: embedded.Cluster, data: Path) -> Iterator[socket.socket]:
    """Every commit waits until the backup has its log, and every file until it has its copy, while this lasts."""
    address = data / SOCKET
    address.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as asked:
        asked.bind(str(address))
        address.chmod(0o660)
        asked.listen(64)
        _wait_for_the_log(cluster, wanted=True)
        try:
            yield asked
        finally:
            with contextlib.suppress(OSError, psycopg.Error):  # it may be gone
                let_go(cluster, data)


def let_go(cluster: embedded.Cluster, data: Path) -> None:
    """Let the province write without waiting for the backup."""
    (data / SOCKET).unlink(missing_ok=True)
    _wait_for_the_log(cluster, wanted=False)


def _wait_for_the_log(cluster: embedded.Cluster, *, wanted: bool) -> None:
    with psycopg.connect(cluster.url(embedded.SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{_RECEIVER if wanted else ''}'".encode())
        connection.execute("SELECT pg_reload_conf()")


def _now(database: "psycopg.Connection[Any]") -> Reached:
    return Reached(*_row(database, _NOW))


def _writers(database: "psycopg.Connection[Any]") -> frozenset[str]:
    return frozenset(writer for (writer,) in database.execute(_WRITERS))


def _row(database: "psycopg.Connection[Any]", statement: LiteralString, values: Sequence[str] = ()) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = database.execute(statement, values).fetchone()
    if row is None:
        raise BackupError("Cơ sở dữ liệu không trả lời điều được hỏi.")
    return row
