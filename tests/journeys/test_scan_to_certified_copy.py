"""Errand: the counter scans an original, the commune certifies the copy, its holder uses it the next day; a large file goes up
from the phone over a line that is cut."""

import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Route

from tests.apps.cases.test_scans import copy_case
from tests.factories import files
from tests.factories.accounts import sign_in
from tests.factories.scans import sheet
from tests.factories.world import World, citizen
from tests.journeys.browsing import Town, Visitor
from tinhso.apps.cases import actions
from tinhso.apps.cases.models import Case
from tinhso.apps.cases.providers import dropfolder
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.queries import read_file
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor

pytestmark = [pytest.mark.journey, pytest.mark.sweep, pytest.mark.django_db(transaction=True)]

LAND, COMPONENT = "1.013978", "duty_papers"


def test_from_the_scanner_to_the_next_case(town: Town, place: World, tmp_path: Path, settings: Any) -> None:
    settings.SCANS = {"folder": str(tmp_path), "keep_days": 7}
    maker, case = copy_case(place, copy_form="electronic")
    applicant = maker.scenario.applicant
    person = citizen(applicant["personal_id"], applicant["full_name"])
    _the_counter_scans_the_original(town, case)
    maker.propose(case, at=clock.now())
    maker.approve(case, at=clock.now())
    town.drain()  # signed, sealed, in the vault
    phone = _at_the_phone(town, person)
    draft = actions.start_draft(
        procedure_code=LAND, applicant=dict(applicant), answers={}, actor=person, at=clock.now()
    )
    _the_copy_stands_for_a_paper(phone, draft, case)
    _a_large_file_survives_a_cut_line(phone, draft)


def _the_counter_scans_the_original(town: Town, case: Case) -> None:
    folder = dropfolder.folder_of(directory.get_unit(case.intake_unit_id or 0).code)
    folder.mkdir()
    (folder / "SCAN0001.jpg").write_bytes(sheet())
    os.utime(folder / "SCAN0001.jpg", (1, 1))
    counter = town.officer("one_stop_officer")
    page = counter.page
    counter.open(f"/can-bo/ho-so/{case.code}/so-hoa/originals")
    page.get_by_label("SCAN0001.jpg").check()
    page.get_by_label("Bản giấy có bao nhiêu trang?").fill("1")
    counter.look()
    counter.photo("scan-folder")
    page.get_by_role("button", name="Kiểm tra trang quét").click()
    page.get_by_text("1 trang đạt yêu cầu").wait_for()
    page.get_by_role("button", name="Đúng với bản chính").click()
    page.get_by_text("không còn giấy tờ phải quét").wait_for()
    assert list(folder.iterdir()) == []


def _at_the_phone(town: Town, person: Actor) -> Visitor:
    client, phone = Client(), town.visitor(width=390, height=844)
    sign_in(client, SimpleNamespace(id=person.account_id), assurance=2)  # type: ignore[arg-type]  # only the id is read
    phone.page.context.add_cookies(
        [{"name": name, "value": cookie.value, "url": phone.address} for name, cookie in client.cookies.items()]
    )
    return phone


def _the_copy_stands_for_a_paper(phone: Visitor, draft: Case, copied: Case) -> None:
    of_what = copied.answers["papers"][0]["name"]
    phone.open(f"/ho-so/soan/{draft.pk}/giay-to")
    offer = phone.page.locator(f"#giay-to-{COMPONENT}")
    offer.get_by_text(re.compile(f"Bản sao được chứng thực từ bản chính: {re.escape(of_what)}")).first.wait_for()
    offer.get_by_role("button", name="Dùng giấy tờ này").click()
    offer.get_by_text("Từ kho của bạn").wait_for()
    row = draft.documents.get(key=COMPONENT)
    assert (row.presence, row.reused) == ("vault", "result")
    assert row.file_id == copied.results.get().file_id


def _a_large_file_survives_a_cut_line(phone: Visitor, draft: Case) -> None:
    noise = os.urandom(5 * 1024 * 1024)
    content = files.pdf(b"<</Length %d>>stream\n%s\nendstream" % (len(noise), noise))
    sent: list[str] = []

    def line(route: Route) -> None:
        """The second portion never arrives; the browser asks how much is there and goes on."""
        if route.request.method == "PATCH":
            sent.append(route.request.headers["upload-offset"])
            if len(sent) == 2:
                route.abort("internetdisconnected")
                return
        route.continue_()

    phone.page.route("**/tai-len/*", line)
    phone.open(f"/ho-so/soan/{draft.pk}/giay-to")
    slot = phone.page.locator(f"#giay-to-{COMPONENT}")
    slot.get_by_label("Đính kèm thêm").set_input_files(
        {"name": "chung-tu.pdf", "mimeType": "application/pdf", "buffer": content}
    )
    slot.get_by_text("chung-tu.pdf").first.wait_for()
    slot.locator("li", has_text="chung-tu.pdf").wait_for()
    assert sent[1] == sent[2], "what had arrived was not sent again"
    assert len(sent) == 4
    row = draft.documents.get(key=COMPONENT, presence="uploaded")
    assert read_file(row.file_id or 0) == content
    # The browser tells of the cut; of anything else it would have complained too.
    assert all("DISCONNECTED" in said for said in phone.complaints), phone.complaints
