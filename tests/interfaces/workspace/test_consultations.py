"""Opinions on the case page and on the desk of the asked unit; the process drawn; the BPMN file."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.directory import department
from tests.factories.files import PDF
from tests.factories.world import officer
from tests.interfaces.workspace.conftest import Office, content_of, text_of
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.cases.models import Case, Consultation
from tinhso.kernel.actor import Actor

pytestmark = pytest.mark.django_db
PERMIT = "1.013225"


@pytest.fixture
def case(office: Office) -> Case:
    return office.at_kind("appraisal", PERMIT)


@pytest.fixture
def planner(office: Office) -> Actor:
    return officer("specialist", department("construction"))


def browser(actor: Actor) -> Client:
    client = Client()
    assert actor.account_id is not None
    sign_in(client, get_account(actor.account_id))
    return client


def post(client: Client, case: Case, slug: str, **data: Any) -> Any:
    sent = {"_step": case.step_key, **{f"_{name}": value for name, value in data.items()}}
    return client.post(f"/can-bo/ho-so/{case.code}/viec/{slug}", sent)


def test_asked_answered_and_asked_anew_through_the_pages(office: Office, case: Case, planner: Actor) -> None:
    specialist, asked = office.browser("specialist"), browser(planner)
    page = text_of(specialist.get(f"/can-bo/ho-so/{case.code}"))
    assert "Ý kiến về quy hoạch, kiến trúc" in page
    assert "im lặng là đồng ý" in page
    assert asked.get(f"/can-bo/ho-so/{case.code}").status_code == 404

    assert post(specialist, case, "xin-y-kien", key=["planning"], question="").status_code == 302
    row = Consultation.objects.get()
    desk = text_of(asked.get("/can-bo/y-kien"))
    assert str(case.code) in desk
    assert "Chờ trả lời 1" in desk
    page = text_of(asked.get(f"/can-bo/ho-so/{case.code}"))
    assert "Trả lời ý kiến" in page
    assert "Trình dự thảo kết quả" not in page

    refused = post(specialist, case, "trinh", outcome="refuse", text="Không đủ.")
    assert refused.status_code == 409
    assert "Còn chờ ý kiến của" in text_of(refused)

    wrong = post(asked, case, "tra-loi-y-kien", consultation=row.pk, opinion="disagree", text="")
    assert wrong.status_code == 422
    assert "Mời ghi rõ điều kiện" in text_of(wrong)
    sent = post(asked, case, "tra-loi-y-kien", consultation=row.pk, opinion="conditional", text="Lùi 2 m.",
                file=SimpleUploadedFile("y-kien.pdf", PDF, content_type="application/pdf"))  # fmt: skip
    assert sent.status_code == 302
    page = text_of(specialist.get(f"/can-bo/ho-so/{case.code}"))
    assert "Lùi 2 m." in page
    assert "Đồng ý có điều kiện" in page
    assert "có ý kiến" in page
    assert content_of(specialist.get(f"/can-bo/ho-so/{case.code}/y-kien/{row.pk}")) == PDF
    assert specialist.get(f"/can-bo/ho-so/{case.code}/y-kien/987654").status_code == 404
    assert "Đồng ý có điều kiện" in text_of(asked.get("/can-bo/y-kien?da-tra-loi=1"))

    assert post(specialist, case, "hoi-lai-y-kien", consultation=row.pk, reason="Rõ hơn").status_code == 302
    again = Consultation.objects.get(previous=row)
    assert post(specialist, case, "nhac-y-kien", consultation=again.pk).status_code == 302
    assert post(specialist, case, "thoi-y-kien", consultation=again.pk, reason="Đủ rồi").status_code == 302
    again.refresh_from_db()
    assert again.status == "cancelled"


def test_several_units_are_asked_with_one_form(office: Office, case: Case) -> None:
    units = [department("health").id, department("finance").id]
    specialist = office.browser("specialist")
    refused = post(specialist, case, "xin-y-kien", question="Ý kiến?", days="3")
    assert refused.status_code == 422
    assert "Mời chọn đơn vị" in text_of(refused)
    sent = post(specialist, case, "xin-y-kien", unit=units, question="Ý kiến?", days="3", silence="none", optional="1")
    assert sent.status_code == 302
    rows = Consultation.objects.order_by("unit_id")
    assert sorted(row.unit_id for row in rows) == sorted(units)
    assert {row.required for row in rows} == {False}
    other = post(specialist, case, "nhac-y-kien", consultation="x")
    assert other.status_code == 422


def test_an_opinion_of_another_case_is_not_reached_through_this_one(office: Office, case: Case) -> None:
    specialist = office.browser("specialist")
    post(specialist, case, "xin-y-kien", key=["planning"], question="")
    row = Consultation.objects.get()
    other = office.at_kind("appraisal", PERMIT, key="other")
    assert post(specialist, other, "nhac-y-kien", consultation=row.pk).status_code == 422
    assert specialist.get(f"/can-bo/ho-so/{other.code}/y-kien/{row.pk}").status_code == 404


def test_the_desk_without_questions_says_so(office: Office) -> None:
    assert "Không có hồ sơ nào chờ ý kiến" in text_of(office.browser("leader").get("/can-bo/y-kien"))
    assert "Chưa trả lời lần nào" in text_of(office.browser("leader").get("/can-bo/y-kien?da-tra-loi=1"))


def test_the_process_is_drawn_with_the_present_step_marked(office: Office, case: Case) -> None:
    page = text_of(office.browser("specialist").get(f"/can-bo/ho-so/{case.code}"))
    assert page.count('<svg viewBox="0 0') == 1
    assert page.count('aria-current="step"') == 1
    assert "Hồ sơ đang ở đây" in page
    assert "Phòng Kinh tế" in page[page.index('class="process"') :]


def test_the_catalogue_gives_the_process_as_a_file(office: Office) -> None:
    keeper = browser(officer("catalogue_admin", office.place.commune))
    page = text_of(keeper.get(f"/can-bo/danh-muc/thu-tuc/{PERMIT}"))
    assert "BPMN 2.0" in page
    answer = keeper.get(f"/can-bo/danh-muc/thu-tuc/{PERMIT}/bpmn")
    assert answer["Content-Disposition"] == f'attachment; filename="{PERMIT}.bpmn"'
    assert "Sở Xây dựng" not in answer.content.decode()[:200]
    assert "<bpmn:inclusiveGateway" in answer.content.decode()
    assert keeper.get("/can-bo/danh-muc/thu-tuc/9.999999/bpmn").status_code == 404


def test_the_public_page_shows_the_process(office: Office) -> None:
    page = text_of(Client().get(f"/thu-tuc/{PERMIT}"))
    assert "Hồ sơ đi qua những bước nào" in page
    assert "Ý kiến về quy hoạch, kiến trúc" in page
    assert "Nhà ở riêng lẻ: 28 giờ" in page
    assert f'href="/thu-tuc/{PERMIT}/quy-trinh.bpmn"' in page
    file = Client().get(f"/thu-tuc/{PERMIT}/quy-trinh.bpmn")
    assert (file["Content-Type"], file["Content-Disposition"]) == (
        "application/xml", f'attachment; filename="{PERMIT}.bpmn"',
    )  # fmt: skip
    assert b"http://www.omg.org/spec/BPMN/20100524/MODEL" in file.content
    assert Client().get("/thu-tuc/9.000297/quy-trinh.bpmn").status_code == 404
