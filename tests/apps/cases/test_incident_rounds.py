"""An incident over many cases: batches of one transaction each, stopped anywhere, gone on with, told twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.cases import RECEIVED_AT, CaseMaker
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases import actions, flows
from tinhso.apps.cases.actions import _incident_rounds
from tinhso.apps.cases.data import IncidentNotFound
from tinhso.apps.cases.models import Case, Incident, IncidentRound, Pause
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db
DOWN = RECEIVED_AT + timedelta(hours=1)
UP = DOWN + timedelta(hours=1)


@pytest.fixture
def operator() -> Actor:
    return Actor(kind=ActorKind.OFFICER, name="Người vận hành", grants=(Grant("case.record_incident", frozenset({1})),))


@pytest.fixture
def cases(maker: CaseMaker) -> list[Case]:
    """Five open cases, and one that has ended."""
    maker.at("resolved")
    return [maker.received() for _ in range(5)]


def down(operator: Actor, **changed: object) -> Incident:
    said: dict[str, object] = {
        "system": "Hệ thống của tỉnh", "kind": "outage", "unit_id": None, "description": "Ngừng", "evidence": "Phiếu 15/PSC",
        "stops_clock": True, "started_at": DOWN, "ended_at": None, **changed,
    }  # fmt: skip
    return actions.record_incident(**said, actor=operator, at=DOWN)  # type: ignore[arg-type]  # the values above


def stopped() -> int:
    return Case.objects.filter(pause_reason="incident").count()


def told(kind: str) -> int:
    return Entry.objects.filter(type=kind).count()


def test_stopped_between_two_batches_it_goes_on_after_the_last_case(
    cases: list[Case], operator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_incident_rounds, "BATCH", 2)
    incident = down(operator)
    work = actions.start_incident_round(incident_id=incident.pk, actor=SYSTEM, at=DOWN)
    work = actions.apply_incident_batch(round_id=work.pk, actor=SYSTEM, at=DOWN)
    assert (work.total, work.examined, work.touched, work.finished_at) == (5, 2, 2, None)
    assert stopped() == 2

    def broken(*_: object) -> None:
        raise RuntimeError("the process is killed here")

    monkeypatch.setattr(_incident_rounds, "refresh_clocks", broken)
    with pytest.raises(RuntimeError):
        flows.apply_incident_to_cases(incident_id=incident.pk, at=DOWN)
    assert (Pause.objects.count(), told("case.clock_suspended"), stopped()) == (2, 2, 2), "a batch is all or nothing"
    assert IncidentRound.objects.get().examined == 2
    monkeypatch.undo()
    monkeypatch.setattr(_incident_rounds, "BATCH", 2)
    assert flows.apply_incident_to_cases(incident_id=incident.pk, at=DOWN) == 5
    flows.apply_incident_to_cases(incident_id=incident.pk, at=DOWN)
    assert (Pause.objects.count(), told("case.clock_suspended"), stopped()) == (5, 5, 5)
    assert told("incident.round_finished") == 1
    assert {case.due_at for case in Case.objects.filter(pause_reason="incident")} == {None}


def test_its_end_lets_every_clock_go_on_by_as_much_as_it_stood(cases: list[Case], operator: Actor) -> None:
    before = {case.pk: case.due_at for case in cases}
    incident = down(operator)
    flows.apply_incident_to_cases(incident_id=incident.pk, at=DOWN)
    actions.end_incident(incident_id=incident.pk, ended_at=UP, actor=operator, at=UP)
    flows.apply_incident_to_cases(incident_id=incident.pk, at=UP)
    after = {case.pk: case for case in Case.objects.filter(pk__in=before)}
    assert stopped() == 0
    for pk, due in before.items():
        assert due is not None
        assert after[pk].due_at == due + timedelta(hours=1)
        assert after[pk].step_due_at is not None
    assert [work.touched for work in IncidentRound.objects.order_by("is_end")] == [5, 5]
    assert told("case.clock_resumed") == 5


def test_what_was_over_when_it_was_recorded_needs_one_round(cases: list[Case], operator: Actor) -> None:
    before = cases[0].due_at
    late = UP + timedelta(minutes=5)
    incident = actions.record_incident(
        system="Hệ thống của tỉnh", kind="outage", unit_id=None, description="Ngừng", evidence="Phiếu 15/PSC",
        stops_clock=True, started_at=DOWN, ended_at=UP, actor=operator, at=late,
    )  # fmt: skip
    flows.apply_incident_to_cases(incident_id=incident.pk, at=late)
    cases[0].refresh_from_db()
    assert before is not None
    assert cases[0].due_at == before + timedelta(hours=1)
    assert (told("case.clock_suspended"), told("case.clock_resumed"), IncidentRound.objects.count()) == (5, 5, 1)


def test_a_batch_costs_the_same_whatever_its_size(maker: CaseMaker, operator: Actor) -> None:
    costs = []
    for more in (2, 6):
        for _ in range(more):
            maker.received()
        work = actions.start_incident_round(incident_id=down(operator).pk, actor=SYSTEM, at=DOWN)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            actions.apply_incident_batch(round_id=work.pk, actor=SYSTEM, at=DOWN)
        costs.append(len(seen))
    assert costs[1] <= costs[0], costs


def test_only_the_system_runs_rounds(cases: list[Case], operator: Actor, maker: CaseMaker) -> None:
    incident = down(operator)
    work = actions.start_incident_round(incident_id=incident.pk, actor=SYSTEM, at=DOWN)
    calls: list[Callable[[Actor], object]] = [
        lambda actor: actions.start_incident_round(incident_id=incident.pk, actor=actor, at=DOWN),
        lambda actor: actions.apply_incident_batch(round_id=work.pk, actor=actor, at=DOWN),
    ]
    for call in calls:
        for actor in (operator, maker.officer("leader"), maker.person):
            with pytest.raises(Forbidden):
                call(actor)
    with pytest.raises(IncidentNotFound):
        actions.start_incident_round(incident_id=incident.pk + 1, actor=SYSTEM, at=DOWN)
    assert stopped() == 0
