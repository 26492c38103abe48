"""Every clock scenario of the content ends as its file says, by the rules of the product."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.content.scenarios import CONTENT, calendar
from tinhso.apps.calendars.content import load_calendars
from tinhso.apps.calendars.rules import working_calendar
from tinhso.apps.cases import rules
from tinhso.apps.cases.content import ClockScenario, load_clock_scenarios
from tinhso.lib.worktime import ZONE, DayKind, Limit, SpecialDay, WorkingCalendar, lateness

SCENARIOS, PROBLEMS = load_clock_scenarios(CONTENT)


def test_the_files_are_right_and_many() -> None:
    assert PROBLEMS == []
    assert len(SCENARIOS) >= 60
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


def test_they_cover_what_an_official_asks_about() -> None:
    """Each theme has a scenario; most are read from what happens, not from the name."""

    def count(scenario: ClockScenario, kind: str) -> int:
        return sum(entry.type == f"case.{kind}" for entry in scenario.happens)

    def spans(scenario: ClockScenario, day: str) -> bool:
        start = scenario.happens[0].at.astimezone(ZONE).date().isoformat()
        return scenario.due is not None and start < day < scenario.due.astimezone(ZONE).date().isoformat()

    def received(scenario: ClockScenario) -> str:
        return scenario.happens[0].at.astimezone(ZONE).strftime("%H:%M")

    themes: dict[str, Callable[[ClockScenario], bool]] = {
        "Tết 2026": lambda s: spans(s, "2026-02-17"),
        "thứ Bảy làm bù 22/8": lambda s: spans(s, "2026-08-22"),
        "24/11": lambda s: spans(s, "2026-11-24"),
        "15:00": lambda s: received(s) == "15:00",
        "17:00": lambda s: received(s) >= "17:00",
        "phần lẻ": lambda s: "." in s.limit,
        "tính lại từ đầu": lambda s: s.after_supplement == "restart" and count(s, "supplement_answered") > 0,
        "hai lần bổ sung": lambda s: count(s, "supplement_requested") >= 2,
        "thuế": lambda s: count(s, "financial_duty_began") > 0,
        "thuế, hạn thứ hai": lambda s: any(e.payload.get("limit") for e in s.happens if "duty_ended" in e.type),
        "địa bàn": lambda s: "miền núi" in s.name,
        "tỉnh rút ngắn": lambda s: "rút" in s.name,
        "lịch đổi": lambda s: s.new_holiday is not None,
    }
    assert [name for name, holds in themes.items() if not any(holds(s) for s in SCENARIOS)] == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[f"{s.file.rsplit('/', 1)[-1]} {s.name}" for s in SCENARIOS])
def test_scenario(scenario: ClockScenario) -> None:
    if scenario.first_due is not None:
        assert due(scenario, calendar()) == scenario.first_due
    known = _calendar_of(scenario)
    got = due(scenario, known)
    assert got == scenario.due
    if scenario.lateness is not None:
        assert scenario.finished_at is not None
        assert got is not None
        assert lateness(scenario.finished_at, got, known) == scenario.lateness
    if scenario.indicator_766 is not None:
        first = _first_promise(scenario, known)
        found = rules.indicator_766(first, period_end=scenario.happens[-1].at)
        assert found is not None
        assert found.on_time is scenario.indicator_766


def test_what_an_official_writes_wrong_is_said_in_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios" / "clock"
    folder.mkdir(parents=True)
    good = "{name: x, limit: 3 working_day, happens: [{received: 2026-03-02T09:00}], due: 2026-03-05T09:00"
    lines = [
        good + ", color: red}",
        good.replace("received:", "recieved:") + "}",
        good.replace("3 working_day", "3 weeks") + "}",
        good + ", class: soon}",
        good.replace("[{received: 2026-03-02T09:00}]", "[{received: 2026-03-02T09:00}, {result: 2026-03-01T09:00}]")
        + "}",
    ]
    (folder / "wrong.yaml").write_text("scenarios:\n" + "".join(f"  - {line}\n" for line in lines), encoding="utf-8")
    found, problems = load_clock_scenarios(tmp_path)
    assert found == []
    assert [word in problem for word, problem in zip(
        ("color", "recieved", "3 weeks", "soon", "thứ tự"), problems, strict=True
    )] == [True] * 5  # fmt: skip


def due(scenario: ClockScenario, known: WorkingCalendar) -> object:
    clock = rules.clock_of(scenario.happens, after_supplement=scenario.after_supplement)
    assert clock is not None
    return rules.deadline_of(
        clock, limit=Limit.parse(scenario.limit), calendar=known, last_hour_tomorrow=scenario.last_hour_tomorrow
    ).due_at


def _calendar_of(scenario: ClockScenario) -> WorkingCalendar:
    if scenario.new_holiday is None:
        return calendar()
    definition = load_calendars(CONTENT / "calendars")["quang-ngai"]
    more = SpecialDay(scenario.new_holiday, DayKind.HOLIDAY, "Ngày nghỉ mới công bố", "Kịch bản")
    return working_calendar(replace(definition, days=(*definition.days, more)))


def _first_promise(scenario: ClockScenario, known: WorkingCalendar) -> list[object]:
    """The log with the date promised at reception in it, as the product writes it."""
    received = scenario.happens[0]
    first = rules.clock_of([received], after_supplement="resume")
    assert first is not None
    promised = rules.deadline_of(
        first, limit=Limit.parse(scenario.limit), calendar=known, last_hour_tomorrow=scenario.last_hour_tomorrow
    ).due_at
    assert promised is not None
    return [replace(received, payload={**received.payload, "due_at": promised.isoformat()}), *scenario.happens[1:]]
