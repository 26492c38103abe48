"""Opinions that the process itself asks, the clock that stands still for them, and steps that only some cases take."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.apps.cases.test_levels import HANDOVER, MORNING, publish, step
from tests.factories.directory import department
from tests.factories.world import World, citizen, world
from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.data import OpinionsAwaited
from tinhso.apps.cases.models import Case, Consultation
from tinhso.kernel.clock import PROVINCE_TIME

pytestmark = pytest.mark.django_db
BASIS = {"document": "1/2026/NĐ-CP", "article": "Điều 9"}


def opinion(key: str, unit: str, **changed: Any) -> dict[str, Any]:
    asked = {
        "key": key,
        "name": f"Ý kiến {key}",
        "unit": {"department": unit},
        "limit": "2 working_day",
        "basis": BASIS,
    }
    return {**asked, "asked": "on_entry", **changed}


def process(*opinions: dict[str, Any], extra: tuple[dict[str, Any], ...] = (), appraisal: float = 16) -> list[Any]:
    return [
        step("reception", "reception", "one_stop_officer", "one_stop", 4),
        *extra,
        {**step("appraisal", "appraisal", "specialist", "division", appraisal), "parallel": list(opinions)},
        step("approval", "approval", "leader", "resolving", 4),
        HANDOVER,
    ]


def received(place: World, steps: list[Any], *, kind: str = "house", code: str = "9.000016") -> Case:
    publish(steps, code=code, field="Hoạt động xây dựng", level="commune", division="economy", limit="3 working_day")
    case = actions.submit_case(
        procedure_code=code, unit_id=place.commune.id, channel="online", idempotency_key=f"{code}{kind}", documents=[],
        applicant={"full_name": "Nguyễn Thị Ví Dụ", "personal_id": "051190000019", "kind": "person"},
        answers={"full_name": "Nguyễn Thị Ví Dụ", "kind": kind, "pages": 2}, actor=citizen(), at=MORNING,
    )  # fmt: skip
    actions.receive_case(case_id=case.pk, actor=place.officer("one_stop_officer"), at=MORNING)
    return Case.objects.get(pk=case.pk)


def answer(row: Consultation, place: World, key: str, at: datetime) -> None:
    theirs = place.officer("leader", department(key))
    actions.answer_consultation(consultation_id=row.pk, opinion="agree", text="", actor=theirs, at=at)


def refuse(case: Case, place: World, at: datetime) -> None:
    actions.propose_result(
        case_id=case.pk, step="appraisal", outcome="refuse", text="Không.", fields={},
        actor=place.officer("specialist"), at=at,
    )  # fmt: skip


def test_what_the_process_asks_is_asked_when_the_case_arrives() -> None:
    place = world()
    only_works = opinion("works", "culture", when="answers.kind == 'works'")
    case = received(place, process(opinion("always", "construction"), only_works))
    row = Consultation.objects.get(case=case)
    assert (row.key, row.asked_by, row.unit_id) == ("always", "Hệ thống", department("construction").id)
    assert case.paused_since is None
    with pytest.raises(OpinionsAwaited):
        refuse(case, place, MORNING + timedelta(hours=1))
    # Sent back and come again, the case does not ask a second time.
    answer(row, place, "construction", MORNING + timedelta(hours=1))
    refuse(case, place, MORNING + timedelta(hours=2))
    leader = place.officer("leader")
    actions.return_case(case_id=case.pk, step="approval", note="Sửa.", actor=leader, at=MORNING + timedelta(hours=3))
    assert Consultation.objects.filter(case=case).count() == 1
    refuse(case, place, MORNING + timedelta(hours=4))


def test_a_required_opinion_whose_unit_is_gone_is_missed_at_the_proposal() -> None:
    place = world()
    case = received(place, process(opinion("always", "construction")))
    Consultation.objects.filter(case=case).delete()
    with pytest.raises(OpinionsAwaited, match="Ý kiến always"):
        refuse(case, place, MORNING + timedelta(hours=1))


def test_the_clock_stands_still_where_the_law_allows_it_until_the_last_answer() -> None:
    place = world()
    case = received(
        place,
        process(opinion("one", "construction", pauses_clock=True), opinion("two", "culture", pauses_clock=True)),
    )
    first, second = Consultation.objects.filter(case=case).order_by("id")
    assert case.paused_since == MORNING
    assert (case.pause_reason, case.due_at) == ("opinion", None)
    assert first.pause_id == second.pause_id
    answer(first, place, "construction", MORNING + timedelta(hours=1))
    case.refresh_from_db()
    assert case.paused_since is not None
    # The second unit keeps silent, is told of, and answers a day late: that time is not the case's.
    late = datetime(2026, 3, 5, 8, 0, tzinfo=PROVINCE_TIME)
    flows.look_after_consultations(at=late)
    answer(second, place, "culture", late)
    case.refresh_from_db()
    assert case.paused_since is None
    assert case.due_at == datetime(2026, 3, 10, 8, 0, tzinfo=PROVINCE_TIME), (
        "three working days, three days stood still"
    )


def test_giving_up_the_question_lets_the_clock_go_on() -> None:
    place = world()
    case = received(place, process(opinion("one", "construction", pauses_clock=True)))
    row = Consultation.objects.get(case=case)
    actions.cancel_consultation(
        consultation_id=row.pk, reason="Không cần.", actor=place.officer("specialist"), at=MORNING + timedelta(hours=1)
    )
    case.refresh_from_db()
    assert case.paused_since is None


@pytest.mark.parametrize(("kind", "second"), [("house", "appraisal"), ("works", "survey")])
def test_a_step_is_taken_by_the_cases_it_is_for(kind: str, second: str) -> None:
    place = world()
    survey = {**step("survey", "examination", "specialist", "division", 4), "when": "answers.kind == 'works'"}
    case = received(place, process(extra=(survey,), appraisal=12), kind=kind)
    assert case.step_key == second
    if second == "survey":
        actions.forward_case(case_id=case.pk, step="survey", actor=place.officer("specialist"), at=MORNING)
        case.refresh_from_db()
        assert case.step_key == "appraisal"
    package = queries.get_package(case)
    drawn = [node.key for node in queries.process_of_case(case, package, on=MORNING.date()).steps]
    assert ("survey" in drawn) is (kind == "works")
