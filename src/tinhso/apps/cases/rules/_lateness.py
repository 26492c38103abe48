"""Early, on time, late: as the law reads it, as the national indicator set counts it, and for whose sake."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tinhso.apps.audit.data import EntryData
from tinhso.apps.cases.data import IncidentSpan, Indicator, LateBecause, TimeShare
from tinhso.apps.cases.enums import LateCause, SupplementStage
from tinhso.lib.worktime import Pause, WorkingCalendar, instant_text, working_minutes_between

_END = {"case.resolved": "Có kết quả", "case.delivered": "Đã trả kết quả"}
_STOPPED = {"case.withdrawn": "Rút hồ sơ", "case.stopped": "Dừng giải quyết", "case.intake_refused": "Từ chối"}


def indicator_766(entries: Iterable[EntryData], *, period_end: datetime) -> Indicator | None:
    """On time as the formula of QĐ 766/QĐ-TTg counts it; None before reception, where it counts nothing.

    The end is the instant of the result, else of handing over, else of stopping; the time between a request and its
    answer is taken off. One request still unanswered ends the counting at the request; more than one request counts as
    late whatever the dates say. Without an end the period's end counts. It is compared with the date first promised.
    """
    seen = _Facts()
    for entry in entries:
        seen.read(entry)
    if seen.first_due is None:
        return None
    if seen.requests > 1:
        return Indicator(False, None, seen.first_due, "Yêu cầu bổ sung hơn một lần: tính là quá hạn")
    if seen.open_request is not None and seen.end is None:
        end, why = seen.open_request, "Chờ bổ sung: tính đến lúc yêu cầu bổ sung"
    elif seen.end is not None:
        end, why = seen.end, f"Tính đến lúc: {seen.how}"
    else:
        end, why = period_end, "Chưa xong: tính đến cuối kỳ"
    counted = end - seen.waited if seen.end is not None or seen.open_request is None else end
    if seen.waited:
        why += f", trừ thời gian bổ sung {_spent(seen.waited)}"
    return Indicator(counted <= seen.first_due, counted, seen.first_due, why)


class _Facts:
    """What the formula asks of a case."""

    def __init__(self) -> None:
        self.first_due: datetime | None = None
        self.end: datetime | None = None
        self.how = ""
        self.requests = 0
        self.open_request: datetime | None = None
        self.waited = timedelta()

    def read(self, entry: EntryData) -> None:
        payload: Mapping[str, Any] = entry.payload
        if entry.type in {"case.received", "case.clock_started"} and payload.get("due_at") and self.first_due is None:
            self.first_due = datetime.fromisoformat(payload["due_at"])
        elif entry.type == "case.supplement_requested" and payload["stage"] == SupplementStage.APPRAISAL:
            self.requests += 1
            self.open_request = datetime.fromisoformat(payload["requested_at"])
        elif entry.type == "case.supplement_answered" and self.open_request is not None:
            self.waited += datetime.fromisoformat(payload["answered_at"]) - self.open_request
            self.open_request = None
        elif entry.type in _END and self.end is None:
            self.end, self.how = entry.at, _END[entry.type]
        elif entry.type in _STOPPED and self.end is None and self.first_due is not None:
            self.end, self.how = entry.at, _STOPPED[entry.type]


def late_because(
    *, start_at: datetime, due_at: datetime, finished_at: datetime, incidents: Sequence[IncidentSpan],
    calendar: WorkingCalendar,
) -> LateBecause | None:  # fmt: skip
    """The incident without which a late case would have been on time; None when it is not late, or late by itself.

    An incident counts with the office minutes it took between the start of the clock and the due instant, unless the
    clock stood still for it anyway. What is longer than the delay explains it; of several the longest is named.
    """
    late = working_minutes_between(calendar, due_at, finished_at)
    if finished_at <= due_at:
        return None
    best: LateBecause | None = None
    for incident in incidents:
        start, end = max(incident.start, start_at), min(incident.end or finished_at, finished_at)
        taken = working_minutes_between(calendar, start, end) if start < end else 0
        if incident.stopped_clock or taken < max(late, 1) or (best and taken <= best.minutes):
            continue
        cause = LateCause.LAG if incident.kind == "lag" else LateCause.OUTAGE
        best = LateBecause(cause, incident.incident_id, taken, incident.evidence)
    return best


def time_shares(
    stays: Sequence[Any], *, pauses: Sequence[Pause], calendar: WorkingCalendar, now: datetime
) -> list[TimeShare]:
    """Office minutes that each unit and officer used, and those in which the case waited for others meanwhile.

    `stays` are rows with `unit_id`, `by_name`, `counted`, `entered_at`, `left_at`; in the order of the stays.
    """
    shares: dict[tuple[int, str], TimeShare] = {}
    for stay in stays:
        end = stay.left_at or now
        whole = max(working_minutes_between(calendar, stay.entered_at, end), 0)
        waited = min(waiting_minutes(stay.entered_at, end, pauses=pauses, calendar=calendar), whole)
        key = (stay.unit_id, stay.by_name)
        before = shares.get(key, TimeShare(*key))
        used = whole - waited if stay.counted else 0
        shares[key] = TimeShare(*key, before.used_minutes + used, before.waited_minutes + waited, before.stays + 1)
    return list(shares.values())


def waiting_minutes(start: datetime, end: datetime, *, pauses: Sequence[Pause], calendar: WorkingCalendar) -> int:
    """Office minutes between two instants in which the clock stood still; overlapping pauses count once."""
    parts = sorted((max(p.start, start), min(p.end or end, end)) for p in pauses)
    total, reached = 0, start
    for begin, stop in parts:
        since = max(begin, reached)
        if since < stop:
            total += working_minutes_between(calendar, since, stop)
            reached = stop
    return total


def differs(indicator: Indicator, *, late: bool) -> str:
    """One sentence on why the national formula and the law disagree about a case; empty when they agree."""
    if indicator.on_time == (not late):
        return ""
    promised = instant_text(indicator.due_at)
    if indicator.on_time:
        return f"Theo luật là quá hạn, theo công thức 766 là đúng hạn ({indicator.reason}; so với ngày hẹn đầu {promised})."
    return f"Theo luật không quá hạn, nhưng công thức 766 tính là quá hạn ({indicator.reason}; so với ngày hẹn đầu {promised})."


def _spent(length: timedelta) -> str:
    hours = int(length.total_seconds()) // 3600
    return f"{hours // 24} ngày {hours % 24} giờ" if hours >= 24 else f"{hours} giờ"
