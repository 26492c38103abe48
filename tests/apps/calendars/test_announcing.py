"""Days announced on a page: the next version, kept when files are published again, taken back with a reason."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tinhso.apps.audit.queries import entries_of
from tinhso.apps.calendars import queries
from tinhso.apps.calendars.actions import announce_day, publish_calendar, withdraw_day
from tinhso.apps.calendars.content import load_calendars
from tinhso.apps.calendars.data import CalendarDefinition
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor
from tinhso.kernel.errors import Forbidden, Invalid, NotFound
from tinhso.lib.worktime import DayKind

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 19, 1, 0, tzinfo=UTC)
KEY = "quang-ngai"
STORM, SATURDAY = date(2026, 10, 20), date(2026, 10, 31)


@pytest.fixture
def definition(project_root: Path) -> CalendarDefinition:
    found = load_calendars(project_root / "content" / "calendars")[KEY]
    publish_calendar(definition=found, actor=SYSTEM, at=AT)
    return found


def announce(
    day: date = STORM, *, name: str = "Bão số 9", basis: str = "Công điện 1/CĐ-UBND", made_up_on: date | None = None,
    kind: DayKind = DayKind.CLOSURE, actor: Actor = SYSTEM,
) -> int:  # fmt: skip
    return announce_day(
        calendar_key=KEY, day=day, kind=kind, name=name, basis=basis, made_up_on=made_up_on, actor=actor, at=AT
    ).number


def test_the_next_version_says_so_and_the_log_who_and_why(definition: CalendarDefinition) -> None:
    assert queries.get_working_calendar().is_working_day(STORM)
    assert announce() == 2
    assert not queries.get_working_calendar().is_working_day(STORM)
    assert queries.get_working_calendar(version=1).is_working_day(STORM)
    assert [entry.type for entry in entries_of(f"calendar:{KEY}")] == [
        "calendar.published", "calendar.day_announced", "calendar.published",
    ]  # fmt: skip


def test_a_rest_day_worked_instead(definition: CalendarDefinition) -> None:
    announce(made_up_on=SATURDAY)
    calendar = queries.get_working_calendar()
    assert (calendar.is_working_day(STORM), calendar.is_working_day(SATURDAY)) == (False, True)
    withdraw_day(calendar_key=KEY, day=STORM, reason="Bão không vào.", actor=SYSTEM, at=AT)
    calendar = queries.get_working_calendar()
    assert (calendar.is_working_day(STORM), calendar.is_working_day(SATURDAY)) == (True, False)


def test_files_published_again_lose_no_announced_day(definition: CalendarDefinition) -> None:
    announce()
    again = publish_calendar(definition=queries.with_announced_days(definition), actor=SYSTEM, at=AT)
    assert again.number == 2
    withdraw_day(calendar_key=KEY, day=STORM, reason="Ghi nhầm.", actor=SYSTEM, at=AT)
    assert queries.with_announced_days(definition) == definition


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"name": " "}, "Mời ghi tên"),
        ({"basis": ""}, "văn bản"),
        ({"kind": DayKind.SWAPPED_WORKING}, "Chọn nghỉ lễ"),
        ({"day": date(2026, 10, 18)}, "vốn không làm việc"),
        ({"day": date(2026, 11, 24)}, "Lịch đã ghi ngày"),
        ({"day": date(2040, 1, 2)}, "Lịch chưa có ngày"),
        ({"made_up_on": date(2026, 10, 21)}, "vốn là ngày làm việc"),
    ],
)
def test_what_makes_no_sense_is_told(definition: CalendarDefinition, asked: dict[str, object], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        announce(**asked)  # type: ignore[arg-type]
    assert [version.number for version in queries.list_versions()] == [1]


def test_only_who_publishes_and_only_what_was_announced(definition: CalendarDefinition) -> None:
    with pytest.raises(Forbidden):
        announce(actor=ANONYMOUS)
    with pytest.raises(NotFound):
        withdraw_day(calendar_key=KEY, day=date(2026, 11, 24), reason="Nhầm.", actor=SYSTEM, at=AT)
    announce()
    with pytest.raises(Invalid):
        withdraw_day(calendar_key=KEY, day=STORM, reason=" ", actor=SYSTEM, at=AT)
