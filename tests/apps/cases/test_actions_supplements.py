"""Supplements: once a stage, with everything that is missing; the clock stands still, or starts anew."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories.cases import BUSINESS, RECEIVED_AT, CaseMaker, paper
from tests.factories.world import World
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases import actions, jobs, queries
from tinhso.apps.cases.data import (
    CaseNotAwaitingSupplement,
    CaseNotReceivable,
    DocumentInput,
    SupplementAlreadyRequested,
    SupplementNeedsHead,
)
from tinhso.apps.cases.models import Case, CaseStep, Supplement
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import PROVINCE_TIME, travel
from tinhso.kernel.errors import Invalid

HOUR = timedelta(hours=1)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026 in the province."""
    return datetime(2026, 3, day, hour, minute, tzinfo=PROVINCE_TIME)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


# --- asking


@pytest.mark.parametrize(("items", "reason"), [([], "Thiếu."), (["  "], "Thiếu."), (["Giấy A"], " ")])
def test_one_notice_says_what_and_why(maker: CaseMaker, items: list[str], reason: str) -> None:
    case = maker.submitted()
    with pytest.raises(Invalid, match="chỉ được yêu cầu một lần"):
        actions.request_supplement(
            case_id=case.pk, items=items, reason=reason, actor=maker.officer("one_stop_officer"), at=RECEIVED_AT
        )
    assert fresh(case).status == "submitted"


def test_items_are_tidied_and_the_time_to_answer_is_the_procedures(maker: CaseMaker) -> None:
    case = maker.submitted()
    supplement = actions.request_supplement(
        case_id=case.pk, items=[" Giấy  A ", "", "Giấy B"], reason=" Thiếu. ", actor=maker.officer("one_stop_officer"),
        at=RECEIVED_AT,
    )  # fmt: skip
    assert (supplement.items, supplement.reason) == (["Giấy A", "Giấy B"], "Thiếu.")
    assert supplement.answer_until == RECEIVED_AT + timedelta(days=30)


def test_each_stage_has_one_notice_and_not_two(maker: CaseMaker) -> None:
    case = maker.at("intake_supplement")
    counter, specialist = maker.officer("one_stop_officer"), maker.officer("specialist")
    maker.answer(case, at=RECEIVED_AT + HOUR)
    with pytest.raises(SupplementAlreadyRequested, match="một lần ở giai đoạn này"):
        maker.ask(case, actor=counter, at=RECEIVED_AT + 2 * HOUR)
    actions.receive_case(case_id=case.pk, actor=counter, at=RECEIVED_AT + 2 * HOUR)
    maker.forward(case, "division_head", at=RECEIVED_AT + 3 * HOUR)
    maker.ask(case, actor=specialist, at=RECEIVED_AT + 4 * HOUR)
    with pytest.raises(CaseNotReceivable, match="«Chờ bổ sung», không yêu cầu bổ sung được"):
        maker.ask(case, actor=specialist, at=RECEIVED_AT + 5 * HOUR)
    maker.answer(case, at=RECEIVED_AT + 6 * HOUR)
    with pytest.raises(SupplementAlreadyRequested):
        maker.ask(case, actor=specialist, at=RECEIVED_AT + 7 * HOUR)
    assert sorted(Supplement.objects.values_list("stage", flat=True)) == ["appraisal", "intake"]


def test_before_reception_no_clock_runs_and_none_is_stopped(maker: CaseMaker) -> None:
    case = maker.at("intake_supplement")
    assert (case.status, case.due_at, case.paused_since) == ("intake_supplement", None, None)
    maker.answer(case, at=RECEIVED_AT + HOUR)
    assert (fresh(case).status, fresh(case).due_at) == ("submitted", None)
    received = actions.receive_case(case_id=case.pk, actor=maker.officer("one_stop_officer"), at=RECEIVED_AT + 2 * HOUR)
    assert received.received_at == RECEIVED_AT + 2 * HOUR
    assert received.due_at == datetime(2026, 3, 16, 4, 0, tzinfo=UTC), "the wait before reception does not count"


# --- the clock


