"""Registers of results are read from lines that the database keeps; who reads which result is said once, over results.

Here the two are held against each other: the lines after random histories, the pages over random rights.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.state import StateApps
from django.test.utils import CaptureQueriesContext

from tests.factories.behind import without_triggers
from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.reorganisations import merge
from tests.factories.world import officer
from tinhso.apps.accounts.queries import get_actor
from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.models import BookLine, Case, Result
from tinhso.apps.cases.queries import BookFilter, _book_lines
from tinhso.apps.cases.queries._visibility import visible_results
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.models import BookEntry, NumberBook
from tinhso.kernel.actor import Actor, ActorKind, Grant
from tinhso.kernel.errors import Invalid
from tinhso.lib.text import fold

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 20)
FIELDS = ["Hoạt động xây dựng", "Hộ tịch", "Đất đai"]
BOOKS = ["GPXD", "TLKS", "QĐ"]
NAMES = ["nguyen van an", "nguyen thi binh", "tran 50%_x", "le van chin"]
WHOLE = {"start": date(2026, 1, 1), "end": date(2026, 12, 31)}


class Throw:
    """Signed results and readers at random, of few units so that they meet."""

    def __init__(self, maker: CaseMaker, seed: int, number: int = 40) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - no secret
        self.model = maker.at("delivered").results.get()
        kin = sorted(directory.subtree_ids(maker.place.commune.id, ON))[:3]
        self.units = [*kin, maker.place.other_commune.id]
        self.top = maker.place.province.id
        books = [NumberBook.objects.create(unit_id=u, book=b, year=2026, latest=0) for u in self.units for b in BOOKS]
        made = [self._case(place) for place in range(number)]
        for place, case in enumerate(Case.objects.bulk_create(made)):
            self._result(case, place, self.chance.choice(books))

    def _case(self, place: int) -> Case:
        case = Case.objects.get(pk=self.model.case_id)
        case.pk, case.code = None, f"H48.00-260302-{place + 5000}"
        return self.change(case)

    def change(self, case: Case) -> Case:
        """Another unit, other desks, another field, another name."""
        pick = self.chance.choice
        case.unit_id, case.intake_unit_id, case.field = pick(self.units), pick(self.units), pick(FIELDS)
        case.desk_unit_ids = self.chance.sample(self.units, self.chance.randint(0, 2))
        case.search_text = f"{case.code} {pick(NAMES)} {place_of(case)}".lower()
        return case

    def _result(self, case: Case, place: int, book: NumberBook) -> Result:
        result = Result.objects.get(pk=self.model.pk)
        result.pk, result.case, result.check_code = None, case, f"throw-{place}"
        result.number = f"{place + 1:02d}/{book.book}-UBND"
        result.book_entry = BookEntry.objects.create(
            book=book, number=place + 1, status="issued", subject=f"case:{case.pk}", reserved_at=RECEIVED_AT,
            settled_at=RECEIVED_AT,
        )  # fmt: skip
        # Several in one moment, as a batch is signed.
        result.signed_at = RECEIVED_AT + timedelta(days=self.chance.randrange(4))
        result.save()
        return result

    def reader(self) -> Actor:
        """Rights to registers and to see cases, which need not go together."""
        grants = []
        for _ in range(self.chance.randint(1, 3)):
            units = frozenset(self.chance.sample(self.units, self.chance.randint(1, len(self.units))))
            if self.chance.random() < 0.25:
                units = directory.unit_ids() - self.chance.choice([units, frozenset()])
            fields = frozenset(self.chance.sample(FIELDS, 2)) if self.chance.random() < 0.4 else None
            rights = self.chance.choice(
                [["view", "view_register"], ["view", "view_register"], ["view"], ["view_register"]]
            )
            grants += [Grant(f"case.{right}", units, fields) for right in rights]
        return Actor(kind=ActorKind.OFFICER, account_id=1, grants=tuple(grants))


def place_of(case: Case) -> str:
    return "kon tum" if (case.code or "").endswith(("1", "3", "5")) else "cam thanh"


def _expected_lines() -> dict[int, tuple[Any, ...]]:
    """Every line as it must be, from results and cases."""
    rows = Result.objects.filter(signed_at__isnull=False).select_related("case", "book_entry__book")
    found = {}
    for one in rows:
        book, number = one.book_entry.book if one.book_entry else None, fold(one.number)
        other = book.unit_id if book and book.unit_id != one.case.unit_id else None
        found[one.pk] = (
            one.signed_at, one.case.unit_id, other, book.book if book else "", one.case.field, number,
            {one.case.unit_id, *one.case.desk_unit_ids}, f"{number} {one.case.search_text}",
        )  # fmt: skip
    return found


def _lines() -> dict[int, tuple[Any, ...]]:
    return {
        line.pk: (
            line.signed_at, line.unit_id, line.book_unit_id, line.book, line.field, line.number,
            set(line.seen_unit_ids), line.search_text,
        )
        for line in BookLine.objects.all()
    }  # fmt: skip


def _rule(actor: Actor, wanted: BookFilter) -> list[int]:
    """The register as the rule says it, sorted here."""
    units = directory.with_heritage(directory.subtree_ids(wanted.unit_id, ON) & queries.register_units(actor), ON)
    found = []
    for result in visible_results(actor, ON).select_related("case", "book_entry__book"):
        assert result.signed_at is not None
        book = result.book_entry.book if result.book_entry else None
        text = f"{fold(result.number)} {result.case.search_text}"
        if (
            {result.case.unit_id, book.unit_id if book else None} & units
            and wanted.start <= result.signed_at.date() <= wanted.end
            and (not wanted.book or (book is not None and book.book == wanted.book))
            and all(fold(word) in text for word in wanted.words.split())
        ):
            found.append(result)
    return [one.pk for one in sorted(found, key=lambda one: (one.signed_at, one.pk), reverse=True)]


def _paged(actor: Actor, wanted: BookFilter, limit: int) -> list[int]:
    found: list[int] = []
    cursor = ""
    while True:
        page = queries.book_page(actor=actor, wanted=wanted, on=ON, cursor=cursor, limit=limit)
        assert page.next or not page.looked, "a search that stopped before the end goes on"
        assert page.looked or len(page.rows) == limit or not page.next, "a page is full, the last, or says why not"
        found += [row.result_id for row in page.rows]
        cursor = page.next
        if not cursor:
            return found


@pytest.mark.parametrize("seed", range(3))
def test_pages_show_what_the_rule_says_in_its_order(maker: CaseMaker, seed: int) -> None:
    world, met = Throw(maker, seed), 0
    for _ in range(6):
        actor = world.reader()
        for unit_id in {world.top, world.chance.choice(world.units)}:
            wanted = BookFilter(unit_id=unit_id, **WHOLE)
            whole = _rule(actor, wanted)
            assert _paged(actor, wanted, world.chance.randint(1, 9)) == whole, actor
            rows = [row.result_id for row in queries.iterate_book(actor=actor, wanted=wanted, on=ON)]
            assert rows == whole
            day = date(2026, 3, 2) + timedelta(days=world.chance.randrange(3))
            part = replace(wanted, start=day, end=day, book=world.chance.choice(["", *BOOKS]))
            assert _paged(actor, part, 2) == _rule(actor, part), actor
            told = set(queries.books_of(actor=actor, unit_id=unit_id, on=ON))
            assert {BookLine.objects.get(pk=pk).book for pk in whole} <= told
            met += len(whole)
    assert met > 30, "random rights see something"


@pytest.mark.parametrize(("near", "few", "far"), [(1, 0, 3), (2, 5, 1), (3, 0, 1000), (1, 1000, 5)])
def test_a_search_leaves_nothing_out_whichever_way_it_goes(
    maker: CaseMaker, monkeypatch: pytest.MonkeyPatch, near: int, few: int, far: int
) -> None:
    world, met = Throw(maker, near + few), 0
    for name, value in {"NEAR": near, "FURTHER": 1, "FEW": few, "FAR": far, "RARE": 2}.items():
        monkeypatch.setattr(_book_lines, name, value)
    for words in ("nguyen", "Nguyễn Bình", "50%_x", "07/gpxd", "TUM an", "khongco", "H48.00-260302-5007", "05/QĐ-UBND"):
        actor = world.reader()
        wanted = BookFilter(unit_id=world.chance.choice([world.top, *world.units]), words=words, **WHOLE)
        rule = _rule(actor, wanted)
        assert _paged(actor, wanted, world.chance.randint(1, 7)) == rule, (actor, words)
        met += len(rule)
    assert met > 3, "random rights see something"


def test_a_whole_number_and_a_whole_code_are_looked_up(maker: CaseMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    world = Throw(maker, 1)
    everything = frozenset({world.top}) | directory.subtree_ids(world.top, ON)
    actor = Actor(
        kind=ActorKind.OFFICER,
        account_id=1,
        grants=tuple(Grant(f"case.{r}", everything) for r in ("view", "view_register")),
    )
    result = Result.objects.get(check_code="throw-11")
    monkeypatch.setattr(_book_lines, "_look", None)  # no line is looked at
    for words in (result.number, f"{result.number.lower()} {result.case.code}", result.case.code or ""):
        wanted = BookFilter(unit_id=world.top, words=words, **WHOLE)
        assert [row.number for row in queries.book_page(actor=actor, wanted=wanted, on=ON).rows] == [result.number]


@pytest.mark.parametrize("seed", range(3))
def test_lines_follow_every_write(maker: CaseMaker, seed: int) -> None:
    world = Throw(maker, seed, 14)
    assert _lines() == _expected_lines()
    pick, numbers = (
        world.chance.choice,
        list(Case.objects.filter(code__startswith="H48.00").values_list("pk", flat=True)),
    )
    entries = list(BookEntry.objects.filter(book__book__in=BOOKS).order_by("pk"))

    def any_result() -> Any:
        return Result.objects.filter(case_id=pick(numbers))

    acts: list[Callable[[], object]] = [
        lambda: world.change(Case.objects.get(pk=pick(numbers))).save(),
        lambda: Case.objects.filter(pk__in=numbers[:4]).update(unit_id=pick(world.units)),
        lambda: Case.objects.bulk_update(
            [world.change(one) for one in Case.objects.filter(pk__in=numbers[3:7])], ["unit", "desk_unit_ids"]
        ),
        lambda: Case.objects.filter(pk=pick(numbers)).update(field=pick(FIELDS)),
        lambda: any_result().update(signed_at=None, status="cancelled"),
        lambda: any_result().update(signed_at=RECEIVED_AT, status="revoked"),
        lambda: any_result().update(book_entry=pick(entries), number=f"{pick(range(99)):02d}/ĐỔI-SỐ"),
        lambda: any_result().update(status="replaced", ended_at=RECEIVED_AT),
        lambda: any_result().delete(),
    ]
    for _ in range(25):
        pick(acts)()
        assert _lines() == _expected_lines()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_lines_follow_the_acts_that_make_correct_revoke_and_hand_over(maker: CaseMaker) -> None:
    case = maker.at("resolved")
    first = case.results.get()
    assert set(_lines()) == {first.pk}
    leader, at = maker.officer("leader"), RECEIVED_AT + timedelta(hours=9)
    actions.correct_result(case_id=case.pk, reason="Sai năm sinh", text="", fields={}, actor=leader, at=at)
    second = actions.approve_correction(case_id=case.pk, actor=leader, at=at)
    assert set(_lines()) == {first.pk}, "not signed yet"
    maker.sign(second, at=at + timedelta(hours=1))
    assert _lines() == _expected_lines()
    assert set(_lines()) == {first.pk, second.pk}
    actions.revoke_result(
        case_id=case.pk, reason="Cấp sai", decision="Quyết định 15/QĐ-UBND", actor=leader, at=at + timedelta(hours=2)
    )
    assert _lines() == _expected_lines()


def test_the_heir_has_the_register_of_a_unit_that_is_no_more(maker: CaseMaker) -> None:
    old, new = maker.place.commune, maker.place.other_commune
    delivered, waiting = maker.at("delivered").results.get(), maker.at("resolved").results.get()
    far = maker.place.officer("clerk", new)
    wanted = BookFilter(unit_id=new.id, **WHOLE)
    at = RECEIVED_AT + timedelta(days=2)

    def seen(actor: Actor) -> set[int]:
        return {row.result_id for row in queries.book_page(actor=actor, wanted=wanted, on=at.date()).rows}

    assert seen(far) == set(), "a stranger sees none"
    assert {row.result_id for row in queries.book_page(
        actor=maker.officer("clerk"), wanted=replace(wanted, unit_id=old.id), on=RECEIVED_AT.date()
    ).rows} == {delivered.pk, waiting.pk}  # fmt: skip
    merge(old, new, on=date(2026, 3, 3))
    heir = get_actor(far.account_id or 0, at=at)
    assert seen(heir) == {delivered.pk, waiting.pk}, "who took all of it over keeps its book"
    assert queries.book_entry(actor=heir, result_id=delivered.pk, on=at.date()).keeper == new.agency_name
    assert queries.books_of(actor=heir, unit_id=new.id, on=at.date()) == queries.books_of(
        actor=maker.officer("clerk"), unit_id=old.id, on=RECEIVED_AT.date()
    )
    province = maker.place.province
    work = actions.propose_reorganisation(
        from_unit_id=old.id, to_unit_id=new.id, reason="Sắp xếp.", basis="12/NQ", at=at,
        actor=officer("unit_admin", province),
    )  # fmt: skip
    actions.decide_reorganisation(
        reorganisation_id=work.pk, approve=True, actor=officer("catalogue_admin", province), at=at
    )
    flows.hand_over_cases(reorganisation_id=work.pk, at=at)
    assert Case.objects.get(pk=waiting.case_id).unit_id == new.id
    assert _lines() == _expected_lines()
    assert seen(heir) == {delivered.pk, waiting.pk}


def test_who_took_over_a_part_only_has_no_register_of_it(maker: CaseMaker) -> None:
    maker.at("delivered")
    new, at = maker.place.other_commune, RECEIVED_AT + timedelta(days=2)
    merge(maker.place.commune, new, on=date(2026, 3, 3), extent="partial")
    actor = get_actor(maker.place.officer("clerk", new).account_id or 0, at=at)
    assert queries.book_page(actor=actor, wanted=BookFilter(unit_id=new.id, **WHOLE), on=at.date()).rows == ()


def test_lines_of_what_was_signed_before_are_made_in_batches(maker: CaseMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    Throw(maker, 5, 12)
    before = import_module("tinhso.apps.cases.migrations.0018_lines_of_results_signed_before")
    monkeypatch.setattr(before, "_BATCH", 5)
    kept = BookLine.objects.order_by("pk")[3].pk
    with without_triggers() as cursor:
        cursor.execute("DELETE FROM cases_bookline WHERE result_id <> %s", [kept])
        cursor.execute("UPDATE cases_bookline SET book = 'đã ghi'")
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked, connection.schema_editor(atomic=False) as editor:
            before.fill(StateApps([], {}), editor)
    assert len(asked) < 4, "the second time there is nothing to do"
    lines, expected = _lines(), _expected_lines()
    assert lines.pop(kept)[3] == "đã ghi", "what a trigger has written is left"
    expected.pop(kept)
    assert lines == expected


def _multiply(model: Result, number: int, *, unit_id: int) -> None:
    """So many results of another unit, and their lines, as if signed after the model's."""
    columns = [str(field.column) for field in BookLine._meta.concrete_fields]
    changed = {
        "result_id": "1000000 + n", "unit_id": str(unit_id), "seen_unit_ids": f"'{{{unit_id}}}'", "number": "'x' || n",
        "book": "CASE WHEN mod(n, 1000) = 0 THEN 'GPXD' ELSE 'TLKS' END",
        "signed_at": "signed_at + n * interval '1 minute'", "search_text": "'nguyen ' || n || repeat(' dong', 40)",
    }  # fmt: skip
    with without_triggers() as cursor:
        cursor.execute(
            f"INSERT INTO cases_bookline ({', '.join(columns)}) SELECT {', '.join(changed.get(c, c) for c in columns)}"  # noqa: S608
            f" FROM cases_bookline, generate_series(1, {number}) AS n WHERE result_id = %s",
            [model.pk],
        )
        cursor.execute("ANALYZE cases_bookline")


