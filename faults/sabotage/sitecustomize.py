"""One safeguard of the product taken away, from outside and for one run (the negative controls); and its clock moved.

Python runs this file at its start when its folder is on the path. `FAULTS_SABOTAGE` names the safeguard, `FAULTS_CLOCK` a
file with the seconds by which the clock is wrong. The product has no switch for any of this; what is taken away is put
aside here, after the module that has it was loaded.
"""

import importlib.machinery
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

_WINDOW_S = 0.05  # how long the product stands with its guard down


def job_after_commit(module: ModuleType) -> None:
    """Jobs are queued once the change is committed, as many products do."""
    from django.db import transaction

    queue = module.defer_many

    def later(task_name: str, jobs: Any, *, lock: str | None = None) -> None:
        def put() -> None:
            time.sleep(_WINDOW_S)
            queue(task_name, jobs, lock=lock)

        transaction.on_commit(put)

    module.defer_many = later


def key_ignored(module: ModuleType) -> None:
    """Every request counts as one that was never seen."""
    claim = module.claim_idempotency

    def claim_anything(*, key: str, **others: Any) -> Any:
        return claim(key=f"{key[:150]}-{uuid.uuid4().hex}", **others)

    module.claim_idempotency = claim_anything


def ack_before_commit(module: ModuleType) -> None:
    """The answer leaves first, the commit follows in a moment."""

    def commit(self: Any) -> None:
        if self.connection is not None:
            connection, self.connection = self.connection, None
            threading.Thread(target=_commit_late, args=(connection,)).start()

    module.BaseDatabaseWrapper._commit = commit  # noqa: SLF001 - where every commit of the product passes


def _commit_late(connection: Any) -> None:
    time.sleep(_WINDOW_S * 6)
    connection.commit()
    connection.close()


def clock_moved(module: ModuleType) -> None:
    """The only function that reads the clock tells it wrong."""
    right, file = module.now, Path(os.environ["FAULTS_CLOCK"])

    def now() -> Any:
        return right() + timedelta(seconds=float(file.read_text() or 0))

    module.now = now


_PLACES: dict[str, tuple[str, Callable[[ModuleType], None]]] = {
    "job_after_commit": ("tinhso.kernel.jobs", job_after_commit),
    "key_ignored": ("tinhso.apps.audit.actions", key_ignored),
    "ack_before_commit": ("django.db.backends.base.base", ack_before_commit),
}


class _AfterLoading:
    """Finds one module as everybody does, and takes the safeguard away once it is loaded."""

    def __init__(self, name: str, take: Callable[[ModuleType], None]) -> None:
        self.name, self.take = name, take

    def find_spec(self, name: str, path: Any = None, _target: Any = None) -> Any:
        if name != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_take(module: ModuleType) -> None:
            load(module)
            self.take(module)

        spec.loader.exec_module = load_and_take  # type: ignore[method-assign]  # on this one loader
        return spec


if os.environ.get("FAULTS_CLOCK"):
    sys.meta_path.insert(0, _AfterLoading("tinhso.kernel.clock", clock_moved))  # type: ignore[arg-type]  # a finder likewise
_wanted = os.environ.get("FAULTS_SABOTAGE", "")
if _wanted in _PLACES:
    sys.meta_path.insert(0, _AfterLoading(*_PLACES[_wanted]))  # type: ignore[arg-type]  # a finder in all that is asked of it
