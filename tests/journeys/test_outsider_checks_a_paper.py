"""Errand: somebody is handed a paper and checks its QR on a phone: a good one, a forged one, and in a place without a line."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories.world import World
from tests.journeys.browsing import Town, Visitor
from tinhso.apps.cases.models import Paper
from tinhso.apps.signatures import queries as signatures
from tinhso.kernel.clock import PROVINCE_TIME

pytestmark = [pytest.mark.journey, pytest.mark.sweep, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 780, "has_touch": True, "is_mobile": True}


def test_an_outsider_checks_papers_on_a_phone(town: Town, acknowledged: Paper) -> None:
    phone = town.visitor(**PHONE)
    good = _address(acknowledged)
    phone.open(good)
    expect(phone.page.locator("main")).to_contain_text("còn hiệu lực")
    expect(phone.page.locator("main")).to_contain_text(acknowledged.number)
    phone.look()
    phone.photo("check-good")

    forged = good[:-9] + ("A" if good[-9] != "A" else "B") + good[-8:]
    phone.open(forged)
    expect(phone.page.locator("main")).to_contain_text("bị sửa hoặc làm giả")
    phone.expect_refusal(404)
    phone.look()
    phone.photo("check-forged")

    _prepares(phone)
    phone.page.context.set_offline(True)
    _checks_without_a_line(phone, good, forged, acknowledged)
    phone.page.context.set_offline(False)


def test_old_browsers_come_to_the_same_answer(town: Town, acknowledged: Paper) -> None:
    """Without Ed25519 of its own the browser works it out in the page: the same yes and the same no."""
    phone = town.visitor(**PHONE)
    phone.open("/kiem-tra/ngoai-tuyen")
    good = _address(acknowledged)
    for letter_at in (-1, -9, -60, -200):
        forged = (
            good[:letter_at]
            + ("A" if good[letter_at] != "A" else "B")
            + (good[letter_at + 1 :] if letter_at != -1 else "")
        )
        assert _both_ways(phone.page, forged) in ([False, False], None), letter_at
    assert _both_ways(phone.page, good) == [True, True]


def _both_ways(page: Page, address: str) -> list[bool] | None:
    """What the browser's own Ed25519 and ours say of the signature of an address; None where it is no payload at all."""
    found: list[bool] | None = page.evaluate(
        """async (address) => {
          const script = document.querySelector('script[src*="check-offline"]').src;
          const code = await import(script.replace("check-offline", "papercode"));
          const { keys } = await (await fetch("/.well-known/tinhso-paper-keys.json")).json();
          const found = code.parts(address), kept = crypto.subtle.importKey;
          const own = await code.check(found, keys);
          crypto.subtle.importKey = () => Promise.reject(new Error("unknown"));
          const ours = await code.check(found, keys);
          crypto.subtle.importKey = kept;
          if (own.problem && own.problem !== "altered") return own.problem === ours.problem ? null : [true, false];
          return [Boolean(own.facts), Boolean(ours.facts)];
        }""",
        address,
    )
    return found


def _prepares(phone: Visitor) -> None:
    phone.open("/kiem-tra")
    phone.look()
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.page.wait_for_function(
        """async () => {
          const all = await navigator.serviceWorker.getRegistrations();
          const cache = await caches.open("tinhso-kiem-tra-1");
          const kept = await cache.match("/.well-known/tinhso-paper-keys.json");
          return all.length >= 2 && all.every((one) => one.active) && Boolean(kept);
        }"""
    )
    phone.open("/kiem-tra/ngoai-tuyen")
    phone.look()


def _checks_without_a_line(phone: Visitor, good: str, forged: str, paper: Paper) -> None:
    page = phone.page
    phone.open(good)
    expect(page.locator("#good")).to_be_visible(timeout=15_000)
    expect(page.locator("#fact-number")).to_have_text(paper.number)
    page.get_by_label("Gõ họ tên in trên giấy để so").fill(paper.case.applicant_name.upper())
    page.get_by_role("button", name="So họ tên").tap()
    expect(page.locator("#name-same")).to_be_visible()
    page.get_by_label("Gõ họ tên in trên giấy để so").fill("Lê Văn Giả")
    page.get_by_role("button", name="So họ tên").tap()
    expect(page.locator("#name-other")).to_be_visible()
    phone.photo("check-offline")
    page.get_by_label("dán địa chỉ đọc được").fill(f"{phone.address.upper()}{forged}")
    page.get_by_role("button", name="Kiểm tra", exact=True).tap()
    expect(page.locator("#bad-words")).to_contain_text(re.compile("sửa hoặc làm giả|không phải mã"))
    expect(page.locator("#good")).to_be_hidden()


def _address(paper: Paper) -> str:
    claim = signatures.paper_claim(
        code=paper.check_code, kind="Giấy tiếp nhận hồ sơ và hẹn trả kết quả", number=paper.number,
        issued_on=paper.created_at.astimezone(PROVINCE_TIME).date(), issuer="Trung tâm Phục vụ hành chính công",
        holder=paper.case.applicant_name,
    )  # fmt: skip
    return signatures.paper_address(claim, base_url="")


@pytest.fixture
def acknowledged(town: Town, place: World) -> Paper:
    """The acknowledgement of a received case, made as always."""
    from tests.factories.cases import CaseMaker

    CaseMaker(place).received()
    town.drain()
    return Paper.objects.select_related("case").get()
