"""The first rows of a shelf are found by streams over indexes; what belongs on it is said once, as a rule over the table.

Here the two are held against each other, over rows and rights thrown together at random.
"""

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.cases import RECEIVED_AT, CaseMaker
from tinhso.apps.cases import queries
from tinhso.apps.cases.enums import CaseStatus
from tinhso.apps.cases.models import NEVER, Absence, Case, WorklistEntry
from tinhso.apps.cases.queries import Shelf, _lists, _search
from tinhso.apps.cases.queries._search import search
from tinhso.apps.cases.queries._shelves import ORDER, Reach, on_shelf, reach_of
from tinhso.apps.cases.queries._streams import count_shelves
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures.enums import StepKind
from tinhso.kernel.actor import Actor, ActorKind, Grant
from tinhso.lib.text import fold

NOW = RECEIVED_AT + timedelta(days=5)
REACH = Reach((), ())
WORKED_ON = {"submitted", "intake_supplement", "received", "processing", "supplement", "financial_duty", "resolved"}
FIELDS = ["Hoạt động xây dựng", "Hộ tịch", "Đất đai"]
RIGHTS = ["view", "receive", "assign", "propose", "appraise", "forward", "approve", "issue", "deliver"]


class Throw:
    """Cases and actors at random, of few units and people so that they meet."""

    def __init__(self, maker: CaseMaker, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - no secret
        self.model = maker.at("appraisal")
        kin = sorted(directory.subtree_ids(maker.place.commune.id, NOW.date()))[:5]
        self.units = [*kin, maker.place.other_commune.id]
        found = (maker.officer(role).account_id for role in ("specialist", "division_head", "leader"))
        self.people = [person for person in found if person]

    def cases(self, number: int) -> None:
        rows = [self._case(place) for place in range(number)]
        Case.objects.bulk_create(rows)

    def _case(self, place: int) -> Case:
        pick = self.chance.choice
        case = Case.objects.get(pk=self.model.pk)
        case.pk, case.code, case.status = None, f"H48.00-260302-{place + 500}", pick(CaseStatus.values)
        case.unit_id, case.intake_unit_id, case.field = pick(self.units), pick(self.units), pick(FIELDS)
        case.desk_unit_ids = [case.intake_unit_id, *self.chance.sample(self.units, self.chance.randint(0, 3))]
        case.desk_unit_ids = list(dict.fromkeys(case.desk_unit_ids))
        at_step = case.status in {"received", "processing", "supplement", "financial_duty"}
        case.step_kind, case.step_unit_id = (pick(list(StepKind)), pick(self.units)) if at_step else ("", None)
        case.assignee_id = pick([None, None, *self.people])
        case.due_at = pick([None, *(RECEIVED_AT + timedelta(days=day) for day in range(9))])
        case.submitted_at = RECEIVED_AT - timedelta(hours=pick(range(4)))
        case.resolved_at = RECEIVED_AT + timedelta(hours=pick(range(4))) if case.status == "resolved" else None
        return case

    def actor(self) -> Actor:
        grants = []
        for _ in range(self.chance.randint(1, 5)):
            units = frozenset(self.chance.sample(self.units, self.chance.randint(0, len(self.units))))
            if self.chance.random() < 0.15:
                units = directory.unit_ids() - units
            fields = frozenset(self.chance.sample(FIELDS, 2)) if self.chance.random() < 0.3 else None
            grants += [Grant(f"case.{right}", units, fields) for right in {"view", *self.chance.sample(RIGHTS, 3)}]
        return Actor(kind=ActorKind.OFFICER, account_id=self.chance.choice(self.people), grants=tuple(grants))


@pytest.fixture
def thrown(maker: CaseMaker) -> Callable[[int], Throw]:
    def throw(seed: int) -> Throw:
        world = Throw(maker, seed)
        world.cases(70)
        away, stands_in = world.people[:2]
        Absence.objects.create(
            account_id=away, substitute_id=stands_in, from_date=NOW.date(), to_date=NOW.date(), reason="", recorded_by="Thử",
            recorded_at=NOW,
        )  # fmt: skip
        return world

    return throw


def _whole(actor: Actor, shelf: Shelf, assignee: str) -> list[int]:
    """The shelf as the rule says it, sorted here."""
    rows = _lists._of_assignee(on_shelf(actor, shelf, NOW, reach_of(actor, NOW)), actor, assignee)
    key = ORDER.get(shelf)
    sort: Callable[[Case], datetime] = lambda case: (getattr(case, key) if key else case.due_at) or NEVER  # noqa: E731
    return [case.pk for case in sorted(set(rows), key=lambda case: (sort(case), case.pk))]


def _paged(actor: Actor, shelf: Shelf, assignee: str, limit: int, *, q: str = "") -> list[int]:
    found: list[int] = []
    cursor: str | None = None
    while True:
        page = queries.worklist(actor=actor, shelf=shelf, now=NOW, assignee=assignee, cursor=cursor, limit=limit, q=q)
        assert page.next or not page.looked, "a search that stopped before the end goes on"
        assert page.looked or len(page.items) == limit or page.next is None, "a page is full, the last, or says why not"
        found += [item.id for item in page.items]
        cursor = page.next
        if cursor is None:
            return found


@pytest.mark.parametrize("seed", range(2))
def test_streams_show_what_the_rule_says_in_its_order(thrown: Callable[[int], Throw], seed: int) -> None:
    world = thrown(seed)
    met = 0
    for _ in range(2):
        actor = world.actor()
        counted = queries.counts(actor=actor, now=NOW)
        for shelf in Shelf:
            whole = _whole(actor, shelf, "")
            assert _paged(actor, shelf, "", world.chance.randint(3, 30)) == whole, (actor, shelf)
            if shelf is not Shelf.ALL:
                assert getattr(counted, shelf.value.replace("-", "_")) == len(whole), (actor, shelf)
            met += len(whole)
        shelf = world.chance.choice([Shelf.MINE, Shelf.ALL, Shelf.LATE, Shelf.DUE_SOON])
        for assignee in ("none", "me", str(world.people[0])):
            assert _paged(actor, shelf, assignee, 11) == _whole(actor, shelf, assignee), (actor, shelf, assignee)
        at_units = Case.objects.filter(step_unit_id__in=actor.unit_ids_for("case.view"), assignee__isnull=False)
        given = set(at_units.exclude(step_kind="").values_list("assignee_id", flat=True))
        assert queries.list_assignees(actor=actor) == sorted(given)
    assert met > 40, "random rights see something"


@pytest.mark.parametrize(("near", "few", "far"), [(1, 0, 3), (2, 4, 1), (3, 0, 1000), (1, 1000, 5)])
def test_a_search_leaves_nothing_out_whichever_way_it_goes(
    thrown: Callable[[int], Throw], monkeypatch: pytest.MonkeyPatch, near: int, few: int, far: int
) -> None:
    world, pick = thrown(near), random.Random(far).choice  # noqa: S311 - no secret
    for case in Case.objects.exclude(pk=world.model.pk):
        name = pick(["nguyen", "nguyen", "tran", "50%_x"])
        case.search_text = f"{str(case.code).lower()} {name} {pick(['an', 'binh'])} 0905{case.pk:06d}"
        case.applicant_personal_id = pick(["051078000279", ""])
        case.save(update_fields=["search_text", "applicant_personal_id"])
    text = dict(Case.objects.values_list("pk", "search_text"))
    person = set(Case.objects.filter(applicant_personal_id="051078000279").values_list("pk", flat=True))
    monkeypatch.setattr(_search, "NEAR", near)
    monkeypatch.setattr(_search, "FEW", few)
    monkeypatch.setattr(_search, "FAR", far)
    met = 0
    for shelf in (Shelf.ALL, Shelf.LATE, Shelf.MINE, pick([Shelf.WAITING, Shelf.TO_DELIVER, Shelf.SUPPLEMENT])):
        actor = world.actor()
        for assignee in ("", "none") if shelf in {Shelf.ALL, Shelf.MINE} else ("",):
            whole = _whole(actor, shelf, assignee)
            for q in ("Nguyễn", "Trần Bình", "50%_x"):
                words = [fold(word) for word in q.split()]
                wanted = [pk for pk in whole if all(word in text[pk] for word in words)]
                limit = world.chance.randint(2, 9)
                assert _paged(actor, shelf, assignee, limit, q=q) == wanted, (actor, shelf, assignee, q)
                met += len(wanted)
            found = _paged(actor, shelf, assignee, 5, q="051078000279 Bình")
            assert found == [pk for pk in whole if pk in person and "binh" in text[pk]]
    assert met > 10, "random rights see something"


def test_a_common_word_costs_no_more_for_what_others_have(maker: CaseMaker) -> None:
    model, other = maker.at("appraisal"), maker.place.other_commune.id
    _multiply(
        model, 1500, unit_id=str(other), intake_unit_id=str(other), step_unit_id=str(other), search_text="'nguyen ' || n",
        desk_unit_ids=f"'{{{other}}}'", due_at=f"'{RECEIVED_AT.isoformat()}'::timestamptz",
    )  # fmt: skip
    leader = maker.officer("leader")
    queries.worklist(actor=leader, shelf=Shelf.LATE, now=NOW, q="nguyen")
    with CaptureQueriesContext(connection) as asked:
        assert queries.worklist(actor=leader, shelf=Shelf.LATE, now=NOW, q="nguyen").items == ()
    blocks = 0
    with connection.cursor() as cursor:
        for one in asked:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {one['sql']}")
            plan = cursor.fetchone()[0][0]["Plan"]
            blocks += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    assert blocks < 60, f"{blocks}: 1,500 late cases of another commune lie in some 200"


def _entries() -> set[tuple[int, int, str, str, datetime]]:
    return set(WorklistEntry.objects.values_list("case_id", "unit_id", "field", "status", "urgency"))


def _expected() -> set[tuple[int, int, str, str, datetime]]:
    return {
        (case.pk, unit_id, case.field, case.status, case.due_at or NEVER)
        for case in Case.objects.all()
        if case.status in WORKED_ON
        for unit_id in {case.unit_id, *case.desk_unit_ids}
        if unit_id is not None
    }


def test_entries_follow_every_write_of_a_case(thrown: Callable[[int], Throw]) -> None:
    world = thrown(1)
    assert _entries() == _expected()
    Case.objects.filter(status="processing").update(due_at=None)
    Case.objects.filter(status="submitted").update(status="withdrawn")
    Case.objects.filter(status="delivered").update(status="processing")
    for case in Case.objects.filter(status="resolved"):
        case.desk_unit_ids, case.field = [*case.desk_unit_ids, world.units[-1] + 1000], "Lĩnh vực mới"
        case.save(update_fields=["desk_unit_ids", "field"])
    moved = Case.objects.filter(status="received")
    moved.update(unit_id=world.units[0])
    Case.objects.filter(status="supplement").delete()
    assert _entries() == _expected()
    Case.objects.exclude(pk=world.model.pk).delete()
    assert {row[0] for row in _entries()} == {world.model.pk}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_menu_stops_counting(thrown: Callable[[int], Throw], monkeypatch: pytest.MonkeyPatch) -> None:
    world = thrown(2)
    actor = Actor(
        kind=ActorKind.OFFICER, account_id=world.people[0],
        grants=tuple(Grant(f"case.{right}", frozenset(world.units)) for right in RIGHTS),
    )  # fmt: skip
    monkeypatch.setattr(_lists, "MOST_COUNTED", 3)
    counted = queries.counts(actor=actor, now=NOW)
    held = [len(_whole(actor, shelf, "")) for shelf in Shelf if shelf is not Shelf.ALL]
    assert max(held) > 3
    told = [getattr(counted, shelf.value.replace("-", "_")) for shelf in Shelf if shelf is not Shelf.ALL]
    assert told == [min(number, 3) for number in held]


def _multiply(case: Case, number: int, **changed: str) -> None:
    """So many copies of a case, some of their columns otherwise (as SQL over `n`)."""
    columns = [str(field.column) for field in Case._meta.concrete_fields if field.column != "id"]
    values = {"code": "'H48.99-260302-' || n", **changed}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cases_case ({', '.join(columns)}) SELECT {', '.join(values.get(one, one) for one in columns)}"  # noqa: S608
            f" FROM cases_case, generate_series(1, {number}) AS n WHERE id = %s",
            [case.pk],
        )
        cursor.execute("ANALYZE cases_case, cases_worklistentry")
        # What a vacuum would tell the planner.
        cursor.execute("UPDATE pg_class SET relallvisible = relpages WHERE relname LIKE 'cases_%%'")


