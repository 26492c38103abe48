"""Ratings of a period are read from sums that the database keeps; who sees which case is said once, over cases.

Here the two are held against each other: the sums after random histories, the page over random rights.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.state import StateApps
from django.test.utils import CaptureQueriesContext

from tests.factories.behind import without_triggers
from tests.factories.cases import RECEIVED_AT, CaseMaker
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.enums import Satisfaction, ServiceFault
from tinhso.apps.cases.models import Case, Rating, RatingSum
from tinhso.apps.cases.queries import _ratings
from tinhso.apps.cases.queries._visibility import register_units, visible_to
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.clock import PROVINCE_TIME

pytestmark = pytest.mark.django_db
FIELDS = ["Hoạt động xây dựng", "Hộ tịch", "Đất đai", ""]
YEAR = {"start": date(2026, 1, 1), "end": date(2026, 12, 31)}
COLUMNS = [*Satisfaction.values, *(f"fault_{value}" for value in ServiceFault.values)]
# Just before and after midnight in the province, and in the middle of its day.
TIMES = [datetime(2026, 3, 1, 16, 59, 59, tzinfo=UTC), datetime(2026, 3, 1, 17, 0, tzinfo=UTC), RECEIVED_AT]
Sums = dict[tuple[int, str | None, date], Counter[str]]


class Throw:
    """Rated cases and readers at random, of few units so that they meet."""

    def __init__(self, maker: CaseMaker, seed: int, number: int = 40) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - no secret
        self.model = maker.at("delivered")
        kin = sorted(directory.subtree_ids(maker.place.commune.id, RECEIVED_AT.date()))[:3]
        self.units = [*kin, maker.place.other_commune.id]
        self.cases = Case.objects.bulk_create([self.case(place) for place in range(number)])
        Rating.objects.bulk_create([self.rating(case) for case in self.cases[: number * 3 // 4]])

    def case(self, place: int) -> Case:
        case = Case.objects.get(pk=self.model.pk)
        case.pk, case.code = None, f"H48.00-260302-{place + 5000}"
        return self.change(case)

    def change(self, case: Case) -> Case:
        case.unit_id, case.field = self.chance.choice(self.units), self.chance.choice(FIELDS)
        case.desk_unit_ids = self.chance.sample(self.units, self.chance.randint(0, 2))
        return case

    def rating(self, case: Case) -> Rating:
        faults = self.chance.sample(ServiceFault.values, self.chance.randint(0, 2))
        at = self.chance.choice(TIMES) + timedelta(days=self.chance.randrange(3))
        return Rating(case=case, satisfaction=self.chance.choice(Satisfaction.values), faults=faults, rated_at=at)

    def reader(self) -> Actor:
        """Rights to registers and to see cases, of one kind or of several, which need not go together."""
        grants, same = [], self.chance.random() < 0.5
        fields = self._fields()
        for _ in range(self.chance.randint(1, 3)):
            units = frozenset(self.chance.sample(self.units, self.chance.randint(1, len(self.units))))
            if self.chance.random() < 0.25:
                units = directory.unit_ids() - self.chance.choice([units, frozenset()])
            rights = self.chance.choice(
                [["view", "view_register"], ["view", "view_register"], ["view"], ["view_register"]]
            )
            held = fields if same else self._fields()
            grants += [Grant(f"case.{right}", units, held) for right in rights]
        kind = self.chance.choice([ActorKind.OFFICER, ActorKind.OFFICER, ActorKind.MACHINE])
        return Actor(kind=kind, account_id=1, grants=tuple(grants))

    def _fields(self) -> frozenset[str] | None:
        return frozenset(self.chance.sample(FIELDS, 2)) if self.chance.random() < 0.5 else None


def _day(at: datetime) -> date:
    return at.astimezone(PROVINCE_TIME).date()


def _expected() -> Sums:
    """Every sum as it must be, from ratings and cases."""
    found: Sums = {}
    for one in Rating.objects.select_related("case"):
        assert one.case.unit_id is not None
        for field in (None, one.case.field):
            counted = found.setdefault((one.case.unit_id, field, _day(one.rated_at)), Counter())
            counted.update([one.satisfaction, *(f"fault_{fault}" for fault in one.faults)])
    return found


def _sums() -> Sums:
    """As the database keeps them; what has become nothing is left there as zeros."""
    found = {
        (one.unit_id, one.field, one.day): Counter({name: getattr(one, name) for name in COLUMNS})
        for one in RatingSum.objects.all()
    }
    assert all(count >= 0 for counted in found.values() for count in counted.values())
    return {place: +counted for place, counted in found.items() if counted.total()}


def _rule(actor: Actor, start: date, end: date) -> dict[int, tuple[int, ...]]:
    """The page as the rule says it, counted here."""
    cases = visible_to(actor).filter(unit_id__in=register_units(actor))
    found: dict[int, Counter[str]] = {}
    for one in Rating.objects.select_related("case").filter(case__in=cases):
        if start <= _day(one.rated_at) <= end and one.case.unit_id is not None:
            counted = found.setdefault(one.case.unit_id, Counter())
            counted.update([one.satisfaction, *(f"fault_{fault}" for fault in one.faults)])
    return {unit: tuple(counted[name] for name in COLUMNS) for unit, counted in found.items()}


def _shown(actor: Actor, start: date, end: date) -> dict[int, tuple[int, ...]]:
    found = {}
    for one in queries.ratings_by_unit(actor=actor, start=start, end=end):
        faults = dict(one.faults)
        found[one.unit_id] = (
            one.very_satisfied, one.satisfied, one.dissatisfied,
            *(faults.get(str(fault.label), 0) for fault in ServiceFault),
        )  # fmt: skip
    return found


def test_there_is_a_sum_for_each_level_and_fault() -> None:
    columns = {field.name for field in RatingSum._meta.concrete_fields} - {"id", "unit_id", "field", "day"}
    assert columns == set(COLUMNS)
    for name in ("0019_sums_of_ratings", "0020_ratings_given_before"):
        assert set(import_module(f"tinhso.apps.cases.migrations.{name}")._COLUMNS) == columns


@pytest.mark.parametrize("seed", range(4))
def test_the_page_shows_what_the_rule_says(maker: CaseMaker, seed: int) -> None:
    world, met = Throw(maker, seed), Counter[str]()
    for _ in range(30):
        actor = world.reader()
        first = date(2026, 3, 1) + timedelta(days=world.chance.randrange(3))
        for start, end in ((YEAR["start"], YEAR["end"]), (first, first), (first, first + timedelta(days=1))):
            expected = _rule(actor, start, end)
            assert _shown(actor, start, end) == expected, actor
            told = _ratings._told_by_sums(actor)
            met["by sums of units"] += len(expected.keys() & told.units) if told.fields is None else 0
            met["by sums of fields"] += len(expected.keys() & told.units) if told.fields is not None else 0
            met["counted anew"] += len(expected.keys() & told.others)
    assert min(met[way] for way in ("by sums of units", "by sums of fields", "counted anew")) > 5, met


def test_whose_rights_are_of_one_kind_is_told_by_sums_alone(maker: CaseMaker) -> None:
    maker.at("delivered")
    for role in ("leader", "auditor", "clerk", "one_stop_officer", "division_head"):
        told = _ratings._told_by_sums(maker.officer(role))
        assert told.units, role
        assert not told.others, role
    for actor in (SYSTEM, maker.person):
        assert queries.ratings_by_unit(actor=actor, **YEAR) == []


@pytest.mark.parametrize("seed", range(3))
def test_sums_follow_every_write(maker: CaseMaker, seed: int) -> None:
    world = Throw(maker, seed, 16)
    assert _sums() == _expected() != {}
    pick, numbers = world.chance.choice, [case.pk for case in world.cases]

    def rated() -> Any:
        return Rating.objects.filter(case_id__in=world.chance.sample(numbers, 3))

    def rate() -> object:
        unrated = Case.objects.filter(pk__in=numbers, rating__isnull=True)[:2]
        return Rating.objects.bulk_create([world.rating(case) for case in unrated])

    acts: list[Callable[[], object]] = [
        rate,
        lambda: world.change(Case.objects.get(pk=pick(numbers))).save(),
        lambda: Case.objects.filter(pk__in=numbers[:6]).update(unit_id=pick(world.units)),
        lambda: Case.objects.filter(pk__in=numbers[4:9]).update(field=pick(FIELDS)),
        lambda: Case.objects.filter(pk=pick(numbers)).update(search_text="khác"),
        lambda: rated().update(satisfaction=pick(Satisfaction.values)),
        lambda: rated().update(faults=["time"], rated_at=pick(TIMES)),
        lambda: rated().delete(),
        lambda: Rating.objects.none().delete(),
    ]
    for _ in range(25):
        pick(acts)()
        assert _sums() == _expected()
    Case.objects.filter(pk__in=numbers[:3]).delete()
    assert _sums() == _expected()
    with connection.cursor() as cursor:  # the case before its rating; the reference is looked at when all is done
        cursor.execute("DELETE FROM cases_case WHERE id = ANY(%s)", [numbers[3:8]])
        cursor.execute("DELETE FROM cases_rating WHERE case_id = ANY(%s)", [numbers[3:8]])
    assert _sums() == _expected()


def test_an_act_of_rating_is_in_the_sum_at_once(maker: CaseMaker) -> None:
    case = maker.at("delivered")
    actions.rate_service(
        case_id=case.pk, satisfaction="dissatisfied", faults=["time"], comment="", actor=maker.person, at=TIMES[0]
    )
    assert _sums() == {
        (case.unit_id, field, date(2026, 3, 1)): Counter(dissatisfied=1, fault_time=1) for field in (None, case.field)
    }


def test_everybody_is_told_the_share_of_this_month(maker: CaseMaker) -> None:
    march = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
    assert queries.public_figures(now=march).satisfied is None
    said = [
        (datetime(2026, 2, 28, 16, 59, tzinfo=UTC), "dissatisfied"),
        (datetime(2026, 2, 28, 17, 0, tzinfo=UTC), "satisfied"),
    ]
    said += [
        (RECEIVED_AT, "very_satisfied"),
        (march, "dissatisfied"),
        (datetime(2026, 3, 31, 17, 0, tzinfo=UTC), "satisfied"),
    ]
    for at, satisfaction in said:
        Rating.objects.create(case=maker.at("delivered"), satisfaction=satisfaction, rated_at=at)
    assert queries.public_figures(now=march).satisfied == pytest.approx(2 / 3), "from the first of the month, here"
    assert queries.public_figures(now=datetime(2026, 4, 1, 2, 0, tzinfo=UTC)).satisfied == 1.0


def test_ratings_given_before_are_added_up_and_again(maker: CaseMaker) -> None:
    Throw(maker, 5)
    before = import_module("tinhso.apps.cases.migrations.0020_ratings_given_before")
    with without_triggers() as cursor:
        cursor.execute("DELETE FROM cases_ratingsum WHERE mod(id, 2) = 0")
        cursor.execute("UPDATE cases_ratingsum SET satisfied = -1")
    for _ in range(2):
        with connection.schema_editor(atomic=False) as editor:
            before.fill(StateApps([], {}), editor)
        assert _sums() == _expected()
        assert RatingSum.objects.count() == len(_expected())


def _multiply(model: Case, number: int, *, unit_id: int) -> None:
    """So many cases of a unit, each rated once, within a month."""
    columns = [str(field.column) for field in Case._meta.concrete_fields if field.column not in {"id", "search_vector"}]
    changed = {"code": "gen_random_uuid()::text", "unit_id": "%s", "desk_unit_ids": "ARRAY[%s]::bigint[]"}
    chosen = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cases_case ({', '.join(columns)}) SELECT {chosen} FROM cases_case, generate_series(1, {number})"  # noqa: S608
            " AS n WHERE id = %s RETURNING id",
            [unit_id, unit_id, model.pk],
        )
        numbers = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "INSERT INTO cases_rating (case_id, satisfaction, faults, comment, rated_at)"
            " SELECT id, 'satisfied', '{}', '', %s + mod(id, 28) * interval '1 day' FROM unnest(%s) AS id",
            [RECEIVED_AT, numbers],
        )
        cursor.execute("ANALYZE cases_case, cases_rating, cases_ratingsum")


def _blocks(ask: Callable[[], object]) -> int:
    """What the statements about ratings touch, the second time."""
    ask()
    with CaptureQueriesContext(connection) as asked:
        ask()
    statements = [one["sql"] for one in asked if "cases_" in one["sql"]]
    assert len(statements) == 1, "sums are read by one statement"
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statements[0]}")
        plan = cursor.fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def test_the_page_costs_no_more_for_what_has_been_rated(maker: CaseMaker) -> None:
    case = maker.at("delivered")
    own, other = maker.place.commune.id, maker.place.other_commune.id
    readers = {role: maker.officer(role) for role in ("clerk", "leader")}
    counted = {}
    for number in (300, 3000):
        _multiply(case, number, unit_id=own)
        _multiply(case, number, unit_id=other)
        for role, who in readers.items():
            counted[role, number] = _blocks(lambda who=who: _shown(who, **YEAR))
            assert _shown(who, **YEAR) == _rule(who, **YEAR) != {}
            anew = _blocks(lambda who=who: list(_ratings._counted(who, frozenset({own, other}), **YEAR)))
            assert number < 3000 or anew > 300, "what the sums save is there to be saved"
    # Two blocks for each of 28 days at the most: one of the index, one of the sum.
    assert max(counted.values()) <= 80, counted


def test_who_is_counted_anew_asks_once_more(maker: CaseMaker) -> None:
    case = maker.at("delivered")
    unit, other = maker.place.commune.id, maker.place.other_commune.id
    grants = (
        Grant("case.view", frozenset({unit})), Grant("case.view_register", frozenset({unit, other})),
    )  # fmt: skip
    _multiply(case, 20, unit_id=unit)
    actor = Actor(kind=ActorKind.OFFICER, account_id=1, grants=grants)
    with CaptureQueriesContext(connection) as asked:
        assert _shown(actor, **YEAR) == _rule(actor, **YEAR) != {}
    told = [one["sql"] for one in asked if "cases_" in one["sql"]][:2]
    assert ["cases_ratingsum" in one for one in told] == [True, False]
