"""What must hold for every calendar, limit and reception, tried on made-up offices against the slow reference."""

import os
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lib.worktime_reference import FULL_DAY, MINUTE, Office, at, count_between, slow_due, walk
from tinhso.lib.worktime import (
    Deadline,
    Limit,
    LimitUnit,
    Pause,
    WorkingCalendar,
    compute_deadline,
    time_left,
    working_minutes_between,
)

# Every ordinary run tries the same 50 examples a property, about ten seconds together; a run that sets the number
# tries new ones each time.
EXAMPLES = int(os.environ.get("TINHSO_PROPERTY_EXAMPLES", "0"))
hard = settings(max_examples=EXAMPLES or 50, derandomize=not EXAMPLES, deadline=None)
FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)
CIVIL = {LimitUnit.CALENDAR_DAY, LimitUnit.MONTH, LimitUnit.YEAR}
COUNTED_UNITS = [LimitUnit.WORKING_DAY, LimitUnit.WORKING_HOUR, LimitUnit.CLOCK_HOUR]
OFFICE_UNITS = [LimitUnit.WORKING_DAY, LimitUnit.WORKING_HOUR, LimitUnit.SAME_DAY]

days = st.sampled_from([(), FULL_DAY, FULL_DAY, ((420, 690),), ((450, 700), (780, 1000)), ((480, 540), (600, 601))])
weeks = st.tuples(*[days] * 7).filter(lambda week: sum(map(bool, week)) >= 2)
even_weeks = (
    st.lists(st.sampled_from([(), FULL_DAY]), min_size=7, max_size=7)
    .map(tuple)
    .filter(lambda week: sum(map(bool, week)) >= 2)
)
early_dates = st.dates(date(2026, 1, 20), date(2026, 4, 30))


@st.composite
def offices(draw: st.DrawFn, week: Any = weeks) -> Office:
    patterns = [(FIRST, draw(week))]
    if draw(st.booleans()):
        patterns.append((draw(early_dates), draw(week)))
    days_off = draw(st.frozensets(early_dates, max_size=12))
    own = draw(st.dictionaries(early_dates, days.filter(bool) if week is weeks else st.just(FULL_DAY), max_size=3))
    return Office(FIRST, LAST, tuple(patterns), days_off - own.keys(), tuple(sorted(own.items())))


even_offices = offices(even_weeks)
instants = st.builds(
    lambda day, minute: at(day, minute), st.dates(date(2026, 1, 15), date(2026, 4, 20)), st.integers(0, 1439)
)


@st.composite
def limits(draw: st.DrawFn, units: Any = tuple(LimitUnit)) -> Limit:
    unit = draw(st.sampled_from(list(units)))
    if unit is LimitUnit.SAME_DAY:
        return Limit(Decimal(1), unit)
    top = {LimitUnit.MONTH: 7, LimitUnit.YEAR: 1, LimitUnit.CLOCK_HOUR: 200}.get(unit, 25)
    if unit in CIVIL:
        return Limit(Decimal(draw(st.integers(1, top))), unit)
    return Limit(draw(st.decimals(Decimal("0.01"), top, places=draw(st.sampled_from([0, 1, 2]))).filter(bool)), unit)


@st.composite
def pause_lists(draw: st.DrawFn, since: datetime) -> list[Pause]:
    pauses = []
    for _ in range(draw(st.integers(0, 3))):
        start = since + draw(st.integers(0, 6000)) * MINUTE
        since = start + draw(st.integers(0, 9000)) * MINUTE
        pauses.append(Pause(start, since))
    return pauses


def due(office: Office | WorkingCalendar, received: datetime, limit: Limit, **options: Any) -> datetime:
    calendar = office.calendar() if isinstance(office, Office) else office
    due_at = compute_deadline(received_at=received, limit=limit, calendar=calendar, **options).due_at
    assert due_at is not None
    return due_at


def comparable(instant: datetime, limit: Limit) -> date | datetime:
    """What order holds for: the instant; for civil units the date.

    A civil limit that ends on a Saturday goes to the closing of Monday, one that ends on Monday at nine stays at nine;
    30 and 31 January both end on 28 February, each at its own clock time. The law orders days there, not hours.
    """
    return instant.date() if limit.unit in CIVIL else instant


@hard
@given(st.data(), offices(), instants, limits(), st.booleans())
def test_equals_the_slow_reference(
    data: st.DataObject, office: Office, received: datetime, limit: Limit, last_hour: bool
) -> None:
    pauses = data.draw(pause_lists(received))
    expected = slow_due(office, received, limit, pauses, last_hour_tomorrow=last_hour)
    assert due(office, received, limit, pauses=pauses, last_hour_tomorrow=last_hour) == expected


@hard
@given(st.data(), even_offices, instants, st.integers(1, 12))
def test_days_of_one_length_are_a_walk_over_office_minutes(
    data: st.DataObject, office: Office, received: datetime, amount: int
) -> None:
    pauses = data.draw(pause_lists(received))

    def stopped(instant: datetime) -> bool:
        return any(pause.start <= instant < pause.end for pause in pauses if pause.end)

    expected = walk(office, received, amount * 480, stopped)
    assert due(office, received, Limit(Decimal(amount), LimitUnit.WORKING_DAY), pauses=pauses) == expected
    assert due(office, received, Limit(Decimal(amount * 8), LimitUnit.WORKING_HOUR), pauses=pauses) == expected


