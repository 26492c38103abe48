"""An officer asks about a person of his case: for a purpose, at his step, and sees what differs from the form."""

import pytest

from tests.factories.cases import ALLOWANCE
from tests.factories.lookups import Sources, sources
from tests.interfaces.workspace.conftest import Office, text_of
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.exchange.data import SourceAnswer
from tinhso.apps.exchange.enums import Outcome

pytestmark = pytest.mark.django_db
LOOK_UP = {"cau-hoi": "residence:look_up", "muc-dich": "check", "ly-do": "Cần nơi thường trú."}


@pytest.fixture
def asked(office: Office, monkeypatch: pytest.MonkeyPatch) -> Sources:
    return sources(monkeypatch)


def test_the_answer_stands_beside_the_form_and_in_the_history(office: Office, asked: Sources) -> None:
    case = office.at_kind("appraisal", ALLOWANCE)
    browser, address = office.browser("specialist"), f"/can-bo/ho-so/{case.code}/doi-chieu"
    assert "Đối chiếu dữ liệu" in text_of(browser.get(f"/can-bo/ho-so/{case.code}"))
    asking = text_of(browser.get(address))
    assert "Xác thực: khớp hay không khớp" in asking
    assert browser.post(address, LOOK_UP).status_code == 302
    shown = text_of(browser.get(address))
    assert "Khác tờ khai" in shown
    assert asked.asked[0].message_id in shown
    assert "Hỏi dữ liệu: có dữ liệu" in text_of(browser.get(f"/can-bo/ho-so/{case.code}"))
    told = entries_of(f"disclosure:lookup:{asked.asked[0].message_id}")[0]
    assert str(case.code) in told.payload["purpose"]
    assert "lookups" in entries_of(f"disclosure:case:{case.pk}")[-2].payload["fields"]


@pytest.mark.parametrize(
    ("given", "said"),
    [({"muc-dich": ""}, "Mời chọn mục đích"), ({"ly-do": ""}, "vì sao xác thực"), ({"cau-hoi": "x:verify"}, "nguồn")],
)
def test_what_is_missing_is_said_and_nothing_is_asked(
    office: Office, asked: Sources, given: dict[str, str], said: str
) -> None:
    case = office.at_kind("appraisal", ALLOWANCE)
    answer = office.browser("specialist").post(f"/can-bo/ho-so/{case.code}/doi-chieu", {**LOOK_UP, **given})
    assert answer.status_code in {404, 422}
    assert said in text_of(answer)
    assert asked.asked == []


def test_a_source_that_is_down_is_an_answer_too(office: Office, asked: Sources) -> None:
    asked.answer, case = SourceAnswer(Outcome.FAILED, error="Client.Timeout"), office.at_kind("appraisal", ALLOWANCE)
    browser, address = office.browser("specialist"), f"/can-bo/ho-so/{case.code}/doi-chieu"
    assert browser.post(address, {"cau-hoi": "residence:verify", "muc-dich": "condition"}).status_code == 302
    assert "Nguồn không trả lời được" in text_of(browser.get(address))


@pytest.mark.parametrize(("role", "status"), [("auditor", 403), ("leader", 403), ("clerk", 403)])
def test_who_has_no_such_right_is_shut_out(office: Office, asked: Sources, role: str, status: int) -> None:
    case = office.at_kind("appraisal", ALLOWANCE)
    refused = office.browser(role).get(f"/can-bo/ho-so/{case.code}/doi-chieu")
    assert refused.status_code == status
    assert 'href="/can-bo/"' in refused.content.decode(), "an officer is led back to work, not to the citizens' pages"
