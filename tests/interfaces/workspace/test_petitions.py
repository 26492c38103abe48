"""Petitions at an officer's desk: the list, the page with its acts, the reading that is logged, the figures."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from tests.factories import files
from tests.factories.accounts import sign_in
from tests.factories.petitions import SENT_AT, PetitionMaker
from tests.factories.world import world
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.audit.models import Entry
from tinhso.apps.documents import queries as documents
from tinhso.apps.documents.models import Content, StoredFile
from tinhso.apps.petitions import flows
from tinhso.apps.petitions.data import AttachmentInput
from tinhso.apps.petitions.models import Petition
from tinhso.kernel.clock import travel
from tinhso.kernel.jobs import run_waiting

NOW = SENT_AT + timedelta(hours=6)


@pytest.fixture
def maker(db: None) -> Iterator[PetitionMaker]:
    with travel(NOW):
        yield PetitionMaker(world())


def browser(maker: PetitionMaker, role: str, *, far: bool = False) -> Client:
    client = Client()
    actor = maker.place.officer(role, maker.place.other_commune if far else None)
    sign_in(client, get_account(actor.account_id or 0))
    return client


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_from_the_desk_to_the_public_page(maker: PetitionMaker) -> None:
    petition = maker.send()
    desk, clerk, leader = (browser(maker, role) for role in ("one_stop_officer", "clerk", "leader"))
    address = f"/can-bo/phan-anh/{petition.code}"
    assert petition.code in text_of(desk.get("/can-bo/phan-anh/"))
    desk.post(f"{address}/viec/accept", {"classification": "staff"})
    assert 'id="viec-draft"' in text_of(clerk.get(address))
    assert 'id="viec-' not in text_of(leader.get(address))
    empty = clerk.post(f"{address}/viec/draft", {"answer": " "})
    assert (empty.status_code, "Mời soạn nội dung trả lời" in text_of(empty)) == (422, True)
    clerk.post(f"{address}/viec/draft", {"answer": f"Chào {petition.sender_name}, đã thay bảng."})
    back = leader.post(f"{address}/viec/return", {"reason": "Bỏ lời chào"}, follow=True)
    assert "Lãnh đạo trả lại: Bỏ lời chào" in text_of(back)
    clerk.post(f"{address}/viec/draft", {"answer": f"Chào {petition.sender_name}, đã thay bảng."})
    assert leader.post(f"{address}/viec/approve").status_code == 302
    page = text_of(clerk.get(address))
    assert "Chào […], đã thay bảng." in page
    typed = {"title": petition.title, "content": "Gọi 0912 345 678", "answer": "Đã thay."}
    refused = clerk.post(f"{address}/viec/publish", typed)
    assert refused.status_code == 422
    assert "Còn thông tin cá nhân: «0912 345 678»" in text_of(refused)
    clerk.post(f"{address}/viec/publish", {**typed, "content": "Bảng mờ."})
    assert "Đã thay." in text_of(Client().get(f"/phan-anh/{petition.code}"))
    taken = clerk.post(f"{address}/viec/take_down", {"reason": "Nhầm"}, follow=True)
    assert "Không công khai: Nhầm" in text_of(taken)
    assert Client().get(f"/phan-anh/{petition.code}").status_code == 404


def test_a_second_click_says_that_it_has_moved(maker: PetitionMaker) -> None:
    petition, desk = maker.at("handling"), browser(maker, "clerk")
    answer = desk.post(f"/can-bo/phan-anh/{petition.code}/viec/accept", {"classification": "staff"}, follow=True)
    assert "đã sang bước khác" in text_of(answer)
    assert desk.post(f"/can-bo/phan-anh/{petition.code}/viec/xoa").status_code == 404
    assert desk.post(f"/can-bo/phan-anh/{petition.code}/viec/approve").status_code == 403


def test_each_reading_is_logged_and_an_unnamed_sender_only_for_a_reason(maker: PetitionMaker) -> None:
    petition, desk = maker.send(is_confidential=True), browser(maker, "clerk")
    address = f"/can-bo/phan-anh/{petition.code}"
    assert petition.sender_name not in text_of(desk.get(address))
    assert desk.post(f"{address}/nguoi-gui", {"reason": " "}).status_code == 422
    assert petition.sender_name in text_of(desk.post(f"{address}/nguoi-gui", {"reason": "Gọi để hẹn"}))
    read = Entry.objects.filter(stream=f"disclosure:petition:{petition.pk}").order_by("sequence")
    assert [entry.payload["fields"] for entry in read] == [
        ["content"], ["content"], ["content", "sender_email", "sender_name", "sender_phone"],
    ]  # fmt: skip
    assert read[2].payload["purpose"] == "Gọi để hẹn"


def test_another_communes_desk_sees_none(maker: PetitionMaker) -> None:
    petition, far = maker.send(), browser(maker, "clerk", far=True)
    assert petition.code not in text_of(far.get("/can-bo/phan-anh/?ngan=tat-ca"))
    for path in ("", "/viec/accept", "/nguoi-gui", "/tep/1"):
        address = f"/can-bo/phan-anh/{petition.code}{path}"
        assert (far.post(address) if "viec" in path or "nguoi" in path else far.get(address)).status_code == 404
    assert Petition.objects.get().status == "sent"


@pytest.mark.parametrize(
    ("shelf", "shown"),
    [
        ("", {"sent", "handling", "asked", "drafted"}),
        ("cho-tiep-nhan", {"sent"}),
        ("qua-han", {"sent", "handling", "drafted", "answered"}),
        ("cho-duyet", {"drafted"}),
        ("cho-cong-khai", {"answered"}),
        ("tat-ca", {"sent", "handling", "asked", "drafted", "answered", "published"}),
    ],
)
def test_each_shelf_shows_its_own_at_a_fixed_cost(
    shelf: str, shown: set[str], maker: PetitionMaker, django_assert_max_num_queries: Any
) -> None:
    made = {state: maker.at(state).code for state in ("sent", "handling", "asked", "drafted", "answered", "published")}
    desk = browser(maker, "clerk")
    with travel(SENT_AT + timedelta(days=40)):
        sign_in(desk, get_account(maker.place.officer("clerk").account_id or 0))
        with django_assert_max_num_queries(16):
            page = text_of(desk.get(f"/can-bo/phan-anh/?ngan={shelf}"))
    assert {state for state, code in made.items() if code in page} == shown


def test_figures_of_the_own_units(maker: PetitionMaker) -> None:
    maker.at("answered")
    page = text_of(browser(maker, "leader").get("/can-bo/phan-anh/so-lieu?tu=2026-03-01&den=2026-03-31"))
    assert maker.place.commune.name in page
    assert "100,0%" in page
    far = browser(maker, "leader", far=True)
    assert "Không có phản ánh nào trong kỳ này" in text_of(far.get("/can-bo/phan-anh/so-lieu"))
    assert far.get("/can-bo/phan-anh/so-lieu?tu=x").status_code == 422
    assert far.get("/can-bo/phan-anh/so-lieu?tu=2026-03-02&den=2026-03-01").status_code == 422


def test_what_waits_stands_in_the_menu(maker: PetitionMaker) -> None:
    maker.send()
    maker.at("drafted")
    counts = {}
    for role in ("clerk", "leader", "specialist"):
        page = text_of(browser(maker, role).get("/can-bo/"))
        found = re.search(r'<span>Phản ánh, kiến nghị</span><span class="n">(\d+)', page)
        counts[role] = found and found[1]
    assert counts == {"clerk": "1", "leader": "1", "specialist": None}


def with_a_file(maker: PetitionMaker) -> tuple[Petition, int]:
    """A petition with a picture of two pages, looked into."""
    petition = maker.send(attachments=[AttachmentInput("anh.pdf", BytesIO(files.pdf(pages=2)))])
    run_waiting()
    return petition, petition.attachments.get().pk


def test_a_senders_file_is_seen_page_by_page_and_its_state_is_told(maker: PetitionMaker) -> None:
    petition, number = with_a_file(maker)
    desk, address = browser(maker, "one_stop_officer"), f"/can-bo/phan-anh/{petition.code}"
    page = text_of(desk.get(address))
    assert "Chưa quét mã độc" in page
    assert f"{address}/tep/{number}/xem" in page
    before = Entry.objects.count()
    assert text_of(desk.get(f"{address}/tep/{number}/xem")).count("<img") == 2
    assert Entry.objects.count() == before + 1
    assert desk.get(f"{address}/tep/{number}/trang/2").content[:3] == b"\xff\xd8\xff"
    assert desk.get(f"{address}/tep/{number}/trang/3").status_code == 404
    assert browser(maker, "one_stop_officer", far=True).get(f"{address}/tep/{number}/xem").status_code == 404


@pytest.mark.parametrize(("scan", "said"), [("pending", "Đang chờ quét"), ("infected", "Có mã độc, đã giữ lại")])
def test_a_senders_file_stays_closed_until_it_is_found_clean(maker: PetitionMaker, scan: str, said: str) -> None:
    petition, number = with_a_file(maker)
    Content.objects.update(scan=scan)
    desk, address = browser(maker, "one_stop_officer"), f"/can-bo/phan-anh/{petition.code}"
    page = text_of(desk.get(address))
    assert said in page
    assert f'href="{address}/tep/{number}"' not in page
    seen = text_of(desk.get(f"{address}/tep/{number}/xem"))
    assert (said in seen, "<img" in seen) == (True, False)
    assert {desk.get(f"{address}/tep/{number}{rest}").status_code for rest in ("", "/trang/1")} == {409}


def test_the_files_of_a_closed_petition_may_go_when_their_time_is_over(maker: PetitionMaker) -> None:
    petition, _ = with_a_file(maker)
    file_id = petition.attachments.get().file_id
    assert flows.begin_retention(at=NOW) == 0
    assert documents.needed_files([file_id]) == {file_id: "phản ánh, kiến nghị chưa giải quyết xong"}
    Petition.objects.filter(pk=petition.pk).update(status="refused", closed_at=NOW)
    assert [flows.begin_retention(at=NOW) for _ in range(2)] == [1, 0]
    file = StoredFile.objects.get(pk=file_id)
    assert (file.retention, file.unit_id) == ("petition_attachment", petition.handling_unit_id)
    assert documents.needed_files([file_id]) == {}
