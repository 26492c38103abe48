"""Every scenario of every linked group runs through the real actions and ends as its file says."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.factories.linked import BIRTH, KARAOKE, LinkedRunner, linked_scenarios, linked_world
from tests.factories.ministries import BirthRunner
from tests.sweeps import every
from tinhso.apps.cases import queries
from tinhso.apps.cases.enums import NATIONAL_STATUS, CaseStatus
from tinhso.apps.cases.models import Leg
from tinhso.apps.procedures.data import Scenario
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import PROVINCE_TIME


def _named(code: str) -> list[Any]:
    return every(100, linked_scenarios(code), name=lambda scenario: scenario.file.removeprefix("linked/"))


@pytest.mark.django_db
@pytest.mark.parametrize("scenario", _named(KARAOKE))
def test_legs_that_run_here(scenario: Scenario, drain_jobs: Callable[[], int]) -> None:
    runner = LinkedRunner(scenario, linked_world(), drain_jobs)
    runner.play()
    _check(runner, scenario)


@pytest.mark.django_db
@pytest.mark.parametrize("scenario", _named(BIRTH))
def test_legs_that_run_in_ministries_systems(
    scenario: Scenario, drain_jobs: Callable[[], int], ministries: str
) -> None:
    runner = BirthRunner(scenario, linked_world(), drain_jobs, ministries)
    runner.play()
    _check(runner, scenario)


def _check(runner: LinkedRunner, scenario: Scenario) -> None:
    case, told = runner.whole(), dict(scenario.expect)
    now = scenario.steps[-1].at
    view = queries.linked_of(actor=SYSTEM, case=case, now=now)
    assert view is not None
    legs = told.pop("legs", {})
    seen: dict[str, Any] = {
        "status": case.status, "due_at": _local(case.due_at), "fee_vnd": case.fee_vnd, "lateness": case.lateness or None,
        "alerts": [leg.key for leg in view.alerts], "national_status": NATIONAL_STATUS[CaseStatus(case.status)],
        "papers": case.papers.filter(kind="acknowledgement").count()
        + sum(leg.child.papers.filter(kind="acknowledgement").count() for leg in Leg.objects.filter(parent=case) if leg.child),
    }  # fmt: skip
    assert {key: seen[key] for key in told} == told
    found = {leg.key: leg for leg in Leg.objects.filter(parent=case).select_related("child")}
    views = {leg.key: leg for leg in view.legs}
    for key, expected in legs.items():
        leg = found[key]
        known = {
            "status": leg.status, "due_at": _local(views[key].due_at), "received_at": _local(leg.acknowledged_at),
            "limit": leg.time_limit, "lateness": views[key].lateness or None, "result": leg.result_number,
            "note": leg.note, "fee_vnd": leg.child.fee_vnd if leg.child else None,
        }  # fmt: skip
        assert {name: known[name] for name in expected} == expected, (key, leg.note)


def _local(at: datetime | None) -> str | None:
    return at.astimezone(PROVINCE_TIME).strftime("%Y-%m-%dT%H:%M") if at else None
