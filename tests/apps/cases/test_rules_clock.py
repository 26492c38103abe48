"""The clock read from logs that nobody has thought of: any legal sequence of events, in any order of the unrelated."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.world import CONTENT
from tinhso.apps.audit.data import EntryData
from tinhso.apps.calendars.content import load_calendars
from tinhso.apps.calendars.rules import working_calendar
from tinhso.apps.cases import rules
from tinhso.apps.cases.data import Clock, IncidentSpan
from tinhso.apps.cases.enums import LateCause
from tinhso.lib.worktime import (
    ZONE,
    Addition,
    Limit,
    Pause,
    Restart,
    WorkingCalendar,
    compute_course,
    compute_deadline,
    working_minutes_between,
)

FIRST = datetime(2026, 2, 2, 7, 0, tzinfo=ZONE)
LIMITS = ("7 working_day", "2.5 working_day", "16 working_hour", "30 clock_hour", "same_day", "10 calendar_day")
KINDS = ("supplement", "posting", "opinion", "duty")


@cache
def calendar() -> WorkingCalendar:
    return working_calendar(next(iter(load_calendars(CONTENT / "calendars").values())))


def entry(sequence: int, kind: str, at: datetime, **payload: Any) -> EntryData:
    return EntryData(
        id=sequence, stream="case:1", sequence=sequence, type=kind, payload=payload, actor_kind="officer", actor_id=1,
        actor_name="Cán bộ", at=at, recorded_at=at,
    )  # fmt: skip


def iso(at: datetime) -> str:
    return at.isoformat()


@st.composite
def logs(draw: st.DrawFn) -> tuple[str, list[tuple[str, datetime, dict[str, Any]]]]:
    """A limit and a legal log: received, then stops that begin and end, an extension, and noise in between."""
    limit = draw(st.sampled_from(LIMITS))
    at = FIRST + timedelta(minutes=draw(st.integers(0, 20_000)))
    told = [("case.received", at, {"received_at": iso(at), "limit": limit, "limit_key": "standard", "due_at": iso(at)})]
    open_kinds: set[str] = set()
    extended = False
    for _ in range(draw(st.integers(0, 9))):
        at += timedelta(minutes=draw(st.integers(1, 4_000)))
        kind = draw(st.sampled_from((*KINDS, "extend", "noise")))
        if kind == "noise":
            told.append((draw(st.sampled_from(["case.step_entered", "case.assigned", "case.paper_issued"])), at, {}))
        elif kind == "extend" and not extended and not open_kinds:
            extended = True
            told.append(("case.deadline_extended", at, _extended(at)))
        elif kind in open_kinds:
            open_kinds.remove(kind)
            told.append(_ended(kind, at))
        elif kind in KINDS:
            open_kinds.add(kind)
            told.append(_began(kind, at))
    return limit, told


def _extended(at: datetime) -> dict[str, Any]:
    return {"decided_at": iso(at), "amount": "3 working_day", "reason": "Chậm", "basis": ""}


def _began(kind: str, at: datetime) -> tuple[str, datetime, dict[str, Any]]:
    if kind == "supplement":
        return "case.supplement_requested", at, {"stage": "appraisal", "requested_at": iso(at)}
    name = "case.financial_duty_began" if kind == "duty" else "case.clock_suspended"
    reason = "financial_duty" if kind == "duty" else kind
    return name, at, {"pause_id": KINDS.index(kind), "reason": reason, "basis": "Điều 1", "note": "", "since": iso(at)}


def _ended(kind: str, at: datetime) -> tuple[str, datetime, dict[str, Any]]:
    if kind == "supplement":
        return "case.supplement_answered", at, {"stage": "appraisal", "answered_at": iso(at)}
    name = "case.financial_duty_ended" if kind == "duty" else "case.clock_resumed"
    return name, at, {"pause_id": KINDS.index(kind), "reason": kind, "until": iso(at)}


def entries(told: list[tuple[str, datetime, dict[str, Any]]]) -> list[EntryData]:
    return [entry(number, kind, at, **payload) for number, (kind, at, payload) in enumerate(told, 1)]


def due(told: list[tuple[str, datetime, dict[str, Any]]], policy: str, **changed: Any) -> datetime | None:
    clock = rules.clock_of(entries(told), after_supplement=policy)
    assert clock is not None
    settled = {"limit": Limit.parse("1 working_day"), "calendar": calendar(), "last_hour_tomorrow": False, **changed}
    return rules.deadline_of(clock, **settled).due_at


@given(logs(), st.sampled_from(["resume", "restart"]))
def test_unrelated_events_move_nothing(log: tuple[str, Any], policy: str) -> None:
    _, told = log
    bare = [line for line in told if line[0] in rules.CLOCK_EVENTS]
    assert due(told, policy) == due(bare, policy)


@given(logs(), st.sampled_from(["resume", "restart"]))
def test_without_words_the_instants_are_the_same(log: tuple[str, Any], policy: str) -> None:
    _, told = log
    assert due(told, policy) == due(told, policy, explained=False)


@given(logs(), st.sampled_from(["resume", "restart"]), st.integers(1, 10_000), st.integers(0, 3_000))
def test_one_more_pause_never_brings_the_date_nearer(
    log: tuple[str, Any], policy: str, after: int, length: int
) -> None:
    limit, told = log
    if limit in {"same_day", "10 calendar_day"}:
        return  # these jump to a closing: the explanation says when that trades a pause for a day
    before = due(told, policy)
    received = told[0][1]
    start = received + timedelta(minutes=after)
    end = start + timedelta(minutes=length)
    more = [
        ("case.clock_suspended", start, {"pause_id": 99, "reason": "incident", "basis": "", "since": iso(start)}),
        ("case.clock_resumed", end, {"pause_id": 99, "reason": "incident", "until": iso(end)}),
    ]
    after_it = due([*told, *more], policy)
    if before is None or after_it is None:
        assert before is None or after_it is None
    else:
        assert after_it >= before


@given(logs())
def test_a_restart_gives_at_least_what_going_on_gives(log: tuple[str, Any]) -> None:
    _, told = log
    plain = [line for line in told if line[0] != "case.deadline_extended"]
    on, anew = due(plain, "resume"), due(plain, "restart")
    # One of them may stand still where the other was late before the stop.
    if on is not None and anew is not None:
        assert anew >= on


@given(logs(), st.sampled_from(["resume", "restart"]))
@settings(max_examples=60)
def test_the_steps_lead_from_the_reception_to_the_date(log: tuple[str, Any], policy: str) -> None:
    _, told = log
    clock = rules.clock_of(entries(told), after_supplement=policy)
    assert clock is not None
    found = rules.deadline_of(clock, limit=Limit.parse(clock.limit), calendar=calendar(), last_hour_tomorrow=False)
    assert found.steps[0].from_ == clock.start_at.replace(second=0, microsecond=0)
    assert all(step.rule or step.basis is not None for step in found.steps)
    if found.due_at is not None:
        assert found.steps[-1].to == found.due_at


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def course(received: str, limit: str, *changes: Any, **more: Any) -> Any:
    return compute_course(
        received_at=at(received), limit=Limit.parse(limit), calendar=calendar(), changes=changes, **more
    )


def test_an_extension_counts_from_the_date_that_held() -> None:
    found = course("2026-03-02T09:00", "3 working_day", Addition(at("2026-03-03T09:00"), Limit.parse("2 working_day")))
    assert found.due_at == at("2026-03-09T09:00")
    assert "Gia hạn lúc" in found.steps[-1].rule


def test_too_late_an_extension_changes_nothing_and_says_so() -> None:
    found = course("2026-03-02T09:00", "1 working_day", Addition(at("2026-03-04T09:00"), Limit.parse("2 working_day")))
    assert found.due_at == at("2026-03-03T09:00")
    assert "thời hạn đã hết trước đó" in found.steps[-1].rule


def test_a_restart_counts_anew_but_never_before_what_was_promised() -> None:
    wait = Pause(at("2026-03-03T09:00"), at("2026-03-05T09:00"))
    anew = Restart(at("2026-03-05T09:00"), since=at("2026-03-03T09:00"), reason="Hồ sơ bổ sung đủ")
    assert course("2026-03-02T09:00", "3 working_day", wait, anew).due_at == at("2026-03-10T09:00")
    more = Addition(at("2026-03-02T10:00"), Limit.parse("10 working_day"))
    kept = course("2026-03-02T09:00", "3 working_day", more, wait, anew)
    assert kept.due_at == at("2026-03-23T09:00")
    assert "giữ ngày đã hẹn" in kept.steps[-1].rule


def test_a_paper_asked_for_when_the_time_is_up_restarts_nothing() -> None:
    wait = Pause(at("2026-03-09T09:00"), at("2026-03-11T09:00"))
    anew = Restart(at("2026-03-11T09:00"), since=at("2026-03-09T09:00"))
    found = course("2026-03-02T09:00", "3 working_day", wait, anew)
    assert found.due_at == at("2026-03-05T09:00")
    assert "không tính lại" in found.steps[-1].rule


def test_a_wait_that_outlives_a_restart_is_cut_at_it() -> None:
    wait = Pause(at("2026-03-03T09:00"), at("2026-03-05T09:00"))
    down = Pause(at("2026-03-04T09:00"), at("2026-03-06T09:00"))
    anew = Restart(at("2026-03-05T09:00"), since=at("2026-03-03T09:00"))
    assert course("2026-03-02T09:00", "3 working_day", wait, down, anew).due_at == at("2026-03-11T09:00")


def test_a_second_limit_may_end_before_the_first() -> None:
    wait = Pause(at("2026-03-03T09:00"), at("2026-03-05T09:00"))
    second = Restart(at("2026-03-05T09:00"), Limit.parse("1 working_day"), at("2026-03-03T09:00"))
    assert course("2026-03-02T09:00", "20 working_day", wait, second).due_at == at("2026-03-06T09:00")


def test_a_handover_to_the_competent_agency_and_another_limit() -> None:
    told = [
        ("case.received", at("2026-03-02T09:00"), {"received_at": iso(at("2026-03-02T09:00")), "limit": "3 working_day"}),
        ("case.handed_over", at("2026-03-04T09:00"), {"handed_over_at": iso(at("2026-03-04T09:00")), "restarts_clock": True}),
    ]  # fmt: skip
    assert due(told, "resume") == at("2026-03-09T09:00")
    moved = ("case.limit_changed", at("2026-03-05T09:00"), {"limit": "5 working_day"})
    assert due([*told, moved], "resume") == at("2026-03-11T09:00")
    passed_on = ("case.handed_over", at("2026-03-06T09:00"), {"handed_over_at": iso(at("2026-03-06T09:00"))})
    assert due([*told, moved, passed_on], "resume") == at("2026-03-11T09:00")


def test_filed_elsewhere_the_clock_waits_for_the_competent_agency() -> None:
    received = {"received_at": iso(at("2026-03-02T09:00")), "limit": "1 working_day", "starts_clock": False}
    there = ("case.received", at("2026-03-02T09:00"), received)
    assert rules.clock_of(entries([there]), after_supplement="resume") is None
    here = ("case.clock_started", at("2026-03-03T09:00"), {"started_at": iso(at("2026-03-03T09:00"))})
    assert due([there, here], "resume") == at("2026-03-04T09:00")


def test_a_second_limit_comes_from_the_log() -> None:
    paid = {"pause_id": KINDS.index("duty"), "until": iso(at("2026-03-05T09:00")), "limit": "2 working_day"}
    told = [
        (
            "case.received",
            at("2026-03-02T09:00"),
            {"received_at": iso(at("2026-03-02T09:00")), "limit": "20 working_day"},
        ),
        _began("duty", at("2026-03-03T09:00")),
        ("case.financial_duty_ended", at("2026-03-05T09:00"), paid),
    ]
    assert due(told, "resume") == at("2026-03-09T09:00")


# What a step is due


def test_a_step_is_due_by_its_hours_without_the_waits_and_with_what_was_granted() -> None:
    entered = at("2026-03-03T08:00")
    clock = Clock(
        start_at=at("2026-03-02T09:00"),
        changes=(
            Pause(at("2026-03-02T10:00"), at("2026-03-03T09:00")),  # the first of its hours still
            Addition(at("2026-03-04T09:00"), Limit.parse("1 working_day")),
            Addition(at("2026-03-02T09:30"), Limit.parse("9 working_day")),  # granted to an earlier step
        ),
    )
    assert rules.step_due(entered, hours=Decimal(8), clock=None, calendar=calendar()) == at("2026-03-04T08:00")
    late = rules.step_due(entered, hours=Decimal(16), clock=clock, calendar=calendar())
    assert late == at("2026-03-06T09:00")


# Lateness


def _case(*more: tuple[str, str, dict[str, Any]]) -> list[EntryData]:
    told = [("case.received", at("2026-03-02T09:00"), {"due_at": iso(at("2026-03-05T09:00"))})]
    told += [(kind, at(when), payload) for kind, when, payload in more]
    return entries(told)


def asked(when: str) -> tuple[str, str, dict[str, Any]]:
    return "case.supplement_requested", when, {"stage": "appraisal", "requested_at": iso(at(when))}


def answered(when: str) -> tuple[str, str, dict[str, Any]]:
    return "case.supplement_answered", when, {"stage": "appraisal", "answered_at": iso(at(when))}


def indicator(*more: tuple[str, str, dict[str, Any]], period_end: str = "2026-03-31T17:00") -> bool | None:
    found = rules.indicator_766(_case(*more), period_end=at(period_end))
    return found.on_time if found else None


def test_the_formula_of_766() -> None:
    done = ("case.resolved", "2026-03-06T09:00", {})
    assert indicator(("case.resolved", "2026-03-05T09:00", {})) is True
    assert indicator(done) is False
    assert indicator(asked("2026-03-03T09:00"), answered("2026-03-05T09:00"), done) is True
    assert indicator(asked("2026-03-03T09:00")) is True  # unanswered: the request is the end
    assert indicator(asked("2026-03-06T09:00")) is False
    twice = (asked("2026-03-03T09:00"), answered("2026-03-03T10:00"), asked("2026-03-03T11:00"), done)
    assert indicator(*twice) is False
    assert indicator(("case.delivered", "2026-03-04T09:00", {})) is True
    assert indicator(("case.withdrawn", "2026-03-07T09:00", {})) is False
    assert indicator(("case.stopped", "2026-03-04T09:00", {})) is True
    assert indicator(period_end="2026-03-04T09:00") is True
    assert indicator() is False
    assert rules.indicator_766([], period_end=FIRST) is None


def test_the_two_readings_are_told_apart() -> None:
    found = rules.indicator_766(_case(("case.resolved", "2026-03-06T09:00", {})), period_end=FIRST)
    assert found is not None
    assert rules.differs(found, late=True) == ""
    assert "công thức 766 tính là quá hạn" in rules.differs(found, late=False)
    good = rules.indicator_766(_case(("case.resolved", "2026-03-05T08:00", {})), period_end=FIRST)
    assert good is not None
    assert "766 là đúng hạn" in rules.differs(good, late=True)


def test_the_longest_incident_that_explains_the_delay_is_named() -> None:
    def span(number: int, start: str, end: str | None, *, stopped: bool = False, kind: str = "outage") -> IncidentSpan:
        return IncidentSpan(number, kind, at(start), at(end) if end else None, stopped, f"Phiếu {number}")

    def because(*incidents: IncidentSpan, finished: str = "2026-03-05T11:00") -> Any:
        return rules.late_because(
            start_at=at("2026-03-02T09:00"), due_at=at("2026-03-05T09:00"), finished_at=at(finished),
            incidents=incidents, calendar=calendar(),
        )  # fmt: skip

    short, long = span(1, "2026-03-03T09:00", "2026-03-03T10:00"), span(2, "2026-03-04T07:00", "2026-03-04T11:00")
    assert because(short) is None
    assert because(short, long).incident_id == 2
    assert because(span(3, "2026-03-04T07:00", None, kind="lag"), long).cause == LateCause.LAG
    assert because(span(4, "2026-03-04T07:00", "2026-03-04T16:00", stopped=True)) is None
    assert because(span(5, "2026-02-02T07:00", "2026-03-02T08:00")) is None
    assert because(long, finished="2026-03-05T08:00") is None


def test_waiting_counts_once_and_only_inside() -> None:
    pauses = [
        Pause(at("2026-03-02T08:00"), at("2026-03-02T10:00")),
        Pause(at("2026-03-02T09:30"), at("2026-03-02T11:00")),
        Pause(at("2026-03-03T08:00"), None),
    ]
    got = rules.waiting_minutes(at("2026-03-02T09:00"), at("2026-03-03T09:00"), pauses=pauses, calendar=calendar())
    assert got == 120 + 60


@given(st.dates(date(2026, 3, 1), date(2026, 11, 1)), st.integers(0, 1439), st.sampled_from(LIMITS))
@settings(max_examples=50)
def test_a_course_without_changes_is_a_plain_deadline(day: date, minute: int, limit: str) -> None:
    received = datetime.combine(day, datetime.min.time(), ZONE) + timedelta(minutes=minute)
    plain = compute_deadline(received_at=received, limit=Limit.parse(limit), calendar=calendar())
    assert compute_course(received_at=received, limit=Limit.parse(limit), calendar=calendar()) == plain
    assert plain.due_at is not None
    assert working_minutes_between(calendar(), received, plain.due_at) >= 0 or limit == "30 clock_hour"
