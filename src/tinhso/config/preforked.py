"""One process loads the program, its children do the work: a child that is killed is there again in no time.

Loading the program takes seconds and forking it milliseconds. The parent holds nothing but what it has loaded (and the
ports, where there are any, so that callers wait in the queue instead of being refused); it opens no database connection.
"""

import contextlib
import ctypes
import gc
import logging
import os
import signal
import time
from collections.abc import Callable
from typing import NoReturn

_PR_SET_PDEATHSIG = 1
# A child that ends sooner than this did not get to work: it is given a little time before the next one tries.
_SHORT_LIFE_S = 1.0
_LONGEST_PAUSE_S = 5.0
_log = logging.getLogger(__name__)


class Keeper:
    """Keeps so many children at work until asked to stop (SIGTERM, SIGINT)."""

    def __init__(self, work: Callable[[], None], *, processes: int = 1) -> None:
        self._work, self._processes = work, processes
        self._born: dict[int, float] = {}
        self._pause_s = 0.0
        self._is_stopping = False

    def run(self) -> int:
        """Until all children have ended after a request to stop; their worst exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        gc.collect()
        gc.freeze()  # or the first collection of every child would copy what they share
        for _ in range(self._processes):
            self._fork()
        worst = 0
        while self._born:
            ended, status = os.wait()
            lived_s = time.monotonic() - self._born.pop(ended, 0.0)
            if self._is_stopping:
                worst = max(worst, abs(os.waitstatus_to_exitcode(status)))
                continue
            _log.warning("process %d ended (%d), another takes its place", ended, os.waitstatus_to_exitcode(status))
            self._pause_s = min(max(self._pause_s * 2, 0.1), _LONGEST_PAUSE_S) if lived_s < _SHORT_LIFE_S else 0.0
            self._rest()
            if not self._is_stopping:
                self._fork()
        return worst

    def _rest(self) -> None:
        until = time.monotonic() + self._pause_s
        while not self._is_stopping and time.monotonic() < until:
            time.sleep(0.05)

    def _fork(self) -> None:
        parent, child = os.getpid(), os.fork()
        if child:
            self._born[child] = time.monotonic()
            if self._is_stopping:  # asked while it was being born
                self._stop()
            return
        self._be(parent)

    def _be(self, parent: int) -> NoReturn:
        """A child's life. It must not outlive who keeps it."""
        status = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            ctypes.CDLL("libc.so.6").prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() == parent:
                self._work()
                status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        except BaseException:  # noqa: BLE001 - told, whatever it is; the keeper starts another
            _log.exception("process failed")
        finally:
            os._exit(status)

    def _stop(self, *_signal: object) -> None:
        self._is_stopping = True
        for child in self._born:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)
