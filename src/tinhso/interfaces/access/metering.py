"""Counts every answered request by the name of its address, for the operators' metrics."""

import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from tinhso.lib import meters

_POOL_LOOKED_AT_EVERY_S = 1.0


class MeteringMiddleware:
    """The outermost of all, so that what the others take is measured too; only there where `TINHSO_METRICS_DIR` is set."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._pool_looked_at = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        meters.UNDER_WAY.inc()
        try:
            response = self.get_response(request)
        finally:
            meters.UNDER_WAY.dec()
        ended = time.perf_counter()
        meters.request_answered(
            route=route_of(request), method=request.method or "", status=response.status_code, seconds=ended - started
        )
        if settings.DATABASE_POOL and ended - self._pool_looked_at > _POOL_LOOKED_AT_EVERY_S:
            self._pool_looked_at = ended
            _look_at_pool()
        return response


def route_of(request: HttpRequest) -> str:
    """The name of the address in the program: never the path, which names cases and people."""
    match = request.resolver_match
    if match is not None:
        return match.view_name or match.route
    return "static" if request.path.startswith(settings.STATIC_URL) else "unknown"


def _look_at_pool() -> None:
    found = connection.pool.get_stats()  # type: ignore[attr-defined]  # PostgreSQL's own, where the pool is on
    meters.POOL_CONNECTIONS.set(found["pool_size"])
    meters.POOL_IDLE.set(found["pool_available"])
    meters.POOL_WAITING.set(found["requests_waiting"])
