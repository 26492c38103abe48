"""Every scenario of every package: form, papers, limit, fee and due time, as the pure rules give them.

The same scenarios run through the real actions and a database in `test_scenarios.py`.
"""

from datetime import datetime
from pathlib import Path

import pytest

from tests.content.scenarios import ALL, NAMES, calendar, clean_answers, context_of, first_day, instant, package
from tinhso.apps.procedures import rules
from tinhso.apps.procedures.data import Scenario
from tinhso.apps.procedures.enums import AfterSupplement, DocumentMode
from tinhso.lib.worktime import Addition, Limit, Pause, compute_course, lateness

every = pytest.mark.parametrize(("folder", "scenario"), ALL, ids=NAMES)


@every
def test_the_case_gets_its_limit_and_fee(folder: Path, scenario: Scenario) -> None:
    context = {**context_of(scenario), "answers": clean_answers(folder, scenario)}
    assert rules.choose_limit(package(folder), context).key == scenario.expect["limit_key"]
    fees = rules.compute_fees(package(folder), context, evidence=scenario.documents)
    assert sum(line.amount_vnd for line in fees) == scenario.expect["fee_vnd"]


@every
def test_the_papers_handed_in_are_the_papers_asked_for(folder: Path, scenario: Scenario) -> None:
    context = {**context_of(scenario), "answers": clean_answers(folder, scenario)}
    asked = rules.applicable_documents(package(folder), context)
    needed = {
        document.key
        for document in asked
        if document.required
        and document.replaced_by is None
        and document.mode in {DocumentMode.SUBMIT, DocumentMode.PRESENT}
        and not (document.mode == DocumentMode.PRESENT and scenario.channel != "counter")
    }
    assert needed <= set(scenario.documents)
    assert set(scenario.documents) <= {document.key for document in asked}


@every
def test_the_package_is_in_force_when_the_case_is_filed(folder: Path, scenario: Scenario) -> None:
    assert package(folder).effective_from <= first_day(scenario)


@every
def test_the_due_time_is_the_one_an_official_computes(folder: Path, scenario: Scenario) -> None:
    due = due_at(folder, scenario)
    assert due == instant(scenario.expect["due_at"])
    if "lateness" in scenario.expect:
        decided = next(step.at for step in scenario.steps if step.verb == "approve")
        assert due is not None
        assert lateness(decided, due, calendar()) == scenario.expect["lateness"]


def due_at(folder: Path, scenario: Scenario) -> datetime | None:
    """The due time by the clock of the law: reception, and supplements asked after it."""
    found = package(folder)
    limit: Limit = found.limit(scenario.expect["limit_key"]).limit
    start: datetime | None = None
    asked: datetime | None = None
    stopped: datetime | None = None
    pauses: list[Pause] = []
    more: list[Addition] = []
    for step in scenario.steps:
        if "refused" in step.values:
            continue
        if step.verb == "receive":
            start = step.at
        elif step.verb == "financial_duty_paid" and found.policies.second_limit is not None:
            start, limit, pauses, more = step.at, found.policies.second_limit, [], []
        elif step.verb == "request_supplement" and start is not None:
            asked = step.at
        elif step.verb == "answer_supplement" and asked is not None:
            if found.policies.after_supplement == AfterSupplement.RESTART:
                start, pauses = step.at, []
            else:
                pauses.append(Pause(asked, step.at))
            asked = None
        elif step.verb == "suspend":
            stopped = step.at
        elif step.verb == "resume" and stopped is not None:
            pauses.append(Pause(stopped, step.at))
        elif step.verb == "extend":
            more.append(Addition(step.at, Limit.parse(f"{step.values['days']} working_day")))
    if start is None:
        return None
    if asked is not None:
        pauses.append(Pause(asked, None))
    return compute_course(
        received_at=start,
        limit=limit,
        calendar=calendar(),
        changes=[*pauses, *more],
        last_hour_tomorrow=found.policies.last_hour_tomorrow,
    ).due_at
