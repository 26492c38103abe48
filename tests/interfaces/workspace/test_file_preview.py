"""Looking at a handed-in file page by page: officer and applicant, what is held, and the reading written down."""

from typing import Any

from tests.factories import files
from tests.interfaces.workspace.conftest import Office
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases.models import Case
from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.models import Content
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now


def with_a_file(office: Office, content: bytes) -> tuple[Case, Any]:
    case = office.received()
    stored = store_file(content=content, name="ban-ve.pdf", actor=SYSTEM, at=now())
    document = case.documents.create(
        key="drawings", name="Bản vẽ", presence="uploaded", file_id=stored.id, added_at=now()
    )
    office.drain()
    return case, document


def test_an_officer_sees_the_pages_and_it_is_written_down(office: Office) -> None:
    case, document = with_a_file(office, files.pdf(pages=3))
    browser, address = office.browser("specialist"), f"/can-bo/ho-so/{case.code}/tep/{document.pk}"
    before = Entry.objects.count()
    page = browser.get(f"{address}/xem").content.decode()
    assert Entry.objects.count() == before + 1
    assert page.count("<img") == 3
    assert "Chưa quét mã độc" in page
    sheet = browser.get(f"{address}/trang/2")
    assert (sheet["Content-Type"], sheet.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert browser.get(f"{address}/trang/4").status_code == 404
    assert office.browser("specialist", other=True).get(f"{address}/trang/1").status_code == 404


def test_what_is_held_is_told_and_not_shown(office: Office) -> None:
    case, document = with_a_file(office, files.pdf(pages=2))
    Content.objects.filter(files__name="ban-ve.pdf").update(scan="infected")
    browser, address = office.browser("specialist"), f"/can-bo/ho-so/{case.code}/tep/{document.pk}"
    page = browser.get(f"{address}/xem").content.decode()
    assert "Có mã độc, đã giữ lại" in page
    assert "<img" not in page
    assert "Tải tệp gốc" not in page
    assert browser.get(address).status_code == 409
    assert browser.get(f"{address}/trang/1").status_code == 409