def test_clock_resumes_to_the_minute(maker: CaseMaker) -> None:
    case = maker.received(at=local(2, 9))  # ten working days: due on the 16th at 09:00
    maker.forward(case, "division_head", at=local(2, 10))
    maker.ask(case, actor=maker.officer("specialist"), at=local(3, 14))
    stopped = fresh(case)
    assert (stopped.status, stopped.due_at, stopped.paused_since) == ("supplement", None, local(3, 14))
    maker.answer(case, at=local(5, 15, 30))
    going = fresh(case)
    # 840 + ... office minutes between: 3/3 14:00-17:00, 4/3 whole, 5/3 07:00-15:30 = 180 + 480 + 390 minutes.
    assert (going.status, going.paused_since) == ("processing", None)
    assert going.due_at == local(18, 10, 30)
    explained = queries.explain_deadline(going, local(6, 9))
    assert explained is not None
    assert explained.deadline.due_at == going.due_at


def test_clock_starts_anew_where_the_procedure_says_so(place: World) -> None:
    maker = CaseMaker(place, code=BUSINESS)
    case = maker.received(at=local(4, 9))  # three working days: due on the 9th at 09:00
    assert case.due_at == local(9, 9)
    maker.forward(case, "division_head", at=local(4, 11))
    maker.ask(case, actor=maker.officer("specialist"), at=local(5, 10))
    maker.answer(case, at=local(9, 10, 30))
    assert fresh(case).due_at == local(12, 10, 30)


def test_step_gets_back_the_time_the_case_stood_still(maker: CaseMaker) -> None:
    case = maker.received(at=local(2, 9))
    maker.forward(case, "division_head", at=local(2, 10))
    before = fresh(case).step_due_at
    assert before == local(10, 10), "48 office hours are six office days"
    maker.ask(case, actor=maker.officer("specialist"), at=local(3, 8))
    maker.answer(case, at=local(4, 8))
    assert fresh(case).step_due_at == local(11, 10)
    maker.propose(case, at=local(11, 9))
    stay = CaseStep.objects.get(case=case, kind="appraisal")
    # 2/3 10:00 to 11/3 09:00 are seven office days less an hour; one of them the case stood still.
    assert (stay.used_minutes, stay.lateness) == (6 * 480 - 60, "on_time")


def test_supplement_while_the_counter_still_holds_the_case(maker: CaseMaker) -> None:
    """Asked right at the desk after reception: the stay at the desk is shifted, and the case goes on from there."""
    case = maker.received(at=local(2, 9), transfer=False)
    maker.ask(case, actor=maker.officer("one_stop_officer"), at=local(2, 10))
    maker.answer(case, at=local(3, 10))
    going = fresh(case)
    assert (going.status, going.step_kind) == ("processing", "reception")
    assert going.due_at == local(17, 9)
    maker.forward(case, "one_stop_officer", at=local(3, 10, 30))
    assert fresh(case).step_kind == "assignment"


# --- answering


def test_answer_needs_something(maker: CaseMaker) -> None:
    case = maker.at("supplement")
    with pytest.raises(Invalid, match="ít nhất một giấy tờ"):
        actions.answer_supplement(
            case_id=case.pk, answers={}, documents=[], note="  ", actor=maker.person, at=RECEIVED_AT + 9 * HOUR
        )


def test_answers_are_checked_like_a_submission(maker: CaseMaker) -> None:
    case = maker.at("supplement")
    said: dict[str, Any] = {"case_id": case.pk, "documents": [], "note": "", "actor": maker.person}
    with pytest.raises(Invalid) as refused:
        actions.answer_supplement(**said, answers={"birth_date": "2999-01-01"}, at=RECEIVED_AT + 9 * HOUR)
    assert [problem.path for problem in refused.value.errors] == ["answers.birth_date"]
    assert fresh(case).status == "supplement"
    actions.answer_supplement(**said, answers={"bank": "Ngân hàng Mới"}, at=RECEIVED_AT + 9 * HOUR)
    assert fresh(case).answers["bank"] == "Ngân hàng Mới"
    assert fresh(case).answers["full_name"] == case.answers["full_name"]


