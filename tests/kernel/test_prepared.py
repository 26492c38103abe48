"""Queries composed once: they give what the ORM gives, and refuse what they cannot fill in."""

from contextlib import nullcontext
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat

from tests.factories.cases import CaseMaker
from tests.factories.world import world
from tinhso.apps.cases.models import Case, Note
from tinhso.apps.directory.models import Unit, UnitCode, UnitName
from tinhso.kernel.prepared import Prepared, PreparedMisuse, update

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)

_BY_KEY = Prepared(lambda pk: Unit.objects.filter(pk=pk), pk=int)
_JOINED = Prepared(lambda pk: UnitName.objects.filter(unit_id=pk).select_related("unit").order_by("pk"), pk=int)
_PAIRS = Prepared(
    lambda scheme: UnitCode.objects.filter(scheme=scheme).order_by("pk").values_list("pk", "code"), scheme=str
)
_FLAT = Prepared(lambda pk: Unit.objects.filter(pk=pk, level="commune").values_list("code", flat=True), pk=int)
_LOCKED = Prepared(lambda pk: Unit.objects.select_for_update(of=("self",)).filter(pk=pk), pk=int)


def test_the_same_objects_as_the_orm_gives() -> None:
    unit = Unit.objects.get(pk=world().commune.id)
    for _ in range(2):  # composed, then filled in
        found = _BY_KEY.first(pk=unit.pk)
        assert found is not None
        assert found == unit
        assert {name: getattr(found, name) for name in (field.attname for field in Unit._meta.concrete_fields)} == {
            name: getattr(unit, name) for name in (field.attname for field in Unit._meta.concrete_fields)
        }
        assert not found._state.adding
    assert _BY_KEY.first(pk=0) is None


def test_each_call_has_its_own_value() -> None:
    place = world()
    assert [found.pk for found in _BY_KEY.all(pk=place.commune.id)] == [place.commune.id]
    assert [found.pk for found in _BY_KEY.all(pk=place.province.id)] == [place.province.id]


def test_what_is_joined_is_there_without_asking(django_assert_num_queries: object) -> None:
    pk = world().commune.id
    _JOINED.all(pk=pk)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert {found.unit.pk for found in _JOINED.all(pk=pk)} == {pk}


