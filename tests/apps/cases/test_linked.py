"""Legs of linked cases: who may move them, what happens twice, what a mended result does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.factories.linked import BIRTH, KARAOKE, LinkedRunner, linked_scenarios, linked_world
from tests.factories.papers import letter
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import CaseNotReceivable, LegNotAlone, LegNotCorrectable, LegReport
from tinhso.apps.cases.enums import LegStatus, ResultStatus
from tinhso.apps.cases.models import Case, Leg
from tinhso.apps.documents.actions import store_file
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def runner(drain_jobs: Callable[[], int]) -> LinkedRunner:
    """A karaoke application received at the counter of the ward."""
    scenario = next(s for s in linked_scenarios(KARAOKE) if s.file.endswith("all-three-granted.yaml"))
    made = LinkedRunner(scenario, linked_world(), drain_jobs)
    for step in scenario.steps[:2]:
        made.do(step)
    return made


def test_only_the_system_moves_legs(runner: LinkedRunner) -> None:
    leg, at = runner.leg("business"), runner.scenario.steps[1].at
    officer = runner.place.officer("leader")
    report = LegReport(national_status=9, reported_at=at)
    calls: list[Callable[[], Any]] = [
        lambda: actions.advance_linked(case_id=runner.whole_id, receiver=None, actor=officer, at=at),
        lambda: actions.follow_leg(child_id=leg.child_id or 0, actor=officer, at=at),
        lambda: actions.record_leg_sent(leg_id=leg.pk, external_code="X", actor=officer, at=at),
        lambda: actions.record_leg_held(leg_id=leg.pk, reason="x", actor=officer, at=at),
        lambda: actions.record_leg_report(leg_id=leg.pk, report=report, actor=officer, at=at),
        lambda: actions.record_unacknowledged(leg_id=leg.pk, actor=officer, at=at),
    ]
    for call in calls:
        with pytest.raises(Forbidden):
            call()


def test_following_a_leg_twice_changes_nothing(runner: LinkedRunner) -> None:
    leg, at = runner.leg("business"), runner.scenario.steps[1].at
    before = len(entries_of(f"case:{runner.whole_id}"))
    actions.follow_leg(child_id=leg.child_id or 0, actor=SYSTEM, at=at)
    actions.advance_linked(case_id=runner.whole_id, receiver=None, actor=SYSTEM, at=at)
    assert len(entries_of(f"case:{runner.whole_id}")) == before
    assert Case.objects.filter(parent_id=runner.whole_id).count() == 1
    assert actions.follow_leg(child_id=runner.whole_id, actor=SYSTEM, at=at) is None


def test_a_leg_is_neither_withdrawn_nor_handed_over_alone(runner: LinkedRunner) -> None:
    child, at = runner.leg("business").child, runner.scenario.steps[1].at
    assert child is not None
    with pytest.raises(LegNotAlone):
        actions.withdraw_case(case_id=child.pk, reason="", actor=runner.person, at=at)
    with pytest.raises(LegNotAlone):
        actions.deliver_result(case_id=child.pk, to_name="", method="online", actor=runner.person, at=at)
    shown = {a.key for a in queries.available_actions(actor=runner.one_stop(child), case=child)}
    assert not shown & {"withdraw", "deliver"}


def test_the_owner_lists_one_case_and_pays_once(runner: LinkedRunner) -> None:
    listed = queries.my_cases(actor=runner.person, now=runner.scenario.steps[1].at).items
    assert [item.code for item in listed] == [runner.whole().code]
    child = runner.leg("business").child
    assert child is not None
    assert (runner.whole().fee_vnd, child.fee_vnd, child.fees) == (4_400_000, 0, [])


def test_answers_that_a_leg_would_refuse_are_refused_at_once(runner: LinkedRunner) -> None:
    answers = {**runner.scenario.answers, "personal_id": ""}
    with pytest.raises(Invalid) as refused:
        actions.submit_case(
            procedure_code=KARAOKE, unit_id=runner.place.commune.id, applicant=runner.scenario.applicant, answers=answers,
            documents=[], channel="online", idempotency_key="other", actor=runner.person, at=runner.scenario.steps[0].at,
        )  # fmt: skip
    assert refused.value.errors


def test_a_mended_result_reaches_the_leg_that_uses_it(runner: LinkedRunner) -> None:
    for step in runner.scenario.steps[2:8]:
        runner.do(step)
    police, at = runner.leg("security").child, runner.scenario.steps[7].at + timedelta(hours=1)
    business = runner.leg("business").child
    assert police is not None
    assert business is not None
    officer = runner.at_step(police, "specialist", "division_head")
    with pytest.raises(Invalid):
        actions.ask_leg_correction(case_id=police.pk, leg="business", reason=" ", actor=officer, at=at)
    with pytest.raises(LegNotCorrectable):
        actions.ask_leg_correction(case_id=police.pk, leg="licence", reason="Sai", actor=officer, at=at)
    with pytest.raises(Forbidden):
        actions.ask_leg_correction(case_id=police.pk, leg="business", reason="Sai", actor=runner.person, at=at)
    actions.ask_leg_correction(case_id=police.pk, leg="business", reason="Tên thiếu chữ", actor=officer, at=at)
    police.refresh_from_db()
    assert (police.due_at, police.pause_reason) == (None, "opinion")

    # What a correction leaves behind: the old paper replaced, a new one signed (tested where results are corrected).
    old = business.results.get(status=ResultStatus.SIGNED)
    business.results.filter(pk=old.pk).update(status=ResultStatus.REPLACED)
    mended = store_file(content=letter(), name="moi.pdf", actor=SYSTEM, at=at)
    old.pk, old.check_code, old.file_id, old.number, old.book_entry_id = None, "f" * 20, mended.id, "99/HKD", None
    old.status = ResultStatus.SIGNED
    old.save(force_insert=True)
    with travel(at + timedelta(hours=2)):
        actions.follow_leg(child_id=business.pk, actor=SYSTEM, at=at + timedelta(hours=2))
    police.refresh_from_db()
    leg = runner.leg("business")
    assert (leg.status, leg.result_number, leg.note) == (LegStatus.DONE, "99/HKD", "")
    assert police.due_at is not None
    assert police.documents.filter(key="registration_linked", file_id=mended.id).exists()
    assert entries_of(f"case:{runner.whole_id}")[-1].type == "case.leg_corrected"


def test_a_counter_does_not_receive_what_a_ministry_receives(drain_jobs: Callable[[], int]) -> None:
    scenario = linked_scenarios(BIRTH)[0]
    runner = LinkedRunner(scenario, linked_world(), drain_jobs, code=BIRTH)
    with travel(scenario.steps[0].at):
        runner.submit(scenario.steps[0])
        with pytest.raises(CaseNotReceivable):
            actions.receive_case(
                case_id=runner.whole_id, actor=runner.one_stop(runner.whole()), at=scenario.steps[0].at
            )
    assert Leg.objects.filter(parent_id=runner.whole_id, status=LegStatus.SKIPPED).count() == 1
