"""The counter's pages of digitising: what they show, who may open them, what they do."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.scans import sheet
from tests.factories.world import World, world
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.models import Case, Scan
from tinhso.apps.cases.providers import dropfolder
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import SYSTEM

KEY = "declaration"


@pytest.fixture
def place(db: None) -> World:
    return world()


@pytest.fixture
def case(place: World) -> Case:
    return CaseMaker(place).received(documents=[DocumentInput(key=KEY, presence="paper")])


def signed_in(place: World, role: str) -> Client:
    from types import SimpleNamespace

    from tests.factories.accounts import sign_in

    client = Client()
    sign_in(client, SimpleNamespace(id=place.officer(role).account_id), assurance=0)  # type: ignore[arg-type]  # only the id is read
    return client


def uploaded(*pages: bytes) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(f"trang-{n}.jpg", page, "image/jpeg") for n, page in enumerate(pages, 1)]


def address(name: str, case: Case, *more: object) -> str:
    return reverse(f"workspace:cases:{name}", args=[case.code, *more])


def test_the_list_says_what_to_scan_and_why_not(place: World, case: Case) -> None:
    text = signed_in(place, "one_stop_officer").get(address("scans", case)).content.decode()
    assert "còn 1 giấy tờ phải quét" in text
    assert "Chỉ xuất trình để đối chiếu" in text


def test_pages_are_scanned_looked_at_and_confirmed(place: World, case: Case) -> None:
    counter = signed_in(place, "one_stop_officer")
    sent = {"files": uploaded(sheet(), sheet(lean=5)), "pages": "2"}
    shown = counter.post(address("scan_take", case, KEY), sent, follow=True).content.decode()
    assert "1 trong 2 trang cần xem lại" in shown
    assert "Trang 2: Trang nghiêng khoảng 5°" in shown
    refused = counter.post(address("scan_confirm", case, KEY), {"note": ""}, follow=True).content.decode()
    assert "ghi vì sao vẫn dùng được" in refused
    counter.post(address("scan_discard", case, KEY))
    again = counter.post(address("scan_take", case, KEY), {"files": uploaded(sheet()), "pages": "1"}, follow=True)
    assert "1 trang đạt yêu cầu" in again.content.decode()
    done = counter.post(address("scan_confirm", case, KEY), follow=True).content.decode()
    assert "Đã xác nhận" in done
    assert "_V1" in done


def test_a_wrong_count_and_no_file_are_told(place: World, case: Case) -> None:
    counter = signed_in(place, "one_stop_officer")
    for sent, said in (({"pages": "nhiều"}, "Số trang"), ({}, "ít nhất một tệp")):
        assert said in counter.post(address("scan_take", case, KEY), sent, follow=True).content.decode()
    assert not Scan.objects.exists()


@pytest.mark.parametrize("role", ["specialist", "leader", "clerk"])
def test_others_do_not_scan(place: World, case: Case, role: str) -> None:
    client = signed_in(place, role)
    assert client.get(address("scans", case)).status_code == 403
    assert client.post(address("scan_take", case, KEY), {"files": uploaded(sheet())}).status_code == 403
    assert not Scan.objects.exists()


def test_words_in_scans_are_searched(place: World, case: Case) -> None:
    counter = signed_in(place, "one_stop_officer")
    counter.post(address("scan_take", case, KEY), {"files": uploaded(sheet())})
    scan = queries.get_scan(actor=place.officer("one_stop_officer"), code=case.code or "", key=KEY)
    at = RECEIVED_AT + timedelta(hours=1)
    actions.record_scan_text(scan_id=scan.pk, text="Quyết định trợ cấp", actor=SYSTEM, at=at)
    assert case.code in counter.get(reverse("workspace:scan_search"), {"q": "quyet dinh"}).content.decode()
    assert "Không thấy" in counter.get(reverse("workspace:scan_search"), {"q": "thửa đất"}).content.decode()


def test_the_counters_scanner_offers_its_files_on_the_page(
    place: World, case: Case, tmp_path: Path, settings: Any
) -> None:
    settings.SCANS = {"folder": str(tmp_path), "keep_days": 7}
    counter = signed_in(place, "one_stop_officer")
    assert "Máy quét của quầy" not in counter.get(address("scan", case, KEY)).content.decode()
    folder = dropfolder.folder_of(directory.get_unit(case.intake_unit_id or 0).code)
    folder.mkdir()
    assert "Chưa có tệp nào" in counter.get(address("scan_arrived", case, KEY)).content.decode()
    (folder / "Quét <1>.jpg").write_bytes(sheet())
    os.utime(folder / "Quét <1>.jpg", (1, 1))
    assert 'value="Quét &lt;1&gt;.jpg"' in counter.get(address("scan", case, KEY)).content.decode()
    again = counter.get(address("scan_arrived", case, KEY), {"may-quet": "Quét <1>.jpg"}).content.decode()
    assert 'jpg" checked' in again  # what was ticked stays ticked when the list is asked for anew
    shown = counter.post(address("scan_take", case, KEY), {"may-quet": "Quét <1>.jpg", "pages": "1"}, follow=True)
    assert "1 trang đạt yêu cầu" in shown.content.decode()
    assert list(folder.iterdir()) == []
    again = counter.post(address("scan_take", case, KEY), {"may-quet": "Quét <1>.jpg"}, follow=True)
    assert "vừa được lấy vào hồ sơ khác" in again.content.decode()
    assert signed_in(place, "specialist").get(address("scan_arrived", case, KEY)).status_code == 403