def test_papers_join_the_case_with_an_event_each(maker: CaseMaker) -> None:
    case = maker.at("supplement")
    given = [
        DocumentInput(key="residence", presence="uploaded", file_id=paper(), name="cu-tru.pdf"),
        DocumentInput(key="residence", presence="paper"),
    ]
    actions.answer_supplement(
        case_id=case.pk, answers={}, documents=given, note="", actor=maker.person, at=RECEIVED_AT + 9 * HOUR
    )
    assert case.documents.filter(key="residence").count() == 2
    events = Entry.objects.filter(stream=f"case:{case.pk}", type="case.document_attached")
    assert events.count() == 2


def test_counter_hands_in_for_the_applicant(maker: CaseMaker) -> None:
    case = maker.at("supplement")
    maker.answer(case, at=RECEIVED_AT + 9 * HOUR, actor=maker.officer("one_stop_officer"))
    answered = Entry.objects.get(stream=f"case:{case.pk}", type="case.supplement_answered")
    assert answered.actor_name == maker.officer("one_stop_officer").name
    with pytest.raises(CaseNotAwaitingSupplement):
        maker.answer(case, at=RECEIVED_AT + 10 * HOUR)


# --- the end of patience


def test_answer_and_stop_race_and_the_first_wins(maker: CaseMaker) -> None:
    case = maker.at("supplement")
    supplement = case.supplements.get()
    late = supplement.answer_until + timedelta(seconds=1)
    with pytest.raises(CaseNotAwaitingSupplement):
        actions.stop_unanswered_case(case_id=case.pk, actor=SYSTEM, at=supplement.answer_until)
    maker.answer(case, at=late)
    with pytest.raises(CaseNotAwaitingSupplement):
        actions.stop_unanswered_case(case_id=case.pk, actor=SYSTEM, at=late)
    assert fresh(case).status == "processing"


