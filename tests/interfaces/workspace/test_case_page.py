"""The case page: what it shows, what is written down about reading it, who may open it."""

from typing import Any

import pytest

from tests.interfaces.workspace.conftest import Office, content_of, text_of
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions

pytestmark = pytest.mark.django_db


def url(case: Any, rest: str = "") -> str:
    return f"/can-bo/ho-so/{case.code}{rest}"


def test_officer_reads_a_case_and_the_log_says_so(office: Office) -> None:
    case = office.at_kind("appraisal")
    page = text_of(office.browser("specialist").get(url(case)))
    assert case.code in page
    assert case.applicant_name in page
    assert "Vì sao hẹn ngày này?" in page
    assert "Trình dự thảo kết quả" in page
    for sentence in ("Tiếp nhận hồ sơ", "Xong bước", "Chuyển đến bước"):
        assert sentence in page, "the history speaks"
    readings = entries_of(f"disclosure:case:{case.pk}")
    assert [(r.type, r.actor_id) for r in readings][-1] == (
        "personal_data.disclosed",
        office.actor("specialist").account_id,
    )


def test_personal_numbers_are_masked_until_a_reason_is_given(office: Office) -> None:
    case = office.received()
    browser = office.browser("one_stop_officer")
    number = case.applicant_personal_id
    assert number
    assert number not in text_of(browser.get(url(case)))
    refused = browser.post(url(case, "/xem-so"), {"reason": " "})
    assert refused.status_code == 422
    assert number not in text_of(refused)
    shown = browser.post(url(case, "/xem-so"), {"reason": "Đối chiếu bản giấy"})
    assert number in text_of(shown)
    assert shown["Cache-Control"] == "private, no-store"
    last = entries_of(f"disclosure:case:{case.pk}")[-1]
    assert last.payload["purpose"] == "Đối chiếu bản giấy"
    assert "applicant_personal_id" in last.payload["fields"]


def test_unknown_code_and_not_mine_look_the_same(office: Office) -> None:
    case = office.received()
    stranger = office.browser("specialist", other=True)
    mine = stranger.get(url(case))
    unknown = stranger.get("/can-bo/ho-so/H48.99-261123-9999")
    assert (mine.status_code, unknown.status_code) == (404, 404)
    assert mine.content.decode().replace(case.code, "") == unknown.content.decode().replace("H48.99-261123-9999", "")
    assert not entries_of(f"disclosure:case:{case.pk}")


@pytest.mark.parametrize("rest", ["", "/giay-tiep-nhan", "/du-thao", "/ket-qua", "/kiem-soat", "/tep/1", "/giay/1"])
def test_nothing_of_a_case_is_given_to_strangers(office: Office, rest: str) -> None:
    case = office.received()
    assert office.browser("specialist", other=True).get(url(case, rest)).status_code == 404
    assert office.browser("unit_admin").get(url(case, rest)).status_code == 403


def test_auditor_reads_but_has_nothing_to_do(office: Office) -> None:
    case = office.received()
    page = text_of(office.browser("auditor").get(url(case)))
    assert "Bạn không có việc phải làm" in page


def test_acknowledgement_is_made_on_demand_and_once(office: Office) -> None:
    case = office.received()
    browser = office.browser("one_stop_officer")
    first = browser.get(url(case, "/giay-tiep-nhan"))
    assert first["Content-Type"] == "application/pdf"
    assert content_of(first).startswith(b"%PDF")
    office.drain()
    assert case.papers.count() == 1
    paper = case.papers.get()
    assert paper.issued_by == office.actor("one_stop_officer").name
    assert content_of(browser.get(url(case, f"/giay/{paper.pk}"))).startswith(b"%PDF")


def test_draft_opens_as_pdf_before_approval(office: Office) -> None:
    case = office.at_kind("approval")
    answer = office.browser("leader").get(url(case, "/du-thao"))
    assert answer.content.startswith(b"%PDF")


def test_control_slip_lists_every_handover(office: Office) -> None:
    case = office.at_kind("approval")
    page = text_of(office.browser("leader").get(url(case, "/kiem-soat")))
    for step in case.steps.all():
        assert step.name in page


def test_same_person_same_procedure_is_pointed_out(office: Office) -> None:
    first, second = office.submitted(key="a"), office.submitted(key="b")
    page = text_of(office.browser("one_stop_officer").get(url(second)))
    assert "hồ sơ khác của cùng thủ tục" in page
    assert str(first.code) in page


def test_queries_of_the_page_do_not_grow_with_its_history(office: Office, django_assert_max_num_queries: Any) -> None:
    case = office.at_kind("approval")
    browser = office.browser("leader")
    with django_assert_max_num_queries(40):
        browser.get(url(case))
    actions.return_case(
        case_id=case.pk, step=case.step_key, note="Sửa lại", actor=office.actor("leader"), at=case.updated_at
    )
    with django_assert_max_num_queries(40):
        browser.get(url(case))
