"""The writer of the message log: one connection, one commit for all lines that wait.

Every exchange waits until its line is on the disk. A statement for each line would let a few hundred a second through;
lines that come while a commit is under way go together into the next. The connection is driven by the event loop that
serves, without a thread between: handing a line over would cost more than writing it. Whatever goes wrong is mended in a
thread, line by line, while the loop goes on.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import structlog
from django.db import connection as django_connection
from psycopg.pq import ExecStatus

from tinhso.apps.exchange.actions import _journal_rows as rows
from tinhso.apps.exchange.data import LogUnavailable, MessageLine
from tinhso.kernel.crash import crash

_STATEMENT_S = 10.0
# A batch of which nothing is heard for so long is tried again over another connection: its callers have been told by then.
_SILENCE_S = 15.0
_LOOK_S = 1.0  # how often it is looked who has waited for too long
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Waiting:
    line: MessageLine
    written: "asyncio.Future[None]"
    since: float


class Journal:
    """Writes lines of the message log, many in one commit, in the order in which they came.

    `write` gives a future that is done when the line is on the disk, or fails with `LogUnavailable`: after `patience_s`
    where there is no database, after `longest_s` where one does not answer (somebody holds a lock and stands still). What
    was given up so is written all the same once it can be. `told` hears after each commit how often a right has been used
    on a day, over all processes. Used in one event loop.
    """

    def __init__(
        self, *, told: Callable[[date, dict[int, int]], None] | None = None, most_waiting: int = 5_000,
        batch: int = 500, patience_s: float = 5.0, longest_s: float = 15.0,
        connect: Callable[[], psycopg.Connection[Any]] | None = None,
    ) -> None:  # fmt: skip
        self._told = told or (lambda _day, _calls: None)
        self._most_waiting, self._batch, self._patience_s, self._longest_s = most_waiting, batch, patience_s, longest_s
        self._connect = connect or connect_like_django
        self._waiting: deque[_Waiting] = deque()
        self._present: list[_Waiting] = []
        self._connection: psycopg.Connection[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._look: asyncio.TimerHandle | None = None
        self._stopped: threading.Event | None = None
        self._is_called = self._is_copied = False
        self._error = ""
        self._used: dict[date, dict[int, int]] = {}
        self._listened = -1
        self.commits = 0
        self.lines = 0

    def start(self) -> None:
        """Begin to write; called in the event loop whose futures are given."""
        self._loop = asyncio.get_running_loop()

    def stop(self) -> None:
        """Write what waits, then end. Called from outside the loop."""
        assert self._loop is not None  # noqa: S101 - started before
        self._stopped = threading.Event()
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._turn)
            self._stopped.wait(self._patience_s + 5)

    def write(self, line: MessageLine) -> "asyncio.Future[None]":
        """Queue a line.

        Raises:
            LogUnavailable: too many wait already; nothing was queued.
        """
        assert self._loop is not None  # noqa: S101 - started before use
        if len(self._waiting) >= self._most_waiting or self._stopped is not None:
            raise LogUnavailable
        waiting = _Waiting(line, self._loop.create_future(), self._loop.time())
        self._waiting.append(waiting)
        if self._look is None:
            self._look = self._loop.call_later(_LOOK_S, self._let_go)
        if not self._is_called and not self._present:
            self._is_called = True
            self._loop.call_soon(self._turn)  # what else this turn of the loop brings goes into the same commit
        return waiting.written

    def _let_go(self) -> None:
        """Tell who has waited for too long that the log is not to be had; for the rest look again."""
        assert self._loop is not None  # noqa: S101 - started before
        began_by = self._loop.time() - self._longest_s
        for waiting in (*self._present, *self._waiting):
            if waiting.since > began_by:
                break
            if not waiting.written.done():
                waiting.written.set_exception(LogUnavailable())
        is_idle = not self._present and not self._waiting
        self._look = None if is_idle else self._loop.call_later(_LOOK_S, self._let_go)

    def _turn(self) -> None:
        """The next batch, if none is under way."""
        self._is_called = False
        if self._present:
            return
        if not self._waiting:
            if self._stopped is not None:
                self._hang_up()
                self._stopped.set()
            return
        take = min(len(self._waiting), self._batch)
        self._present = [self._waiting.popleft() for _ in range(take)]
        if self._connection is None:
            self._beside(self._reconnect, self._connected)
        else:
            self._send()

    # All lines in one transaction, driven by the loop.
    def _send(self) -> None:
        assert self._connection is not None  # noqa: S101 - asked for before
        assert self._loop is not None  # noqa: S101 - started before
        self._is_copied, self._error, self._used = False, "", {}
        usage = rows.usage_of(waiting.line for waiting in self._present)
        self._watch = self._loop.call_later(_SILENCE_S, self._failed, "no answer of the database", True)
        try:
            self._connection.pgconn.send_query(rows.copy_query(usage))
            self._flush()
        except psycopg.Error as error:
            self._failed(str(error), True)

    def _flush(self) -> None:
        assert self._connection is not None  # noqa: S101 - called while there is one
        assert self._loop is not None  # noqa: S101 - started before
        if self._connection.pgconn.flush():
            self._loop.add_writer(self._listened, self._writable)

    def _writable(self) -> None:
        assert self._loop is not None  # noqa: S101 - started before
        self._loop.remove_writer(self._listened)
        try:
            self._flush()
        except psycopg.Error as error:
            self._failed(str(error), True)

    def _readable(self) -> None:
        assert self._connection is not None  # noqa: S101 - listened to while there is one
        connection = self._connection.pgconn
        try:
            connection.consume_input()
            while self._present and not connection.is_busy():
                result = connection.get_result()
                if result is None:
                    self._ended()
                    return
                self._take(result)
        except psycopg.Error as error:
            self._failed(str(error), True)

    def _take(self, result: Any) -> None:
        status = result.status
        if status == ExecStatus.COPY_IN:
            assert self._connection is not None  # noqa: S101 - it has just answered
            if self._is_copied:
                return
            self._is_copied = True
            connection = self._connection.pgconn
            connection.put_copy_data(rows.copy_data(waiting.line for waiting in self._present))
            crash("journal:before_commit")
            connection.put_copy_end()
            self._flush()
        elif status == ExecStatus.TUPLES_OK and result.nfields == 3:
            day, right_id, calls = (result.get_value(0, column).decode() for column in range(3))
            of_day = self._used.setdefault(date.fromisoformat(day), {})
            of_day[int(right_id)] = max(of_day.get(int(right_id), 0), int(calls))
        elif status not in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
            self._error = self._error or result.get_error_message()

    def _ended(self) -> None:
        if self._error or not self._is_copied:
            self._failed(self._error or "the database did not take the lines", False)
            return
        crash("journal:after_commit")
        self._committed(self._used, len(self._present))
        self._settle({})

    def _failed(self, error: str, is_lost: bool) -> None:
        """The batch was not heard to be written: line by line then, in a thread."""
        _log.warning("message log not written", lines=len(self._present), error=error.splitlines()[0] if error else "")
        if is_lost:
            self._hang_up()
        if not self._present:  # the connection broke while it rested
            return
        self._unlisten()
        lines = [waiting.line for waiting in self._present]
        self._beside(lambda: self._one_by_one(lines), self._settle)

    def _settle(self, failed: dict[int, Exception]) -> None:
        assert self._loop is not None  # noqa: S101 - started before
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        batch, self._present = self._present, []
        for place, waiting in enumerate(batch):
            if waiting.written.done():
                continue
            if place in failed:
                waiting.written.set_exception(failed[place])
            else:
                waiting.written.set_result(None)
        self._listen()
        if self._waiting or self._stopped is not None:
            self._turn()

    # What may wait, in a thread; the loop touches nothing of it meanwhile, because a batch is under way.
    def _beside(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        assert self._loop is not None  # noqa: S101 - started before
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

        def done(future: "asyncio.Future[Any]") -> None:
            error = future.exception()
            if error is None:
                then(future.result())
                return
            _log.error("the message log's writer failed", error=repr(error))
            self._hang_up()
            self._settle({place: LogUnavailable() for place in range(len(self._present))})

        self._loop.run_in_executor(None, work).add_done_callback(done)

    def _reconnect(self) -> bool:
        """Whether there is a connection again; tries as long as patience lasts."""
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                self._connection = self._prepared()
            except psycopg.Error as error:
                _log.warning("no connection for the message log", error=str(error).splitlines()[0])
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.1)
            else:
                return True

    def _connected(self, is_there: bool) -> None:
        if is_there:
            self._listen()
            self._send()
        else:
            self._settle({place: LogUnavailable() for place in range(len(self._present))})

    def _one_by_one(self, lines: Sequence[MessageLine]) -> dict[int, Exception]:
        """Each line on its own: those that were written before stay single, and a bad one fails alone.

        Gives what could not be written, by its place.
        """
        failed: dict[int, Exception] = {}
        deadline = time.monotonic() + self._patience_s
        for place, line in enumerate(lines):
            while True:
                try:
                    if not self._write_one(line):
                        failed[place] = LogUnavailable()
                    break
                except psycopg.Error as error:
                    _log.warning("message log not written", error=str(error).splitlines()[0])
                    self._drop()
                    if time.monotonic() > deadline:
                        return failed | {late: LogUnavailable() for late in range(place, len(lines))}
                    time.sleep(0.1)
        return failed

    def _write_one(self, line: MessageLine) -> bool:
        if self._connection is None:
            self._connection = self._prepared()
        connection = self._connection
        try:
            with connection.transaction():
                connection.execute(rows.LOCK)
                is_new = connection.execute(rows.ADD_ONCE, rows.row_values(line)).fetchone() is not None
                counted = rows.usage_statements(rows.usage_of([line] if is_new else []))
                used = [connection.execute(one).fetchall() for one in counted]
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            _log.error("a line of the message log was refused", error=str(error).splitlines()[0])
            return False
        found = {day: {right_id: calls} for told in used for day, right_id, calls in told}
        assert self._loop is not None  # noqa: S101 - started before
        self._loop.call_soon_threadsafe(self._committed, found, 1)
        return True

    def _committed(self, used: dict[date, dict[int, int]], lines: int) -> None:
        self.commits += 1
        self.lines += lines
        for day, calls in used.items():
            self._told(day, calls)

    def _prepared(self) -> psycopg.Connection[Any]:
        found = self._connect()
        found.execute(rows.PREPARE_USAGE)
        return found

    def _listen(self) -> None:
        assert self._loop is not None  # noqa: S101 - started before
        if self._connection is not None and self._listened < 0:
            self._listened = self._connection.pgconn.socket
            self._loop.add_reader(self._listened, self._readable)

    def _unlisten(self) -> None:
        assert self._loop is not None  # noqa: S101 - started before
        if self._listened >= 0:
            self._loop.remove_reader(self._listened)
            self._loop.remove_writer(self._listened)
            self._listened = -1

    def _hang_up(self) -> None:
        self._unlisten()
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def connect_like_django() -> psycopg.Connection[Any]:
    """A connection of its own to the product's database, which waits for the disk at every commit."""
    params = django_connection.get_connection_params()
    kept = {
        name: value for name, value in params.items() if name not in {"context", "cursor_factory", "prepare_threshold"}
    }
    found = psycopg.connect(**{"connect_timeout": 5, **kept}, autocommit=True)
    found.execute(
        "SET synchronous_commit = on; SET standard_conforming_strings = on; SET timezone = 'UTC'; "
        f"SET statement_timeout = '{_STATEMENT_S:.0f}s'"
    )
    return found