def _blocks(ask: Callable[[], object]) -> int:
    """What the statements about lines touch, the second time."""
    ask()
    with CaptureQueriesContext(connection) as asked:
        ask()
    found = 0
    with connection.cursor() as cursor:
        statements = [one["sql"] for one in asked if "cases_bookline" in one["sql"]]
        for statement in statements:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}")
            plan = cursor.fetchone()[0][0]["Plan"]
            found += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    assert statements
    return found


def test_a_register_costs_no_more_for_what_others_have_signed(maker: CaseMaker) -> None:
    result, clerk, unit = maker.at("delivered").results.get(), maker.officer("clerk"), maker.place.commune.id
    _multiply(result, 3000, unit_id=maker.place.other_commune.id)
    line = BookLine.objects.get(pk=result.pk)
    wholes = BookFilter(unit_id=unit, **WHOLE)
    asked = {
        "the first page": wholes,
        "a book": replace(wholes, book=line.book),
        "a day": replace(wholes, start=date(2026, 3, 2), end=date(2026, 3, 2)),
        "a name": replace(wholes, words="Nguyễn"),
        "a number": replace(wholes, words=result.number),
        "nobody": replace(wholes, words="khongco"),
    }
    for what, wanted in asked.items():
        blocks = _blocks(lambda wanted=wanted: queries.book_page(actor=clerk, wanted=wanted, on=ON))
        assert blocks < 80, f"{what}: {blocks}; 3,000 lines of another commune lie in more than 200"
    assert _blocks(lambda: queries.books_of(actor=clerk, unit_id=unit, on=ON)) < 80
    theirs = _register(maker.place.other_commune.id)
    page = _book_lines.find(theirs, after=None, limit=50)
    assert len(page.results) == 50
    asked_there = {
        "the next page": (theirs, page.next),
        "a book with few": (replace(theirs, book="GPXD"), None),
        "one name of thousands": (replace(theirs, words=("2345",)), None),
    }
    for what, (register, after) in asked_there.items():
        blocks = _blocks(lambda register=register, after=after: _book_lines.find(register, after=after, limit=50))
        assert blocks < 130, f"{what}: {blocks}"


