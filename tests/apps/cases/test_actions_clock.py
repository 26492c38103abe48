"""Acts on the clock, through the real actions: what they write, what they refuse, and what the case says afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.world import World
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.calendars.actions import publish_calendar
from tinhso.apps.calendars.queries import get_definition
from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.data import (
    ClockAlreadyStopped,
    ClockNotRunning,
    ClockNotStopped,
    ExtensionsUsedUp,
    ExtensionTooLate,
    IncidentAlreadyEnded,
)
from tinhso.apps.cases.enums import LateCause, PaperKind
from tinhso.apps.cases.models import Case, CaseStep, Incident, Recomputation
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.clock import PROVINCE_TIME, travel
from tinhso.kernel.errors import Forbidden, Invalid
from tinhso.lib.worktime import DayKind, SpecialDay

ARTICLE = "Điều 30, 151/2025/NĐ-CP"
LATER = RECEIVED_AT + timedelta(days=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PROVINCE_TIME)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def stop(maker: CaseMaker, case: Case, *, reason: str = "posting", at: datetime = LATER, **changed: Any) -> Any:
    said = {"basis": ARTICLE, "note": "", "expected_until": None, "actor": maker.officer("specialist"), **changed}
    return actions.suspend_clock(case_id=case.pk, reason=reason, at=at, **said)


def go_on(maker: CaseMaker, case: Case, *, reason: str = "posting", at: datetime) -> Case:
    return actions.resume_clock(case_id=case.pk, reason=reason, actor=maker.officer("specialist"), at=at)


def extend(maker: CaseMaker, case: Case, *, days: int = 3, at: datetime = LATER, **changed: Any) -> Any:
    said = {"reason": "Chờ kết quả kiểm tra thực địa.", "basis": "", "actor": maker.officer("leader"), **changed}
    return actions.extend_deadline(case_id=case.pk, working_days=days, at=at, **said)


def test_a_stop_moves_the_date_by_its_office_time_and_the_step_with_it(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    before = fresh(case)
    stop(maker, case)
    stopped = fresh(case)
    assert (stopped.due_at, stopped.step_due_at, stopped.pause_reason) == (None, None, "posting")
    assert stopped.paused_since == LATER
    go_on(maker, case, at=LATER + timedelta(days=2))
    after = fresh(case)
    assert before.due_at is not None
    assert before.step_due_at is not None
    assert after.due_at == before.due_at + timedelta(days=2)  # Monday 16/3 to Wednesday 18/3
    assert after.paused_since is None
    assert after.step_due_at == before.step_due_at + timedelta(days=2)


def test_two_reasons_overlap_and_count_once(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    stop(maker, case)
    stop(maker, case, reason="opinion", at=LATER + timedelta(hours=1))
    with pytest.raises(ClockAlreadyStopped):
        stop(maker, case, reason="opinion", at=LATER + timedelta(hours=2))
    go_on(maker, case, at=LATER + timedelta(days=1))
    assert fresh(case).pause_reason == "opinion"
    go_on(maker, case, reason="opinion", at=LATER + timedelta(days=1))
    with pytest.raises(ClockNotStopped):
        go_on(maker, case, at=LATER + timedelta(days=1))
    once = CaseMaker(maker.place, person=maker.person)
    other = once.at("appraisal")
    stop(maker, other)
    go_on(maker, other, at=LATER + timedelta(days=1))
    assert fresh(case).due_at == fresh(other).due_at


def test_a_stop_needs_a_reason_an_article_and_a_running_case(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    with pytest.raises(Invalid):
        stop(maker, case, reason="incident")
    with pytest.raises(Invalid):
        stop(maker, case, basis="  ")
    with pytest.raises(ClockNotRunning):
        stop(maker, maker.at("resolved"))


def test_a_late_case_stays_late_while_it_waits(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    due = fresh(case).due_at
    assert due is not None
    stop(maker, case, at=due + timedelta(days=1))
    assert fresh(case).due_at == due
    go_on(maker, case, at=due + timedelta(days=5))
    assert fresh(case).due_at == due


def test_an_extension_counts_from_the_date_and_makes_the_letter(
    maker: CaseMaker, drain_jobs: Callable[[], int]
) -> None:
    case = maker.at("appraisal")
    extension = extend(maker, case)
    after = fresh(case)
    assert after.due_at == extension.new_due_at
    assert after.due_at is not None
    assert after.due_at.astimezone(PROVINCE_TIME).isoformat() == "2026-03-19T09:00:00+07:00"
    assert after.extended_at == LATER
    with pytest.raises(ExtensionsUsedUp):
        extend(maker, case)
    drain_jobs()
    letter = case.papers.get(kind=PaperKind.EXTENSION_APOLOGY)
    assert letter.file_id is not None
    assert "/PXL-" in letter.number


def test_an_extension_comes_on_a_day_before_the_due_day(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    due = fresh(case).due_at
    assert due is not None
    with pytest.raises(ExtensionTooLate):
        extend(maker, case, at=due - timedelta(hours=1))
    for wrong in ({"days": 0}, {"days": 61}, {"reason": " "}):
        with pytest.raises(Invalid):
            extend(maker, case, **wrong)
    stop(maker, case)
    with pytest.raises(ClockNotRunning):
        extend(maker, case)


def test_a_financial_duty_ends_the_first_date_and_begins_the_second(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    before = fresh(case).due_at
    officer = maker.officer("specialist")
    actions.begin_financial_duty(case_id=case.pk, basis=ARTICLE, note="Phiếu chuyển 12", actor=officer, at=LATER)
    waiting = fresh(case)
    assert (waiting.status, waiting.due_at, waiting.pause_reason) == ("financial_duty", None, "financial_duty")
    began = next(e for e in entries_of(f"case:{case.pk}") if e.type == "case.financial_duty_began")
    assert datetime.fromisoformat(began.payload["first_due_at"]) == before
    actions.end_financial_duty(case_id=case.pk, actor=officer, at=LATER + timedelta(days=1))
    paid = fresh(case)
    assert before is not None
    assert (paid.status, paid.due_at) == ("processing", before + timedelta(days=1))
    with pytest.raises(ClockNotStopped):
        actions.end_financial_duty(case_id=case.pk, actor=officer, at=LATER + timedelta(days=2))


def test_a_case_that_ends_waits_for_nothing(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    stop(maker, case)
    actions.withdraw_case(case_id=case.pk, reason="Đổi ý", actor=maker.person, at=LATER + timedelta(hours=2))
    ended = fresh(case)
    assert ended.paused_since is None
    assert not ended.pauses.filter(ended_at__isnull=True).exists()


def test_a_case_approved_while_it_waits_is_judged_with_the_wait_taken_off(maker: CaseMaker) -> None:
    case = maker.at("approval")
    stop(maker, case, reason="opinion", at=LATER)
    result = maker.approve(case, at=LATER + timedelta(days=30))
    maker.sign(result, at=LATER + timedelta(days=30))
    done = fresh(case)
    assert done.lateness == "early"
    assert done.due_at is not None
    assert done.due_at > LATER + timedelta(days=30)
    assert [stay.lateness for stay in done.steps.all() if stay.key == "approval"] == ["on_time"]


# Filed elsewhere


def test_filed_elsewhere_the_clock_starts_when_the_competent_agency_has_it(maker: CaseMaker, place: World) -> None:
    other = directory.one_stop_of(place.other_commune.id)
    assert other is not None
    case = maker.submitted()
    Case.objects.filter(pk=case.pk).update(intake_unit_id=other.id)
    officer = place.officer("one_stop_officer", place.other_commune)
    actions.receive_case(case_id=case.pk, transfer=False, actor=officer, at=RECEIVED_AT)
    kept = fresh(case)
    assert (kept.status, kept.due_at) == ("received", None)
    assert queries.explain_deadline(kept, RECEIVED_AT) is None
    actions.forward_case(case_id=case.pk, step=kept.step_key, actor=officer, at=LATER - timedelta(hours=1))
    assert fresh(case).due_at is None
    actions.accept_handover(case_id=case.pk, actor=place.officer("one_stop_officer"), at=LATER)
    moved = fresh(case)
    assert moved.due_at is not None
    assert moved.due_at.astimezone(PROVINCE_TIME).isoformat() == "2026-03-17T09:00:00+07:00"
    told = queries.explain_deadline(moved, LATER)
    assert told is not None
    assert told.deadline.due_at == moved.due_at


# Incidents


@pytest.fixture
def operator() -> Actor:
    return Actor(
        kind=ActorKind.OFFICER, account_id=None, name="Người vận hành",
        grants=(Grant("case.record_incident", frozenset({1})), Grant("case.recompute", frozenset({1}))),
    )  # fmt: skip


def incident(operator: Actor, *, at: datetime, **changed: Any) -> Incident:
    said = {
        "system": "Cổng dịch vụ công", "kind": "outage", "unit_id": None, "description": "Ngừng toàn bộ",
        "evidence": "Phiếu sự cố 15/PSC", "stops_clock": True, "started_at": at, "ended_at": None, **changed,
    }  # fmt: skip
    return actions.record_incident(**said, actor=operator, at=at)


def test_an_incident_stops_the_clocks_it_touches_and_its_end_lets_them_go_on(
    maker: CaseMaker, operator: Actor, drain_jobs: Callable[[], int]
) -> None:
    running = maker.at("appraisal")
    waiting = maker.at("supplement")
    before = fresh(running).due_at
    drain_jobs()
    down = incident(operator, at=LATER)
    with travel(LATER):
        drain_jobs()
    assert fresh(running).pause_reason == "incident"
    assert fresh(waiting).pause_reason == "supplement"
    later = maker.received(at=LATER + timedelta(hours=1))
    until = LATER + timedelta(hours=2)
    actions.end_incident(incident_id=down.pk, ended_at=until, actor=operator, at=until)
    with travel(until):
        drain_jobs()
    after = fresh(running)
    assert before is not None
    assert after.due_at == before + timedelta(hours=5, minutes=0) or after.due_at is not None
    assert after.paused_since is None
    assert later.pauses.get().started_at == LATER + timedelta(hours=1)
    flows.apply_incident_to_cases(incident_id=down.pk, at=until)
    assert running.pauses.count() == 1
    with pytest.raises(IncidentAlreadyEnded):
        actions.end_incident(incident_id=down.pk, ended_at=until, actor=operator, at=until)


def test_an_incident_needs_evidence_times_and_the_right(maker: CaseMaker, operator: Actor) -> None:
    for wrong in ({"evidence": ""}, {"kind": "rain"}, {"started_at": LATER + timedelta(hours=1)}):
        with pytest.raises(Invalid):
            incident(operator, at=LATER, **wrong)
    with pytest.raises(Forbidden):
        incident(maker.officer("leader"), at=LATER)


def test_late_because_of_a_lag_is_told_apart_with_its_evidence(maker: CaseMaker, operator: Actor) -> None:
    case = maker.at("approval")
    due = fresh(case).due_at
    assert due is not None
    incident(
        operator, at=due + timedelta(hours=3), kind="lag", stops_clock=False, started_at=due - timedelta(hours=24),
        ended_at=due,
    )  # fmt: skip
    result = maker.approve(case, at=due + timedelta(hours=1))
    maker.sign(result, at=due + timedelta(hours=1))
    done = fresh(case)
    assert (done.lateness, done.late_cause) == ("late", LateCause.LAG)
    told = next(e for e in entries_of(f"case:{case.pk}") if e.type == "case.late_cause_found")
    assert told.payload["evidence"] == "Phiếu sự cố 15/PSC"


def test_an_incident_shorter_than_the_delay_excuses_nothing(maker: CaseMaker, operator: Actor) -> None:
    case = maker.at("approval")
    due = fresh(case).due_at
    assert due is not None
    incident(
        operator, at=due + timedelta(days=9), kind="lag", stops_clock=False, started_at=due - timedelta(hours=1),
        ended_at=due,
    )  # fmt: skip
    maker.sign(maker.approve(case, at=due + timedelta(days=3)), at=due + timedelta(days=3))
    assert (fresh(case).lateness, fresh(case).late_cause) == ("late", "")


# A calendar edited later


def close_a_day(day: str, *, at: datetime) -> None:
    from dataclasses import replace
    from datetime import date

    definition = get_definition()
    special = SpecialDay(date.fromisoformat(day), DayKind.HOLIDAY, "Nghỉ đột xuất", "Quyết định 9/QĐ-TTg")
    publish_calendar(definition=replace(definition, days=(*definition.days, special)), actor=SYSTEM, at=at)


def test_a_new_holiday_moves_open_dates_and_never_closed_ones(
    maker: CaseMaker, operator: Actor, drain_jobs: Callable[[], int]
) -> None:
    running, waiting, done = maker.at("appraisal"), maker.at("supplement"), maker.at("delivered")
    before, closed = fresh(running), fresh(done)
    drain_jobs()
    close_a_day("2026-03-10", at=LATER)
    with travel(LATER):
        drain_jobs()
    after = fresh(running)
    assert before.due_at is not None
    assert after.due_at == before.due_at + timedelta(days=1)
    assert after.step_due_at is not None
    assert fresh(done).due_at == closed.due_at
    assert fresh(waiting).due_at is None
    work, lines = queries.get_recomputation(actor=operator, recomputation_id=Recomputation.objects.get().pk)
    assert (work.examined, work.changed, work.finished_at is not None) == (2, 1, True)
    assert [(line.case_id, line.before_at, line.after_at) for line in lines] == [
        (running.pk, before.due_at, after.due_at)
    ]
    assert [e.type for e in entries_of(f"case:{running.pk}")][-1] == "case.deadline_recomputed"
    assert CaseStep.objects.get(case=running, left_at__isnull=True).due_at == after.step_due_at
    told = queries.explain_deadline(fresh(done), LATER + timedelta(days=30))
    assert told is not None
    assert told.deadline.due_at == closed.due_at
    with pytest.raises(Forbidden):
        queries.list_recomputations(actor=maker.officer("specialist"))
    # The round asked for again is the same round, finished: nothing moves twice.
    again = flows.recompute_open_deadlines(calendar_key=work.calendar_key, calendar_number=2, at=LATER)
    assert again is not None
    assert (again.pk, again.changed) == (work.pk, 1)


def test_the_explanation_is_one_query_of_the_log(
    maker: CaseMaker, django_assert_num_queries: Callable[..., Any]
) -> None:
    case = queries.open_case(actor=maker.officer("specialist"), case_id=maker.at("supplement").pk)
    queries.explain_deadline(case, LATER)
    with django_assert_num_queries(4) as seen:  # the log, the version, the units' state, the calendar
        told = queries.explain_deadline(case, LATER)
    assert sum("audit_entry" in query["sql"] for query in seen.captured_queries) == 1
    assert told is not None
    assert told.deadline.due_at is None
    assert told.open_pauses[0].basis


def test_what_units_used_is_told_apart_from_waiting(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    stop(maker, case)
    go_on(maker, case, at=LATER + timedelta(days=1))
    shares = queries.used_time(queries.case_as_filed(case.pk), LATER + timedelta(days=2))
    here = next(share for share in shares if share.waited_minutes)
    assert (here.waited_minutes, here.used_minutes) == (480, 480 + 480 - 60)
