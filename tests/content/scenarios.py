"""The packages and their scenarios, read once for the tests of this folder."""

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from tinhso.apps.calendars.content import load_calendars
from tinhso.apps.calendars.rules import working_calendar
from tinhso.apps.procedures.content import load_package, load_scenarios, package_folders
from tinhso.apps.procedures.data import Package, Scenario
from tinhso.lib import forms
from tinhso.lib.worktime import ZONE, WorkingCalendar

CONTENT = Path(__file__).resolve().parents[2] / "content"
FOLDERS = package_folders(CONTENT)


@lru_cache
def package(folder: Path) -> Package:
    """The parsed package of a folder."""
    return load_package(folder, root=CONTENT)[1]


@lru_cache
def scenarios(folder: Path) -> tuple[Scenario, ...]:
    """Its scenarios; a problem in one fails here."""
    found, problems = load_scenarios(package(folder), root=CONTENT)
    assert not problems, "\n".join(str(problem) for problem in problems)
    return found


@lru_cache
def calendar() -> WorkingCalendar:
    """The office calendar of the province the product ships."""
    return working_calendar(load_calendars(CONTENT / "calendars")["quang-ngai"])


ALL = [(folder, scenario) for folder in FOLDERS for scenario in scenarios(folder)]
NAMES = [f"{folder.name}/{Path(scenario.file).stem}" for folder, scenario in ALL]


def context_of(scenario: Scenario) -> dict[str, Any]:
    """What expressions see of a scenario, on the day it begins."""
    applicant = {key: scenario.applicant[key] for key in ("full_name", "personal_id", "kind")}
    return {"applicant": applicant, "channel": scenario.channel, "today": first_day(scenario).isoformat()}


def first_day(scenario: Scenario) -> date:
    """The day a scenario begins."""
    return scenario.steps[0].at.astimezone(ZONE).date()


def clean_answers(folder: Path, scenario: Scenario) -> dict[str, Any]:
    """The answers as the form takes them; a wrong or superfluous one fails here."""
    outcome = forms.validate(package(folder).form, dict(scenario.answers), context=context_of(scenario))
    assert outcome.errors == ()
    assert outcome.dropped == ()
    return outcome.answers


def instant(text: str | None) -> datetime | None:
    """An expected local instant."""
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=ZONE)
