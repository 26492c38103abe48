"""What is asked when the metrics are fetched: the database by questions of fixed cost, files and folders of this machine.

A part that cannot be asked is told by `tinhso_part_readable` 0 and leaves its lines out; the others stand. Labels are names of
tasks, systems and folders. Nothing here locks anything, and the database ends a question after two seconds.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from cryptography import x509
from django.conf import settings
from django.db import connection, transaction
from prometheus_client.core import GaugeMetricFamily

from tinhso.kernel.clock import now

_log = structlog.get_logger(__name__)
_LONGEST_MS = 2_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric: its name, what it says, what its lines are told apart by."""

    name: str
    says: str
    labels: tuple[str, ...] = ()


Row = Sequence[Any]
Ask = Callable[[], Iterable[tuple[Figure, Row]]]

READABLE = Figure("tinhso_part_readable", "1 when this part of the state could be asked.", ("part",))
SECONDS = Figure("tinhso_state_seconds", "How long asking for the state took.")


@dataclass(frozen=True, slots=True)
class Part:
    """What is asked together. `ask` yields for each line its figure, then label values and at the end the value."""

    name: str
    figures: tuple[Figure, ...]
    ask: Ask


def _asked(sql: str, *figures: Figure, labels: int = 0) -> Ask:
    """A question whose rows are label values first and then one value for each figure; a null has no line."""

    def ask() -> Iterator[tuple[Figure, Row]]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {_LONGEST_MS}")
            cursor.execute(sql)
            rows = cursor.fetchall()
        for row in rows:
            for figure, value in zip(figures, row[labels:], strict=True):
                if value is not None:
                    yield figure, (*row[:labels], value)

    return ask


def _part(name: str, sql: str, *figures: Figure) -> Part:
    return Part(name, figures, _asked(sql, *figures, labels=len(figures[0].labels)))


