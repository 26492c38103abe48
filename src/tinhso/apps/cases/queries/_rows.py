"""A row of a list of cases, and a page of rows: read by number, whatever chose the numbers."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONArray

from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import rules
from tinhso.apps.cases.data import TimeBar
from tinhso.apps.cases.enums import PUBLIC_STATE, CaseStatus, MessageSide, PublicState, SupplementStage
from tinhso.apps.cases.models import URGENCY, Case, Pause, Supplement
from tinhso.apps.cases.queries._streams import URGENCY_SQL, Place, Sql
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.keyset import encode_cursor
from tinhso.lib.worktime import WorkingCalendar

_COLUMNS = (
    "id", "code", "procedure_code", "procedure_name", "applicant_name", "status", "channel", "unit_id", "field",
    "submitted_at", "received_at", "due_at", "paused_since", "resolved_at", "closed_at", "lateness", "time_limit", "step_key",
    "step_name", "step_kind", "step_unit_id", "step_due_at", "assignee_id", "updated_at", "version_id", "fee_vnd",
)  # fmt: skip
# Written out: the database answers it sooner than it can be put together from query sets.
_ROWS = f"""
SELECT {", ".join(f"c.{name}" for name in _COLUMNS)}, {URGENCY_SQL} AS urgency,
       v.facts ->> 'short_name' AS short_name,
       (SELECT json_agg(json_build_array(requested_at, answered_at) ORDER BY requested_at)::text
        FROM cases_supplement WHERE case_id = c.id AND stage = '{SupplementStage.APPRAISAL}') AS asked,
       (SELECT json_agg(json_build_array(started_at, ended_at) ORDER BY started_at)::text
        FROM cases_pause WHERE case_id = c.id) AS paused,
       EXISTS (SELECT FROM cases_message WHERE case_id = c.id AND side = %s AND read_at IS NULL) AS unread,
       (SELECT json_agg(json_build_array(l.name, l.tone) ORDER BY l.name)::text
        FROM cases_caselabel p JOIN cases_label l ON l.id = p.label_id WHERE p.case_id = c.id AND %s) AS marks
FROM cases_case c JOIN procedures_procedureversion v ON v.id = c.version_id
"""  # noqa: S608 - our own words

# The same two as expressions, for query sets that look at the clocks of many cases in one query (`_talk`).
STOPS = {
    "asked": ArraySubquery(
        Supplement.objects.filter(case=OuterRef("pk"), stage=SupplementStage.APPRAISAL)
        .order_by("requested_at")
        .values(span=JSONArray("requested_at", "answered_at"))
    ),
    "paused": ArraySubquery(
        Pause.objects.filter(case=OuterRef("pk"))
        .order_by("started_at")
        .values(span=JSONArray("started_at", "ended_at"))
    ),
}


class ListedLabel(NamedTuple):
    """A label on a row."""

    name: str
    tone: str


@dataclass(frozen=True, slots=True)
class ListedCase:
    """One row of a list."""

    id: int
    code: str
    procedure_code: str
    procedure_name: str
    applicant_name: str
    status: CaseStatus
    state: PublicState
    channel: str
    unit_name: str
    step_name: str
    step_kind: str
    submitted_at: datetime | None
    due_at: datetime | None
    updated_at: datetime
    assignee_id: int | None
    fee_vnd: int
    bar: TimeBar
    short_name: str = ""
    step_key: str = ""
    labels: tuple[ListedLabel, ...] = ()
    has_unread: bool = False

    @property
    def title(self) -> str:
        """The procedure in few words, as the version the case runs under has it."""
        return self.short_name or self.procedure_name

    @property
    def is_late(self) -> bool:
        return self.bar.state == "late"


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of a list; `next` is the cursor of the following page, None at the end.

    `looked`: a search stopped after so many rows of the list, and goes on at `next`; 0 where everything was looked at.
    """

    items: tuple[ListedCase, ...]
    next: str | None
    looked: int = 0


