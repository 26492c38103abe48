"""Whom a case's events reach at the bell."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.interfaces.workspace.conftest import MORNING, Office, office
from tinhso.apps.cases import actions
from tinhso.apps.notifications.queries import list_notices

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
