"""Petitions in a citizen's browser: sending, following, answering back, reading what is published."""

import base64
import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.files import PDF
from tests.factories.petitions import SENT_AT, PetitionMaker
from tests.factories.world import citizen, world
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.documents.queries import get_file, read_file
from tinhso.apps.petitions.data import AttachmentInput
from tinhso.apps.petitions.models import Petition
from tinhso.interfaces.access import sessions
from tinhso.kernel.actor import ANONYMOUS
from tinhso.kernel.clock import travel
from tinhso.kernel.jobs import run_waiting

NOW = SENT_AT + timedelta(hours=6)
TYPED = {
    "topic": "delay", "title": "Chờ lâu ở quầy", "content": "Chờ hai giờ mới được gọi số, quầy chỉ có một người.",
    "khoa": "k" * 32, "phone": "0912345678",
}  # fmt: skip


@pytest.fixture
def maker(db: None) -> Iterator[PetitionMaker]:
    with travel(NOW):
        yield PetitionMaker(world())


@pytest.fixture
def site(maker: PetitionMaker) -> Client:
    client = Client()
    assert maker.person.account_id is not None
    sign_in(client, get_account(maker.person.account_id))
    return client


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_passer_by_sends_follows_and_answers_back(client: Client, maker: PetitionMaker) -> None:
    page = client.get("/phan-anh/gui")
    assert "Không đăng nhập cũng gửi được" in text_of(page)
    typed = {**TYPED, "unit": maker.place.commune.id, "tep": SimpleUploadedFile("anh.pdf", PDF)}
    with travel(SENT_AT):
        sent = client.post("/phan-anh/gui", typed, follow=True)
    petition = Petition.objects.get()
    assert (petition.account_id, petition.topic, petition.attachments.count()) == (None, "delay", 1)
    assert "Đã gửi phản ánh" in text_of(sent)
    assert petition.code in text_of(sent)
    assert "data:image/svg+xml" in text_of(sent)
    PetitionMaker(maker.place)._ask(petition.pk)
    asked = text_of(client.get(f"/phan-anh/tra-cuu?ma={petition.code.lower()}"))
    assert "Bảng ở quầy nào?" in asked
    given = {"ma": petition.code, "text": "Quầy số 3.", "contact": "0912345670"}
    wrong = client.post("/phan-anh/tra-cuu/bo-sung", given)
    assert (wrong.status_code, "Quầy số 3." in text_of(wrong)) == (403, True)
    told = client.post("/phan-anh/tra-cuu/bo-sung", {**given, "contact": "0912 345 678"}, follow=True)
    assert "Đã gửi thông tin bổ sung" in text_of(told)
    for step in ("_accept", "_draft", "_approve"):
        getattr(maker, step)(petition.pk)
    assert "Đã thay bảng mới." in text_of(client.get(f"/phan-anh/tra-cuu?ma={petition.code}"))
    rating = {"ma": petition.code, "satisfaction": "satisfied", "contact": "0912345678"}
    assert "Cảm ơn bạn" in text_of(client.post("/phan-anh/tra-cuu/danh-gia", rating, follow=True))
    assert client.post("/phan-anh/tra-cuu/danh-gia", rating).status_code == 409


def test_a_citizen_sends_and_finds_it_again(site: Client, maker: PetitionMaker) -> None:
    sent = site.post("/phan-anh/gui", {**TYPED, "nguoi": "cong-dan", "confidential": "1"}, follow=True)
    petition = Petition.objects.get()
    assert (petition.account_id, petition.is_confidential) == (maker.person.account_id, True)
    assert sent.redirect_chain == [(f"/phan-anh/cua-toi/{petition.code}?vua-gui=1", 302)]
    assert petition.title in text_of(site.get("/phan-anh/cua-toi/"))
    site.post("/phan-anh/gui", {**TYPED, "nguoi": "cong-dan", "confidential": "1"})
    assert Petition.objects.count() == 1