def _counting(actor: Actor, shelf: Shelf) -> tuple[int, str]:
    """The blocks that counting a shelf touches, and how it is done; rows of other tests are passed over the first time."""
    statement = count_shelves(actor, [shelf], NOW, reach_of(actor, NOW), most=500)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        for _ in range(2):
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.text}", statement.values)
        plan = cursor.fetchone()[0][0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], str(plan)


def test_what_waits_at_a_desk_is_not_walked_through_for_what_is_at_work_there(maker: CaseMaker) -> None:
    actor, model = maker.officer("specialist"), maker.at("appraisal")
    Case.objects.filter(pk=model.pk).update(assignee=None)
    _multiply(model, 600, status="'supplement'", assignee_id="NULL")
    blocks, _ = _counting(actor, Shelf.MINE)
    assert blocks < 60, blocks
    assert queries.counts(actor=actor, now=NOW).mine == 1


def test_the_menu_counts_in_indexes_and_looks_up_no_case(maker: CaseMaker) -> None:
    model, place = maker.at("appraisal"), maker.place.commune.id
    own = maker.officer("specialist").account_id
    status = "(ARRAY['submitted', 'processing', 'supplement', 'resolved'])[n %% 4 + 1]"
    _multiply(
        model,
        400,
        status=status,
        intake_unit_id=str(place),
        assignee_id=f"CASE WHEN n > 200 THEN {own} END",
    )
    narrow = frozenset({place, model.step_unit_id or 0})
    for units in (narrow, directory.unit_ids() - {maker.place.other_commune.id}):
        actor = Actor(
            kind=ActorKind.OFFICER, account_id=own,
            grants=tuple(Grant(f"case.{right}", frozenset(units)) for right in RIGHTS),
        )  # fmt: skip
        for shelf in Shelf:
            if shelf is not Shelf.ALL:
                _, plan = _counting(actor, shelf)
                scans = set(re.findall(r"'Node Type': '([^']*Scan)'", plan)) - {"Function Scan", "Subquery Scan"}
                assert scans == {"Index Only Scan"}, (shelf, scans, plan)


def test_a_whole_code_is_looked_up_and_not_searched_for(maker: CaseMaker) -> None:
    model = maker.at("appraisal")
    _multiply(model, 600, search_text="lower('H48.99-260302-' || n) || search_text")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for rows in (
            queries.visible_to(maker.officer("leader")),
            on_shelf(maker.officer("leader"), Shelf.ALL, NOW, REACH),
        ):
            text, values = search(rows, "h48.99-260302-0400").order_by("-id").values("id")[:31].query.sql_with_params()
            cursor.execute(f"EXPLAIN (FORMAT JSON) {text}", values)
            assert "cases_case_code" in str(cursor.fetchone())
