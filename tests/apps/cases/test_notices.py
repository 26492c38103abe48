"""Whom a case's events reach at the bell."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.interfaces.workspace.conftest import MORNING, Office, office
from tinhso.apps.calendars.actions import publish_calendar
from tinhso.apps.calendars.queries import get_definition
from tinhso.apps.cases import actions, flows
from tinhso.apps.cases.models import Case, Recomputation
from tinhso.apps.notifications.queries import list_notices
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.worktime import DayKind, SpecialDay

pytestmark = pytest.mark.django_db
__all__ = ["office"]


def kinds(actor: Any) -> list[str]:
    return [str(row.kind) for row in list_notices(actor=actor)[0]]


def test_the_applicant_is_told_of_supplement_message_and_result(office: Office, drain_jobs: Callable[[], int]) -> None:
    case = office.at_kind("appraisal")
    officer = office.actor("specialist")
    actions.send_message(case_id=case.pk, text="Mời bổ sung ảnh.", actor=officer, at=MORNING)
    head = office.actor("division_head")
    actions.request_supplement(case_id=case.pk, items=["Ảnh"], reason="Thiếu ảnh.", actor=head, at=MORNING)
    drain_jobs()
    assert kinds(office.person) == ["supplement", "message"]
    drain_jobs()
    assert kinds(office.person) == ["supplement", "message"], "nothing is told twice"


def test_the_result_reaches_the_applicant(office: Office, drain_jobs: Callable[[], int]) -> None:
    office.at_kind("delivery")
    drain_jobs()
    assert kinds(office.person)[0] == "result"


def test_who_is_given_work_is_told_and_who_takes_it_is_not(office: Office, drain_jobs: Callable[[], int]) -> None:
    case = office.at_kind("appraisal")
    specialist, head = office.actor("specialist"), office.actor("division_head")
    actions.claim_case(case_id=case.pk, step=case.step_key, actor=specialist, at=MORNING)
    drain_jobs()
    assert kinds(specialist) == []
    actions.send_message(case_id=case.pk, text="Cho tôi hỏi.", actor=office.person, at=MORNING)
    drain_jobs()
    assert kinds(specialist) == ["message"]
    assert kinds(head) == []


def test_a_date_moved_by_the_calendar_is_told_once_to_applicant_and_officer(
    office: Office, drain_jobs: Callable[[], int]
) -> None:
    case = office.at_kind("appraisal")
    specialist = office.actor("specialist")
    actions.claim_case(case_id=case.pk, step=case.step_key, actor=specialist, at=MORNING)
    drain_jobs()
    before = len(kinds(office.person))
    day = Case.objects.get(pk=case.pk).due_at
    assert day is not None
    known = get_definition()
    closed = SpecialDay(day.astimezone(PROVINCE_TIME).date(), DayKind.HOLIDAY, "Nghỉ đột xuất", "Quyết định 9/QĐ-TTg")
    publish_calendar(definition=replace(known, days=(*known.days, closed)), actor=SYSTEM, at=MORNING)
    drain_jobs()
    told = list_notices(actor=office.person)[0]
    moved = Case.objects.get(pk=case.pk).due_at
    assert moved is not None
    assert (len(told), str(told[0].kind), kinds(specialist)) == (before + 1, "rescheduled", ["rescheduled"])
    assert f"{moved.astimezone(PROVINCE_TIME):%H:%M ngày %d/%m/%Y}" in told[0].words
    flows.tell_moved_dates(recomputation_id=Recomputation.objects.get().pk, at=MORNING)
    assert len(list_notices(actor=office.person)[0]) == before + 1


def test_what_ends_or_changes_a_case_is_told_with_its_reason(office: Office, drain_jobs: Callable[[], int]) -> None:
    leader = office.actor("leader")
    case = office.at_kind("appraisal")
    actions.stop_case(case_id=case.pk, reason="Khu đất có tranh chấp.", basis="Điều 21", actor=leader, at=MORNING)
    drain_jobs()
    assert "Khu đất có tranh chấp." in list_notices(actor=office.person)[0][0].words
    actions.reopen_case(case_id=case.pk, reason="Tranh chấp đã xong.", basis="Văn bản 1/UBND", actor=leader, at=MORNING)
    drain_jobs()
    assert "mở lại" in list_notices(actor=office.person)[0][0].words


def test_who_withdraws_need_not_be_told_and_who_is_refused_at_the_counter_is(
    office: Office, drain_jobs: Callable[[], int]
) -> None:
    mine, refused = office.at_kind("appraisal"), office.submitted(key="other")
    drain_jobs()
    before = kinds(office.person)
    actions.withdraw_case(case_id=mine.pk, reason="Tôi đổi ý.", actor=office.person, at=MORNING)
    drain_jobs()
    assert kinds(office.person) == before
    counter = office.actor("one_stop_officer")
    actions.refuse_intake(case_id=refused.pk, reason="Không thuộc thẩm quyền.", actor=counter, at=MORNING)
    drain_jobs()
    assert list_notices(actor=office.person)[0][0].words.endswith("Không thuộc thẩm quyền.")


def test_work_sent_back_rings_for_who_must_do_it_again(office: Office, drain_jobs: Callable[[], int]) -> None:
    case = office.at_kind("approval")
    before = kinds(office.actor("specialist"))
    actions.return_case(
        case_id=case.pk, step=case.step_key, note="Xem lại diện tích.", actor=office.actor("leader"), at=MORNING
    )
    drain_jobs()
    told = list_notices(actor=office.actor("specialist"))[0]
    assert len(told) == len(before) + 1
    assert told[0].words.endswith("Xem lại diện tích.")
