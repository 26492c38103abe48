"""The page of one's sessions: what it shows, what it ends, and for whom."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from tests.factories import accounts
from tests.factories.accounts import PASSWORD
from tests.interfaces.access.test_identity_sign_in import CALLBACK, NHAN, choose
from tests.interfaces.access.test_identity_sign_in import sign_in as sign_in_by_identity
from tests.interfaces.access.test_officer_sign_in import SECOND, code, enter
from tinhso.apps.accounts import actions, queries
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.accounts.models import SignedInSession
from tinhso.apps.audit.queries import entries_of
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now, travel

PAGE = "/phien-dang-nhap"
OTHERS = f"{PAGE}/ket-thuc"
PHONE = "Safari trên iPhone"
DESK = "Chrome trên Windows"
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)


def two_browsers(client: Client, account: AccountData, *, just_proved: bool = True) -> tuple[Client, int]:
    """The person at the desk, and her telephone: the other browser and the id of its session."""
    other = Client()
    accounts.sign_in(other, account, browser=PHONE)
    accounts.sign_in(client, account, browser=DESK, just_proved=just_proved)
    return other, other.session["session_id"]


def page_of(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize(("make", "own_page"), [(accounts.citizen, "/cong-dan"), (accounts.officer, "/can-bo/viec")])
def test_one_of_two_is_ended_and_its_next_request_is_signed_out(client: Client, make: Any, own_page: str) -> None:
    other, session_id = two_browsers(client, make())
    text = page_of(client)
    assert text.index("Phiên này") < text.index("Nơi khác (1)") < text.index(PHONE)
    assert f'action="{PAGE}/{session_id}/ket-thuc"' in text
    assert other.get(own_page).status_code == 200
    answer = client.post(f"{PAGE}/{session_id}/ket-thuc", follow=True)
    assert "Đã kết thúc phiên" in answer.content.decode()
    assert '<div role="status">' in answer.content.decode()
    assert PHONE not in answer.content.decode()
    assert other.get(own_page).status_code == 302
    assert client.get(own_page).status_code == 200
    assert client.post(f"{PAGE}/{session_id}/ket-thuc").status_code == 404, "ended already"


def test_anothers_session_is_not_there(client: Client) -> None:
    stranger = accounts.citizen()
    _, session_id = two_browsers(client, stranger)
    accounts.sign_in(client, accounts.citizen(), browser=DESK, just_proved=True)
    assert PHONE not in page_of(client)
    assert client.post(f"{PAGE}/{session_id}/ket-thuc").status_code == 404
    assert client.post(f"{PAGE}/987654321/ket-thuc").status_code == 404
    assert session_id in [one.id for one in queries.list_sessions(actor=accounts.actor_of(stranger), at=now())]
    assert Client().get(PAGE).status_code == 302


def test_all_others_end_and_this_one_goes_on(client: Client) -> None:
    person = accounts.citizen()
    other, _ = two_browsers(client, person)
    old = Client()
    accounts.sign_in(old, person)  # begun before there was a list
    with travel(now() + timedelta(minutes=1)):
        answer = client.post(OTHERS, follow=True)
        assert "Bạn không đăng nhập ở nơi nào khác." in answer.content.decode()
        assert other.get("/cong-dan").status_code == old.get("/cong-dan").status_code == 302
        assert client.get("/cong-dan").status_code == 200
    assert entries_of(f"account:{person.id}")[-1].type == "account.sessions_ended"


@pytest.mark.parametrize(
    ("make", "way"),
    [(accounts.citizen, 'action="/dang-nhap/dinh-danh"'), (accounts.officer, "/can-bo/bao-mat/xac-nhan?next=")],
)
def test_who_has_not_proved_it_lately_is_asked_first(client: Client, make: Any, way: str) -> None:
    other, session_id = two_browsers(client, make(), just_proved=False)
    text = page_of(client)
    assert way in text
    assert PHONE in text
    assert "ket-thuc" not in text
    for address in (OTHERS, f"{PAGE}/{session_id}/ket-thuc"):
        assert client.post(address)["Location"] == PAGE
    assert other.get("/chung").status_code == 200
    assert SignedInSession.objects.count() == 2


def test_an_officer_proves_it_and_comes_back_to_the_page(client: Client) -> None:
    cache.clear()
    other, session_id = two_browsers(client, accounts.officer(), just_proved=False)
    found = re.search(r'href="(/can-bo/bao-mat/xac-nhan\?next=[^"]+)"', page_of(client))
    assert found is not None
    address = found[1]
    answer = client.post(address, {"password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert client.post(f"{PAGE}/{session_id}/ket-thuc").status_code == 302
    assert other.get("/chung").status_code == 302


def test_the_session_one_is_in_is_left_by_signing_out(client: Client) -> None:
    person = accounts.citizen()
    two_browsers(client, person)
    own = client.session["session_id"]
    assert client.post(f"{PAGE}/{own}/ket-thuc")["Location"] == "/dang-xuat"
    assert client.get("/cong-dan").status_code == 200
    client.post("/dang-xuat")
    assert [one.browser for one in queries.list_sessions(actor=accounts.actor_of(person), at=now())] == [PHONE]


def test_a_real_sign_in_stands_in_the_list_and_unlocking_keeps_its_place(client: Client) -> None:
    cache.clear()
    officer = accounts.officer(username="hoa")
    client.defaults["HTTP_USER_AGENT"] = WINDOWS
    enter(client, "hoa")
    assert SignedInSession.objects.count() == 0, "not signed in before the second factor"
    client.post(SECOND, {"code": code()})
    row = SignedInSession.objects.get()
    assert (row.account_id, row.method, row.browser, row.network) == (officer.id, "totp", DESK, "127.0.0.1")
    client.post("/khoa-man-hinh/ngay")
    client.post("/khoa-man-hinh", {"password": PASSWORD})
    assert client.get("/can-bo/viec").status_code == 200
    assert SignedInSession.objects.get().pk == row.pk == client.session["session_id"]
    actions.end_sessions(account_id=officer.id, actor=SYSTEM, at=now())
    assert client.get("/can-bo/viec").status_code == 302


def test_a_citizen_who_proves_it_again_stays_one_session(client: Client, identity: str) -> None:
    sign_in_by_identity(client, identity)
    first = SignedInSession.objects.get()
    assert (first.method, first.browser) == ("national_identity", "")
    assert "Phiên này" in page_of(client)
    # The page's own button: the entrance would send somebody signed in away.
    led_to = client.post("/dang-nhap/dinh-danh", {"next": PAGE})["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(led_to).query).items()}
    assert client.get(CALLBACK, choose(identity, asked, NHAN))["Location"] == PAGE
    assert SignedInSession.objects.get().pk == client.session["session_id"] != first.pk
    assert client.get("/nop").status_code == 200


def test_being_seen_is_written_once_in_ten_minutes(client: Client, django_assert_max_num_queries: Any) -> None:
    person, at = accounts.citizen(), now()
    with travel(at):
        two_browsers(client, person)
        own = client.session["session_id"]

    def seen() -> Any:
        return SignedInSession.objects.get(pk=own).seen_at

    with travel(at + timedelta(minutes=9)):
        client.get("/cong-dan")
        assert seen() == at
    with travel(at + timedelta(minutes=11)):
        client.get("/cong-dan")
        assert seen() == now()
    with travel(at + timedelta(minutes=11, seconds=5)), django_assert_max_num_queries(2):
        client.get("/cong-dan")
    with travel(at + timedelta(hours=1, minutes=50)):
        client.get("/cong-dan")
    with travel(at + timedelta(hours=2, minutes=30)):
        assert client.get("/cong-dan").status_code == 200, "kept going by being used"
        assert [one.id for one in queries.list_sessions(actor=accounts.actor_of(person), at=now())] == [own]


def test_the_page_costs_the_same_for_one_session_and_for_many(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    person = accounts.citizen()
    two_browsers(client, person)
    page_of(client)
    for _ in range(20):
        accounts.listed(person, browser=DESK)
    with django_assert_max_num_queries(3):
        assert "Nơi khác (21)" in page_of(client)
