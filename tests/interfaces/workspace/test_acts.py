"""Acts on the case page: allowed, refused, too late, twice."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.factories.world import officer
from tests.interfaces.workspace.conftest import Office, content_of, text_of
from tinhso.apps.accounts.actions import declare_mandate
from tinhso.apps.accounts.queries import get_mandate
from tinhso.apps.cases import actions
from tinhso.apps.directory.queries import one_stop_of
from tinhso.kernel.clock import now

pytestmark = pytest.mark.django_db


def do(office: Office, role: str, case: Any, slug: str, **data: str) -> Any:
    case.refresh_from_db()
    sent = {"_step": case.step_key, **{f"_{name}": value for name, value in data.items()}}
    return office.browser(role).post(f"/can-bo/ho-so/{case.code}/viec/{slug}", sent)


def test_a_case_goes_from_the_counter_to_the_citizen_through_the_pages(office: Office) -> None:
    case = office.submitted()
    answer = do(office, "one_stop_officer", case, "tiep-nhan")
    assert answer["Location"] == f"/can-bo/ho-so/{case.code}/da-tiep-nhan"
    assert "In giấy tiếp nhận" in text_of(office.browser("one_stop_officer").get(answer["Location"]))
    case.refresh_from_db()
    while case.status == "processing":
        role, kind = case.step_role, case.step_kind
        slug = {"appraisal": "trinh", "approval": "ky"}.get(kind, "chuyen")
        answer = do(office, role, case, slug, outcome="grant", text="Đủ điều kiện")
        assert answer.status_code == 302, text_of(answer)[:4000]
        office.drain()
        case.refresh_from_db()
    assert case.status == "resolved"
    page = text_of(office.browser("one_stop_officer").get(f"/can-bo/ho-so/{case.code}"))
    assert "Trả kết quả" in page
    assert "Mở kết quả đã ký" in page
    result = office.browser("leader").get(f"/can-bo/ho-so/{case.code}/ket-qua")
    assert content_of(result).startswith(b"%PDF")
    assert do(office, "one_stop_officer", case, "tra-ket-qua", to_name="", method="counter").status_code == 302
    case.refresh_from_db()
    assert case.status == "delivered"


def test_two_officers_at_once_the_second_learns_who_was_first(office: Office) -> None:
    case = office.at_kind("assignment", "1.013225")
    step = case.step_key
    actions.forward_case(case_id=case.pk, step=step, actor=office.actor("division_head"), at=now())
    other = office.browser("leader")
    late = other.post(f"/can-bo/ho-so/{case.code}/viec/chuyen", {"_step": step})
    assert late.status_code in {403, 409}
    again = office.browser("division_head").post(f"/can-bo/ho-so/{case.code}/viec/chuyen", {"_step": step})
    assert again.status_code in {302, 409}
    case.refresh_from_db()
    assert case.steps.count() == 3, "one step forward, not two"


def test_receiving_twice_is_harmless_and_a_colleague_is_told(office: Office) -> None:
    case = office.submitted()
    first = do(office, "one_stop_officer", case, "tiep-nhan")
    second = do(office, "one_stop_officer", case, "tiep-nhan")
    assert first["Location"] == second["Location"]
    case.refresh_from_db()
    assert case.steps.count() == 2

    case = office.submitted(key="b")
    actions.receive_case(case_id=case.pk, actor=office.actor("one_stop_officer"), at=now())
    desk = one_stop_of(office.place.commune.id)
    assert desk is not None
    colleague = officer("one_stop_officer", desk)
    office.place.officers[f"colleague@{office.place.commune.path}"] = colleague
    answer = do(office, "colleague", case, "tiep-nhan")
    assert answer.status_code == 409
    assert "được xử lý trước" in text_of(answer)


def test_a_refused_form_keeps_what_was_typed(office: Office) -> None:
    case = office.at_kind("appraisal")
    answer = do(office, "specialist", case, "yeu-cau-bo-sung", items="Bản sao giấy khai sinh", reason="")
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Bản sao giấy khai sinh" in page
    assert "chỉ được yêu cầu một lần" in page
    case.refresh_from_db()
    assert case.status == "processing"


def test_supplement_stops_the_clock_and_the_counter_takes_the_answer(office: Office) -> None:
    case = office.at_kind("appraisal")
    assert (
        do(office, "specialist", case, "yeu-cau-bo-sung", items="- Giấy A\n- Giấy B", reason="Thiếu").status_code == 302
    )
    case.refresh_from_db()
    assert (case.status, case.due_at) == ("supplement", None)
    assert case.supplements.get().items == ["Giấy A", "Giấy B"]
    page = text_of(office.browser("one_stop_officer").get(f"/can-bo/ho-so/{case.code}"))
    assert "Đang chờ người nộp bổ sung" in page
    assert "Giấy B" in page
    assert do(office, "one_stop_officer", case, "nhan-bo-sung", note="Đã nộp đủ").status_code == 302
    case.refresh_from_db()
    assert case.status == "processing"
    assert case.due_at is not None


def test_refusing_needs_a_reason(office: Office) -> None:
    case = office.submitted()
    assert do(office, "one_stop_officer", case, "tu-choi", reason="").status_code == 422
    assert do(office, "one_stop_officer", case, "tu-choi", reason="Không thuộc thẩm quyền").status_code == 302
    case.refresh_from_db()
    assert case.status == "intake_refused"


def test_return_goes_back_to_the_specialist_who_did_it(office: Office) -> None:
    case = office.at_kind("approval")
    assert do(office, "leader", case, "tra-lai", note="").status_code == 422
    assert do(office, "leader", case, "tra-lai", note="Ghi rõ số quyển").status_code == 302
    case.refresh_from_db()
    assert case.step_kind == "appraisal"
    assert case.assignee_id == office.actor("specialist").account_id


def test_assign_and_withdraw(office: Office) -> None:
    case = office.at_kind("appraisal")
    whom = office.actor("specialist").account_id
    assert do(office, "division_head", case, "phan-cong", assignee=str(whom)).status_code == 302
    case.refresh_from_db()
    assert case.assignee_id == whom
    assert do(office, "one_stop_officer", case, "rut", reason="").status_code == 422
    assert do(office, "one_stop_officer", case, "rut", reason="Người nộp đổi ý").status_code == 302
    case.refresh_from_db()
    assert case.status == "withdrawn"


@pytest.mark.parametrize(
    ("role", "slug"), [("specialist", "tiep-nhan"), ("auditor", "tu-choi"), ("leader", "rut"), ("clerk", "tiep-nhan")]
)
def test_acts_of_others_are_refused(office: Office, role: str, slug: str) -> None:
    case = office.submitted()
    assert do(office, role, case, slug, reason="x").status_code == 403
    case.refresh_from_db()
    assert case.status == "submitted"


def test_draft_fields_are_judged_and_kept(office: Office) -> None:
    case = office.at_kind("appraisal")
    browser = office.browser("specialist")
    address = f"/can-bo/ho-so/{case.code}/viec/trinh"
    page = text_of(browser.get(f"/can-bo/ho-so/{case.code}"))
    assert 'name="register_book"' in page
    data = {"_step": case.step_key, "_outcome": "grant", "_text": "", "register_book": "01/2009", "note": "Không"}
    assert browser.post(address, data).status_code == 302
    assert case.results.get().fields["register_book"] == "01/2009"


def test_unknown_act_is_not_found(office: Office) -> None:
    case = office.submitted()
    assert do(office, "one_stop_officer", case, "xoa").status_code == 404


def test_a_declared_mandate_is_confirmed_where_the_case_is_received(office: Office) -> None:
    mandate = declare_mandate(
        principal_subject="person", principal_id="051158000007", principal_name="Bùi Thị Quyên",
        document="Giấy ủy quyền 12/2026", valid_from=date(2026, 1, 1), actor=office.person, at=now(),
    )  # fmt: skip
    office.person = replace(office.person, mandate_id=mandate.id)
    case = office.submitted()
    page = text_of(office.browser("one_stop_officer").get(f"/can-bo/ho-so/{case.code}"))
    assert "Tôi đã xem văn bản ủy quyền này" in page
    assert "Giấy ủy quyền 12/2026" in page
    assert "chưa ai kiểm tra văn bản" in page
    refused = do(office, "one_stop_officer", case, "tiep-nhan")
    assert refused.status_code == 422
    assert "mời xác nhận đã xem văn bản ủy quyền" in text_of(refused)

    assert do(office, "one_stop_officer", case, "tiep-nhan", mandate_seen="1").status_code == 302
    page = text_of(office.browser("one_stop_officer").get(f"/can-bo/ho-so/{case.code}"))
    assert "Cán bộ đã kiểm tra văn bản" in page
    assert get_mandate(mandate.id).verified
