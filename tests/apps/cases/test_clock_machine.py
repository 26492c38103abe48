"""Any legal life of a case through the real actions: what is stored is what its log says, and nothing acknowledged is lost."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.world import World
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions, queries, rules
from tinhso.apps.cases.models import Case, CaseStep
from tinhso.kernel.errors import DomainError
from tinhso.lib.worktime import Limit

ACTS = (
    "forward", "ask", "answer", "suspend_posting", "suspend_opinion", "resume_posting", "resume_opinion", "duty", "paid",
    "extend", "propose", "return", "approve", "withdraw",
)  # fmt: skip


def do(maker: CaseMaker, case: Case, act: str, at: Any) -> None:
    """One act by whoever does such things; refused when the case is in no state for it."""
    specialist, leader = maker.officer("specialist"), maker.officer("leader")
    step = {"case_id": case.pk, "step": case.step_key}
    article = "Điều 9, 1/2026/NĐ-CP"
    if act == "forward":
        actions.forward_case(**step, actor=maker.officer("division_head"), at=at)
    elif act == "ask":
        maker.ask(case, actor=specialist, at=at)
    elif act == "answer":
        maker.answer(case, at=at)
    elif act.startswith("suspend"):
        actions.suspend_clock(
            case_id=case.pk, reason=act.removeprefix("suspend_"), basis=article, note="", expected_until=None,
            actor=specialist, at=at,
        )  # fmt: skip
    elif act.startswith("resume"):
        actions.resume_clock(case_id=case.pk, reason=act.removeprefix("resume_"), actor=specialist, at=at)
    elif act == "duty":
        actions.begin_financial_duty(case_id=case.pk, basis=article, note="", actor=specialist, at=at)
    elif act == "paid":
        actions.end_financial_duty(case_id=case.pk, actor=specialist, at=at)
    elif act == "extend":
        actions.extend_deadline(case_id=case.pk, working_days=3, reason="Chậm", basis="", actor=leader, at=at)
    elif act == "propose":
        maker.propose(case, at=at)
    elif act == "return":
        actions.return_case(**step, note="Sửa lại", actor=leader, at=at)
    elif act == "approve":
        maker.sign(maker.approve(case, at=at), at=at)
    elif act == "withdraw":
        actions.withdraw_case(case_id=case.pk, reason="Đổi ý", actor=maker.person, at=at)


def check(case: Case, now: Any) -> None:
    """The rows agree with the log: due date, pause, step; the explanation gives the same date."""
    log = entries_of(f"case:{case.pk}")
    policies = queries.get_package(case).policies
    clock = rules.clock_of(log, after_supplement=policies.after_supplement)
    assert clock is not None
    due = rules.deadline_of(
        clock, limit=Limit.parse(case.time_limit), calendar=queries.calendar_for(case, now), last_hour_tomorrow=False
    ).due_at
    if case.closed_at is None:
        assert case.due_at == due
        assert (case.paused_since is not None) == clock.is_paused
        assert {pause.reason for pause in case.pauses.filter(ended_at__isnull=True)} <= {
            str(pause.reason) for pause in clock.open_pauses
        }
        told = queries.explain_deadline(case, now)
        assert told is not None
        assert told.deadline.due_at == due
    assert CaseStep.objects.filter(case=case, left_at__isnull=True).count() <= 1
    assert [entry.sequence for entry in log] == list(range(1, len(log) + 1))


@pytest.mark.django_db
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    code=st.sampled_from(["1.001776", "1.001612"]),
    life=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(30, 3_000)), min_size=3, max_size=14),
)
def test_any_life_leaves_the_rows_as_the_log_says(place: World, code: str, life: list[tuple[str, int]]) -> None:
    maker = CaseMaker(place, code=code)
    case, at = maker.received(at=RECEIVED_AT), RECEIVED_AT
    acknowledged = len(entries_of(f"case:{case.pk}"))
    for act, minutes in life:
        at += timedelta(minutes=minutes)
        case = Case.objects.get(pk=case.pk)
        try:
            do(maker, case, act, at)
        except DomainError:
            assert len(entries_of(f"case:{case.pk}")) == acknowledged  # refused: nothing was written
        log = entries_of(f"case:{case.pk}")
        assert len(log) >= acknowledged
        acknowledged = len(log)
        check(Case.objects.get(pk=case.pk), at)
