"""Errand: certified copies at the counter. Every officer works by keyboard alone; nobody touches a mouse."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browsing import Town, Visitor
from tests.listening import hears, listen, lost_by_hands

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

# What the reader types when it sees the square on an identity card of a fictional person.
CARD = "051190000019||Nguyễn Thị Ví Dụ|12051990|Nữ|Tổ dân phố 3, phường Cẩm Thành, tỉnh Quảng Ngãi|01062021"


def test_certified_copies_without_a_mouse(town: Town) -> None:
    counter = town.officer_signs_in("one_stop_officer")
    listen(counter.page.context)
    _opens_the_counter(counter)
    _reads_the_card(counter)
    _chooses_the_procedure(counter)
    _writes_down_the_papers(counter)
    code = _receives_and_prints(town, counter)
    _specialist_compares(town, code)
    _leader_signs(town, code)
    _hands_over(counter, code)
    _applicant_follows(town, code)


def _opens_the_counter(counter: Visitor) -> None:
    counter.press("n")
    counter.page.wait_for_url("**/can-bo/quay/tiep-nhan")
    counter.look()
    counter.stands_on("#card")


def _reads_the_card(counter: Visitor) -> None:
    counter.type(CARD)
    counter.press("Enter")
    counter.stands_on("#find-procedure")
    page = counter.page
    assert page.locator("#a-full_name").input_value() == "Nguyễn Thị Ví Dụ"
    assert page.locator("#a-personal_id").input_value().replace(" ", "") == "051190000019"
    assert page.locator("#a-birth_date").input_value() == "12/05/1990"
    counter.look()


def _chooses_the_procedure(counter: Visitor) -> None:
    counter.type("ctbs")
    expect(counter.page.locator("#hits button")).to_have_count(1)
    hears(counter.page, "Có 1 thủ tục", how="status")
    counter.press("ArrowDown")
    counter.stands_on("#hits button")
    counter.press("ArrowUp", "Enter")
    counter.page.get_by_text("2.000815").wait_for()
    counter.look()


def _writes_down_the_papers(counter: Visitor) -> None:
    page = counter.page
    counter.stands_on('[name="phone"]')
    counter.type("0900000007")
    counter.tab_to('[name="_add:papers"]')
    counter.press("Enter")
    counter.stands_on('[name="papers.0.name"]')
    counter.type("Bằng tốt nghiệp đại học")
    counter.tab_to('[name="papers.0.issuer"]')
    counter.type("Trường Đại học Ví Dụ")
    counter.tab_to('[name="papers.0.issuer_kind"]')
    counter.press("Space")
    counter.tab_to('[name="papers.0.pages"]')
    counter.type("1")
    counter.tab_to('[name="papers.0.copies"]')
    counter.type("3")
    counter.tab_to('[name="copying"]')
    counter.press("Space", "ArrowDown")
    assert page.locator('[name="copying"][value="office"]').is_checked()
    counter.tab_to('[name="shown_by_vneid"]')
    counter.press("Space")
    counter.tab_to('[name="commitment"]')
    counter.press("Space")
    page.locator("#money", has_text="6.000 ₫").wait_for()
    hears(page, "6.000 ₫", how="status")
    page.locator('[name="_doc.originals"]').first.wait_for()
    counter.tab_to('[name="_doc.originals"]')
    counter.press("ArrowUp")
    assert page.locator('[name="_doc.originals"][value="shown"]').is_checked()
    assert lost_by_hands(page) == []
    counter.look()


def _receives_and_prints(town: Town, counter: Visitor) -> str:
    page = counter.page
    with page.expect_popup() as popped:
        counter.press("s")
    popped.value.close()
    page.wait_for_url("**/da-tiep-nhan")
    counter.look()
    counter.stands_on("#receipt")
    receipt = page.context.request.get(str(page.locator("#receipt").evaluate("link => link.href")))
    assert receipt.headers["content-type"] == "application/pdf"
    assert receipt.body().startswith(b"%PDF-")
    town.drain()
    found = re.search(r"/ho-so/([^/]+)/da-tiep-nhan", page.url)
    assert found is not None
    return found[1]


def _specialist_compares(town: Town, code: str) -> None:
    specialist = town.officer("specialist")
    _opens_first_row(specialist, code)
    specialist.look()
    specialist.press("a")
    specialist.stands_on('[name="_outcome"]')
    specialist.tab_to('[name="_text"]')
    specialist.type("Bản sao đúng với bản chính.")
    specialist.tab_to("#viec-trinh button[type=submit]")
    specialist.press("Enter")
    specialist.page.get_by_text("Đã trình dự thảo kết quả").first.wait_for()


def _leader_signs(town: Town, code: str) -> None:
    leader = town.officer("leader")
    _opens_first_row(leader, code)
    leader.look()
    leader.press("a")
    leader.page.get_by_text("Đã phê duyệt, số").first.wait_for()
    town.drain()


def _hands_over(counter: Visitor, code: str) -> None:
    counter.press("Control+k")
    counter.stands_on("#palette input")
    counter.type("cho tra")
    counter.press("Enter")
    counter.page.wait_for_url("**/viec/cho-tra-ket-qua")
    _opens_first_row(counter, code)
    counter.press("a")
    counter.stands_on('[name="_to_name"]')
    counter.look()
    counter.press("Enter")
    counter.page.get_by_text("Đã trả kết quả.").first.wait_for()
    counter.look()


def _opens_first_row(officer: Visitor, code: str) -> None:
    officer.look()
    officer.press("j")
    officer.stands_on("tr[data-row] a")
    assert officer.page.locator("tr.cursor").inner_text().strip().startswith(code)
    officer.press("j", "k", "Enter")
    officer.page.wait_for_url(f"**/can-bo/ho-so/{code}")


def _applicant_follows(town: Town, code: str) -> None:
    applicant = town.visitor()
    applicant.open("/")
    applicant.tab_to("#code")
    applicant.type(code)
    applicant.press("Enter")
    applicant.page.wait_for_url("**/tra-cuu?**")
    applicant.page.locator("main", has_text="Đã trả").wait_for()
    applicant.look()
