"""Errand: the line is cut at the counter. Slips are written, the window is closed, the line comes back; nothing is lost."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories.files import png
from tests.factories.world import CONTENT
from tests.journeys.browsing import Town, Visitor
from tinhso.apps.cases.models import Case
from tinhso.apps.cases.queries import form_context, variables
from tinhso.apps.procedures.content import load_package, load_scenarios, package_folders
from tinhso.apps.reception.models import OfflineSlip
from tinhso.lib.forms.cel import Context, compile_expression

pytestmark = [pytest.mark.journey, pytest.mark.sweep, pytest.mark.django_db(transaction=True)]
CARD = "051190000019||Nguyễn Thị Ví Dụ|12051990|Nữ|Tổ dân phố 3, phường Cẩm Thành, tỉnh Quảng Ngãi|01062021"
HERE = "/can-bo/quay/ngoai-tuyen/"


def test_the_counter_goes_on_without_a_line(town: Town) -> None:
    counter = town.officer("one_stop_officer")
    _prepares(counter)
    counter.page.context.set_offline(True)
    page = _reopens(counter)
    first = _writes(page, papers=True, picture=True)
    second = _writes(page, name="Trần Văn Hai", number="051080000022")
    expect(page.locator("#waiting-state")).to_have_text("2 phiếu chờ đồng bộ")
    assert not OfflineSlip.objects.exists()
    # The window is closed and opened again, still without a line: what was written is there.
    page = _reopens(counter)
    expect(page.locator("#queue tbody tr")).to_have_count(2)
    Visitor(page, counter.address).photo("offline-queue")
    assert "Nguyễn Thị Ví Dụ" in page.locator("#queue").inner_text()
    assert "Nguyễn Thị Ví Dụ" not in _at_rest(page)
    beside = counter.page.context.new_page()
    beside.goto(f"{counter.address}{HERE}")
    # Both windows learn of the line at the same moment and both set out to bring the slips in.
    counter.page.context.set_offline(False)
    for window in (page, beside):
        window.locator("#sync").click()
    for window in (page, beside):
        expect(window.locator("#waiting-state")).to_have_text("Không có phiếu nào chờ", timeout=40_000)
    assert [row.conflicts for row in OfflineSlip.objects.order_by("number")] == [[], []]
    assert Case.objects.count() == 2
    assert OfflineSlip.objects.filter(status="case").count() == 2
    case = OfflineSlip.objects.get(code=first).case
    assert case is not None
    scanned = case.documents.get(key="originals")
    assert (scanned.presence, scanned.file.name) == ("uploaded", "bang-goc.png")  # type: ignore[union-attr]
    assert _pictures_kept(page) == 0
    assert case.applicant_name == "Nguyễn Thị Ví Dụ"
    expect(page.locator("#queue")).to_contain_text(case.code or "")
    assert "Nguyễn Thị Ví Dụ" not in page.locator("#queue").inner_text()
    done = Visitor(page, counter.address)
    done.look()
    done.photo("offline-synchronised")
    page.set_viewport_size({"width": 390, "height": 800})
    done.look()
    _number_leads_to_case(town, first, case.code or "")
    assert second != first


# A disk that takes no picture any more; the browser says it in these words when a transaction begins.
_FULL = """() => {
  const plain = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (names, mode, options) {
    if (mode === "readwrite" && [names].flat().includes("scans")) throw new DOMException("full", "QuotaExceededError");
    return plain.call(this, names, mode, options);
  };
}"""


def test_a_full_computer_says_so_and_keeps_what_is_typed(town: Town) -> None:
    counter = town.officer("one_stop_officer")
    _prepares(counter)
    page = counter.page
    _fills(page, papers=True, picture=True)
    page.evaluate(_FULL)
    page.get_by_role("button", name="Ghi phiếu và in").click()
    expect(page.locator("#trouble")).to_contain_text("Máy này hết chỗ lưu")
    expect(page.locator("#trouble")).to_contain_text("Mời bỏ bớt ảnh")
    assert page.locator("#a-full_name").input_value() == "Nguyễn Thị Ví Dụ"
    expect(page.locator("#queue tbody tr")).to_have_count(0)
    counter.look()


def test_conditions_are_decided_as_the_server_decides_them(town: Town) -> None:
    """Every condition and amount of every package, over the answers of all its scenarios."""
    counter = town.officer("one_stop_officer")
    counter.open(HERE)
    asked, wanted = [], []
    for folder in package_folders(CONTENT):
        package = load_package(folder, root=CONTENT)[1]
        sources = {rule.when for rule in (*package.documents, *package.fees, *package.limits) if rule.when}
        sources |= {fee.amount_vnd for fee in package.fees}
        for scenario in load_scenarios(package, root=CONTENT)[0]:
            day = scenario.steps[0].at.date()
            context = form_context(applicant=dict(scenario.applicant), channel="counter", today=day)
            known = variables(package, dict(scenario.answers), context)
            scope = {"answers": known["answers"], "channel": "counter", "today": day.isoformat()}
            for source in sorted(sources):
                asked.append([source, scope])
                wanted.append(compile_expression(source).evaluate(Context(known)))
    found = counter.page.evaluate(
        """async (asked) => {
          const { evaluate, undecided } = await import("/static/workspace/offline-cel.js");
          return asked.map((one) => evaluate(...one)).map((value) => (value === undecided ? "?" : value));
        }""",
        asked,
    )
    assert len(found) > 100
    wrong = [
        (source, value, right) for (source, _), value, right in zip(asked, found, wanted, strict=True) if value != right
    ]
    assert wrong == []


def _prepares(counter: Visitor) -> None:
    counter.open(HERE)
    counter.page.get_by_label("Tên máy").fill("Quầy 3")
    counter.look()
    counter.page.get_by_role("button", name="Chuẩn bị máy").click()
    expect(counter.page.locator("#ready-facts")).to_contain_text("120", timeout=30_000)
    expect(counter.page.locator("#line-state")).to_have_text("Có mạng")
    counter.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    # Once more under the worker, which keeps what the page asks for.
    counter.page.reload()
    expect(counter.page.locator("#ready-facts")).to_contain_text("120")
    counter.look()


def _reopens(counter: Visitor) -> Page:
    """Close every window, open the page again."""
    context = counter.page.context
    page = context.new_page()
    for other in context.pages[:-1]:
        other.close()
    page.goto(f"{counter.address}{HERE}")
    expect(page.locator("#line-state")).to_have_text("Mất mạng")
    expect(page.locator("#slip-form")).to_be_visible()
    return page


def _writes(page: Page, *, name: str = "", number: str = "", papers: bool = False, picture: bool = False) -> str:
    """One slip of certified copies, with the card or by hand; gives its number."""
    _fills(page, name=name, number=number, papers=papers, picture=picture)
    page.get_by_role("button", name="Ghi phiếu và in").click()
    slip = page.locator("#slip")
    expect(slip).to_be_visible()
    expect(slip.locator("img")).to_be_visible()
    expect(slip).to_contain_text("Phí, lệ phí tạm tính")
    Visitor(page, "").photo("offline-slip")
    found = slip.locator('[data-slot="code"]').inner_text()
    assert re.fullmatch(r"NT-H48[.\d]*-01-0000[12]", found)
    page.locator('[data-act="next"]').click()
    return found


def _fills(page: Page, *, name: str = "", number: str = "", papers: bool = False, picture: bool = False) -> None:
    """Everything a slip of certified copies asks; what is left out is told on the way."""
    if papers:
        page.locator("#card").fill(CARD)
        page.locator("#card").press("Enter")
        assert page.locator("#a-full_name").input_value() == "Nguyễn Thị Ví Dụ"
    else:
        page.locator("#a-full_name").fill(name)
        page.locator("#a-personal_id").fill(number)
        page.locator("#a-birth_date").fill("01/02/1980")
    page.get_by_role("button", name="Ghi phiếu và in").click()
    expect(page.locator("#missing")).to_contain_text("Chọn thủ tục")
    page.locator("#procedure").select_option("2.000815")
    page.locator('[name="phone"]').fill("0900000007")
    page.get_by_role("button", name=re.compile("Thêm")).click()
    for index in (0, 1):
        page.locator(f'[name="papers.{index}.name"]').fill("Bằng tốt nghiệp đại học")
        page.locator(f'[name="papers.{index}.issuer"]').fill("Trường Đại học Ví Dụ")
        page.locator(f'[name="papers.{index}.issuer_kind"]').first.check()
        page.locator(f'[name="papers.{index}.pages"]').fill("1")
        page.locator(f'[name="papers.{index}.copies"]').fill("3")
    page.locator('[name="copying"][value="office"]').check()
    page.get_by_role("button", name="Ghi phiếu và in").click()
    expect(page.locator("#missing li")).to_have_count(1)
    page.locator('[name="shown_by_vneid"]').first.check()
    page.locator('[name="commitment"]').check()
    expect(page.locator("#fees")).to_contain_text("12.000 đồng")
    if picture:
        page.locator('#papers [data-key="originals"] input[type="file"]').set_input_files(
            {"name": "bang-goc.png", "mimeType": "image/png", "buffer": png()}
        )
        expect(page.locator('#papers [data-key="originals"] .scans')).to_contain_text("bang-goc.png")
    else:
        page.locator('[name="_doc.originals"][value="shown"]').check()


def _pictures_kept(page: Page) -> int:
    """How many pictures this computer still holds."""
    return int(
        page.evaluate(
            """async () => {
              const result = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
              const open = await result(indexedDB.open("tinhso-quay"));
              return result(open.transaction("scans").objectStore("scans").count());
            }"""
        )
    )


def _at_rest(page: Page) -> str:
    """Everything in this computer's database, as far as it can be written out."""
    return str(
        page.evaluate(
            """async () => {
              const result = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
              const open = await result(indexedDB.open("tinhso-quay"));
              const all = await result(open.transaction("slips").objectStore("slips").getAll());
              return all.map((slip) => JSON.stringify(slip) + new TextDecoder().decode(slip.sealed.data)).join();
            }"""
        )
    )


def _number_leads_to_case(town: Town, slip: str, code: str) -> None:
    applicant = town.visitor()
    applicant.open("/tra-cuu")
    applicant.page.get_by_label("Mã hồ sơ trên giấy tiếp nhận").fill(slip)
    applicant.page.get_by_role("button", name="Tra cứu").click()
    expect(applicant.page.locator("main")).to_contain_text(f"Phiếu {slip} nay là hồ sơ {code}")
    applicant.look()