def _in_portions(site: Client, name: str, content: bytes) -> str:
    """A file sent in two portions; the name of its upload."""
    told = base64.b64encode(name.encode()).decode()
    begun = site.post("/tai-len", headers={"Upload-Length": str(len(content)), "Upload-Metadata": f"filename {told}"})
    half = len(content) // 2
    for offset, portion in ((0, content[:half]), (half, content[half:])):
        sent = site.patch(
            begun["Location"], portion, content_type="application/offset+octet-stream",
            headers={"Upload-Offset": str(offset)},
        )  # fmt: skip
        assert sent.status_code == 204
    return str(begun["Location"].rsplit("/", 1)[-1])


def test_files_of_a_signed_in_sender_come_in_portions(site: Client, client: Client, maker: PetitionMaker) -> None:
    assert "data-portions" in text_of(site.get("/phan-anh/gui"))
    assert "data-portions" not in text_of(client.get("/phan-anh/gui")), "nobody to keep portions for"
    token = _in_portions(site, "anh-bang.pdf", PDF)
    typed = {**TYPED, "unit": maker.place.commune.id, "nguoi": "cong-dan", "_tai-len.tep": token}
    again = text_of(site.post("/phan-anh/gui", {**typed, "content": ""}))
    assert f'value="{token}"' in again
    assert "Đã tải lên: anh-bang.pdf" in again
    with travel(SENT_AT):
        site.post("/phan-anh/gui", typed)
    petition = Petition.objects.get()
    kept = get_file(petition.attachments.get().file_id)
    assert (kept.name, read_file(kept.id)) == ("anh-bang.pdf", PDF)
    PetitionMaker(maker.place)._ask(petition.pk)
    given = {"text": "Quầy số 3.", "_tai-len.tep": _in_portions(site, "them.pdf", PDF)}
    assert site.post(f"/phan-anh/cua-toi/{petition.code}/bo-sung", given).status_code == 302
    assert petition.attachments.count() == 2
    stolen = {**typed, "nguoi": "", "_tai-len.tep": token}
    assert client.post("/phan-anh/gui", stolen).status_code == 404
    assert Petition.objects.count() == 1


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client: Client, maker: PetitionMaker) -> None:
    page = client.post("/phan-anh/gui", {**TYPED, "phone": "", "content": "Ngắn"})
    assert page.status_code == 422
    told = text_of(page)
    assert 'href="#f-phone"' in told
    assert 'href="#f-content"' in told
    assert 'value="Chờ lâu ở quầy"' in told
    trapped = client.post("/phan-anh/gui", {**TYPED, "website": "http://x"})
    assert (trapped.status_code, Petition.objects.count()) == (422, 0)


def test_a_session_that_ended_keeps_the_form_and_never_sends_it_unnamed(
    site: Client, maker: PetitionMaker, settings: Any
) -> None:
    with travel(NOW + sessions.LONGEST + timedelta(hours=1)):
        answer = site.post("/phan-anh/gui", {**TYPED, "nguoi": "cong-dan"})
        assert (answer.status_code, Petition.objects.count()) == (303, 0)
        assert "/dang-nhap" in answer["Location"]
        sign_in(site, get_account(maker.person.account_id or 0))
        kept = re.search(r"next=([^&]+)", answer["Location"])
        assert kept is not None
        page = text_of(site.get(kept[1].replace("%2F", "/")))
        assert TYPED["content"] in page
        assert 'action="/phan-anh/gui"' in page


def test_a_code_of_an_account_shows_no_words(client: Client, maker: PetitionMaker) -> None:
    petition = maker.at("answered")
    page = text_of(client.get(f"/phan-anh/tra-cuu?ma={petition.code}"))
    assert petition.code in page
    assert "đăng nhập để xem trả lời" in page
    assert not any(word in page for word in (petition.title, petition.content, petition.answer, petition.sender_name))
    assert client.get("/phan-anh/tra-cuu?ma=PA-260302-00000-00000").status_code == 404
    assert client.get("/phan-anh/tra-cuu?ma=xyz").status_code == 404