def _register(unit_id: int) -> _book_lines.Register:
    units = directory.subtree_ids(unit_id, ON)
    return _book_lines.Register(
        units=units, sight={None: units}, since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2027, 1, 1, tzinfo=UTC)
    )


def test_a_page_asks_as_much_however_long_it_is(maker: CaseMaker) -> None:
    world = Throw(maker, 3, 30)
    everything = directory.subtree_ids(world.top, ON)
    actor = Actor(
        kind=ActorKind.OFFICER,
        account_id=1,
        grants=tuple(Grant(f"case.{r}", everything) for r in ("view", "view_register")),
    )
    wanted = BookFilter(unit_id=world.top, **WHOLE)
    counted = []
    for limit in (3, 25):
        queries.book_page(actor=actor, wanted=wanted, on=ON, limit=limit)
        with CaptureQueriesContext(connection) as asked:
            assert len(queries.book_page(actor=actor, wanted=wanted, on=ON, limit=limit).rows) == limit
        counted.append(sum("directory_" not in one["sql"] for one in asked))
    assert counted[0] == counted[1] <= 4, counted


def test_a_cursor_of_somebody_else_is_refused(maker: CaseMaker) -> None:
    wanted = BookFilter(unit_id=maker.place.commune.id, **WHOLE)
    with pytest.raises(Invalid):
        queries.book_page(actor=maker.officer("clerk"), wanted=wanted, on=ON, cursor="17")
