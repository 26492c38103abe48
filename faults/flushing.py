"""Whether what is acknowledged has been flushed: a killed process leaves the kernel's memory whole, so kills cannot tell.

The database counts its own flushes of the log of changes. One client alone, waiting for each answer, shares no flush with
anybody: then there must be at least one for every acknowledged change.
"""

import random
import threading
import time
from typing import Any

from faults.client import Client
from faults.operations import Asker, Town
from faults.place import Place

_CHANGES = 40
_COUNTED = "SELECT sum(fsyncs)::bigint FROM pg_stat_io WHERE object = 'wal'"
# The counters of a session are told to the others a moment after it falls idle.
_TOLD_AFTER_S = 2.0
_SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on"}


def flushes(place: Place, *, seed: int) -> dict[str, Any]:
    """So many changes one after another, the flushes they took, and what is wrong with either or the settings."""
    asker = Asker(Client(place.port, place.host), Town(threading.Lock()), random.Random(seed + 1), ("bank",))
    with place.database() as database:
        wrong = [
            f"{name} is {value}"
            for name, value in database.execute(
                "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(_SAFE)]
            )
            if value != _SAFE[name]
        ]
        before = _count(database)
        for _ in range(_CHANGES):
            operation = asker.draw(lambda _kind: 0.0)
            assert operation is not None  # the bank may always tell of one more
            asker.send(operation)
        time.sleep(_TOLD_AFTER_S)
        flushed = _count(database) - before
    if flushed < _CHANGES:
        wrong.append(f"{flushed} flushes for {_CHANGES} acknowledged changes")
    return {"flushed": flushed, "flushed_for": _CHANGES, "not_flushed": wrong}


def _count(database: Any) -> int:
    return int(database.execute(_COUNTED).fetchone()[0] or 0)
