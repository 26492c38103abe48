"""Rules of reception: numbers of slips, and how far the hour written on one is believed. Values in, values out."""

import re
from datetime import datetime, timedelta

from tinhso.apps.reception.enums import ConflictKind

# How many numbers a computer holds ahead. A desk takes 80 people a morning; a line is seldom cut for longer than a day.
BLOCK = 120
# Two clocks that were set by each other an hour ago differ by less than this.
SKEW = timedelta(minutes=2)

_CODE = re.compile(r"^(NT-[A-Z0-9.]+-\d{2,})-(\d{5,})$")


def series_of(prefix: str, ordinal: int) -> str:
    """The series of a computer: `NT-H48.12-03`. NT stands for "ngoại tuyến"."""
    return f"NT-{prefix}-{ordinal:02d}"


def slip_code(series: str, number: int) -> str:
    """The number printed on a slip: `NT-H48.12-03-00017` (số phiếu tiếp nhận tạm)."""
    return f"{series}-{number:05d}"


def parse_slip_code(text: str) -> tuple[str, int] | None:
    """Series and number of a slip's code as it was typed or scanned, or None when it is something else."""
    found = _CODE.match(text.strip().upper().replace(" ", ""))
    return (found[1], int(found[2])) if found else None


def doubt_about_time(
    *,
    taken_at: datetime,
    prepared_at: datetime,
    synced_at: datetime,
    earlier_at: datetime | None,
    later_at: datetime | None,
    trusted_for: timedelta,
) -> ConflictKind | None:
    """Why the hour on a slip is not believed by itself, or None.

    It lies between the moment the computer was last prepared and the moment the slip came in, it follows the hours of
    the slips with lower numbers and comes before those with higher ones, and it is no older than `trusted_for`.
    """
    if taken_at > synced_at + SKEW or taken_at < prepared_at - SKEW:
        return ConflictKind.CLOCK_DOUBTED
    if (earlier_at is not None and taken_at < earlier_at - SKEW) or (
        later_at is not None and taken_at > later_at + SKEW
    ):
        return ConflictKind.CLOCK_DOUBTED
    return ConflictKind.TOO_OLD if synced_at - taken_at > trusted_for else None


# Unguessable, so that only who holds a ticket follows it: 48 random bits.
TICKET_CODE_BYTES = 6
SLOT = timedelta(minutes=15)
# What a person is taken to need while nobody has been served yet.
USUAL_MINUTES = 10.0


def wait_minutes(*, before: int, service_minutes: float | None, desks: int) -> int:
    """How long who stands behind `before` people may expect to wait, in whole minutes (dự kiến chờ)."""
    each = USUAL_MINUTES if service_minutes is None else service_minutes
    return round(before * each / max(desks, 1))
