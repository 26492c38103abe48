"""Counting the log by time, service and client, in portions, so that pages read sums and never lines."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from tinhso.apps.exchange import permissions, queries
from tinhso.apps.exchange.enums import Grain
from tinhso.apps.exchange.models import Traffic, TrafficMark
from tinhso.apps.exchange.queries import known_services
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.histogram import BOUNDS_US, added, empty

PORTION = 50_000
_SLOT = timedelta(minutes=5)
_KEPT = {Grain.SLOT: timedelta(days=3), Grain.HOUR: timedelta(days=400)}
_COUNT = """
SELECT date_bin('5 minutes', at, '2000-01-01 00:00+00'), service, client, error, coalesce(status, 0) >= 500,
       width_bucket(coalesce(duration_us, 0), %s), count(*), sum(coalesce(request_size, 0)), sum(coalesce(response_size, 0))
FROM exchange_message WHERE id > %s AND id <= %s AND kind = 'response' GROUP BY 1, 2, 3, 4, 5, 6
"""
Key = tuple[str, datetime, str, str]


@dataclass(slots=True)
class _Sum:
    calls: int = 0
    errors: int = 0
    refused: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    histogram: list[int] = field(default_factory=empty)
    error_types: dict[str, int] = field(default_factory=dict)


@action
def gather_traffic(*, actor: Actor, at: datetime, portion: int = PORTION) -> int:
    """Đếm lưu lượng từ nhật ký thông điệp. Returns how many numbers of lines were passed; 0: all is counted.

    Each portion is a run of numbers below which nothing is still to come, so that every line is counted once.
    """
    require(permissions.can_manage(actor))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('exchange.traffic', 0))")
    mark, _ = TrafficMark.objects.get_or_create(pk=1)
    up_to = min(queries.settled_up_to(), mark.last_id + portion)
    if up_to <= mark.last_id:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [list(BOUNDS_US), mark.last_id, up_to])
        _keep(_sums(cursor.fetchall(), known_services()))
    passed, mark.last_id = up_to - mark.last_id, up_to
    mark.save(update_fields=["last_id"])
    return passed


@action
def forget_traffic(*, actor: Actor, at: datetime) -> int:
    """Bỏ số đếm năm phút, số đếm giờ đã cũ; days stay. Returns how many rows went."""
    require(permissions.can_manage(actor))
    return sum(
        Traffic.objects.filter(grain=grain, start__lt=at - kept).delete()[0] for grain, kept in _KEPT.items()
    )  # fmt: skip


def day_start(moment: datetime) -> datetime:
    """Midnight in the province before an instant."""
    return moment.astimezone(PROVINCE_TIME).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _sums(rows: Iterable[Any], known: frozenset[str]) -> dict[Key, _Sum]:
    found: dict[Key, _Sum] = defaultdict(_Sum)
    for slot, asked, client, error, is_refused, box, count, size_in, size_out in rows:
        # Anybody with a right may ask for services that are not there, by any name: those are one row, not many.
        service = asked if asked in known else ""
        hour, day = slot.replace(minute=0), day_start(slot)
        for key in (
            (Grain.SLOT.value, slot, service, ""), (Grain.HOUR.value, hour, service, ""),
            (Grain.HOUR.value, hour, service, client), (Grain.DAY.value, day, service, ""),
            (Grain.DAY.value, day, service, client),
        ):  # fmt: skip
            one = found[key]
            one.calls += count
            one.bytes_in += int(size_in)
            one.bytes_out += int(size_out)
            if error:
                one.errors += count
                one.error_types[error] = one.error_types.get(error, 0) + count
            else:
                one.refused += count if is_refused else 0
                one.histogram[box] += count
    return found


def _keep(sums: dict[Key, _Sum]) -> None:
    if not sums:
        return
    starts = {start for _, start, _, _ in sums}
    known = {
        (row.grain, row.start, row.service, row.client): row
        for row in Traffic.objects.filter(start__in=starts, service__in={service for _, _, service, _ in sums})
    }
    rows = []
    for (grain, start, service, client), one in sums.items():
        row = known.get((grain, start, service, client)) or Traffic(
            grain=grain, start=start, service=service, client=client, calls=0, errors=0, refused=0, histogram=empty(),
            bytes_in=0, bytes_out=0,
        )  # fmt: skip
        for name in ("calls", "errors", "refused", "bytes_in", "bytes_out"):
            setattr(row, name, getattr(row, name) + getattr(one, name))
        row.histogram = added(row.histogram, one.histogram)
        row.error_types = {
            name: row.error_types.get(name, 0) + one.error_types.get(name, 0)
            for name in {*row.error_types, *one.error_types}
        }
        rows.append(row)
    Traffic.objects.bulk_create([row for row in rows if row.pk is None])
    Traffic.objects.bulk_update(
        [row for row in rows if row.pk is not None],
        ["calls", "errors", "refused", "histogram", "error_types", "bytes_in", "bytes_out"], batch_size=500,
    )  # fmt: skip