_JOBS = _part(
    "jobs",
    # When a job was queued stands in its events only, so they are asked for the first of each task and no other.
    "SELECT task_name, ready, later, doing, extract(epoch FROM now() - (SELECT min(e.at) FROM procrastinate_events e"
    "  WHERE e.job_id = first)) FROM (SELECT task_name, count(*) FILTER (WHERE is_ready) AS ready,"
    "   count(*) FILTER (WHERE status = 'todo' AND NOT is_ready) AS later, count(*) FILTER (WHERE status = 'doing') AS doing,"
    "   min(id) FILTER (WHERE is_ready) AS first FROM (SELECT *, status = 'todo' AND coalesce(scheduled_at <= now(), true)"
    "    AS is_ready FROM procrastinate_jobs WHERE status IN ('todo', 'doing')) j GROUP BY task_name) t ORDER BY task_name",
    Figure("tinhso_jobs_waiting", "Jobs that may run now and wait for a worker.", ("task",)),
    Figure("tinhso_jobs_scheduled", "Jobs that run later, first tries and repeated ones.", ("task",)),
    Figure("tinhso_jobs_under_way", "Jobs a worker has taken.", ("task",)),
    Figure("tinhso_jobs_oldest_seconds", "How long the longest waiting of them has waited.", ("task",)),
)
_FAILED = _part(
    "failed jobs",
    "SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'failed' GROUP BY task_name ORDER BY task_name",
    Figure("tinhso_jobs_failed", "Jobs that were tried as often as is allowed and are parked.", ("task",)),
)
_WORKERS = _part(
    "workers",
    "SELECT count(*) FILTER (WHERE last_heartbeat > now() - interval '45 seconds'),"
    " extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers",
    Figure("tinhso_workers_alive", "Workers that have given a sign of life within 45 seconds."),
    Figure("tinhso_workers_latest_beat_seconds", "Age of the latest sign of life of any worker."),
)
_DATABASE = _part(
    "database",
    "SELECT (NOT pg_is_in_recovery())::int, current_setting('max_connections')::int, pg_database_size(current_database()),"
    " (SELECT count(*) FROM pg_stat_replication), (SELECT count(*) FROM pg_replication_slots WHERE NOT active),"
    " (SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) FROM pg_replication_slots)",
    Figure("tinhso_database_writable", "1 when the database reached takes writes (it is the primary)."),
    Figure("tinhso_database_connections_limit", "Connections the database allows."),
    Figure("tinhso_database_bytes", "Size of the database."),
    Figure("tinhso_database_receivers", "Standbys and backups connected to the write-ahead log now."),
    Figure(
        "tinhso_database_slots_idle",
        "Replication slots nobody is connected to: they keep the log until disks are full.",
    ),
    Figure("tinhso_database_slot_bytes", "The longest stretch of the write-ahead log kept for a slot."),
)
_CONNECTIONS = _part(
    "connections",
    "SELECT coalesce(state, 'unknown'), count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    " AND datname = current_database() GROUP BY 1 ORDER BY 1",
    Figure("tinhso_database_connections", "Sessions at the database by what they do.", ("state",)),
)
_OUTBOX = _part(
    "outbox",
    "SELECT destination, count(*) FILTER (WHERE status <> 'dead'), count(*) FILTER (WHERE status = 'dead'),"
    " extract(epoch FROM now() - min(queued_at) FILTER (WHERE status <> 'dead')) FROM exchange_outboxmessage"
    " WHERE status IN ('waiting', 'sending') OR status = 'dead' GROUP BY destination ORDER BY destination",
    Figure("tinhso_outbox_waiting", "Messages to another system that are not delivered yet.", ("destination",)),
    Figure("tinhso_outbox_dead", "Messages that cannot be sent and wait for a clerk.", ("destination",)),
    Figure("tinhso_outbox_oldest_seconds", "How long the oldest of the waiting has waited.", ("destination",)),
)
_FEED = _part(
    "subscriptions",
    "SELECT count(*) FILTER (WHERE status = 'active'), count(*) FILTER (WHERE status = 'paused'),"
    " max(m.position - s.position) FILTER (WHERE status = 'active'),"
    " extract(epoch FROM now() - min(failing_since) FILTER (WHERE status = 'active'))"
    " FROM subscriptions_subscription s CROSS JOIN (SELECT coalesce(max(position), 0) AS position"
    "  FROM subscriptions_feedmark) m",
    Figure("tinhso_subscriptions_active", "Subscriptions of other systems to events."),
    Figure("tinhso_subscriptions_paused", "Subscriptions that were stopped, by people or after failing too long."),
    Figure("tinhso_subscriptions_behind", "Events the slowest active subscription is behind."),
    Figure("tinhso_subscriptions_failing_seconds", "How long the longest failing active subscription has failed."),
)
_DELIVERIES = _part(
    "messages to people",
    "SELECT channel, count(*), extract(epoch FROM now() - min(created_at)) FROM notifications_delivery"
    " WHERE state = ANY(ARRAY['queued', 'sending']) AND next_at <= now() GROUP BY channel ORDER BY channel",
    Figure("tinhso_deliveries_waiting", "Messages to people that are due and not sent.", ("channel",)),
    Figure("tinhso_deliveries_oldest_seconds", "How long the oldest of them has waited.", ("channel",)),
)
_SEALS = _part(
    "seals",
    "SELECT 'events', (SELECT max(number) FROM audit_seal), (SELECT extract(epoch FROM now() - recorded_at) FROM audit_entry"
    "  WHERE id > coalesce((SELECT max(entry_id) FROM audit_sealedentry), 0) ORDER BY id LIMIT 1)"
    " UNION ALL SELECT 'messages', (SELECT max(number) FROM exchange_messageseal), (SELECT extract(epoch FROM now() - at)"
    "  FROM exchange_message WHERE id > coalesce((SELECT max(last_id) FROM exchange_messageseal), 0) ORDER BY id LIMIT 1)",
    Figure("tinhso_seals", "Seals of a log so far.", ("log",)),
    Figure("tinhso_unsealed_seconds", "Age of the oldest line of a log that no seal holds yet.", ("log",)),
)
_CERTIFICATES = _part(
    "certificates",
    "SELECT 'exchange', min(extract(epoch FROM ends - now()) / 86400) FROM (SELECT max(valid_to) AS ends"
    "  FROM exchange_certificate WHERE revoked_at IS NULL GROUP BY owner, use) e"
    " UNION ALL SELECT 'signing', min(extract(epoch FROM valid_to - now()) / 86400) FROM signatures_signingkey"
    "  WHERE revoked_at IS NULL",
    Figure("tinhso_certificate_days", "Days until the first certificate of this use ends.", ("use",)),
)


_NUMBERS = Figure(
    "tinhso_receipt_numbers_left", "Numbers left in the fullest book of a series of receipts.", ("series",)
)


def _receipts() -> Iterator[tuple[Figure, Row]]:
    """Numbers run by unit and series, and a series lasts a year: the greatest of the newest tells how far each has come."""
    from tinhso.apps.receipts.queries import rules_now

    most = 10 ** rules_now().digits - 1
    for figure, (series, used) in _USED():
        yield figure, (series, most - used)