def page_of(numbers: Sql, *, order: str, limit: int, now: datetime, reader: Actor) -> CasePage:
    """The page of the cases with these numbers, of which there are at most one more than `limit`; one query.

    `order` is a column of a row, `-id` for the newest first.
    """
    key = order.lstrip("-")
    # What is put on a row for who reads it: labels for officers, and whether the other side has written.
    is_applicant = reader.kind is ActorKind.CITIZEN
    side = MessageSide.OFFICE if is_applicant else MessageSide.APPLICANT
    sorting = "id DESC" if order == "-id" else f"{key}, id"
    with connection.cursor() as cursor:
        statement = f"{_ROWS} WHERE c.id IN ({numbers.text}) ORDER BY {sorting}"
        cursor.execute(statement, [str(side), not is_applicant, *numbers.values])
        names = [column.name for column in cursor.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    more = len(found) > limit
    found = found[:limit]
    at = found[-1][key] if found else None
    token = encode_cursor(at if isinstance(at, datetime) else None, found[-1]["id"]) if more and found else None
    calendars: dict[str, WorkingCalendar] = {}
    return CasePage(items=tuple(_listed(row, now, calendars) for row in found), next=token)


def numbers_in(rows: QuerySet[Case], *, order: str, limit: int, after: Place | None) -> Sql:
    """The numbers of the first rows of a query set behind a place, for `page_of`; None chosen where nothing can match."""
    key = order.lstrip("-")
    if key == "urgency":
        rows = rows.alias(urgency=URGENCY)
    if after is not None and key == "id":
        rows = rows.filter(id__lt=after[1])
    elif after is not None:
        # The first condition says nothing new: it is where the index is entered.
        value, last_id = after
        rows = rows.filter(Q(**{f"{key}__gt": value}) | Q(**{key: value, "id__gt": last_id}), **{f"{key}__gte": value})
    try:
        text, values = (
            rows.order_by(*([order] if key == "id" else [order, "id"]))
            .values("id")[: limit + 1]
            .query.sql_with_params()
        )
    except EmptyResultSet:
        return Sql("SELECT 0 LIMIT 0")
    return Sql(text, tuple(values))


def _listed(row: dict[str, Any], now: datetime, calendars: dict[str, WorkingCalendar]) -> ListedCase:
    unit = directory.get_unit(row["unit_id"]) if row["unit_id"] else None
    bar = TimeBar("none", "Chưa tính thời hạn")
    if unit is not None and row["received_at"] is not None:
        key = unit.calendar_key
        if key not in calendars:
            calendars[key] = get_working_calendar(calendar_key=key, at=now)
        bar = rules.time_bar(
            received_at=row["received_at"], due_at=row["due_at"], ended_at=row["resolved_at"] or row["closed_at"],
            time_limit=row["time_limit"], lateness=row["lateness"], stops=_stops(row), now=now,
            calendar=calendars[key],
        )  # fmt: skip
    status = CaseStatus(row["status"])
    return ListedCase(
        id=row["id"], code=row["code"] or "", procedure_code=row["procedure_code"],
        procedure_name=row["procedure_name"], applicant_name=row["applicant_name"], status=status,
        state=PUBLIC_STATE[status], channel=row["channel"], unit_name=unit.name if unit else "",
        step_name=row["step_name"], step_kind=row["step_kind"], submitted_at=row["submitted_at"], due_at=row["due_at"],
        updated_at=row["updated_at"], assignee_id=row["assignee_id"], fee_vnd=row["fee_vnd"], bar=bar,
        short_name=row["short_name"] or "", step_key=row["step_key"],
        labels=tuple(ListedLabel(name, tone) for name, tone in json.loads(row["marks"] or "[]")), has_unread=row["unread"],
    )  # fmt: skip


def _stops(row: dict[str, Any]) -> list[rules.Stop]:
    """When the clock of a row stood still. From the database as JSON: instants are text."""
    return [
        (datetime.fromisoformat(begin), datetime.fromisoformat(end) if end else None)
        for begin, end in (*json.loads(row["asked"] or "[]"), *json.loads(row["paused"] or "[]"))
    ]
