"""The recount's slow clock beside the product's quick one: two ways of counting, one instant."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.world import CONTENT
from tinhso.apps.calendars.content import load_calendars, to_document
from tinhso.apps.calendars.rules import working_calendar
from tinhso.config.recount.clock import Grant, Office, Stop, course
from tinhso.lib.worktime import Addition, Change, Limit, Pause, Restart, compute_course, lateness

LIMITS = (
    "same_day", "1 working_day", "3 working_day", "7.5 working_day", "20 working_day", "4 working_hour",
    "10 calendar_day", "24 clock_hour", "1 month",
)  # fmt: skip
DEFINITION = load_calendars(CONTENT / "calendars")["quang-ngai"]
CALENDAR = working_calendar(DEFINITION)
OFFICE = Office(to_document(DEFINITION))


def _drawn(draw: random.Random) -> datetime:
    return datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=draw.randrange(320 * 24 * 60))


@pytest.mark.parametrize("limit", LIMITS)
def test_both_clocks_say_the_same(limit: str) -> None:
    draw = random.Random(limit)  # noqa: S311 - repeatable on purpose
    for _ in range(40):
        received, last_hour = _drawn(draw), draw.random() < 0.3
        since = received + timedelta(minutes=draw.randrange(1, 8_000))
        until = since + timedelta(minutes=draw.randrange(1, 12_000))
        kind = draw.choice(("none", "pause", "restart", "extension", "open"))
        changes: dict[str, tuple[list[Change], list[Stop | Grant]]] = {
            "none": ([], []),
            "pause": ([Pause(since, until)], [Stop(since, until)]),
            "open": ([Pause(since, None)], [Stop(since, None)]),
            "restart": ([Pause(since, until), Restart(until, since=since)], [Stop(since, until, anew=True)]),
            "extension": ([Addition(since, Limit.parse("2 working_day"))], [Grant(since, "2 working_day")]),
        }
        quick, slow = changes[kind]
        wanted = compute_course(
            received_at=received, limit=Limit.parse(limit), calendar=CALENDAR, changes=quick,
            last_hour_tomorrow=last_hour,
        ).due_at  # fmt: skip
        found = course(OFFICE, received, limit, slow, last_hour_tomorrow=last_hour)
        assert found == wanted, (kind, received, since, until)


def test_both_call_a_finish_the_same() -> None:
    draw = random.Random(7)  # noqa: S311 - repeatable on purpose
    for _ in range(200):
        due = CALENDAR.next_open(_drawn(draw))
        finished = due + timedelta(minutes=draw.randrange(-6_000, 2_000))
        assert OFFICE.lateness(finished, due) == str(lateness(finished, due, CALENDAR))