def test_nightly_round_stops_what_nobody_answered(maker: CaseMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    silent, waiting_at_counter = maker.at("supplement"), maker.at("intake_supplement")
    answered = maker.at("supplement")
    maker.answer(answered, at=RECEIVED_AT + 9 * HOUR)
    night = RECEIVED_AT + timedelta(days=45)
    with travel(RECEIVED_AT + timedelta(days=20)):
        jobs.stop_unanswered()
    assert fresh(silent).status == "supplement"
    with travel(night):
        jobs.stop_unanswered()
        jobs.stop_unanswered()
    assert [fresh(c).status for c in (silent, waiting_at_counter, answered)] == ["stopped", "stopped", "processing"]
    stopped = fresh(silent)
    assert (stopped.closed_at, stopped.step_key, stopped.assignee_id) == (night, "", None)
    stay = silent.steps.get(kind="appraisal")
    assert (stay.outcome, stay.left_at) == ("closed", night)
    assert "Quá hạn bổ sung" in Entry.objects.get(stream=f"case:{silent.pk}", type="case.stopped").payload["reason"]


def test_nightly_round_goes_on_when_one_was_answered_meanwhile(
    maker: CaseMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = maker.at("supplement"), maker.at("supplement")
    maker.answer(first, at=RECEIVED_AT + 9 * HOUR)
    monkeypatch.setattr(queries, "overdue_supplements", lambda now: [first.pk, second.pk])
    with travel(RECEIVED_AT + timedelta(days=45)):
        jobs.stop_unanswered()
    assert (fresh(first).status, fresh(second).status) == ("processing", "stopped")


# --- only what was asked


def exactly(maker: CaseMaker, case: Case, *, documents: list[str], fields: list[str]) -> Supplement:
    return actions.request_supplement(
        case_id=case.pk, items=["Bản rõ"], reason="Không đọc được.", documents=documents, fields=fields,
        actor=maker.officer("specialist"), at=RECEIVED_AT + 3 * HOUR,
    )  # fmt: skip


def test_only_the_papers_and_questions_asked_for_are_open(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    asked = exactly(maker, case, documents=["residence"], fields=["bank"])
    assert (asked.stage, asked.basis, asked.approved_by) == ("appraisal", "Điều 17, 118/2025/NĐ-CP", "")
    said: dict[str, Any] = {"case_id": case.pk, "note": "", "actor": maker.person, "at": RECEIVED_AT + 9 * HOUR}
    other = next(document.key for document in queries.get_package(case).documents if document.key != "residence")
    with pytest.raises(Invalid) as refused:
        actions.answer_supplement(
            **said, answers={"full_name": "Tên Khác", "bank": "Ngân hàng Mới"},
            documents=[DocumentInput(key=other, presence="paper")],
        )  # fmt: skip
    assert {problem.path for problem in refused.value.errors} == {"answers.full_name", f"documents.{other}"}
    actions.answer_supplement(
        **said, answers={"bank": "Ngân hàng Mới"}, documents=[DocumentInput(key="residence", presence="paper")]
    )
    assert (fresh(case).answers["bank"], fresh(case).status) == ("Ngân hàng Mới", "processing")


def test_a_notice_names_only_what_the_procedure_knows(maker: CaseMaker) -> None:
    with pytest.raises(Invalid, match="không có mục «moon»"):
        exactly(maker, maker.at("appraisal"), documents=["moon"], fields=[])


# --- the head signs


@pytest.fixture
def strict(maker: CaseMaker, monkeypatch: pytest.MonkeyPatch) -> CaseMaker:
    """The procedure lets only the head of the division send a notice at appraisal."""
    from tinhso.apps.cases.actions import _supplements

    plain = _supplements.package_of

    def package_of(case: Case) -> Any:
        package = plain(case)
        return replace(package, policies=replace(package.policies, supplement_by_head=True))

    monkeypatch.setattr(_supplements, "package_of", package_of)
    return maker


def test_where_the_head_signs_the_specialist_proposes(strict: CaseMaker) -> None:
    case, specialist, head = strict.at("appraisal"), strict.officer("specialist"), strict.officer("division_head")
    at = RECEIVED_AT + 3 * HOUR
    with pytest.raises(SupplementNeedsHead):
        strict.ask(case, actor=specialist, at=at)
    said: dict[str, Any] = {"case_id": case.pk, "items": ["Giấy A"], "reason": "Thiếu.", "actor": specialist, "at": at}
    actions.propose_supplement(**said, documents=["residence"])
    assert fresh(case).paused_since is None, "the clock runs until the head has signed"
    with pytest.raises(SupplementAlreadyRequested, match="đang chờ lãnh đạo"):
        actions.propose_supplement(**said)
    with pytest.raises(Invalid):
        actions.decide_supplement(case_id=case.pk, accept=False, actor=head, at=at)
    actions.decide_supplement(case_id=case.pk, accept=False, note="Giấy này có trong CSDL.", actor=head, at=at)
    assert fresh(case).status == "processing"
    actions.propose_supplement(**said, documents=["residence"])
    actions.decide_supplement(case_id=case.pk, accept=True, actor=head, at=at + HOUR)
    sent = case.supplements.get()
    assert (sent.document_keys, sent.approved_by, sent.requested_at) == (["residence"], head.name, at + HOUR)
    assert fresh(case).status == "supplement"


def test_the_head_may_ask_by_himself(strict: CaseMaker) -> None:
    case, head = strict.at("appraisal"), strict.officer("division_head")
    strict.ask(case, actor=head, at=RECEIVED_AT + 3 * HOUR)
    assert case.supplements.get().approved_by == head.name


def test_nobody_proposes_before_reception(strict: CaseMaker) -> None:
    counter = strict.officer("one_stop_officer")
    with pytest.raises(CaseNotReceivable, match="Một cửa tự gửi"):
        actions.propose_supplement(
            case_id=strict.submitted().pk, items=["Giấy A"], reason="Thiếu.", actor=counter, at=RECEIVED_AT
        )


def test_a_case_sent_back_lies_at_any_earlier_step(maker: CaseMaker) -> None:
    case, leader = maker.at("approval"), maker.officer("leader")
    before = fresh(case).due_at
    with pytest.raises(Invalid, match="bước đã qua"):
        actions.return_case(
            case_id=case.pk, step=case.step_key, note="Sửa.", to="issue", actor=leader, at=RECEIVED_AT + 6 * HOUR
        )
    actions.return_case(
        case_id=case.pk, step=case.step_key, note="Sửa.", to="assignment", actor=leader, at=RECEIVED_AT + 6 * HOUR
    )
    back = fresh(case)
    assert (back.step_kind, back.due_at) == ("assignment", before)
    recorded = Entry.objects.get(stream=f"case:{case.pk}", type="case.returned").payload
    assert (recorded["stage"], recorded["to_step"]) == ("approval", "assignment")
