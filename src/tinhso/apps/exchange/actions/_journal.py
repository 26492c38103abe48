"""The writer of the message log: one thread, one connection, one commit for all lines that wait.

Every exchange waits until its line is on the disk. A statement for each line would let a few hundred a second through;
lines that come while a commit is under way go together into the next.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Any

import psycopg
import structlog
from django.db import connection as django_connection

from tinhso.apps.exchange.data import LogUnavailable, MessageLine
from tinhso.apps.exchange.enums import MessageKind
from tinhso.apps.exchange.queries import JOURNAL_LOCK
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.crash import crash

_COLUMNS = tuple(field.name for field in fields(MessageLine))
_KIND = _COLUMNS.index("kind")
_values = attrgetter(*_COLUMNS)
_NAMES = ", ".join(_COLUMNS)
_COPY = f"COPY exchange_message ({_NAMES}) FROM STDIN"
_ADD = f"INSERT INTO exchange_message ({_NAMES}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"  # noqa: S608 - names of ours
# Up to so many lines go as statements, with everything else in one round trip; more are quicker as a copy.
_FEW = 12
# After a lost connection nobody knows whether the commit came through: lines that are there already stay as they are.
_ADD_ONCE = f"{_ADD} ON CONFLICT (exchange_id, kind, at) DO NOTHING RETURNING 1"
_LOCK = f"SELECT pg_advisory_xact_lock_shared({JOURNAL_LOCK})"
_USAGE = """
INSERT INTO exchange_usage AS known (day, right_id, client, service, calls, errors, bytes_in, bytes_out, duration_us)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (day, right_id, client, service) DO UPDATE SET
  calls = known.calls + excluded.calls, errors = known.errors + excluded.errors,
  bytes_in = known.bytes_in + excluded.bytes_in, bytes_out = known.bytes_out + excluded.bytes_out,
  duration_us = known.duration_us + excluded.duration_us