def test_mine_are_nobody_elses(client: Client, site: Client, maker: PetitionMaker) -> None:
    petition = maker.at("answered")
    assert "Đã thay bảng mới." in text_of(site.get(f"/phan-anh/cua-toi/{petition.code}"))
    stranger = citizen("051190000031", "Lê Văn Người Lạ")
    sign_in(client, get_account(stranger.account_id or 0))
    for path in ("", "/bo-sung", "/danh-gia"):
        address = f"/phan-anh/cua-toi/{petition.code}{path}"
        assert (client.post(address, {"text": "x"}) if path else client.get(address)).status_code == 404
    assert petition.title not in text_of(client.get("/phan-anh/cua-toi/"))
    site.post(f"/phan-anh/cua-toi/{petition.code}/danh-gia", {"satisfaction": "very_satisfied"})
    petition.refresh_from_db()
    assert petition.satisfaction == "very_satisfied"


def test_everybody_reads_and_finds_what_is_published(client: Client, maker: PetitionMaker) -> None:
    petition = maker.at("published")
    hidden = maker.at("answered", title="Chuyện chưa công khai")
    for query in ("", "?q=niem+yet+gio", "?loai=staff", f"?co-quan={maker.place.commune.id}"):
        page = text_of(client.get(f"/phan-anh/{query}"))
        assert "Niêm yết giờ làm việc" in page, query
        assert hidden.title not in page
    for query in ("?q=khai+sinh", "?loai=regulation", "?co-quan=999999999"):
        assert "Không có phản ánh nào khớp" in text_of(client.get(f"/phan-anh/{query}")), query
    one = text_of(client.get(f"/phan-anh/{petition.code}"))
    assert "Đã thay bảng mới." in one
    assert petition.sender_name not in one
    assert client.get(f"/phan-anh/{hidden.code}").status_code == 404
    assert client.get("/phan-anh/?sau=xyz").status_code == 422


def test_published_ones_page_by_page_at_a_fixed_cost(
    client: Client, maker: PetitionMaker, django_assert_max_num_queries: Any
) -> None:
    codes = {maker.at("published").code for _ in range(3)}
    seen, address = set(), "/api/v1/petitions?limit=2"
    while address:
        with django_assert_max_num_queries(2):
            answer = client.get(address).json()
        seen |= {item["code"] for item in answer["items"]}
        address = f"/api/v1/petitions?limit=2&cursor={answer['next']}" if answer["next"] else ""
    assert seen == codes
    one = client.get(f"/api/v1/petitions/{min(codes)}").json()
    assert (one["title"], one["classification"], one["on_time"]) == ("Niêm yết giờ làm việc", "staff", True)
    assert not {"sender_name", "phone", "sender"} & one.keys()
    assert client.get("/api/v1/petitions/PA-1").status_code == 404
    with django_assert_max_num_queries(4):
        client.get("/phan-anh/")


def test_an_officer_does_not_send_here(client: Client, maker: PetitionMaker) -> None:
    assert maker.send(actor=ANONYMOUS, phone="0912345678")
    clerk = maker.place.officer("clerk")
    sign_in(client, get_account(clerk.account_id or 0))
    assert "dành cho người dân" in text_of(client.get("/phan-anh/gui"))
    assert client.post("/phan-anh/gui", TYPED).status_code == 403


def test_the_sender_sees_her_own_file_page_by_page(site: Client, maker: PetitionMaker) -> None:
    petition = maker.send(attachments=[AttachmentInput("anh.pdf", BytesIO(PDF))])
    run_waiting()
    address = f"/phan-anh/cua-toi/{petition.code}"
    number = petition.attachments.get().pk
    assert f"{address}/tep/{number}/xem" in text_of(site.get(address))
    assert text_of(site.get(f"{address}/tep/{number}/xem")).count("<img") == 1
    assert site.get(f"{address}/tep/{number}/trang/1").content[:3] == b"\xff\xd8\xff"
    other = Client()
    sign_in(other, get_account(citizen("051190000031", "Lê Văn Người Lạ").account_id or 0))
    assert {other.get(f"{address}/tep/{number}{rest}").status_code for rest in ("", "/xem", "/trang/1")} == {404}
