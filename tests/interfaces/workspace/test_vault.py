"""The applicant's vault through a case in work and at the counter: with a purpose, recorded, and never otherwise."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import vaults
from tests.factories.vaults import BIRTH, end
from tests.interfaces.workspace.conftest import MORNING, Office, content_of, example, text_of
from tests.interfaces.workspace.test_counter import PAGE, PERSON
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions as cases
from tinhso.apps.cases import flows
from tinhso.apps.cases.models import CaseDocument, SourceAlert
from tinhso.apps.vault.enums import Standing
from tinhso.apps.vault.models import Document
from tinhso.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db

ALLOWANCE = "1.001776"
KIND = "QNG.BTXH.000002"


def kept(case: Any, mark: str, **values: Any) -> Document:
    return vaults.kept(case.applicant_personal_id, mark=mark, at=MORNING, **{"type_code": KIND, **values})


def filled(**more: str) -> dict[str, Any]:
    """The counter's page for the allowance, as an officer has filled it in."""
    data: dict[str, Any] = {**PERSON, "_procedure": ALLOWANCE, "_channel": "counter", "_key": "k1"}
    for key, value in example(ALLOWANCE)[1].answers.items():
        if isinstance(value, dict):
            data |= {f"{key}.{part}": text for part, text in value.items()}
        else:
            data[key] = value
    return data | more


def readings(document: Document) -> list[tuple[str, list[str]]]:
    found = entries_of(f"disclosure:vault:{document.holder_id}")
    return [(entry.payload["purpose"], entry.payload["fields"]) for entry in found]


def test_without_a_purpose_nothing_is_shown_and_with_one_it_is_recorded_first(office: Office) -> None:
    case = office.at_kind("appraisal", ALLOWANCE)
    document = kept(case, "a", name="Giấy xác nhận A")
    kept(case, "b", name="Giấy phép riêng", type_code="KQ.G17.000311")
    browser, address = office.browser("specialist"), f"/can-bo/ho-so/{case.code}/kho"
    assert "Kho của người nộp" in text_of(browser.get(f"/can-bo/ho-so/{case.code}"))
    asking = text_of(browser.get(address))
    assert "Xem để làm gì" in asking
    assert "Giấy xác nhận A" not in asking
    assert readings(document) == []
    shown = text_of(browser.get(f"{address}?muc-dich=appraise"))
    assert "Giấy xác nhận A" in shown
    assert "Giấy phép riêng" not in shown
    ((purpose, fields),) = readings(document)
    assert case.code in purpose
    assert fields == [f"document:{document.pk}", "list"]
    assert browser.get(f"{address}/{document.uuid}").status_code == 404
    opened = browser.get(f"{address}/{document.uuid}?muc-dich=appraise")
    assert content_of(opened) == vaults.pdf("a")
    assert len(readings(document)) == 2


@pytest.mark.parametrize(
    ("role", "other", "status"), [("auditor", False, 403), ("clerk", False, 403), ("specialist", True, 404)]
)
def test_who_has_no_work_with_the_case_sees_no_vault(office: Office, role: str, other: bool, status: int) -> None:
    case = office.at_kind("appraisal", ALLOWANCE)
    document = kept(case, "a")
    answer = office.browser(role, other=other).get(f"/can-bo/ho-so/{case.code}/kho?muc-dich=appraise")
    assert answer.status_code == status
    assert readings(document) == []


def test_a_case_that_has_ended_opens_no_vault(office: Office) -> None:
    case = office.at_kind("appraisal", ALLOWANCE)
    document = kept(case, "a")
    type(case).objects.filter(pk=case.pk).update(status="delivered")
    answer = office.browser("specialist").get(f"/can-bo/ho-so/{case.code}/kho?muc-dich=appraise")
    assert answer.status_code == 404
    assert readings(document) == []