@hard
@given(offices(), instants, instants, limits(), st.booleans())
def test_a_later_reception_is_never_due_earlier(
    office: Office, one: datetime, other: datetime, limit: Limit, last_hour: bool
) -> None:
    calendar = office.calendar()
    earlier, later = sorted([one, other])
    first = due(calendar, earlier, limit, last_hour_tomorrow=last_hour)
    second = due(calendar, later, limit, last_hour_tomorrow=last_hour)
    assert comparable(first, limit) <= comparable(second, limit)


@hard
@given(offices(), instants, limits(), early_dates, st.booleans())
def test_one_more_holiday_never_shortens(
    office: Office, received: datetime, limit: Limit, holiday: date, last_hour: bool
) -> None:
    longer = due(office.with_holiday(holiday), received, limit, last_hour_tomorrow=last_hour)
    shorter = due(office, received, limit, last_hour_tomorrow=last_hour)
    assert comparable(longer, limit) >= comparable(shorter, limit)


@hard
@given(st.data(), even_offices, instants, limits(COUNTED_UNITS), early_dates)
def test_one_more_holiday_never_shortens_a_paused_limit(
    data: st.DataObject, office: Office, received: datetime, limit: Limit, holiday: date
) -> None:
    """Of the units that count time. The others jump to a closing, and a holiday on the day of reception can undo both
    the jump and the pause of that day: received at 15:00, a same-day limit ends tomorrow; were today off, it would too,
    but without the minute it was paused today."""
    pauses = data.draw(pause_lists(received))
    longer = due(office.with_holiday(holiday), received, limit, pauses=pauses)
    assert longer >= due(office, received, limit, pauses=pauses)


@hard
@given(offices(), instants, limits(OFFICE_UNITS), st.integers(0, 5000), st.integers(0, 20_000))
def test_a_pause_conserves_the_office_time_left(
    office: Office, received: datetime, limit: Limit, wait: int, length: int
) -> None:
    calendar = office.calendar()
    without = due(calendar, received, limit)
    pause = Pause(received + wait * MINUTE, received + (wait + length) * MINUTE)
    resumed = due(calendar, received, limit, pauses=[pause])
    if pause.start >= without:
        assert resumed == without
    else:
        assert pause.end is not None
        assert time_left(calendar, pause.end, resumed) == time_left(calendar, pause.start, without)


@hard
@given(offices(), instants, limits([LimitUnit.CALENDAR_DAY, LimitUnit.CLOCK_HOUR]), st.integers(0, 9000))
def test_a_pause_never_takes_clock_time_away(office: Office, received: datetime, limit: Limit, length: int) -> None:
    calendar = office.calendar()
    without = due(calendar, received, limit)
    resumed = due(calendar, received, limit, pauses=[Pause(received, received + length * MINUTE)])
    assert resumed - without >= length * MINUTE
    if limit.unit is LimitUnit.CLOCK_HOUR:
        assert resumed - without == length * MINUTE


@hard
@given(st.data(), offices(), instants, limits())
def test_only_clock_hours_end_outside_office_hours(
    data: st.DataObject, office: Office, received: datetime, limit: Limit
) -> None:
    calendar = office.calendar()
    end = due(calendar, received, limit, pauses=data.draw(pause_lists(received)))
    if limit.unit is not LimitUnit.CLOCK_HOUR:
        assert calendar.is_open(end)
        assert calendar.is_working_day(end.date())


@hard
@given(st.data(), offices(), instants, limits(), st.booleans())
def test_the_steps_join_from_reception_to_due(
    data: st.DataObject, office: Office, received: datetime, limit: Limit, last_hour: bool
) -> None:
    pauses = data.draw(pause_lists(received))
    deadline = compute_deadline(
        received_at=received, limit=limit, calendar=office.calendar(), pauses=pauses, last_hour_tomorrow=last_hour
    )
    assert deadline.steps[0].from_ == received
    assert deadline.steps[0].to == deadline.start_at
    assert deadline.steps[-1].to == deadline.due_at
    for step, following in zip(deadline.steps, deadline.steps[1:], strict=False):
        assert step.to == following.from_
        assert step.from_ <= step.to
    assert all(step.rule.endswith(".") for step in deadline.steps)


@hard
@given(offices(), instants, instants)
def test_adding_undoes_measuring(office: Office, one: datetime, other: datetime) -> None:
    calendar = office.calendar()
    start, end = sorted([one, other])
    minutes = working_minutes_between(calendar, start, end)
    assert minutes == count_between(office, start, end)
    assert working_minutes_between(calendar, end, start) == -minutes
    reached = calendar.add(start, minutes)
    assert working_minutes_between(calendar, start, reached) == minutes
    assert reached <= end or minutes == 0
    assert working_minutes_between(calendar, start, calendar.add(end, -minutes)) == 0


@pytest.fixture
def server_zone() -> Any:
    before = os.environ.get("TZ")

    def change(zone: str) -> None:
        os.environ["TZ"] = zone
        time.tzset()

    yield change
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_neither_the_server_zone_nor_the_zone_of_the_input_matters(server_zone: Callable[[str], None]) -> None:
    from datetime import UTC, timezone

    calendar = Office(FIRST, LAST, ((FIRST, (FULL_DAY,) * 5 + ((), ())),)).calendar()
    received = at(date(2026, 3, 6), 16 * 60 + 10)
    results: set[Deadline] = set()
    for zone in ("UTC", "America/Los_Angeles", "Asia/Ho_Chi_Minh"):
        server_zone(zone)
        for tz in (UTC, timezone(timedelta(hours=-9)), received.tzinfo):
            results.add(
                compute_deadline(
                    received_at=received.astimezone(tz), limit=Limit.parse("7.5 working_day"), calendar=calendar
                )
            )
    assert len({deadline.due_at.isoformat() for deadline in results if deadline.due_at}) == 1
    assert len(results) == 1
