"""The clock read from the log, and what follows from its values. Pure: the time is an argument."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from tinhso.apps.audit.data import EntryData
from tinhso.apps.cases.data import Clock, TimeBar
from tinhso.apps.directory.data import UnitData
from tinhso.apps.directory.enums import UnitKind
from tinhso.lib import timebar
from tinhso.lib.text import fold
from tinhso.lib.worktime import (
    Deadline,
    Limit,
    Pause,
    WorkingCalendar,
    compute_deadline,
    working_minutes_between,
)

RESTART = "restart"


def clock_of(entries: Sequence[EntryData], *, after_supplement: str) -> Clock | None:
    """The clock as the events of a case tell it; None before reception.

    A supplement at appraisal stops the clock from the request to the answer; where the procedure says "from zero", the
    answer starts it anew and what was before no longer counts.
    """
    start: datetime | None = None
    pauses: list[Pause] = []
    open_since: datetime | None = None
    reason = ""
    for entry in entries:
        if entry.type == "case.received":
            start = datetime.fromisoformat(entry.payload["received_at"])
        elif entry.type == "case.supplement_requested" and entry.payload["stage"] == "appraisal":
            open_since = datetime.fromisoformat(entry.payload["requested_at"])
            reason = "Chờ người nộp bổ sung hồ sơ"
        elif entry.type == "case.supplement_answered" and entry.payload["stage"] == "appraisal" and open_since:
            answered = datetime.fromisoformat(entry.payload["answered_at"])
            if after_supplement == RESTART:
                start, pauses = answered, []
            else:
                pauses.append(Pause(start=open_since, end=answered, reason=reason))
            open_since = None
    if start is None:
        return None
    if open_since is not None:
        pauses.append(Pause(start=open_since, end=None, reason=reason))
    return Clock(start_at=start, pauses=tuple(pauses))


def deadline_of(clock: Clock, *, limit: Limit, calendar: WorkingCalendar, last_hour_tomorrow: bool) -> Deadline:
    """The due instant of a clock under a limit; `due_at` is None while a pause is open."""
    return compute_deadline(
        received_at=clock.start_at,
        limit=limit,
        calendar=calendar,
        pauses=clock.pauses,
        last_hour_tomorrow=last_hour_tomorrow,
    )


Stop = tuple[datetime, datetime | None]
"""From when to when the clock stood still; None while it still does."""


def full_time_bar(
    *,
    received_at: datetime,
    due_at: datetime | None,
    ended_at: datetime | None,
    time_limit: str,
    stops: Sequence[Stop],
    now: datetime,
    calendar: WorkingCalendar,
) -> timebar.TimeBar:
    """The bar of a received case, every stop in its place, in office minutes.

    While the clock stands still there is no due date; the axis is then the limit as it runs without a stop.
    """
    minutes = partial(working_minutes_between, calendar)
    limit_minutes = None
    if due_at is None:
        plain = compute_deadline(received_at=received_at, limit=Limit.parse(time_limit), calendar=calendar)
        assert plain.due_at is not None  # noqa: S101 - nothing is open in it
        limit_minutes = minutes(received_at, plain.due_at)
    return timebar.build_time_bar(
        start=received_at, now=now, due=due_at, limit_minutes=limit_minutes, pauses=_merged(stops),
        finished_at=ended_at, minutes_between=minutes,
    )  # fmt: skip


def _merged(stops: Sequence[Stop]) -> list[Stop]:
    """Stops in order, those that overlap as one: the clock stands still once, whatever the reasons."""
    found: list[Stop] = []
    for begin, end in sorted(stops, key=lambda stop: stop[0]):
        if found and (found[-1][1] is None or begin <= found[-1][1]):
            latest = found[-1][1]
            found[-1] = (found[-1][0], None if latest is None or end is None else max(latest, end))
        else:
            found.append((begin, end))
    return found


def time_bar(
    *,
    received_at: datetime | None,
    due_at: datetime | None,
    ended_at: datetime | None,
    time_limit: str,
    lateness: str,
    stops: Sequence[Stop],
    now: datetime,
    calendar: WorkingCalendar,
) -> TimeBar:
    """The bar of a case in a list: the shares of `full_time_bar`, and the few words a row has room for."""
    if received_at is None:
        return TimeBar("none", "Chưa tính thời hạn")
    if ended_at is not None:
        words = {"early": "Xong trước hạn", "on_time": "Xong đúng hạn", "late": "Xong quá hạn"}
        return TimeBar("late" if lateness == "late" else "done", words.get(lateness, "Đã kết thúc"), (("ok", 100),))
    whole = full_time_bar(
        received_at=received_at, due_at=due_at, ended_at=None, time_limit=time_limit, stops=stops, now=now,
        calendar=calendar,
    )  # fmt: skip
    left = whole.left_minutes or 0
    if due_at is None:
        since = next((begin for begin, end in _merged(stops) if end is None), now)
        waited = working_minutes_between(calendar, since, max(since, now))
        return TimeBar("paused", f"Đang dừng {duration_label(waited)}", whole.segments)
    if now > due_at:
        return TimeBar("late", f"Quá hạn {duration_label(-left)}", whole.segments)
    return TimeBar(whole.state, f"Còn {duration_label(left)}", whole.segments)


def duration_label(minutes: int, *, day_minutes: int = 480) -> str:
    """Office minutes in words: `2 ngày`, `5 giờ`, `20 phút`. A day is 480 office minutes."""
    if minutes >= day_minutes:
        return f"{minutes // day_minutes} ngày"
    if minutes >= 60:
        return f"{minutes // 60} giờ"
    return f"{minutes} phút"


def search_text(*, code: str | None, applicant: Mapping[str, Any], procedure_name: str) -> str:
    """What the workspace search looks through: folded, so that "hoa" finds "Hòa"."""
    parts = [code or "", applicant.get("full_name", ""), applicant.get("personal_id", ""), applicant.get("phone", "")]
    plain = " ".join(str(part) for part in parts if part).lower()
    return f"{plain} {fold(str(applicant.get('full_name', '')))} {fold(procedure_name)}"


def abbreviation(unit: UnitData) -> str:
    """The issuing unit's letters in a document number: `UBND`, `SXD`, `TTPVHCC` (chữ viết tắt tên cơ quan, NĐ 30/2020)."""
    if unit.kind.is_administrative:
        return "UBND"
    name = str(unit.kind.label) if unit.kind is UnitKind.ONE_STOP else unit.name
    return "".join(word[0].upper() for word in re.split(r"[\s,–-]+", name) if word and word.lower() != "và")