def test_the_officer_settles_what_has_ended_on_the_case_page(office: Office) -> None:
    case = office.at_kind("appraisal", ALLOWANCE)
    old = kept(case, "a", name="Giấy xác nhận A")
    CaseDocument.objects.create(
        case=case, key="disability_certificate", name="Giấy xác nhận khuyết tật", presence="vault", file_id=old.file_id,
        vault_document=old, reused="result", added_at=MORNING,
    )  # fmt: skip
    kept(case, "b", name="Giấy xác nhận B", number="15/XN", replaces=old.source_key)
    flows.flag_sources(document_id=old.pk, at=MORNING)
    browser, alert = office.browser("specialist"), SourceAlert.objects.get()
    page = text_of(browser.get(f"/can-bo/ho-so/{case.code}"))
    assert "giấy tờ đang dùng đã được thay thế" in page
    assert "Thay bằng bản mới" in page
    assert "15/XN" in page
    address, words = f"/can-bo/ho-so/{case.code}/cong-viec/nguon", {"alert": str(alert.pk)}
    assert "Thay bằng bản mới" not in text_of(office.browser("auditor").get(f"/can-bo/ho-so/{case.code}"))
    done = text_of(browser.post(address, {**words, "settlement": "replaced"}, follow=True))
    assert "Đã thay bằng giấy tờ mới" in done or "đã thay bằng giấy tờ mới" in done
    again = text_of(browser.post(address, {**words, "settlement": "replaced"}, follow=True))
    assert "Không có cảnh báo giấy tờ nguồn nào đang chờ" in again


def test_the_applicant_reads_of_it_too(office: Office) -> None:
    case = office.at_kind("appraisal", ALLOWANCE)
    old = kept(case, "a", name="Giấy xác nhận A")
    CaseDocument.objects.create(
        case=case, key="disability_certificate", name="Giấy xác nhận khuyết tật", presence="uploaded",
        file_id=old.file_id, added_at=MORNING,
    )  # fmt: skip
    end(document=old, how=Standing.REVOKED, reason="Cấp sai", actor=SYSTEM, at=MORNING)
    flows.flag_sources(document_id=old.pk, at=MORNING)
    assert "đã bị thu hồi" in case.messages.get().text


def test_the_kind_of_the_factory_is_in_the_content() -> None:
    from tinhso.apps.vault.queries import list_types

    assert {BIRTH, KIND} <= {one.code for one in list_types()}


def test_the_counter_offers_what_the_person_has_and_records_that_it_looked_once(office: Office) -> None:
    document = vaults.kept("051190000019", mark="c", type_code=KIND, name="Giấy xác nhận C", at=MORNING)
    browser = office.browser("one_stop_officer")
    page = browser.post(PAGE, filled())
    shown = text_of(page)
    assert "Đã có trong kho" in shown
    assert "Giấy xác nhận C" in shown
    assert len(readings(document)) == 1
    seen = shown.partition('name="_seen" value="')[2].partition('"')[0]
    data = filled(_seen=seen) | {
        "_unit": str(office.place.commune.id), "_doc.disability_certificate": f"vault:{document.uuid}", "_submit": "1",
    }  # fmt: skip
    answer = browser.post(PAGE, data)
    assert answer.status_code == 302, text_of(answer)[-3000:]
    assert len(readings(document)) == 1, "what was shown once is written once"
    component = CaseDocument.objects.get(presence="vault")
    assert (component.file_id, component.key) == (document.file_id, "disability_certificate")


def test_the_counter_answers_a_supplement_from_the_vault(office: Office) -> None:
    case = office.at_kind("appraisal", ALLOWANCE)
    document = kept(case, "a", name="Giấy xác nhận A")
    cases.request_supplement(
        case_id=case.pk, items=["Giấy xác nhận"], reason="Thiếu", documents=["disability_certificate"],
        actor=office.actor("specialist"), at=MORNING + timedelta(hours=3),
    )  # fmt: skip
    browser, address = office.browser("one_stop_officer"), f"/can-bo/ho-so/{case.code}"
    assert f"{address}/kho?muc-dich=spare" in text_of(browser.get(address))
    page = text_of(browser.get(f"{address}/kho?muc-dich=spare"))
    assert "Dùng để bổ sung hồ sơ" in page
    assert f'name="_vault.disability_certificate" id="av-disability_certificate-1" value="{document.uuid}"' in page
    answer = browser.post(f"{address}/viec/nhan-bo-sung", {"_vault.disability_certificate": str(document.uuid)})
    assert answer.status_code == 302
    row = CaseDocument.objects.get(case=case, presence="vault")
    assert (row.key, row.reused, row.vault_document_id) == ("disability_certificate", "result", document.pk)
