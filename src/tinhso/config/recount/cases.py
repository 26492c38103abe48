"""Cases: every state as its events say, every clock right, every code once, nothing lost between log and tables."""

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tinhso.config.recount.clock import Grant, Office, Stop, course
from tinhso.config.recount.findings import Tally

# What the plain course does not know: cases in which one of these occurs are counted apart, their clocks not judged.
_SPECIAL = (
    "case.reopened", "case.handed_over", "case.handed_on", "case.clock_started", "case.limit_changed",
    "case.version_moved", "case.leg_moved", "case.legs_opened", "case.deadline_recomputed", "case.leg_started",
    "case.inherited",
)  # fmt: skip
_ENDS = {
    "case.intake_refused": "intake_refused", "case.withdrawn": "withdrawn", "case.stopped": "stopped",
    "case.resolved": "resolved", "case.delivered": "delivered",
}  # fmt: skip
_DUE_KEPT = {"received", "processing", "supplement", "financial_duty", "resolved", "delivered"}
_ON_WORK = {"received", "processing", "supplement", "financial_duty", "resolved"}
_CASES = """
SELECT c.id, c.code, c.status, c.channel, c.time_limit, c.received_at, c.due_at, c.resolved_at, c.delivered_at, c.closed_at,
       c.lateness, c.step_key, c.parent_id, c.submitted_at, v.package #> '{procedure,policies}' AS policies, u.calendar_key,
       (SELECT array_agg(s.key ORDER BY s.sequence) FROM cases_casestep s WHERE s.case_id = c.id) AS stays,
       (SELECT array_agg(s.key) FROM cases_casestep s WHERE s.case_id = c.id AND s.left_at IS NULL) AS open_stays
FROM cases_case c
JOIN procedures_procedureversion v ON v.id = c.version_id LEFT JOIN directory_unit u ON u.id = c.unit_id
WHERE c.status <> 'draft' AND c.id > %(after)s ORDER BY c.id LIMIT 2000
"""
_EVENTS = """
SELECT substr(stream, 6)::bigint AS case_id, sequence, type, payload, at FROM audit_entry
WHERE stream = ANY(%s) ORDER BY 1, 2
"""


def check(connection: psycopg.Connection[Any], tally: Tally) -> None:
    """Every case, its codes and books."""
    offices = _offices(connection)
    after = 0
    while rows := _rows(connection, _CASES, {"after": after}):
        after = rows[-1]["id"]
        streams = [f"case:{row['id']}" for row in rows]
        events = {
            case_id: list(found)
            for case_id, found in groupby(_rows(connection, _EVENTS, (streams,)), key=itemgetter("case_id"))
        }
        for row in rows:
            tally.count("hồ sơ")
            _Case(row, events.get(row["id"], []), tally).check(offices)
    _nothing_lost(connection, tally)
    _numbers(connection, tally)


