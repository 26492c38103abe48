"""All open cases of a commune handed to its successor: seen before, approved by another, in batches that survive a crash."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.reorganisations import heir_of, merge
from tests.factories.world import officer
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.actions import _reorganisations
from tinhso.apps.cases.data import (
    NotASuccessor,
    ReorganisationBySamePerson,
    ReorganisationNotFound,
    ReorganisationNotOpen,
)
from tinhso.apps.cases.models import Case, CaseStep, Reorganisation, ReorganisationLine
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 3)
AT = RECEIVED_AT + timedelta(days=1)
WHY = {"reason": "Sắp xếp đơn vị hành chính cấp xã.", "basis": "12/NQ-UBTVQH16"}


@dataclass
class Stage:
    maker: CaseMaker
    old: UnitData
    new: UnitData
    proposer: Actor
    approver: Actor


@pytest.fixture
def stage(maker: CaseMaker) -> Stage:
    province = directory.get_province(AT.date())
    place = maker.place
    return Stage(
        maker, place.commune, place.other_commune, officer("unit_admin", province), officer("catalogue_admin", province)
    )


def merged(stage: Stage, **changed: Any) -> None:
    merge(stage.old, stage.new, on=ON, **changed)


def proposed(stage: Stage, **changed: Any) -> Reorganisation:
    given = {"from_unit_id": stage.old.id, "to_unit_id": stage.new.id, "actor": stage.proposer, "at": AT, **WHY}
    return actions.propose_reorganisation(**{**given, **changed})


def approved(stage: Stage) -> Reorganisation:
    work = proposed(stage)
    return actions.decide_reorganisation(reorganisation_id=work.pk, approve=True, actor=stage.approver, at=AT)


def told(kind: str) -> int:
    return Entry.objects.filter(type=kind).count()


def test_it_is_told_before_how_many_which_and_what_changes(stage: Stage) -> None:
    working, waiting, signing = (stage.maker.at(state) for state in ("appraisal", "submitted", "approved"))
    stage.maker.at("delivered")
    stage.maker.at("withdrawn")
    actions.claim_case(
        case_id=working.pk, step=working.step_key, actor=stage.maker.officer("specialist"), at=AT - timedelta(hours=1)
    )
    merged(stage)
    seen = queries.preview_reorganisation(from_unit_id=stage.old.id, to_unit_id=stage.new.id, on=ON)
    assert {line.case_id for line in seen.lines} == {working.pk, waiting.pk, signing.pk}
    assert (seen.total, seen.movable, seen.assigned) == (3, 2, 1)
    assert dict(seen.statuses) == {"Đang xử lý": 2, "Chờ tiếp nhận": 1}
    assert seen.obstacles == (("Kết quả đã được phê duyệt, đang ký số.", 1),)
    before = directory.get_unit(working.step_unit_id or 0)
    assert (before.name, heir_of(before, stage.new).name, 1) in seen.desks
    assert Case.objects.filter(unit_id=stage.new.id).count() == 0, "nothing is written"
    assert queries.successors_with_cases(ON)[0][:2] == (directory.get_unit(stage.old.id), stage.new)


def test_what_is_left_over_is_asked_of_the_lists_of_the_units_that_went(stage: Stage) -> None:
    for state in ("appraisal", "submitted", "resolved", "delivered", "withdrawn"):
        stage.maker.at(state)
    merged(stage)
    with CaptureQueriesContext(connection) as asked:
        ((old, new, number),) = queries.successors_with_cases(ON)
    assert (old.id, new.id, number) == (stage.old.id, stage.new.id, 3)
    (statement,) = (query["sql"] for query in asked if "cases_case" in query["sql"])
    # By the state of a case it would be every open case of the province.
    assert 'FROM "cases_worklistentry"' in statement
    assert '"status"' not in statement


def test_competent_unit_and_desk_change_the_clock_goes_on(stage: Stage) -> None:
    working, waiting, asked = (stage.maker.at(state) for state in ("appraisal", "submitted", "supplement"))
    ready = stage.maker.at("resolved")
    actions.claim_case(
        case_id=working.pk, step=working.step_key, actor=stage.maker.officer("specialist"), at=AT - timedelta(hours=1)
    )
    merged(stage)
    work = approved(stage)
    flows.hand_over_cases(reorganisation_id=work.pk, at=AT)
    for before in (working, waiting, asked, ready):
        after = Case.objects.get(pk=before.pk)
        assert after.unit_id == stage.new.id
        assert after.code == before.code
        assert (after.due_at, after.status, after.step_key) == (before.due_at, before.status, before.step_key)
        assert after.assignee_id is None
        assert after.intake_unit_id == heir_of(directory.get_unit(before.intake_unit_id or 0), stage.new).id
        assert Entry.objects.filter(stream=f"case:{before.pk}", type="case.inherited").count() == 1
        if before.step_unit_id:
            assert after.step_unit_id == heir_of(directory.get_unit(before.step_unit_id), stage.new).id
    held = Case.objects.get(pk=working.pk)
    explained = queries.explain_deadline(held, AT)
    assert explained is not None
    assert explained.deadline.due_at == held.due_at
    old, new = CaseStep.objects.filter(case=held).order_by("-sequence")[:2][::-1]
    assert (old.outcome, old.used_minutes, new.left_at, new.unit_id) == ("transferred", 420, None, held.step_unit_id)
    with pytest.raises(Forbidden):
        stage.maker.propose(held, at=AT + timedelta(hours=1))
    specialist = stage.maker.place.officer("specialist", stage.new)
    assert specialist.has("case.view", unit_id=held.step_unit_id)
    actions.receive_case(
        case_id=waiting.pk, transfer=True, actor=stage.maker.place.officer("one_stop_officer", stage.new), at=AT
    )
    assert Case.objects.get(pk=waiting.pk).status == "processing"


def test_killed_inside_a_batch_it_goes_on_and_told_twice_happens_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [stage.maker.at("assignment") for _ in range(5)]
    merged(stage)
    work = approved(stage)
    monkeypatch.setattr(_reorganisations, "BATCH", 2)
    work = actions.hand_over_batch(reorganisation_id=work.pk, actor=SYSTEM, at=AT)
    assert (work.total, work.examined, work.moved, work.status) == (5, 2, 2, "approved")

    def broken(*_: object) -> None:
        raise RuntimeError("the process is killed here")

    monkeypatch.setattr(_reorganisations, "_turn_round", broken)
    with pytest.raises(RuntimeError):
        flows.hand_over_cases(reorganisation_id=work.pk, at=AT)
    assert Case.objects.filter(unit_id=stage.new.id).count() == 2, "a batch is all or nothing"
    assert (told("case.inherited"), ReorganisationLine.objects.count()) == (2, 2)
    monkeypatch.undo()
    monkeypatch.setattr(_reorganisations, "BATCH", 2)
    flows.hand_over_cases(reorganisation_id=work.pk, at=AT)
    work = flows.hand_over_cases(reorganisation_id=work.pk, at=AT)
    assert (work.examined, work.moved, work.status) == (5, 5, "done")
    assert Case.objects.filter(unit_id=stage.new.id).count() == 5
    assert (told("case.inherited"), told("unit.handover_finished"), ReorganisationLine.objects.count()) == (5, 1, 5)
    assert CaseStep.objects.filter(case__in=cases, left_at__isnull=True).count() == 5
    with pytest.raises(Invalid, match="không còn hồ sơ"):
        proposed(stage)


def test_what_cannot_go_now_stays_with_its_reason_and_goes_in_a_later_round(stage: Stage) -> None:
    signing = stage.maker.at("approved")
    merged(stage)
    flows.hand_over_cases(reorganisation_id=approved(stage).pk, at=AT)
    line = ReorganisationLine.objects.get()
    assert (line.moved, line.case_id) == (False, signing.pk)
    assert "đang ký số" in line.failure
    assert Case.objects.get(pk=signing.pk).unit_id == stage.old.id
    stage.maker.sign(signing.results.get(), at=AT)
    flows.hand_over_cases(reorganisation_id=approved(stage).pk, at=AT)
    assert Case.objects.get(pk=signing.pk).unit_id == stage.new.id


def test_another_limit_of_the_area_counts_from_the_same_start(stage: Stage) -> None:
    working = stage.maker.at("appraisal")
    merged(stage, area="mountain")
    flows.hand_over_cases(reorganisation_id=approved(stage).pk, at=AT)
    after = Case.objects.get(pk=working.pk)
    explained = queries.explain_deadline(after, AT)
    assert after.area == "mountain"
    assert explained is not None
    assert explained.deadline.due_at == after.due_at


def test_a_question_to_the_old_unit_and_a_case_on_its_way_to_it_turn_round(stage: Stage) -> None:
    place = stage.maker.place
    far = CaseMaker(type(place)(place.province, place.other_commune, place.commune, place.officers)).at("appraisal")
    actions.ask_consultation(
        case_id=far.pk, step=far.step_key, unit_ids=[stage.old.id], question="Ý kiến?", working_days=3,
        actor=place.officer("specialist", stage.new), at=RECEIVED_AT + timedelta(hours=6),
    )  # fmt: skip
    merged(stage)
    flows.hand_over_cases(reorganisation_id=approved(stage).pk, at=AT)
    assert far.consultations.get().unit_id == stage.new.id
    assert Case.objects.get(pk=far.pk).step_unit_id == far.step_unit_id


def test_rights_and_refusals(stage: Stage) -> None:
    stage.maker.at("appraisal")
    with pytest.raises(NotASuccessor):
        proposed(stage)
    merged(stage)
    for actor in (
        stage.maker.officer("leader"),
        stage.maker.person,
        stage.maker.place.officer("unit_admin", stage.old),
    ):
        with pytest.raises(Forbidden):
            proposed(stage, actor=actor)
    for missing in ({"reason": " "}, {"basis": ""}):
        with pytest.raises(Invalid, match="văn bản"):
            proposed(stage, **missing)
    work = proposed(stage, actor=stage.maker.place.officer("unit_admin", stage.new))
    with pytest.raises(ReorganisationNotOpen):
        proposed(stage)
    decide: Callable[[Actor, bool], object] = lambda actor, approve: actions.decide_reorganisation(  # noqa: E731
        reorganisation_id=work.pk, approve=approve, actor=actor, at=AT
    )
    with pytest.raises(ReorganisationBySamePerson):
        decide(stage.maker.place.officer("unit_admin", stage.new), True)
    with pytest.raises(Forbidden):
        decide(stage.maker.officer("leader"), True)
    for actor in (stage.proposer, stage.approver, stage.maker.person):
        with pytest.raises(Forbidden):
            actions.hand_over_batch(reorganisation_id=work.pk, actor=actor, at=AT)
    decide(stage.approver, False)
    with pytest.raises(ReorganisationNotOpen):
        decide(stage.approver, True)
    flows.hand_over_cases(reorganisation_id=work.pk, at=AT)
    assert Case.objects.filter(unit_id=stage.new.id).count() == 0
    with pytest.raises(ReorganisationNotFound):
        actions.decide_reorganisation(reorganisation_id=987_654, approve=True, actor=stage.approver, at=AT)
    with pytest.raises(ReorganisationNotFound):
        queries.get_reorganisation(actor=stage.maker.officer("leader"), reorganisation_id=work.pk)


def test_who_took_over_only_a_part_gets_no_round(stage: Stage) -> None:
    stage.maker.at("appraisal")
    merged(stage, extent="partial")
    with pytest.raises(NotASuccessor):
        proposed(stage)
    assert queries.successors_with_cases(ON) == []


def test_a_batch_costs_the_same_whatever_its_size(stage: Stage) -> None:
    for _ in range(2):
        stage.maker.at("appraisal")
    few = [stage.maker.at("appraisal").pk for _ in range(4)]
    merged(stage)
    work = approved(stage)
    costs = []
    for size in (2, 4):
        with pytest.MonkeyPatch.context() as patch, CaptureQueriesContext(connection) as seen:
            patch.setattr(_reorganisations, "BATCH", size)
            actions.hand_over_batch(reorganisation_id=work.pk, actor=SYSTEM, at=AT)
        costs.append(len(seen))
    assert Case.objects.filter(pk__in=few, unit_id=stage.new.id).count() == 4
    assert costs[1] <= costs[0] + 12, costs
