"""The clock read from the log: when it started, under which limit, and everything that has moved it since.

`clock_of` is the only source of a due instant. It looks at the events named in `CLOCK_EVENTS` and at nothing else, so
that whatever else happens to a case, and in whatever order, the date stays what it was.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from tinhso.apps.audit.data import EntryData
from tinhso.apps.cases.data import Clock, OpenPause
from tinhso.apps.cases.enums import PauseReason, SupplementStage
from tinhso.lib.worktime import (
    Addition,
    Change,
    Deadline,
    Limit,
    LimitUnit,
    Pause,
    Restart,
    WorkingCalendar,
    compute_course,
    compute_deadline,
)

RESTART = "restart"
SUPPLEMENT_BASIS = "Điều 17, 118/2025/NĐ-CP"


def clock_of(entries: Iterable[EntryData], *, after_supplement: str) -> Clock | None:
    """The clock as the events of a case tell it; None before the clock has started.

    A supplement at appraisal stops the clock from the request to the answer; where the procedure says "from zero"
    (`after_supplement` is `restart`), the answer starts it anew.
    """
    reader = _Reader(restarts=after_supplement == RESTART)
    for entry in entries:
        handler = _HANDLERS.get(entry.type)
        if handler is not None:
            handler(reader, entry.payload, entry.at)
    return reader.clock()


def deadline_of(
    clock: Clock, *, limit: Limit, calendar: WorkingCalendar, last_hour_tomorrow: bool, explained: bool = True
) -> Deadline:
    """The due instant of a clock; `due_at` is None while a pause is open. `limit` is what the case was received under."""
    return compute_course(
        received_at=clock.start_at,
        limit=Limit.parse(clock.limit) if clock.limit else limit,
        calendar=calendar,
        changes=clock.changes,
        last_hour_tomorrow=last_hour_tomorrow,
        explained=explained,
    )


def step_due(entered_at: datetime, *, hours: Any, clock: Clock | None, calendar: WorkingCalendar) -> datetime | None:
    """When a stay at a step is due: its budget in office hours, without the time in which the case stood still.

    What an extension grants while the case lies there is granted to that step. None while the case stands still.
    """
    budget = Limit(hours, LimitUnit.WORKING_HOUR)
    changes = _within_stay(clock, entered_at) if clock else []
    return compute_course(
        received_at=entered_at, limit=budget, calendar=calendar, changes=changes, explained=False
    ).due_at


def extended_due(due_at: datetime, amount: Limit, calendar: WorkingCalendar) -> datetime:
    """What a due instant becomes under an extension (ngày hẹn lại); never None."""
    moved = compute_deadline(received_at=due_at, limit=amount, calendar=calendar).due_at
    return moved or due_at


def _within_stay(clock: Clock, entered_at: datetime) -> list[Change]:
    found: list[Change] = []
    for change in clock.changes:
        if isinstance(change, Pause) and (change.end is None or change.end > entered_at):
            found.append(Pause(max(change.start, entered_at), change.end, change.reason, change.basis))
        elif isinstance(change, Addition) and change.at >= entered_at:
            found.append(change)
    return found


class _Reader:
    """What has been read of a case's log so far."""

    def __init__(self, *, restarts: bool) -> None:
        self._restarts = restarts
        self.start: datetime | None = None
        self.limit = ""
        self.changes: list[Change] = []
        self.open: dict[str, OpenPause] = {}
        self.extensions = 0
        self.ended: datetime | None = None

    def clock(self) -> Clock | None:
        if self.start is None:
            return None
        still = [Pause(p.since, None, p.label, p.basis) for p in self.open.values()]
        return Clock(
            start_at=self.start, limit=self.limit, changes=(*self.changes, *still), extensions=self.extensions,
            open_pauses=tuple(self.open.values()), ended_at=self.ended,
        )  # fmt: skip

    def received(self, payload: dict[str, Any], at: datetime) -> None:
        self.limit = payload.get("limit", "")
        # Filed elsewhere, the clock waits until the competent agency has the case (Điều 17 khoản 3, 118/2025/NĐ-CP).
        if payload.get("starts_clock", True):
            self.start = _instant(payload["received_at"])

    def started(self, payload: dict[str, Any], at: datetime) -> None:
        self.start = _instant(payload["started_at"])

    def supplement_requested(self, payload: dict[str, Any], at: datetime) -> None:
        if payload["stage"] == SupplementStage.APPRAISAL:
            since = _instant(payload["requested_at"])
            self.open["supplement"] = OpenPause(PauseReason.SUPPLEMENT, since, SUPPLEMENT_BASIS)

    def supplement_answered(self, payload: dict[str, Any], at: datetime) -> None:
        if payload["stage"] != SupplementStage.APPRAISAL:
            return
        answered = _instant(payload["answered_at"])
        stopped = self.close("supplement", answered)
        if stopped is not None and self._restarts:
            why = "Hồ sơ bổ sung đủ"
            self.changes.append(Restart(answered, since=stopped.since, reason=why, basis=stopped.basis))

    def suspended(self, payload: dict[str, Any], at: datetime) -> None:
        reason = PauseReason(payload["reason"])
        since = max(_instant(payload["since"]), self.start) if self.start else _instant(payload["since"])
        self.open[f"pause:{payload['pause_id']}"] = OpenPause(reason, since, payload["basis"], payload.get("note", ""))

    def resumed(self, payload: dict[str, Any], at: datetime) -> None:
        self.close(f"pause:{payload['pause_id']}", _instant(payload["until"]))

    def duty_ended(self, payload: dict[str, Any], at: datetime) -> None:
        until = _instant(payload["until"])
        stopped = self.close(f"pause:{payload['pause_id']}", until)
        if stopped is not None and payload.get("limit"):
            limit = Limit.parse(payload["limit"])
            why = "Đã hoàn thành nghĩa vụ tài chính"
            self.changes.append(Restart(until, limit, stopped.since, why, payload.get("basis", "")))

    def extended(self, payload: dict[str, Any], at: datetime) -> None:
        self.extensions += 1
        decided = _instant(payload["decided_at"])
        amount = Limit.parse(payload["amount"])
        self.changes.append(Addition(decided, amount, payload["reason"], payload["basis"]))

    def limit_changed(self, payload: dict[str, Any], at: datetime) -> None:
        self.limit = payload["limit"]

    def handed_over(self, payload: dict[str, Any], at: datetime) -> None:
        if payload.get("restarts_clock"):
            when = _instant(payload["handed_over_at"])
            why = "Cơ quan có thẩm quyền nhận hồ sơ"
            self.changes.append(Restart(when, reason=why, basis=payload.get("basis", "")))

    def reopened(self, payload: dict[str, Any], at: datetime) -> None:
        """What ended by mistake goes on: the time in between does not count, or everything counts anew."""
        self.ended = None
        closed, when = _instant(payload["closed_at"]), _instant(payload["reopened_at"])
        if self.start is None:
            return
        if payload.get("supplement"):
            self.open["supplement"] = OpenPause(PauseReason.SUPPLEMENT, closed, SUPPLEMENT_BASIS)
        elif payload["clock"] == RESTART:
            self.changes.append(Restart(when, reason="Mở lại hồ sơ", basis=payload.get("basis", "")))
        else:
            why = "Hồ sơ đã kết thúc do sai sót, được mở lại"
            self.changes.append(Pause(closed, when, why, payload.get("basis", "")))

    def resolved(self, payload: dict[str, Any], at: datetime) -> None:
        self.finish(_instant(payload["resolved_at"]))

    def closed(self, payload: dict[str, Any], at: datetime) -> None:
        self.finish(at)

    def finish(self, at: datetime) -> None:
        """The end of a case ends whatever still stands still."""
        self.ended = at
        for key in list(self.open):
            self.close(key, at)

    def close(self, key: str, at: datetime) -> OpenPause | None:
        stopped = self.open.pop(key, None)
        if stopped is not None:
            self.changes.append(Pause(stopped.since, max(at, stopped.since), stopped.label, stopped.basis))
        return stopped


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


_HANDLERS: dict[str, Callable[[_Reader, dict[str, Any], datetime], None]] = {
    "case.received": _Reader.received,
    "case.clock_started": _Reader.started,
    "case.supplement_requested": _Reader.supplement_requested,
    "case.supplement_answered": _Reader.supplement_answered,
    "case.clock_suspended": _Reader.suspended,
    "case.clock_resumed": _Reader.resumed,
    "case.financial_duty_began": _Reader.suspended,
    "case.financial_duty_ended": _Reader.duty_ended,
    "case.deadline_extended": _Reader.extended,
    "case.limit_changed": _Reader.limit_changed,
    "case.handed_over": _Reader.handed_over,
    "case.reopened": _Reader.reopened,
    "case.resolved": _Reader.resolved,
    "case.withdrawn": _Reader.closed,
    "case.stopped": _Reader.closed,
}
CLOCK_EVENTS: tuple[str, ...] = tuple(sorted(_HANDLERS))


def clock_entries(entries: Sequence[EntryData]) -> list[EntryData]:
    """The entries that the clock reads."""
    return [entry for entry in entries if entry.type in _HANDLERS]
