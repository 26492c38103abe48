"""Lists of cases: the worklist, the counter's queue, a citizen's own. By keyset, with fixed numbers of queries."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import JSONArray

from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import rules
from tinhso.apps.cases.data import TimeBar, WorkCounts
from tinhso.apps.cases.enums import PUBLIC_STATE, CaseStatus, MessageSide, PublicState, SupplementStage
from tinhso.apps.cases.models import URGENCY, Case, CaseLabel, Message, Pause, Supplement
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries._shelves import ORDER, Shelf, at_units_of, on_shelf, reach_of
from tinhso.apps.cases.queries._streams import After, Place, count_shelves, first_of
from tinhso.apps.cases.queries._visibility import visible_to
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid
from tinhso.lib.text import fold
from tinhso.lib.worktime import WorkingCalendar

# Beyond this a number of the menu says "500+".
MOST_COUNTED = 500
# Values of the filter by assignee, beside account numbers.
ME, NOBODY = "me", "none"
_COLUMNS = (
    "id", "code", "procedure_code", "procedure_name", "applicant_name", "status", "channel", "unit_id", "field",
    "submitted_at", "received_at", "due_at", "paused_since", "resolved_at", "closed_at", "lateness", "time_limit", "step_key",
    "step_name", "step_kind", "step_unit_id", "step_due_at", "assignee_id", "updated_at", "version_id", "fee_vnd",
)  # fmt: skip

# Asked along with the rows of a page, only for these: a list of any length stays one query.
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
    """A page of a list; `next` is the cursor of the following page, None at the end."""

    items: tuple[ListedCase, ...]
    next: str | None


def worklist(
    *,
    actor: Actor,
    shelf: Shelf,
    now: datetime,
    q: str = "",
    assignee: str = "",
    label: int | None = None,
    cursor: str | None = None,
    limit: int = 30,
) -> CasePage:
    """An officer's cases of one shelf, the least time left first (danh sách việc).

    `assignee` is `me`, `none` (at the officer's units, given to nobody) or the account number of a colleague;
    `label` is the number of a label.

    Raises:
        Invalid: `assignee` or `cursor` is none of these.
    """
    reach = reach_of(actor, now)
    order = ORDER.get(shelf, "urgency")
    after = _decode(cursor) if cursor else None
    if not q.strip() and label is None and assignee in {"", NOBODY}:
        rows = first_of(
            actor, shelf, now, reach, after=after, limit=limit + 1, unassigned=assignee == NOBODY
        )  # fmt: skip
        return _page(rows, order=order, limit=limit, now=now, reader=actor)
    rows = _of_assignee(on_shelf(actor, shelf, now, reach), actor, assignee)
    if label is not None:
        rows = rows.filter(labels__label_id=label)
    return _page(_search(rows, q), order=order, after=after, limit=limit, now=now, reader=actor)


_ASSIGNEES = """
WITH RECURSIVE given(unit_id, assignee_id) AS (
    SELECT place.id, (SELECT min(assignee_id) FROM cases_case
                      WHERE step_unit_id = place.id AND assignee_id IS NOT NULL AND step_kind <> '')
    FROM unnest(%s::bigint[]) AS place(id)
  UNION ALL
    SELECT unit_id, (SELECT min(c.assignee_id) FROM cases_case c
                     WHERE c.step_unit_id = given.unit_id AND c.assignee_id > given.assignee_id AND c.step_kind <> '')
    FROM given WHERE assignee_id IS NOT NULL
)
SELECT DISTINCT assignee_id FROM given WHERE assignee_id IS NOT NULL ORDER BY assignee_id
"""


def list_assignees(*, actor: Actor) -> list[int]:
    """The officers to whom cases at the actor's units are given now, for the filter; one query, from one to the next."""
    with connection.cursor() as cursor:
        cursor.execute(_ASSIGNEES, [sorted(actor.unit_ids_for(CasePermission.VIEW))])
        return [row[0] for row in cursor.fetchall()]


def list_cases(
    *,
    actor: Actor,
    now: datetime,
    q: str = "",
    status: str = "",
    procedure: str = "",
    cursor: str | None = None,
    limit: int = 30,
) -> CasePage:
    """Every visible case, newest first; for search and the API."""
    rows = visible_to(actor)
    if status:
        rows = rows.filter(status=status)
    if procedure:
        rows = rows.filter(procedure_code=procedure)
    after = _decode(cursor) if cursor else None
    return _page(_search(rows, q), order="-id", after=after, limit=limit, now=now, reader=actor)


def my_cases(*, actor: Actor, now: datetime, cursor: str | None = None, limit: int = 20) -> CasePage:
    """A citizen's own cases and drafts, newest first (hồ sơ của tôi)."""
    # The legs of a linked case are shown on the whole.
    rows = visible_to(actor).filter(parent__isnull=True)
    after = _decode(cursor) if cursor else None
    return _page(rows, order="-id", after=after, limit=limit, now=now, reader=actor)


def counts(*, actor: Actor, now: datetime) -> WorkCounts:
    """The numbers of the menu, each at most `MOST_COUNTED`, in one statement that stops there.

    A menu is drawn on every page: it must not walk through a province's work to say how much there is.
    """
    statement, params = count_shelves(actor, _COUNTED.values(), now, reach_of(actor, now), most=MOST_COUNTED)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found = cursor.fetchone()
    return WorkCounts(**dict(zip(_COUNTED, found or (), strict=True)))


_COUNTED = {
    "mine": Shelf.MINE, "waiting": Shelf.WAITING, "due_soon": Shelf.DUE_SOON, "late": Shelf.LATE,
    "supplement": Shelf.SUPPLEMENT, "to_sign": Shelf.TO_SIGN, "to_deliver": Shelf.TO_DELIVER,
}  # fmt: skip


def count_filed() -> int:
    """How many cases have been filed in all; a plain number, for operators."""
    return Case.objects.exclude(status=CaseStatus.DRAFT).count()


def overdue_supplements(now: datetime, *, limit: int = 1000) -> list[int]:
    """Cases whose time for a supplement is up; for the nightly job."""
    rows = Supplement.objects.filter(answered_at__isnull=True, answer_until__lt=now, case__closed_at__isnull=True)
    return list(rows.order_by("answer_until").values_list("case_id", flat=True)[:limit])


def _of_assignee(rows: QuerySet[Case], actor: Actor, assignee: str) -> QuerySet[Case]:
    if not assignee:
        return rows
    if assignee == ME:
        return rows.filter(assignee_id=actor.account_id)
    if assignee == NOBODY:
        return rows.filter(at_units_of(actor), assignee__isnull=True).exclude(step_kind="")
    if not assignee.isdecimal() or len(assignee) > 18:
        raise Invalid("Người xử lý cần lọc không hợp lệ, mời chọn lại.")
    return rows.filter(assignee_id=int(assignee))


def _search(rows: QuerySet[Case], q: str) -> QuerySet[Case]:
    # What is looked through holds every name folded as well: a word typed with its marks is found there without them.
    for word in q.split()[:6]:
        rows = rows.filter(search_text__contains=fold(word))
    return rows


def _page(
    rows: QuerySet[Any], *, order: str, limit: int, now: datetime, reader: Actor, after: Place | None = None
) -> CasePage:
    descending = order.startswith("-")
    key = order.lstrip("-")
    if key == "urgency":
        rows = rows.annotate(urgency=URGENCY)
    if after is not None and key == "id":
        rows = rows.filter(id__lt=after[1]) if descending else rows.filter(id__gt=after[1])
    elif after is not None:
        rows = rows.filter(After(URGENCY if key == "urgency" else F(key), "id", after))
    ordering = [order] if key == "id" else [order, "id"]
    columns = [*_COLUMNS, key] if key == "urgency" else _COLUMNS
    found = list(
        rows.order_by(*ordering).values(
            *columns, short_name=F("version__facts__short_name"), **STOPS, **_marks(reader)
        )[: limit + 1]
    )
    more = len(found) > limit
    found = found[:limit]
    token = _encode(found[-1][key], found[-1]["id"]) if more and found else None
    calendars: dict[str, WorkingCalendar] = {}
    return CasePage(items=tuple(_listed(row, now, calendars) for row in found), next=token)


def _marks(reader: Actor) -> dict[str, Any]:
    """What is put on a row for who reads it: labels for officers, and whether the other side has written."""
    is_applicant = reader.kind is ActorKind.CITIZEN
    side = MessageSide.OFFICE if is_applicant else MessageSide.APPLICANT
    unread = Message.objects.filter(case=OuterRef("pk"), side=side, read_at__isnull=True)
    put = CaseLabel.objects.filter(case=OuterRef("pk")).order_by("label__name")
    if is_applicant:
        put = put.none()
    return {
        "unread": Exists(unread),
        "marks": ArraySubquery(put.values(pair=JSONArray("label__name", "label__tone"))),
    }


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
        labels=tuple(ListedLabel(name, tone) for name, tone in row["marks"] or ()), has_unread=row["unread"],
    )  # fmt: skip


def _stops(row: dict[str, Any]) -> list[rules.Stop]:
    """When the clock of a row stood still. From the database as JSON: instants are text."""
    return [
        (datetime.fromisoformat(begin), datetime.fromisoformat(end) if end else None)
        for begin, end in (*row["asked"], *row["paused"])
    ]


def _encode(value: Any, last_id: int) -> str:
    text = value.isoformat() if isinstance(value, datetime) else ""
    return base64.urlsafe_b64encode(json.dumps([text, last_id]).encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[datetime | None, int]:
    try:
        text, last_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return (datetime.fromisoformat(text) if text else None), int(last_id)
    except (ValueError, TypeError) as error:
        raise Invalid("Vị trí trang không hợp lệ, mời mở lại danh sách từ đầu.") from error
