"""Units on any day, the catalogue's administration, the log."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories.world import officer
from tests.interfaces.workspace.conftest import Office, text_of
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.procedures.queries import get_synonyms

pytestmark = pytest.mark.django_db


def test_the_tree_and_a_unit(office: Office) -> None:
    browser = office.browser("unit_admin")
    page = text_of(browser.get("/can-bo/don-vi/"))
    assert office.place.commune.name in page
    page = text_of(browser.get(f"/can-bo/don-vi/{office.place.commune.id}"))
    assert "Hiệu lực" in page
    assert "Chức danh và cán bộ" in page
    assert "Chức danh và cán bộ" not in text_of(browser.get(f"/can-bo/don-vi/{office.place.other_commune.id}"))
    assert browser.get("/can-bo/don-vi/999999").status_code == 404
    assert office.place.commune.name in text_of(browser.get("/can-bo/don-vi/", {"q": "cam thanh"}))


def test_what_a_code_meant_on_a_day(office: Office) -> None:
    browser = office.browser("unit_admin")
    code = office.place.commune.gso_code
    page = text_of(browser.get("/can-bo/don-vi/tai-ngay", {"ma": code, "ngay": "23/11/2026"}))
    assert office.place.commune.name in page
    assert browser.get("/can-bo/don-vi/tai-ngay", {"ma": "00000", "ngay": "23/11/2026"}).status_code == 422
    assert browser.get("/can-bo/don-vi/tai-ngay", {"ma": code, "ngay": "32/13/2026"}).status_code == 422


def test_the_log_is_for_auditors_and_reading_it_is_logged(office: Office) -> None:
    case = office.received()
    browser = office.browser("auditor")
    page = text_of(browser.get("/can-bo/nhat-ky/", {"luong": f"case:{case.pk}"}))
    assert "case.received" in page
    assert case.applicant_personal_id not in page
    assert entries_of(f"disclosure:log:case:{case.pk}")
    assert "Nhật ký nguyên vẹn" in text_of(browser.post("/can-bo/nhat-ky/kiem-tra"))
    for role in ("leader", "unit_admin", "one_stop_officer"):
        assert office.browser(role).get("/can-bo/nhat-ky/").status_code == 403


def test_the_vocabulary_is_edited_as_lines(office: Office) -> None:
    office.place.officers[f"catalogue@{office.place.commune.path}"] = officer("catalogue_admin", office.place.commune)
    browser = office.browser("catalogue")
    wrong = browser.post("/can-bo/danh-muc/tu-ngu", {"entries": "không có mũi tên", "ignore": ""})
    assert wrong.status_code == 422
    assert "Dòng 1" in text_of(wrong)
    sent = {
        "entries": "giấy khai sinh, khai sanh → khai sinh\nlàm lại giấy khai sinh -> 2.000635",
        "ignore": "xin, cho",
    }
    assert browser.post("/can-bo/danh-muc/tu-ngu", sent).status_code == 302
    published = get_synonyms()[1]
    assert published is not None
    assert published.entries[1].codes == ("2.000635",)
    page = text_of(browser.get("/can-bo/danh-muc/tu-ngu"))
    assert "giấy khai sinh, khai sanh → khai sinh" in page


def test_the_catalogue_shows_versions_and_refuses_a_wrong_file(office: Office) -> None:
    office.place.officers[f"catalogue@{office.place.commune.path}"] = officer("catalogue_admin", office.place.commune)
    browser = office.browser("catalogue")
    assert "2.000635" in text_of(browser.get("/can-bo/danh-muc/", {"q": "trich luc"}))
    assert "Phiên bản 1" in text_of(browser.get("/can-bo/danh-muc/thu-tuc/2.000635"))
    assert browser.get("/can-bo/danh-muc/thu-tuc/9.999999").status_code == 404
    file = SimpleUploadedFile("danh-muc.jsonl", b"{not json\n")
    answer = browser.post("/can-bo/danh-muc/nhap", {"file": file, "since": "01/12/2026"})
    assert answer.status_code == 422
    assert "dòng 1" in text_of(answer)
    strange = SimpleUploadedFile("danh-muc.jsonl", json.dumps({"PROC_CODE": ""}).encode())
    assert browser.post("/can-bo/danh-muc/nhap", {"file": strange, "since": "32/12/2026"}).status_code == 422
    assert office.browser("leader").get("/can-bo/danh-muc/").status_code == 403
