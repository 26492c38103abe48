"""Signing in batch: look, confirm once, each case told."""

from typing import Any

import pytest

from tests.interfaces.workspace.conftest import Office, text_of
from tinhso.apps.cases import actions
from tinhso.kernel.clock import now

pytestmark = pytest.mark.django_db
PAGE = "/can-bo/ky-duyet"


def confirmed(*cases: Any) -> dict[str, Any]:
    codes = [case.code for case in cases]
    return {"case": codes, "confirmed": "1", **{f"step.{case.code}": case.step_key for case in cases}}


def test_a_batch_is_signed_case_by_case(office: Office) -> None:
    cases = [office.at_kind("approval", key=str(number)) for number in range(3)]
    browser = office.browser("leader")
    page = text_of(browser.get(PAGE))
    assert all(str(case.code) in page for case in cases)
    asked = text_of(browser.post(PAGE, {"case": [case.code for case in cases]}))
    assert "Ký 3 kết quả?" in asked
    assert all(not case.results.filter(status="approved").exists() for case in cases), "nothing before the confirmation"
    actions.approve_result(case_id=cases[1].pk, step=cases[1].step_key, actor=office.actor("leader"), at=now())
    told = text_of(browser.post(PAGE, confirmed(*cases)))
    assert "Đã phê duyệt 2 hồ sơ" in told
    assert "1 hồ sơ chưa ký được" in told
    office.drain()
    for case in cases:
        case.refresh_from_db()
        assert case.status == "resolved"
        assert case.results.count() == 1


def test_nothing_marked_is_told(office: Office) -> None:
    office.at_kind("approval")
    answer = office.browser("leader").post(PAGE, {})
    assert answer.status_code == 422
    assert "Mời đánh dấu" in text_of(answer)


def test_strange_codes_and_strange_leaders_sign_nothing(office: Office) -> None:
    case = office.at_kind("approval")
    stranger = office.browser("leader", other=True)
    assert str(case.code) not in text_of(stranger.get(PAGE))
    assert "Không tìm thấy hồ sơ này" in text_of(stranger.post(PAGE, confirmed(case)))
    assert office.browser("specialist").get(PAGE).status_code == 403
    case.refresh_from_db()
    assert case.results.get().status == "proposed"
