"""The clock read from the log, and what follows from its values. Pure: the time is an argument."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tinhso.apps.audit.data import EntryData
from tinhso.apps.cases.data import Clock, TimeBar
from tinhso.apps.directory.data import UnitData
from tinhso.apps.directory.enums import UnitKind
from tinhso.lib.text import fold
from tinhso.lib.worktime import (
    Deadline,
    Limit,
    Pause,
    WorkingCalendar,
    compute_deadline,
    working_minutes_between,
)

SOON_SHARE = 0.75  # of the legal time used: from here on the bar is amber (ux: shown state, no legal force)
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


def time_bar(
    *,
    received_at: datetime | None,
    due_at: datetime | None,
    paused_since: datetime | None,
    ended_at: datetime | None,
    lateness: str,
    now: datetime,
    calendar: WorkingCalendar,
) -> TimeBar:
    """The bar of a case: how much of the legal time is used, in office minutes.

    Cheap (no pauses are replayed): lists show hundreds. The hatched pause is shown while the clock stands still.
    """
    if received_at is None:
        return TimeBar("none", "Chưa tính thời hạn")
    if ended_at is not None:
        words = {"early": "Xong trước hạn", "on_time": "Xong đúng hạn", "late": "Xong quá hạn"}
        return TimeBar("late" if lateness == "late" else "done", words.get(lateness, "Đã kết thúc"), (("ok", 100),))
    if paused_since is not None or due_at is None:
        waited = working_minutes_between(calendar, paused_since, now) if paused_since and paused_since < now else 0
        return TimeBar("paused", f"Đang dừng {duration_label(waited)}", (("ok", 40), ("stop", 60)))
    total = max(working_minutes_between(calendar, received_at, due_at), 1)
    if now > due_at:
        over = working_minutes_between(calendar, due_at, now)
        return TimeBar("late", f"Quá hạn {duration_label(over)}", (("late", 100),))
    used = working_minutes_between(calendar, received_at, now) if now > received_at else 0
    left = working_minutes_between(calendar, now, due_at)
    share = min(round(used * 100 / total), 100)
    state = "soon" if used >= total * SOON_SHARE else "ok"
    return TimeBar(state, f"Còn {duration_label(left)}", ((state, share),))


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
