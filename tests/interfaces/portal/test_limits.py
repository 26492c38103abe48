"""How often anybody may ask, how sessions end everywhere, and what is told about reporting weaknesses."""

import runpy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client, RequestFactory, override_settings

from tests.factories import accounts
from tinhso.apps.accounts import actions
from tinhso.apps.audit.queries import entries_of
from tinhso.interfaces.access import limits, sessions
from tinhso.interfaces.access.limits import Pace
from tinhso.interfaces.access.middleware import PaceMiddleware, SecurityHeadersMiddleware
from tinhso.kernel.actor import ANONYMOUS, SYSTEM
from tinhso.kernel.clock import now, travel

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_budgets() -> None:
    limits.FOLLOWED.forget()


def test_a_pace_lets_through_as_many_as_it_says_and_refills(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [1_000.0]
    monkeypatch.setattr("tinhso.interfaces.access.limits.time.monotonic", lambda: moment[0])
    pace = Pace(each=60)
    assert [pace.take("a") for _ in range(60)] == [0.0] * 60
    assert 0 < pace.take("a") <= 1.0
    assert pace.take("b") == 0.0
    moment[0] += 5
    assert [pace.take("a") > 0 for _ in range(6)] == [False] * 5 + [True]


def test_the_api_says_when_to_come_back(rf: RequestFactory) -> None:
    with override_settings(API_PACE={"client": 3, "source": 2}):
        middleware = PaceMiddleware(lambda request: SecurityHeadersMiddleware(None))  # type: ignore[arg-type,return-value]  # any answer
    request: Any = rf.get("/api/v1/procedures")
    request.actor = ANONYMOUS
    for _ in range(2):
        assert not hasattr(middleware(request), "status_code")
    refused = middleware(request)
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert 1 <= int(refused["Retry-After"]) <= 30
    other: Any = rf.get("/api/v1/procedures", REMOTE_ADDR="192.0.2.9")
    other.actor = ANONYMOUS
    assert not hasattr(middleware(other), "status_code")
    page: Any = rf.get("/thu-tuc/")
    page.actor = ANONYMOUS
    assert not hasattr(middleware(page), "status_code")


def test_whoever_tries_codes_of_cases_in_turn_comes_to_an_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.FOLLOWED, "each", 3)
    answers = [client.get("/tra-cuu", {"ma": f"H48.12-260302-{n:04d}"}).status_code for n in range(5)]
    assert answers == [404, 404, 404, 429, 429]
    assert client.get("/tra-cuu").status_code == 200
    assert client.get("/phan-anh/tra-cuu", {"ma": "PA-260302-00000-00000"}).status_code == 429
    sent = client.post("/phan-anh/tra-cuu/danh-gia", {"ma": "PA-260302-00000-00000", "contact": "0900000001"})
    assert sent.status_code == 429


def test_signing_out_everywhere_ends_the_other_browser_too(client: Client) -> None:
    person = accounts.citizen()
    other = Client()
    for browser in (client, other):
        accounts.sign_in(browser, person)
    assert other.get("/ho-so/").status_code == 200
    with travel(now() + timedelta(minutes=1)):
        client.post("/dang-xuat", {"everywhere": "1"})
        assert other.get("/ho-so/").status_code == 302
        accounts.sign_in(other, person)
        assert other.get("/ho-so/").status_code == 200
    assert entries_of(f"account:{person.id}")[-1].type == "account.sessions_ended"


def test_plain_signing_out_leaves_the_other_browser(client: Client) -> None:
    person = accounts.citizen()
    other = Client()
    for browser in (client, other):
        accounts.sign_in(browser, person)
    client.post("/dang-xuat")
    assert other.get("/ho-so/").status_code == 200


def test_a_lost_telephones_session_ends_with_its_second_factor(client: Client) -> None:
    officer = accounts.officer()
    accounts.sign_in(client, officer)
    assert client.get("/can-bo/bao-mat").status_code == 200
    with travel(now() + timedelta(minutes=1)):
        actions.reset_second_factor(account_id=officer.id, actor=SYSTEM, at=now())
        assert client.get("/can-bo/bao-mat").status_code == 302


def test_sessions_begin_with_a_key_of_their_own(client: Client) -> None:
    client.get("/ho-so/")
    before = client.cookies.get(site.SESSION_COOKIE_NAME)
    accounts.sign_in(client, accounts.citizen())
    assert before is None or before.value != client.cookies[site.SESSION_COOKIE_NAME].value


def test_where_to_report_a_weakness(client: Client) -> None:
    text = client.get("/.well-known/security.txt").content.decode()
    told = dict(line.split(": ", 1) for line in text.splitlines())
    assert told["Contact"].startswith(site.BASE_URL)
    assert now() + timedelta(days=30) < datetime.fromisoformat(told["Expires"]) < now() + timedelta(days=365)
    assert datetime.fromisoformat(told["Expires"]).tzinfo == UTC
    with override_settings(SECURITY_CONTACT="an-toan@example.gov.vn"):
        assert "Contact: mailto:an-toan@example.gov.vn" in client.get("/.well-known/security.txt").content.decode()


def test_over_tls_browsers_are_told_to_stay(client: Client) -> None:
    assert "Strict-Transport-Security" not in client.get("/dang-nhap").headers
    with override_settings(SESSION_COOKIE_SECURE=True):
        assert "max-age=31536000" in client.get("/dang-nhap")["Strict-Transport-Security"]


def test_over_tls_cookies_belong_to_this_host_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINHSO_BASE_URL", "https://dichvucong.example.gov.vn")
    told = runpy.run_path(str(site.BASE_DIR / "src" / "tinhso" / "config" / "settings.py"))
    assert (told["SESSION_COOKIE_NAME"], told["CSRF_COOKIE_NAME"]) == ("__Host-sessionid", "__Host-csrftoken")
    assert (told["SESSION_COOKIE_SECURE"], told["CSRF_COOKIE_SECURE"], told["SESSION_COOKIE_HTTPONLY"]) == (
        True,
        True,
        True,
    )
    assert told["SESSION_COOKIE_SAMESITE"] == told["CSRF_COOKIE_SAMESITE"] == "Lax"
    assert sessions.OWNER_COOKIE == site.COOKIE_PREFIX + "tinhso_owner"
    assert timedelta(hours=12) >= sessions.LONGEST
