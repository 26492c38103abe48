"""Another process of the product, to be killed at a crash point: a fork, which begins where this one stands.

Starting Python and the product anew takes seconds; a fork takes none, has this test's settings, and a database session of
its own like any other process. It has none of this process's threads: what the typesetter prints, which has threads of its
own, must be printed before.
"""

import os
import signal
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import pytest
from django.db import connection

from tinhso.kernel import crash

# A child that waits for ever is ended by the clock; no work here takes a tenth of it.
_LONGEST_S = 120


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process ended: its status (minus the signal that killed it) and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def forked(work: Callable[[], object], **environment: str) -> Ended:
    """Do this in a process of its own and wait for its end."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        if (child := os.fork()) == 0:
            _be(work, environment, out.fileno(), err.fileno())
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        return Ended(os.waitstatus_to_exitcode(status), out.read(), err.read())


def _be(work: Callable[[], object], environment: dict[str, str], out: int, err: int) -> NoReturn:
    """The child's life. It leaves by the back door: nothing of the parent's is closed, flushed or reported by it."""
    status = 1
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.environ.update(environment)
        signal.alarm(_LONGEST_S)
        crash._hits.clear()  # a process counts from its own beginning
        # The parent's session stays the parent's; holding on to it keeps it open until the process is gone.
        _inherited, connection.connection = connection.connection, None
        work()
        status = 0
    except BaseException:  # noqa: BLE001 - told to the parent, whatever it is
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(status)


class Killed(BaseException):
    """Stands for the kill where nothing of the process is looked at afterwards."""


def dies_here(point: str, work: Callable[[], object]) -> None:
    """Do this in this process until it reaches the crash point, where it goes no further.

    For points outside any transaction, and before any clearing away: what a dead process leaves behind is the same there.
    """

    def die(_pid: int, _signal: int) -> None:
        raise Killed(point)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "kill", die)
        patch.setattr(crash, "_hits", type(crash._hits)())
        patch.setenv("TINHSO_CRASH", point)
        patch.setenv("TINHSO_CRASH_ENABLED", "1")
        with pytest.raises(Killed):
            work()


def say(text: str) -> None:
    """Write a line where the parent reads it, past whatever captures the output of tests."""
    os.write(1, f"{text}{os.linesep}".encode())


def is_killed_at(point: str, work: Callable[[], object]) -> bool:
    """Whether the work in a process of its own reaches this crash point, where the process is killed."""
    return forked(work, TINHSO_CRASH=point, TINHSO_CRASH_ENABLED="1").returncode == -signal.SIGKILL