class _Case:
    """One case beside its stream of events."""

    def __init__(self, row: Mapping[str, Any], events: list[dict[str, Any]], tally: Tally) -> None:
        self.row, self.events, self.tally = row, events, tally
        self.where = row["code"] or f"hồ sơ {row['id']}"
        self.types = {event["type"] for event in events}

    def check(self, offices: Mapping[str, Office]) -> None:
        """State, course, clock."""
        if "case.submitted" not in self.types:
            self.tally.wrong("hồ sơ không có trong nhật ký", self.where, "thiếu sự kiện nộp")
            return
        if self.types.intersection(_SPECIAL) or self.row["parent_id"]:
            self.tally.count("hồ sơ đi đường riêng (không xét đồng hồ)")
            return
        self._state()
        self._stays()
        office = offices.get(self.row["calendar_key"] or "") or (
            next(iter(offices.values())) if len(offices) == 1 else None
        )
        if office is not None:
            self._clock(office)

    def _wrong(self, kind: str, words: str) -> None:
        self.tally.wrong(kind, self.where, words)

    def _payload(self, kind: str) -> dict[str, Any] | None:
        return next((event["payload"] for event in reversed(self.events) if event["type"] == kind), None)

    def _state(self) -> None:
        state, entered = "submitted", 0
        for event in self.events:
            kind, payload = event["type"], event["payload"]
            at_intake = payload.get("stage") == "intake"
            if kind in _ENDS:
                state = _ENDS[kind]
            elif kind == "case.received":
                state = "received"
            elif kind == "case.step_entered":
                entered += 1
                state = "processing" if state == "received" and entered > 1 else state
            elif kind == "case.supplement_requested":
                state = "intake_supplement" if at_intake else "supplement"
            elif kind == "case.supplement_answered":
                state = "submitted" if at_intake else "processing"
            elif kind == "case.financial_duty_began":
                state = "financial_duty"
            elif kind == "case.financial_duty_ended":
                state = "processing"
        if state != self.row["status"]:
            self._wrong("trạng thái sai", f"sự kiện dẫn tới «{state}», bảng ghi «{self.row['status']}»")
        for column, kind in (("delivered_at", "case.delivered"), ("resolved_at", "case.resolved")):
            told = next((event["at"] for event in reversed(self.events) if event["type"] == kind), None)
            if told != self.row[column]:
                self._wrong("thời điểm sai", f"{column}: sự kiện {told}, bảng {self.row[column]}")
        code = (self._payload("case.received") or {}).get("code") or (self._payload("case.submitted") or {}).get("code")
        if (code or None) != self.row["code"]:
            self._wrong("mã hồ sơ sai", f"sự kiện ghi {code}, bảng ghi {self.row['code']}")

    def _stays(self) -> None:
        entered = [event["payload"]["step"] for event in self.events if event["type"] == "case.step_entered"]
        if entered != (self.row["stays"] or []):
            self._wrong("bước xử lý sai", f"sự kiện {entered}, bảng {self.row['stays']}")
        is_open = self.row["status"] in _ON_WORK
        wanted = entered[-1:] if is_open else []
        if (self.row["open_stays"] or []) != wanted or self.row["step_key"] != "".join(wanted):
            self._wrong(
                "bước xử lý sai", f"đang ở {self.row['open_stays']} và «{self.row['step_key']}», phải là {wanted}"
            )

    def _clock(self, office: Office) -> None:
        received = self._payload("case.received")
        if received is None or not received.get("starts_clock", True):
            return
        self.tally.count("đồng hồ tính lại")
        policies = self.row["policies"] or {}
        last_hour = bool(policies.get("last_hour_tomorrow"))
        begin = datetime.fromisoformat(received["received_at"])
        if begin != self.row["received_at"]:
            self._wrong("thời điểm sai", f"received_at: sự kiện {begin}, bảng {self.row['received_at']}")
        first = course(office, begin, received["limit"], [], last_hour_tomorrow=last_hour)
        if first != _instant(received["due_at"]):
            self._wrong("đồng hồ sai", f"khi tiếp nhận phải hẹn {first}, sự kiện ghi {received['due_at']}")
        moves = self._moves(anew=policies.get("after_supplement") == "restart")
        due = course(office, begin, received["limit"], moves, last_hour_tomorrow=last_hour)
        if self.row["status"] in _DUE_KEPT and due != self.row["due_at"]:
            self._wrong("đồng hồ sai", f"phải hẹn {due}, bảng ghi {self.row['due_at']}")
        resolved = self._payload("case.resolved")
        if resolved is not None and due is not None:
            wanted = office.lateness(datetime.fromisoformat(resolved["resolved_at"]), due)
            if {wanted} != {resolved["lateness"], self.row["lateness"]}:
                told = (resolved["lateness"], self.row["lateness"])
                self._wrong("mức đúng hạn sai", f"phải là {wanted}, ghi {told}")

    def _moves(self, *, anew: bool) -> list[Stop | Grant]:
        """What has moved the clock, read from the log."""
        found: list[Stop | Grant] = []
        open_: dict[str, datetime] = {}
        for event in self.events:
            kind, told = event["type"], event["payload"]
            if kind == "case.supplement_requested" and told["stage"] == "appraisal":
                open_["supplement"] = datetime.fromisoformat(told["requested_at"])
            elif kind == "case.supplement_answered" and told["stage"] == "appraisal":
                until = datetime.fromisoformat(told["answered_at"])
                found.append(Stop(open_.pop("supplement"), until, anew=anew))
            elif kind in {"case.clock_suspended", "case.financial_duty_began"}:
                open_[f"pause {told['pause_id']}"] = datetime.fromisoformat(told["since"])
            elif kind in {"case.clock_resumed", "case.financial_duty_ended"}:
                limit = told.get("limit") or ""
                since = open_.pop(f"pause {told['pause_id']}")
                found.append(Stop(since, datetime.fromisoformat(told["until"]), anew=bool(limit), limit=limit))
            elif kind == "case.deadline_extended":
                found.append(Grant(datetime.fromisoformat(told["decided_at"]), told["amount"]))
            elif kind in {"case.resolved", "case.withdrawn", "case.stopped"}:
                found += [Stop(since, event["at"]) for since in open_.values()]
                open_.clear()
        return found + [Stop(since, None) for since in open_.values()]