RETURNING day, right_id, calls
"""
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Waiting:
    line: MessageLine
    written: "asyncio.Future[None]"


class Journal:
    """Writes lines of the message log, many in one commit, in the order in which they came.

    `write` gives a future that is done when the line is on the disk, or fails with `LogUnavailable`. `told` hears after
    each commit how often a right has been used on a day, over all processes.
    """

    def __init__(
        self, *, told: Callable[[date, dict[int, int]], None] | None = None, most_waiting: int = 5_000,
        batch: int = 500, patience_s: float = 5.0, connect: Callable[[], psycopg.Connection[Any]] | None = None,
    ) -> None:  # fmt: skip
        self._told = told or (lambda _day, _calls: None)
        self._most_waiting, self._batch, self._patience_s = most_waiting, batch, patience_s
        self._connect = connect or connect_like_django
        self._waiting: deque[_Waiting] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._connection: psycopg.Connection[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="message-log", daemon=True)
        self.commits = 0
        self.lines = 0

    def start(self) -> None:
        """Begin to write; called in the event loop whose futures are given."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join(self._patience_s + 5)

    def write(self, line: MessageLine) -> "asyncio.Future[None]":
        """Queue a line.

        Raises:
            LogUnavailable: too many wait already; nothing was queued.
        """
        assert self._loop is not None  # noqa: S101 - started before use
        if len(self._waiting) >= self._most_waiting or not self._thread.is_alive():
            raise LogUnavailable
        waiting = _Waiting(line, self._loop.create_future())
        with self._wake:
            self._waiting.append(waiting)
            self._wake.notify()
        return waiting.written

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._stopping:
                    self._wake.wait()
                if not self._waiting:
                    break
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch))]
            try:
                failed = self._store(batch)
            except Exception as error:  # noqa: BLE001 - whatever it was: the writer goes on, and nobody waits for ever
                _log.exception("the message log's writer failed", error=str(error))
                self._hang_up()
                failed = {place: LogUnavailable() for place in range(len(batch))}
            self._settle(batch, failed)
        if self._connection is not None:
            self._connection.close()

    def _store(self, batch: Sequence[_Waiting]) -> dict[int, Exception]:
        """Write a batch; what could not be written, by its place in the batch."""
        lines = [waiting.line for waiting in batch]
        deadline = time.monotonic() + self._patience_s
        first = True
        while True:
            try:
                if first:
                    self._together(lines)
                    return {}
                return self._one_by_one(lines)
            except psycopg.Error as error:
                self._hang_up()
                is_lost = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
                _log.warning("message log not written", lines=len(lines), error=str(error).splitlines()[0])
                if is_lost and time.monotonic() > deadline:
                    return {place: LogUnavailable() for place in range(len(lines))}
                if is_lost:
                    time.sleep(0.1)
                first = False

    def _together(self, lines: Sequence[MessageLine]) -> None:
        """All lines in one transaction, in as few round trips as can be: waiting costs more than the statements."""
        connection = self._connected()
        if len(lines) > _FEW:
            with connection.pipeline():
                connection.execute("BEGIN")
                connection.execute(_LOCK)
            with connection.cursor().copy(_COPY) as copy:
                for line in lines:
                    copy.write_row(_row(line))
        with connection.pipeline():
            if len(lines) <= _FEW:
                connection.execute("BEGIN")
                connection.execute(_LOCK)
                for line in lines:
                    connection.execute(_ADD, _row(line), prepare=True)
            counted = self._count(connection, lines)
            crash("journal:before_commit")
            connection.execute("COMMIT")
        crash("journal:after_commit")
        self._committed(_totals(counted), len(lines))

    def _one_by_one(self, lines: Sequence[MessageLine]) -> dict[int, Exception]:
        """Each line on its own: those that were written before stay single, and a bad one fails alone."""
        failed: dict[int, Exception] = {}
        connection = self._connected()
        for place, line in enumerate(lines):
            try:
                connection.execute("BEGIN")
                connection.execute(_LOCK)
                is_new = connection.execute(_ADD_ONCE, _row(line)).fetchone() is not None
                used = _totals(self._count(connection, [line] if is_new else []))
                connection.execute("COMMIT")
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                connection.execute("ROLLBACK")
                _log.error("a line of the message log was refused", error=str(error).splitlines()[0])
                failed[place] = LogUnavailable()
            else:
                self._committed(used, 1)
        return failed

    def _count(self, connection: psycopg.Connection[Any], lines: Iterable[MessageLine]) -> list[psycopg.Cursor[Any]]:
        """Add answered calls to the day's usage; the cursors that will tell the new totals."""
        sums: dict[tuple[date, int, str, str], list[int]] = {}
        for line in lines:
            if line.kind is not MessageKind.RESPONSE:
                continue
            key = (line.at.astimezone(PROVINCE_TIME).date(), line.right_id or 0, line.client, line.service)
            found = sums.setdefault(key, [0, 0, 0, 0, 0])
            more = (1, bool(line.error), line.request_size or 0, line.response_size or 0, line.duration_us or 0)
            for place, value in enumerate(more):
                found[place] += value
        # In one order everywhere: two processes that count the same rows must not wait for each other.
        return [connection.execute(_USAGE, [*key, *sums[key]], prepare=True) for key in sorted(sums)]

    def _committed(self, used: dict[date, dict[int, int]], lines: int) -> None:
        self.commits += 1
        self.lines += lines
        for day, calls in used.items():
            self._told(day, calls)

    def _settle(self, batch: Sequence[_Waiting], failed: dict[int, Exception]) -> None:
        def settle() -> None:
            for place, waiting in enumerate(batch):
                if waiting.written.done():
                    continue
                if place in failed:
                    waiting.written.set_exception(failed[place])
                else:
                    waiting.written.set_result(None)

        assert self._loop is not None  # noqa: S101 - started before use
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(settle)

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _totals(cursors: Iterable[psycopg.Cursor[Any]]) -> dict[date, dict[int, int]]:
    used: dict[date, dict[int, int]] = {}
    for cursor in cursors:
        for day, right_id, calls in cursor.fetchall():
            of_day = used.setdefault(day, {})
            of_day[right_id] = max(of_day.get(right_id, 0), calls)
    return used


def _row(line: MessageLine) -> list[Any]:
    values = list(_values(line))
    values[_KIND] = line.kind.value  # the driver would write a member of an enum by its name
    return values


def connect_like_django() -> psycopg.Connection[Any]:
    """A connection of its own to the product's database, which waits for the disk at every commit."""
    params = django_connection.get_connection_params()
    kept = {
        name: value for name, value in params.items() if name not in {"context", "cursor_factory", "prepare_threshold"}
    }
    found = psycopg.connect(**kept, autocommit=True, connect_timeout=5)
    found.execute("SET synchronous_commit = on; SET timezone = 'UTC'; SET statement_timeout = '30s'")
    return found
