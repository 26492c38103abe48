"""Queries composed once: they give what the ORM gives, and refuse what they cannot fill in."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, transaction
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