def _nothing_lost(connection: psycopg.Connection[Any], tally: Tally) -> None:
    lost = connection.execute(
        "SELECT e.stream FROM audit_entry e LEFT JOIN cases_case c ON c.id = (e.payload ->> 'case_id')::bigint"
        " WHERE e.type = 'case.submitted' AND (c.id IS NULL OR c.status = 'draft')"
    )
    for (stream,) in lost:
        tally.wrong("hồ sơ mất", stream, "nhật ký ghi đã nộp, bảng không còn")


def _numbers(connection: psycopg.Connection[Any], tally: Tally) -> None:
    """Codes without a gap a unit and day, numbers without a gap a book."""
    series = connection.execute(
        "SELECT k.unit_code, k.day, k.latest, count(c.id) FROM cases_codecounter k LEFT JOIN cases_case c"
        " ON regexp_replace(c.code, '-[0-9]+$', '') = k.unit_code || '-' || to_char(k.day, 'YYMMDD') GROUP BY 1, 2, 3"
    )
    for unit_code, day, latest, count in series:
        tally.count("dãy mã hồ sơ")
        if latest != count:
            tally.wrong("mã hồ sơ hở", f"{unit_code} ngày {day}", f"đếm đến {latest}, có {count} hồ sơ")
    books = connection.execute(
        "SELECT b.id, b.book, b.latest, count(e.id), coalesce(max(e.number), 0) FROM documents_numberbook b"
        " LEFT JOIN documents_bookentry e ON e.book_id = b.id GROUP BY 1, 2, 3"
    )
    for number, book, latest, count, highest in books:
        tally.count("sổ số văn bản")
        if latest != count or latest != highest:
            tally.wrong("sổ số hở", f"{book} ({number})", f"số mới nhất {latest}, có {count} số, cao nhất {highest}")
    unfinished = connection.execute(
        "SELECT r.id FROM cases_result r LEFT JOIN documents_bookentry e ON e.id = r.book_entry_id"
        " WHERE r.status = 'signed' AND (r.file_id IS NULL OR e.status IS DISTINCT FROM 'issued'"
        " OR e.subject <> 'case:' || r.case_id)"
    )
    for (result_id,) in unfinished:
        tally.wrong("kết quả không có số", f"kết quả {result_id}", "đã ký nhưng sổ hoặc tệp không khớp")


def _offices(connection: psycopg.Connection[Any]) -> dict[str, Office]:
    """The calendar in force by key: its newest version."""
    rows = connection.execute(
        "SELECT DISTINCT ON (key) key, document FROM calendars_calendarversion ORDER BY key, number DESC"
    )
    return {key: Office(document) for key, document in rows}


def _instant(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


def _rows(connection: psycopg.Connection[Any], statement: str, values: Any) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(statement.encode(), values)
        return cursor.fetchall()
