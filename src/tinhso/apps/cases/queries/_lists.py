"""Lists of cases: the worklist, the counter's queue, a citizen's own. By keyset, with fixed numbers of queries."""

import base64
import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import JSONArray

from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import rules
from tinhso.apps.cases.data import TimeBar, WorkCounts
from tinhso.apps.cases.enums import (
    INTAKE_STATUSES,
    OPEN_STATUSES,
    PUBLIC_STATE,
    CaseStatus,
    MessageSide,
    PublicState,
    SupplementStage,
)
from tinhso.apps.cases.models import URGENCY, Case, CaseLabel, Message, Pause, Supplement
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries._visibility import lying_with, visible_to
from tinhso.apps.cases.queries._work import stands_in_for
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures.enums import StepKind
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


class Shelf(StrEnum):
    """The worklist's filters (ngăn hồ sơ)."""

    MINE = "mine"  # at my step, mine to do
    WAITING = "waiting"  # chờ tiếp nhận
    DUE_SOON = "due-soon"  # sắp đến hạn
    LATE = "late"  # quá hạn
    SUPPLEMENT = "supplement"  # chờ bổ sung
    TO_SIGN = "to-sign"  # chờ ký
    TO_DELIVER = "to-deliver"  # chờ trả kết quả
    ALL = "all"


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
    rows = _of_assignee(_shelf(actor, shelf, now), actor, assignee)
    if label is not None:
        rows = rows.filter(labels__label_id=label)
    if q.strip():
        rows = _search(rows, q)
    if shelf is Shelf.WAITING:
        return _page(rows, order="submitted_at", cursor=cursor, limit=limit, now=now, reader=actor)
    if shelf is Shelf.TO_DELIVER:
        return _page(rows, order="resolved_at", cursor=cursor, limit=limit, now=now, reader=actor)
    return _page(
        rows.annotate(urgency=URGENCY), order="urgency", cursor=cursor, limit=limit, now=now,
        reader=actor,
    )  # fmt: skip


def list_assignees(*, actor: Actor) -> list[int]:
    """The officers to whom cases at the actor's units are given now, for the filter; one query."""
    given = Case.objects.filter(_at_units_of(actor), assignee__isnull=False).exclude(step_kind="")
    return list(given.order_by("assignee_id").values_list("assignee_id", flat=True).distinct())


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
    if q.strip():
        rows = _search(rows, q)
    return _page(rows, order="-id", cursor=cursor, limit=limit, now=now, reader=actor)


def my_cases(*, actor: Actor, now: datetime, cursor: str | None = None, limit: int = 20) -> CasePage:
    """A citizen's own cases and drafts, newest first (hồ sơ của tôi)."""
    # The legs of a linked case are shown on the whole.
    return _page(
        visible_to(actor).filter(parent__isnull=True), order="-id", cursor=cursor, limit=limit, now=now, reader=actor
    )


def counts(*, actor: Actor, now: datetime) -> WorkCounts:
    """The numbers of the menu, each at most `MOST_COUNTED`, in one statement that stops there.

    A menu is drawn on every page: it must not walk through a province's work to say how much there is.
    """
    mine = _mine(actor, now)
    shelves = {
        "mine": _shelf(actor, Shelf.MINE, now, mine), "waiting": _shelf(actor, Shelf.WAITING, now),
        "due_soon": _shelf(actor, Shelf.DUE_SOON, now), "late": _shelf(actor, Shelf.LATE, now),
        "supplement": _shelf(actor, Shelf.SUPPLEMENT, now), "to_deliver": _shelf(actor, Shelf.TO_DELIVER, now),
        "to_sign": _shelf(actor, Shelf.TO_SIGN, now, mine),
    }  # fmt: skip
    parts = [
        rows.order_by().annotate(shelf=Value(key)).values_list("shelf", flat=True)[:MOST_COUNTED]
        for key, rows in shelves.items()
    ]
    found = Counter(parts[0].union(*parts[1:], all=True))
    return WorkCounts(**{key: found[key] for key in shelves})


def count_filed() -> int:
    """How many cases have been filed in all; a plain number, for operators."""
    return Case.objects.exclude(status=CaseStatus.DRAFT).count()


def overdue_supplements(now: datetime, *, limit: int = 1000) -> list[int]:
    """Cases whose time for a supplement is up; for the nightly job."""
    rows = Supplement.objects.filter(answered_at__isnull=True, answer_until__lt=now, case__closed_at__isnull=True)
    return list(rows.order_by("answer_until").values_list("case_id", flat=True)[:limit])


