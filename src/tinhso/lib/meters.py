"""What a process counts while it works: pages, messages of the exchange, connections of the pool.

Where `PROMETHEUS_MULTIPROC_DIR` is set (settings do it from `TINHSO_METRICS_DIR`), each process counts in a mapped file of its
own in that folder, and the process of the metrics adds them up; no other process is asked. Labels are names of the
program (a route, a method, a status, a kind of error), never what a person typed and never a path.
"""

import contextlib
import os
from pathlib import Path

from prometheus_client import Counter, Gauge, Histogram

# From a page out of memory to one that nobody waits for any more.
_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

REQUESTS = Counter(
    "tinhso_http_requests_total", "Requests answered by the web processes.", ["route", "method", "status"]
)
REQUEST_SECONDS = Histogram(
    "tinhso_http_request_seconds", "From the request to its answer, without sending it.", ["route"], buckets=_BOUNDS_S
)
UNDER_WAY = Gauge("tinhso_http_under_way", "Requests being answered now.", multiprocess_mode="livesum")
POOL_CONNECTIONS = Gauge(
    "tinhso_database_pool_connections", "Connections the pools of the web processes hold.", multiprocess_mode="livesum"
)
POOL_IDLE = Gauge(
    "tinhso_database_pool_idle", "Connections of those pools that nobody uses.", multiprocess_mode="livesum"
)
POOL_WAITING = Gauge(
    "tinhso_database_pool_waiting", "Requests that wait for a connection of those pools.", multiprocess_mode="livesum"
)
MESSAGES = Counter("tinhso_gateway_messages_total", "Calls the exchange's gateway has answered.", ["outcome"])
MESSAGE_SECONDS = Histogram(
    "tinhso_gateway_message_seconds", "From a call's arrival to the end of its answer.", buckets=_BOUNDS_S
)
MESSAGES_UNDER_WAY = Gauge("tinhso_gateway_under_way", "Calls under way at the gateway.", multiprocess_mode="livesum")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def request_answered(*, route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request; `route` is the name of its address in the program."""
    # A method is what the caller writes: one of his own invention makes no new line.
    REQUESTS.labels(route, method if method in _METHODS else "other", str(status)).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)


def message_answered(*, outcome: str, seconds: float) -> None:
    """Count one call of the exchange: `ok` or the protocol's name of the error."""
    MESSAGES.labels(outcome).inc()
    MESSAGE_SECONDS.observe(seconds)


def forget_the_dead(folder: Path, *, counts: bool = False) -> None:
    """Remove what processes that are no more had under way; with `counts` also what they had counted.

    Counts of the dead belong to the sum. They go when the adding process starts, which readers take as a new beginning.
    """
    for file in folder.glob("*.db" if counts else "gauge_live*.db"):
        process = file.stem.rpartition("_")[2]
        if process.isdigit() and not _lives(int(process)):
            with contextlib.suppress(FileNotFoundError):
                file.unlink()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
