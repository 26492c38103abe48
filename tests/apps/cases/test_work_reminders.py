"""Reminders: when, whom, once for each date; escalation."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.world import CONTENT
from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import actions, content, jobs, queries, rules
from tinhso.apps.cases.data import ReminderRule
from tinhso.apps.cases.enums import ReminderKind
from tinhso.apps.cases.models import Case, Reminder, ReminderLook
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import PROVINCE_TIME, travel
from tinhso.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db


def told(case: Case) -> list[tuple[str, int | None]]:
    return list(Reminder.objects.filter(case=case).order_by("pk").values_list("kind", "account_id"))


def round_at(at: datetime) -> None:
    with travel(at):
        jobs.remind_of_dates()


def test_each_once_for_each_date_up_to_the_top(maker: CaseMaker) -> None:
    case, me = maker.at("appraisal"), maker.officer("specialist")
    actions.claim_case(case_id=case.pk, step=case.step_key, actor=me, at=RECEIVED_AT + timedelta(hours=4))
    Case.objects.filter(pk=case.pk).update(step_due_at=None)
    due = Case.objects.get(pk=case.pk).due_at
    assert due is not None
    head, leader = maker.officer("division_head").account_id, maker.officer("leader").account_id
    round_at(RECEIVED_AT + timedelta(days=3))
    assert told(case) == []
    # Ten working days from Monday 09:00: three quarters are used on the eighth day, Wednesday 11 March in the afternoon.
    round_at(due - timedelta(days=2))
    round_at(due - timedelta(days=2) + timedelta(minutes=10))
    assert told(case) == [("due_soon", me.account_id)]
    round_at(due.astimezone(PROVINCE_TIME).replace(hour=7, minute=30))
    assert told(case)[1:] == [("last_day", me.account_id)]
    round_at(due + timedelta(minutes=5))
    assert told(case)[2:] == [("overdue", me.account_id)]
    round_at(due + timedelta(days=1))
    assert told(case)[3:] == [("escalated", head), ("escalated", leader), ("escalated_top", leader)]
    before = Reminder.objects.count()
    round_at(due + timedelta(days=2))
    assert Reminder.objects.count() == before, "nothing twice"
    assert queries.count_reminders(actor=me) == 3


def test_a_moved_date_is_reminded_of_anew_and_a_stopped_clock_not_at_all(maker: CaseMaker) -> None:
    case, me = maker.at("appraisal"), maker.officer("specialist")
    actions.claim_case(case_id=case.pk, step=case.step_key, actor=me, at=RECEIVED_AT + timedelta(hours=4))
    due = case.due_at
    assert due is not None
    Case.objects.filter(pk=case.pk).update(step_due_at=None)
    round_at(due - timedelta(hours=30))
    assert len(told(case)) == 1
    Case.objects.filter(pk=case.pk).update(due_at=due + timedelta(minutes=30))
    round_at(due - timedelta(hours=29))
    assert [kind for kind, _ in told(case)] == ["due_soon", "due_soon"]
    Case.objects.filter(pk=case.pk).update(paused_since=due)
    round_at(due + timedelta(days=9))
    assert len(told(case)) == 2


def test_nobodys_case_is_told_to_the_heads_and_an_absent_ones_to_the_substitute(maker: CaseMaker) -> None:
    case, me = maker.at("appraisal"), maker.officer("specialist")
    step_due = case.step_due_at
    assert step_due is not None
    round_at(step_due + timedelta(minutes=1))
    heads = {maker.officer("division_head").account_id, maker.officer("leader").account_id}
    assert {who for kind, who in told(case) if kind == "step_overdue"} == heads
    other, counter = maker.at("appraisal"), maker.officer("one_stop_officer")
    actions.claim_case(case_id=other.pk, step=other.step_key, actor=me, at=RECEIVED_AT + timedelta(hours=4))
    day = step_due.astimezone(PROVINCE_TIME).date()
    actions.record_absence(
        account_id=me.account_id or 0, substitute_id=counter.account_id, from_date=day, to_date=day, actor=me,
        at=RECEIVED_AT,
    )  # fmt: skip
    round_at(step_due + timedelta(minutes=1))
    assert told(other)[0] == ("step_overdue", counter.account_id)


def test_seen_ones_leave_the_bell_and_are_ones_own_only(maker: CaseMaker) -> None:
    case, head = maker.at("appraisal"), maker.officer("division_head")
    assert case.step_due_at is not None
    round_at(case.step_due_at + timedelta(minutes=1))
    mine = queries.list_reminders(actor=head)
    assert [(row.code, row.is_new) for row in mine] == [(case.code, True)]
    at = case.step_due_at + timedelta(hours=1)
    assert actions.see_reminders(reminder_ids=[mine[0].id], actor=maker.officer("leader"), at=at) == 0
    assert actions.see_reminders(reminder_ids=[mine[0].id], actor=head, at=at) == 1
    assert queries.count_reminders(actor=head) == 0
    assert [row.is_new for row in queries.list_reminders(actor=head)] == [False]
    with pytest.raises(Forbidden):
        actions.remind_of_case(case_id=case.pk, actor=head, at=at)


def test_share_used_counts_office_time_without_stops(maker: CaseMaker) -> None:
    calendar = get_working_calendar(at=RECEIVED_AT)
    rule = ReminderRule(RECEIVED_AT.date(), 75, False, 4, 8)
    received = datetime(2026, 3, 2, 7, 0, tzinfo=PROVINCE_TIME)
    due = datetime(
        2026, 3, 13, 17, 0, tzinfo=PROVINCE_TIME
    )  # ten days of eight hours: a quarter is two days and a half

    def kinds(now: datetime, stopped: int = 0, **changed: object) -> list[ReminderKind]:
        found = rules.reminder_due(
            now=now, received_at=received, due_at=due, step_due_at=None, stopped_minutes=stopped,
            rule=replace(rule, **changed), calendar=calendar,  # type: ignore[arg-type]
        )  # fmt: skip
        return [kind for kind, _ in found]

    noon = datetime(2026, 3, 11, 11, 0, tzinfo=PROVINCE_TIME)
    assert kinds(noon - timedelta(minutes=1)) == []
    assert kinds(noon) == [ReminderKind.DUE_SOON]
    assert kinds(noon, stopped=480) == [], "a day in which the clock stood still is nobody's share"
    assert kinds(noon, due_soon_percent=80) == []
    assert kinds(due.replace(hour=7), last_day=True) == [ReminderKind.DUE_SOON, ReminderKind.LAST_DAY]
    assert kinds(due + timedelta(days=3, minutes=-1), escalate_after_hours=9) == [ReminderKind.OVERDUE]


def test_the_rule_of_the_day_comes_from_content(tmp_path: Path) -> None:
    rule = content.reminders_at(CONTENT, RECEIVED_AT.date())
    assert rule is not None
    assert rule.assumed
    assert 1 <= rule.due_soon_percent <= 99
    assert content.reminders_at(CONTENT, RECEIVED_AT.date().replace(year=2020)) is None
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "reminders.yaml").write_text(
        "reminders: [{effective_from: 2026-01-01, due_soon_percent: 140, last_day: true, escalate_after_hours: 9,"
        " escalate_top_after_hours: 2, basis: x}, {due: 1}]"
    )
    with pytest.raises(content.WorkContentError) as error:
        content.load_reminders(tmp_path)
    for word in ("từ 1 đến 99", "không sớm hơn", "khóa lạ due", "thiếu basis"):
        assert word in str(error.value)
    assert any("work/reminders.yaml" in problem for problem in content.check(tmp_path))


def test_the_round_costs_the_same_for_one_case_and_many(maker: CaseMaker, django_assert_max_num_queries: Any) -> None:
    maker.at("appraisal")
    now = RECEIVED_AT + timedelta(hours=4)
    with django_assert_max_num_queries(8) as one:
        queries.cases_to_remind(now=now)
    for _ in range(4):
        maker.at("appraisal")
    queries.cases_to_remind(now=now)  # the directory is read anew after a change
    with django_assert_max_num_queries(len(one)):
        found = queries.cases_to_remind(now=now)
    assert (found.wanted, len(found.looks), found.more) == ([], 5, False)


def test_a_round_looks_at_what_is_due_and_at_nothing_else(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    due, step_due = Case.objects.values_list("due_at", "step_due_at").get(pk=case.pk)
    assert due is not None
    assert step_due is not None
    looked = lambda at: [look[0] for look in queries.cases_to_remind(now=at).looks]  # noqa: E731
    start = RECEIVED_AT + timedelta(hours=1)
    round_at(start)
    assert looked(start + timedelta(minutes=1)) == []
    for late in (step_due, due, due + timedelta(days=40)):
        round_at(late + timedelta(minutes=1))
        assert looked(late + timedelta(minutes=2)) == [], "late as it may be"
    assert looked(due + timedelta(days=42)) == [case.pk], "calendars change: once a day"
    Case.objects.filter(pk=case.pk).update(due_at=due + timedelta(days=60))
    assert looked(due + timedelta(days=40, minutes=3)) == [case.pk], "a date has moved"
    Case.objects.filter(pk=case.pk).update(paused_since=due)
    assert looked(due + timedelta(days=90)) == []
    Case.objects.filter(pk=case.pk).update(paused_since=None)
    assert looked(start) == [case.pk]
    Case.objects.filter(pk=case.pk).update(status="withdrawn", closed_at=due)
    assert not ReminderLook.objects.exists()


def test_a_date_that_moves_while_the_round_looks_is_looked_at_again(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    at = RECEIVED_AT + timedelta(hours=1)
    found = queries.cases_to_remind(now=at)
    ReminderLook.objects.filter(pk=case.pk).update(changed_by=F("changed_by") + 1)  # as another transaction would
    actions.note_looks(looks=found.looks, actor=SYSTEM, at=at)
    assert [look[0] for look in queries.cases_to_remind(now=at).looks] == [case.pk]
    with pytest.raises(Forbidden):
        actions.note_looks(looks=found.looks, actor=maker.officer("leader"), at=at)


def test_all_are_looked_at_portion_by_portion(maker: CaseMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [maker.at("appraisal") for _ in range(3)]
    monkeypatch.setattr(jobs.queries, "cases_to_remind", partial(queries.cases_to_remind, limit=2))
    step_due = max(case.step_due_at for case in cases if case.step_due_at)
    round_at(step_due + timedelta(minutes=1))
    assert all(told(case) for case in cases)


@pytest.mark.usefixtures("maker")
def test_nothing_becomes_due_before_the_next_look() -> None:
    chance, calendar = random.Random(7), get_working_calendar(at=RECEIVED_AT)  # noqa: S311 - no secret
    for _ in range(40):
        rule = ReminderRule(RECEIVED_AT.date(), chance.choice([50, 75, 90]), chance.random() < 0.5, 4, 8)
        minutes = lambda days: timedelta(minutes=chance.randint(0, days * 1440))  # noqa: E731
        dates = {
            "received_at": RECEIVED_AT, "due_at": RECEIVED_AT + minutes(20), "step_due_at": RECEIVED_AT + minutes(9),
            "stopped_minutes": chance.choice([0, 300]),
        }  # fmt: skip
        at = RECEIVED_AT + minutes(20)
        following = rules.next_look(now=at, rule=rule, calendar=calendar, **dates)
        assert at < following <= at + timedelta(days=1)
        now = set(rules.reminder_due(now=at, rule=rule, calendar=calendar, **dates))
        for share in range(1, 40):
            before = at + (following - at) * share / 40
            later = set(rules.reminder_due(now=before, rule=rule, calendar=calendar, **dates))
            assert later <= now or following - at <= timedelta(minutes=1), (at, before, following, later - now)