_USED = _asked(
    "SELECT series, max(number) FROM receipts_receipt WHERE number IS NOT NULL"
    " AND begun_at > now() - interval '400 days' GROUP BY series ORDER BY series",
    _NUMBERS, labels=1,
)  # fmt: skip
_FREE = Figure("tinhso_disk_free_bytes", "Room left where this folder lies.", ("folder",))
_SIZE = Figure("tinhso_disk_bytes", "Size of the file system this folder lies on.", ("folder",))
_BACKUPS = Figure("tinhso_backups", "Whole copies in the backup.")
_BACKUP_AGE = Figure("tinhso_backup_age_seconds", "Age of the newest whole copy.")
_LOG_AGE = Figure("tinhso_backup_log_age_seconds", "Since the write-ahead log last came to the backup.")
_WHOLE_AGE = Figure("tinhso_backup_whole_age_seconds", "Since the backup last had log, files and keys together.")
_VERIFIED_AGE = Figure("tinhso_backup_verified_age_seconds", "Since the newest copy was last opened and compared.")
_TLS_DAYS = Figure("tinhso_tls_days", "Days until the certificate people's browsers see ends.")


def _folders() -> dict[str, Path]:
    found = {"data": Path(settings.DATA_DIR), "backup": Path(settings.BACKUP_DIR) if settings.BACKUP_DIR else None}
    return {name: folder for name, folder in found.items() if folder is not None and folder.exists()}


def _disks() -> Iterator[tuple[Figure, Row]]:
    for name, folder in _folders().items():
        usage = shutil.disk_usage(folder)
        yield _FREE, (name, usage.free)
        yield _SIZE, (name, usage.total)


def _backups() -> Iterator[tuple[Figure, Row]]:
    """Read from what lies open in the backup's folder; its key is not needed, and this process does not have it."""
    folder = _folders().get("backup")
    if folder is None:
        return
    told = [json.loads(file.read_text()) for file in sorted((folder / "base").glob("*/base.json"))]
    yield _BACKUPS, (len(told),)
    if told:
        yield _BACKUP_AGE, (time.time() - max(_instant(one["ended_at"]) for one in told),)
    arrived = [file.stat().st_mtime for part in ("wal", "wal-open") for file in (folder / part).glob("*")]
    if arrived:
        yield _LOG_AGE, (time.time() - max(arrived),)
    reached = folder / "reached.json"
    if reached.exists():
        yield _WHOLE_AGE, (time.time() - _instant(json.loads(reached.read_text())["at"]),)
    verified = folder / "verified"
    if verified.exists():
        yield _VERIFIED_AGE, (time.time() - verified.stat().st_mtime,)


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _tls() -> Iterator[tuple[Figure, Row]]:
    if settings.TLS_CERTIFICATE:
        shown = x509.load_pem_x509_certificate(Path(settings.TLS_CERTIFICATE).read_bytes())
        yield _TLS_DAYS, ((shown.not_valid_after_utc - now()).total_seconds() / 86_400,)


PARTS: tuple[Part, ...] = (
    _DATABASE, _CONNECTIONS, _JOBS, _FAILED, _WORKERS, _OUTBOX, _FEED, _DELIVERIES, _SEALS, _CERTIFICATES,
    Part("receipts", (_NUMBERS,), _receipts),
    Part("disks", (_FREE, _SIZE), _disks),
    Part("backups", (_BACKUPS, _BACKUP_AGE, _LOG_AGE, _WHOLE_AGE, _VERIFIED_AGE), _backups),
    Part("tls", (_TLS_DAYS,), _tls),
)  # fmt: skip


class State:
    """A collector of the library: asked anew at every fetch."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The lines of every part that could be asked."""
        started = time.perf_counter()
        readable = _family(READABLE)
        for part in PARTS:
            found: dict[Figure, GaugeMetricFamily] = {}
            try:
                for figure, row in part.ask():
                    *labels, value = row
                    found.setdefault(figure, _family(figure)).add_metric([str(one) for one in labels], float(value))
            except Exception as error:  # noqa: BLE001 - whatever it is, the other parts are told all the same
                _log.warning("a part of the state could not be read", part=part.name, error=str(error)[:300])
                readable.add_metric([part.name], 0)
                continue
            readable.add_metric([part.name], 1)
            yield from found.values()
        yield readable
        took = _family(SECONDS)
        took.add_metric([], time.perf_counter() - started)
        yield took


def _family(figure: Figure) -> GaugeMetricFamily:
    return GaugeMetricFamily(figure.name, figure.says, labels=figure.labels)
