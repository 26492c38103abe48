"""Lists of cases: the worklist, the counter's queue, a citizen's own. By keyset, with fixed numbers of queries."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from tinhso.apps.cases.data import WorkCounts
from tinhso.apps.cases.enums import CaseStatus
from tinhso.apps.cases.models import Case, Supplement
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries._rows import CasePage, numbers_in, page_of
from tinhso.apps.cases.queries._search import search, search_shelf
from tinhso.apps.cases.queries._shelves import ORDER, Shelf, at_units_of, on_shelf, reach_of
from tinhso.apps.cases.queries._streams import Place, count_shelves, first_of
from tinhso.apps.cases.queries._visibility import visible_to
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid
from tinhso.kernel.keyset import decode_cursor
from tinhso.lib.text import whole_number

# Beyond this a number of the menu says "500+".
MOST_COUNTED = 500
# Values of the filter by assignee, beside account numbers.
ME, NOBODY = "me", "none"


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
    after = decode_cursor(cursor) if cursor else None
    if not q.strip() and label is None and assignee in {"", NOBODY}:
        first = first_of(actor, shelf, now, reach, after=after, limit=limit + 1, unassigned=assignee == NOBODY)
        return page_of(first, order=order, limit=limit, now=now, reader=actor)
    if label is None and assignee in {"", NOBODY}:
        unassigned = assignee == NOBODY
        return search_shelf(actor, shelf, now, reach, q=q, after=after, limit=limit, unassigned=unassigned)
    rows = _of_assignee(on_shelf(actor, shelf, now, reach), actor, assignee)
    if label is not None:
        rows = rows.filter(labels__label_id=label)
    return _page(search(rows, q), order=order, after=after, limit=limit, now=now, reader=actor)


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
    after = decode_cursor(cursor) if cursor else None
    return _page(search(rows, q), order="-id", after=after, limit=limit, now=now, reader=actor)


def my_cases(*, actor: Actor, now: datetime, cursor: str | None = None, limit: int = 20) -> CasePage:
    """A citizen's own cases and drafts, newest first (hồ sơ của tôi)."""
    # The legs of a linked case are shown on the whole.
    rows = visible_to(actor).filter(parent__isnull=True)
    after = decode_cursor(cursor) if cursor else None
    return _page(rows, order="-id", after=after, limit=limit, now=now, reader=actor)


def counts(*, actor: Actor, now: datetime) -> WorkCounts:
    """The numbers of the menu, each at most `MOST_COUNTED`, in one statement that stops there.

    A menu is drawn on every page: it must not walk through a province's work to say how much there is.
    """
    statement = count_shelves(actor, _COUNTED.values(), now, reach_of(actor, now), most=MOST_COUNTED)
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.values)
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
    account_id = whole_number(assignee)
    if account_id is None:
        raise Invalid("Người xử lý cần lọc không hợp lệ, mời chọn lại.")
    return rows.filter(assignee_id=account_id)


def _page(
    rows: QuerySet[Any], *, order: str, limit: int, now: datetime, reader: Actor, after: Place | None
) -> CasePage:
    numbers = numbers_in(rows, order=order, limit=limit, after=after)
    return page_of(numbers, order=order, limit=limit, now=now, reader=reader)