def _shelf(actor: Actor, shelf: Shelf, now: datetime, mine: Q | None = None) -> QuerySet[Case]:
    """The cases of one shelf; `mine` is what `_mine` says where the caller has asked it already."""
    if shelf is Shelf.MINE:
        return lying_with(actor).filter(mine or _mine(actor, now))
    if shelf is Shelf.TO_SIGN:
        return lying_with(actor).filter(mine or _mine(actor, now), step_kind=StepKind.APPROVAL)
    rows = visible_to(actor)
    if shelf is Shelf.WAITING:
        return rows.filter(_of_counter(actor), status=CaseStatus.SUBMITTED)
    if shelf is Shelf.DUE_SOON:
        return rows.filter(status__in=OPEN_STATUSES, due_at__gte=now, due_at__lt=now + timedelta(days=2))
    if shelf is Shelf.LATE:
        return rows.filter(status__in=OPEN_STATUSES, due_at__lt=now)
    if shelf is Shelf.SUPPLEMENT:
        return rows.filter(status__in=[CaseStatus.SUPPLEMENT, CaseStatus.INTAKE_SUPPLEMENT])
    if shelf is Shelf.TO_DELIVER:
        return rows.filter(_of_deliverer(actor), status=CaseStatus.RESOLVED)
    return rows.filter(status__in=[*OPEN_STATUSES, *INTAKE_STATUSES, CaseStatus.RESOLVED])


# Which step kinds a permission lets an officer do: the inverse of permissions.STEP_PERMISSION, for SQL.
_KINDS_OF = {
    CasePermission.RECEIVE: (StepKind.RECEPTION,),
    CasePermission.ASSIGN: (StepKind.ASSIGNMENT,),
    CasePermission.PROPOSE: (StepKind.APPRAISAL,),
    CasePermission.APPRAISE: (StepKind.EXAMINATION, StepKind.CONSULTATION),
    CasePermission.FORWARD: (StepKind.REVIEW,),
    CasePermission.APPROVE: (StepKind.SUBMISSION, StepKind.APPROVAL),
    CasePermission.ISSUE: (StepKind.DISPATCH, StepKind.ISSUE),
}


def _mine(actor: Actor, now: datetime) -> Q:
    """At a step this actor may complete, and not given to somebody else who is there."""
    rights = Q(pk__in=[])
    for grant in actor.grants:
        kinds = _KINDS_OF.get(grant.permission)  # type: ignore[call-overload]  # a permission code looked up by its enum
        if kinds is None:
            continue
        right = Q(step_kind__in=kinds, step_unit_id__in=sorted(grant.unit_ids))
        rights |= right if grant.fields is None else right & Q(field__in=sorted(grant.fields))
    own = Q(assignee_id__isnull=True) | Q(assignee_id__in=[actor.account_id, *stands_in_for(actor=actor, at=now)])
    return rights & own & Q(status__in=[CaseStatus.RECEIVED, CaseStatus.PROCESSING])


def _at_units_of(actor: Actor) -> Q:
    return Q(step_unit_id__in=sorted(actor.unit_ids_for(CasePermission.VIEW)))


def _of_assignee(rows: QuerySet[Case], actor: Actor, assignee: str) -> QuerySet[Case]:
    if not assignee:
        return rows
    if assignee == ME:
        return rows.filter(assignee_id=actor.account_id)
    if assignee == NOBODY:
        return rows.filter(_at_units_of(actor), assignee__isnull=True).exclude(step_kind="")
    if not assignee.isdecimal() or len(assignee) > 18:
        raise Invalid("Người xử lý cần lọc không hợp lệ, mời chọn lại.")
    return rows.filter(assignee_id=int(assignee))


def _of_counter(actor: Actor) -> Q:
    return Q(intake_unit_id__in=sorted(actor.unit_ids_for(CasePermission.RECEIVE)))


def _of_deliverer(actor: Actor) -> Q:
    return Q(intake_unit_id__in=sorted(actor.unit_ids_for(CasePermission.DELIVER)))


def _search(rows: QuerySet[Case], q: str) -> QuerySet[Case]:
    for word in q.lower().split()[:6]:
        rows = rows.filter(Q(search_text__contains=word) | Q(search_text__contains=fold(word)))
    return rows


def _page(rows: QuerySet[Any], *, order: str, cursor: str | None, limit: int, now: datetime, reader: Actor) -> CasePage:
    descending = order.startswith("-")
    key = order.lstrip("-")
    if cursor:
        value, last_id = _decode(cursor)
        if key == "id":
            rows = rows.filter(id__lt=last_id) if descending else rows.filter(id__gt=last_id)
        else:
            # The first condition says nothing new: it is where the index is entered.
            rows = rows.filter(
                Q(**{f"{key}__gt": value}) | Q(**{key: value, "id__gt": last_id}), **{f"{key}__gte": value}
            )
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