def test_values() -> None:
    commune = world().commune
    scheme = UnitCode.objects.values_list("scheme", flat=True).first()
    assert scheme is not None
    expected = list(UnitCode.objects.filter(scheme=scheme).order_by("pk").values_list("pk", "code"))
    assert _PAIRS.all(scheme=scheme) == expected != []
    assert _FLAT.all(pk=commune.id) == list(Unit.objects.filter(pk=commune.id).values_list("code", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_row_is_locked_within_a_transaction_only() -> None:
    pk = world().commune.id
    with transaction.atomic():
        assert _LOCKED.first(pk=pk) is not None
    with pytest.raises(transaction.TransactionManagementError):
        _LOCKED.first(pk=pk)


@pytest.mark.parametrize(
    "query",
    [
        Prepared(lambda pk: Unit.objects.filter(pk__gt=0), pk=int),
        Prepared(lambda pk: Unit.objects.filter(pk=pk), pk=list),
        Prepared(
            lambda at: Unit.objects.filter(valid_from__year=at.year).order_by("pk" if at.year < 1822 else "-pk"),
            at=datetime,
        ),
        Prepared(lambda pk: Unit.objects.filter(pk=pk).values("code"), pk=int),
    ],
)
def test_what_cannot_be_filled_in_is_refused(query: Prepared[object]) -> None:
    with pytest.raises(PreparedMisuse):
        query.all(pk=1, at=datetime(2026, 1, 1, tzinfo=UTC))


def test_a_composed_write_does_what_save_does() -> None:
    place = world()
    case = CaseMaker(place).at("appraisal")
    unit = Unit.objects.get(pk=place.commune.id)
    for area in ("mountain", ""):  # composed, then filled in
        unit.area, unit.calendar_key = area, f"key-{area}"
        update(unit, "area", "calendar_key")
        found = Unit.objects.get(pk=unit.pk)
        assert (found.area, found.calendar_key) == (area, f"key-{area}")
    case.desk_unit_ids, case.answers, case.due_at = [unit.pk], {"chữ": [1, None]}, None
    case.step_unit_id = unit.pk
    update(case, "desk_unit_ids", "answers", "due_at", "step_unit")
    again = Case.objects.get(pk=case.pk)
    assert (again.desk_unit_ids, again.answers, again.due_at) == ([unit.pk], {"chữ": [1, None]}, None)
    assert again.step_unit_id == unit.pk
    assert again.status == case.status


def test_a_row_that_has_gone_is_not_written() -> None:
    unit = Unit.objects.get(pk=world().commune.id)
    unit.pk = 0
    with pytest.raises(DatabaseError, match="not there"):
        update(unit, "area")


def test_what_is_saved_is_what_django_saves() -> None:
    """A model's own save goes by composed statements: new rows, whole rows, expressions, a row under a given key."""
    place = world()
    case = CaseMaker(place).at("appraisal")
    made = [Note.objects.create(case=case, text=text, by_name="Người", written_at=AT) for text in "ab"]
    assert [note.text for note in Note.objects.filter(case=case).order_by("pk")] == ["a", "b"]
    assert made[0].pk != made[1].pk
    made[0].text = "c"
    made[0].save()
    assert Note.objects.get(pk=made[0].pk).text == "c"
    made[0].text = Concat("text", Value("d"))  # an expression goes Django's own way
    made[0].save()
    assert Note.objects.get(pk=made[0].pk).text == "cd"
    again = Note(pk=made[1].pk + 1_000, case=case, text="e", by_name="Người", written_at=AT)
    again.save()  # no such row: it is written anew, under its key
    assert Note.objects.get(pk=again.pk).text == "e"
    with pytest.raises(IntegrityError), transaction.atomic():
        Note.objects.create(pk=again.pk, case=case, text="f", by_name="Người", written_at=AT)
    with pytest.raises(DatabaseError):
        Note(pk=0, case=case, text="g").save(update_fields=["text"])


def _kept(table: str = "directory_unit") -> list[str]:
    with connection.cursor() as plain:
        plain.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in plain.fetchall() if f'FROM "{table}"' in statement]


def test_the_database_keeps_the_plan_of_what_is_asked_again() -> None:
    pk = world().commune.id
    connection.connection.execute("DEALLOCATE ALL")
    _BY_KEY.first(pk=pk)
    assert _kept() == [], "what is asked once is not worth another round trip"
    for _ in range(3):
        assert _BY_KEY.first(pk=pk) is not None
    assert len(_kept()) == 1
    assert _BY_KEY.first(pk=0) is None


def test_plans_go_with_a_transaction_that_fails_and_come_again() -> None:
    pk = world().commune.id
    for _ in range(4):
        _BY_KEY.first(pk=pk)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _ = 1 // 0
    assert _BY_KEY.first(pk=pk) is not None
    assert _kept() == []
    for _ in range(3):
        assert _BY_KEY.first(pk=pk) is not None
    assert len(_kept()) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("within", [False, True])
def test_a_table_that_changes_shape_beside_us_costs_one_try(within: bool) -> None:
    _changing = Prepared(lambda stream: Note.objects.filter(text=stream), stream=str)
    for _ in range(4):
        _changing.all(stream="x")
    assert len(_kept("cases_note")) == 1
    _beside("ALTER TABLE cases_note ADD COLUMN of_another_kind varchar(9)")
    try:
        assert _changing.all(stream="x") == [], "a column more changes nothing: names are asked for"
        _beside("ALTER TABLE cases_note ALTER COLUMN by_name TYPE varchar(210)")
        with pytest.raises(OperationalError, match="cached plan"), transaction.atomic() if within else nullcontext():
            _changing.all(stream="x")
        assert _changing.all(stream="x") == []
    finally:
        _beside("ALTER TABLE cases_note DROP COLUMN of_another_kind, ALTER COLUMN by_name TYPE varchar(200)")


def _beside(statement: str) -> None:
    settings = connection.get_connection_params()
    names = ("host", "port", "dbname", "user", "password")
    given = {name: settings[name] for name in names if settings.get(name)}
    with psycopg.connect(**given, autocommit=True) as another:
        another.execute(statement)


def test_who_records_statements_sees_their_values(django_assert_num_queries: object) -> None:
    pk = world().commune.id
    with django_assert_num_queries(1) as asked:  # type: ignore[operator]
        _BY_KEY.first(pk=pk)
    assert f"= {pk}" in asked.captured_queries[0]["sql"]
