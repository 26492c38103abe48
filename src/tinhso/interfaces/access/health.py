"""Is it alive, and does what it stands on hold? For the supervisor, the reverse proxy and `make demo`."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from tinhso.apps.accounts.adapters import breached_passwords
from tinhso.interfaces.access.policy import public
from tinhso.kernel.clock import now

# The worker beats every ten seconds; three missed beats are a dead worker.
WORKER_SILENT_AFTER = timedelta(seconds=45)


@public
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """`/healthz`: 200 while pages can be served, else 503; the worker's state is told beside it, and whether a
    named file of breached passwords serves."""
    parts: dict[str, Any] = {"database": "down", "migrations": "unknown", "worker": "unknown"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        parts["database"] = "ok"
        parts["migrations"] = _migrations()
        parts["worker"] = _worker()
    except DatabaseError:
        pass
    if settings.BREACHED_PASSWORDS is not None:
        parts["breached_passwords"] = "wrong" if breached_passwords.problem() else "ok"
    is_healthy = parts["database"] == "ok" and parts["migrations"] == "ok"
    status = "ok" if is_healthy and parts["worker"] == "ok" else "degraded" if is_healthy else "down"
    return JsonResponse({"status": status, **parts}, status=200 if is_healthy else 503)


_is_migrated = False


def _migrations() -> str:
    # Once applied they stay applied for the life of this process: asked until then only.
    global _is_migrated
    if not _is_migrated:
        executor = MigrationExecutor(connection)
        _is_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "ok" if _is_migrated else "pending"


def _worker() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        beat = cursor.fetchone()[0]
    if beat is None:
        return "missing"
    return "ok" if now() - beat < WORKER_SILENT_AFTER else "silent"
