"""Publishing calendars and asking for the one that holds."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from tinhso.apps.audit.queries import entries_of
from tinhso.apps.calendars import queries
from tinhso.apps.calendars.actions import publish_calendar
from tinhso.apps.calendars.content import load_calendars
from tinhso.apps.calendars.data import CalendarDefinition
from tinhso.apps.calendars.models import CalendarVersion
from tinhso.apps.calendars.queries import CalendarNotPublished
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.errors import Forbidden
from tinhso.lib.worktime import DayKind, SpecialDay

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
KEY = "quang-ngai"


@pytest.fixture(scope="module")
def definition(project_root: Path) -> CalendarDefinition:
    return load_calendars(project_root / "content" / "calendars")[KEY]


@pytest.fixture
def stormy(definition: CalendarDefinition) -> CalendarDefinition:
    storm = SpecialDay(date(2026, 10, 20), DayKind.CLOSURE, "Bão", "Công điện")
    return replace(definition, days=tuple(sorted((*definition.days, storm), key=lambda special: special.day)))


def publish(definition: CalendarDefinition, actor: Actor = SYSTEM, at: datetime = AT) -> int:
    return publish_calendar(definition=definition, actor=actor, at=at).number


def test_first_version(definition: CalendarDefinition) -> None:
    version = publish_calendar(definition=definition, actor=SYSTEM, at=AT)
    assert (version.key, version.number, version.title) == (KEY, 1, definition.title)
    assert queries.latest_version(calendar_key=KEY) == version
    entry = entries_of(f"calendar:{KEY}")[0]
    assert entry.type == "calendar.published"
    assert entry.payload == {"key": KEY, "number": 1, "digest": version.digest}


def test_the_same_again_writes_nothing(definition: CalendarDefinition) -> None:
    first = publish_calendar(definition=definition, actor=SYSTEM, at=AT)
    again = publish_calendar(definition=definition, actor=SYSTEM, at=AT + timedelta(days=1))
    assert again == first
    assert CalendarVersion.objects.count() == 1
    assert len(entries_of(f"calendar:{KEY}")) == 1


def test_a_change_is_the_next_version(definition: CalendarDefinition, stormy: CalendarDefinition) -> None:
    assert [publish(definition), publish(stormy), publish(stormy), publish(definition)] == [1, 2, 2, 3]
    assert [version.number for version in queries.list_versions()] == [1, 2, 3]
    assert [entry.sequence for entry in entries_of(f"calendar:{KEY}")] == [1, 2, 3]


def test_who_may(definition: CalendarDefinition) -> None:
    officer = Actor(kind=ActorKind.OFFICER, account_id=7)
    for actor in (ANONYMOUS, officer, replace(officer, kind=ActorKind.CITIZEN)):
        with pytest.raises(Forbidden):
            publish(definition, actor)
    assert not CalendarVersion.objects.exists()
    assert publish(definition, replace(officer, grants=(Grant("calendar.publish", frozenset({1})),))) == 1


def test_a_failing_log_publishes_nothing(definition: CalendarDefinition, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("log")

    monkeypatch.setattr("tinhso.apps.calendars.actions.record", broken)
    with pytest.raises(RuntimeError, match="log"):
        publish(definition)
    assert not CalendarVersion.objects.exists()


def test_a_version_cannot_be_changed(definition: CalendarDefinition) -> None:
    publish(definition)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        CalendarVersion.objects.update(title="khác")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        CalendarVersion.objects.all().delete()


def test_the_version_in_force(definition: CalendarDefinition, stormy: CalendarDefinition) -> None:
    publish(definition, at=AT)
    publish(stormy, at=AT + timedelta(days=10))

    def version(**which: Any) -> int:
        return queries.get_working_calendar(**which).version

    assert version() == 2
    assert version(calendar_key=KEY) == 2
    assert version(at=AT + timedelta(days=9)) == 1
    assert version(at=AT + timedelta(days=10)) == 2
    assert version(at=AT - timedelta(days=400)) == 1  # before the first publication the first one holds
    assert version(version=1) == 1
    assert queries.get_working_calendar(version=1).is_working_day(date(2026, 10, 20))
    assert not queries.get_working_calendar(version=2).is_working_day(date(2026, 10, 20))
    assert queries.get_definition(version=2).days == stormy.days


def test_reception_is_apart_from_processing(definition: CalendarDefinition) -> None:
    publish(definition)
    saturday = date(2026, 3, 7)
    assert not queries.get_working_calendar(calendar_key=KEY).is_working_day(saturday)
    assert queries.get_reception_calendar(calendar_key=KEY).is_working_day(saturday)
    assert queries.get_reception_calendar(calendar_key=KEY, at=AT).version == 1


def test_several_calendars_must_be_named(definition: CalendarDefinition) -> None:
    publish(definition)
    publish(replace(definition, key="ly-son", units=("H48.99",)))
    assert queries.get_working_calendar(calendar_key="ly-son").key == "ly-son"
    with pytest.raises(CalendarNotPublished):
        queries.get_working_calendar()


def test_what_is_not_published(definition: CalendarDefinition) -> None:
    assert queries.latest_version(calendar_key=KEY) is None
    with pytest.raises(CalendarNotPublished):
        queries.get_working_calendar()
    publish(definition)
    for which in ({"calendar_key": "khac"}, {"version": 2}):
        with pytest.raises(CalendarNotPublished):
            queries.get_reception_calendar(**which)


def test_a_calendar_is_built_once(
    definition: CalendarDefinition, django_assert_num_queries: Callable[[int], Any]
) -> None:
    publish(definition)
    queries.get_working_calendar(calendar_key=KEY)
    with django_assert_num_queries(1):
        one = queries.get_working_calendar(calendar_key=KEY)
    assert queries.get_working_calendar() is one
