"""Officers: password, second factor, enrolment, lock-out, passkeys."""

import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client

from tests.factories import accounts
from tests.factories.accounts import PASSWORD, TOTP_SECRET
from tinhso.apps.accounts import actions
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.accounts.models import Account
from tinhso.apps.audit.queries import entries_of
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now, travel

SIGN_IN = "/can-bo/dang-nhap"
SECOND = "/can-bo/dang-nhap/buoc-hai"


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """The library remembers used codes in the cache."""
    cache.clear()


def code(secret: str = TOTP_SECRET) -> str:
    """The code an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def enter(client: Client, username: str, password: str = PASSWORD, **extra: str) -> Any:
    return client.post(SIGN_IN, {"login": username, "password": password, **extra})


def types_of(account: AccountData) -> list[str]:
    return [entry.type for entry in entries_of(f"account:{account.id}")]


def test_password_then_code_opens_the_page_asked_for(client: Client) -> None:
    account = accounts.officer(username="hoa.nguyen")
    page = client.get(f"{SIGN_IN}?next=/can-bo/viec")
    assert "Tên đăng nhập" in page.content.decode()
    answer = enter(client, "Hoa.Nguyen", next="/can-bo/viec")
    assert (answer.status_code, answer["Location"]) == (302, SECOND)
    assert client.get("/can-bo/viec").status_code == 302, "not signed in before the second factor"

    assert "Nhập mã xác thực" in client.get(SECOND).content.decode()
    answer = client.post(SECOND, {"code": code()})
    assert (answer.status_code, answer["Location"]) == (302, "/can-bo/viec")
    assert client.get("/can-bo/viec").content.decode().startswith("officer")
    signed_in = entries_of(f"account:{account.id}")[-1]
    assert (signed_in.type, signed_in.payload["method"]) == ("account.signed_in", "totp")


def test_sign_in_without_a_page_leads_to_the_workspace(client: Client) -> None:
    accounts.officer(username="hoa")
    enter(client, "hoa")
    assert client.post(SECOND, {"code": code()})["Location"] == "/can-bo/"


def test_sign_in_never_leads_to_another_site(client: Client) -> None:
    accounts.officer(username="hoa")
    enter(client, "hoa", next="https://evil.example/")
    assert client.post(SECOND, {"code": code()})["Location"] == "/can-bo/"


def test_wrong_password_and_unknown_name_are_told_alike_in_vietnamese(client: Client) -> None:
    accounts.officer(username="hoa")
    texts = [enter(client, name, "Sai-mat-khau-1").content.decode() for name in ("hoa", "khong-co")]
    for text in texts:
        assert "Tên đăng nhập hoặc mật khẩu chưa đúng." in text
        assert 'value="hoa"' in text or 'value="khong-co"' in text, "what was typed stays"
        assert "Sai-mat-khau-1" not in text


def test_five_wrong_passwords_lock_the_name_out_for_15_minutes(client: Client) -> None:
    account = accounts.officer(username="hoa")
    at = now()
    for second in range(5):
        with travel(at + timedelta(seconds=second)):
            enter(client, "hoa", "Sai-mat-khau-1")
    with travel(at + timedelta(minutes=1)):
        answer = enter(client, "hoa")
    assert "Đã sai quá nhiều lần" in answer.content.decode()
    assert types_of(account)[-1] == "account.sign_in_failed"
    with travel(at + timedelta(minutes=14, seconds=59)):
        assert enter(client, "hoa").status_code == 200, "the right password does not help either"
    with travel(at + timedelta(minutes=15, seconds=5)):
        assert enter(client, "hoa")["Location"] == SECOND


def test_wrong_codes_count_like_wrong_passwords(client: Client) -> None:
    account = accounts.officer(username="hoa")
    enter(client, "hoa")
    for _ in range(5):
        assert "Mã xác thực chưa đúng" in client.post(SECOND, {"code": "000000"}).content.decode()
    assert "Đã sai quá nhiều lần" in client.post(SECOND, {"code": code()}).content.decode()
    assert "Đã sai quá nhiều lần" in enter(Client(), "hoa").content.decode()
    assert types_of(account).count("account.sign_in_failed") == 7
    assert client.get("/can-bo/viec").status_code == 302


def test_used_code_does_not_work_twice_but_may_in_a_demo(client: Client, settings: Any) -> None:
    accounts.officer(username="hoa")
    once = code()
    enter(client, "hoa")
    client.post(SECOND, {"code": once})
    second = Client()
    enter(second, "hoa")
    assert second.post(SECOND, {"code": once}).status_code == 200, "refused"
    settings.DEMO = True
    assert second.post(SECOND, {"code": once}).status_code == 302


def test_recovery_code_signs_in_once(client: Client) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from django.contrib.auth import get_user_model

    account = accounts.officer(username="hoa")
    recovery = RecoveryCodes.activate(get_user_model().objects.get(pk=account.id)).get_unused_codes()[0]
    enter(client, "hoa")
    assert client.post(SECOND, {"code": recovery}).status_code == 302
    assert entries_of(f"account:{account.id}")[-1].payload["method"] == "recovery_code"
    other = Client()
    enter(other, "hoa")
    assert other.post(SECOND, {"code": recovery}).status_code == 200


def test_locked_account_is_told_so(client: Client) -> None:
    account = accounts.officer(username="hoa")
    actions.lock_account(account_id=account.id, reason="Nghỉ việc", actor=SYSTEM, at=now())
    answer = enter(client, "hoa")
    assert (answer.status_code, "Tài khoản đang bị khóa" in answer.content.decode()) == (403, True)
    assert client.get("/can-bo/viec").status_code == 302
    assert entries_of(f"account:{account.id}")[-1].payload["reason"] == "account_locked"


def test_citizens_have_no_password(client: Client) -> None:
    person = accounts.citizen()
    assert enter(client, person.username, "").status_code == 200
    assert enter(client, person.username).status_code == 200
    assert "anonymous" in client.get("/mo").content.decode()


@pytest.mark.django_db(transaction=True)  # the library tells of the new factor when it is committed
def test_first_sign_in_leads_to_enrolment_and_nowhere_else(client: Client) -> None:
    account = accounts.officer(username="moi", with_totp=False)
    enter(client, "moi")
    for page in ("/can-bo/viec", "/chung"):
        assert client.get(page)["Location"] == "/can-bo/bao-mat"
    assert "Còn một bước nữa" in client.get("/can-bo/bao-mat").content.decode()

    page = client.get("/can-bo/bao-mat/ung-dung")
    text = page.content.decode()
    assert page.status_code == 200
    assert "data:image/svg+xml" in text
    secret = page.context["form"].secret
    assert "chưa đúng" in client.post("/can-bo/bao-mat/ung-dung", {"code": "000000"}).content.decode()
    answer = client.post("/can-bo/bao-mat/ung-dung", {"code": code(secret)})
    assert answer["Location"] == "/can-bo/bao-mat/ma-khoi-phuc"
    assert len(client.get(answer["Location"]).context["unused_codes"]) == 10
    assert client.get("/can-bo/viec").status_code == 200
    assert "account.second_factor_changed" in types_of(account)
    assert secret not in str(Authenticator.objects.get(user_id=account.id, type="totp").data)


def test_session_with_the_password_alone_ends_when_a_second_factor_is_enrolled_elsewhere(client: Client) -> None:
    account = accounts.officer(username="moi", with_totp=False)
    enter(client, "moi")
    assert client.get("/can-bo/bao-mat").status_code == 200
    actions.enrol_totp(account_id=account.id, secret=TOTP_SECRET, actor=SYSTEM, at=now())
    assert client.get("/can-bo/bao-mat/ma-khoi-phuc/tao")["Location"].startswith("/can-bo/dang-nhap")
    assert "anonymous" in client.get("/mo").content.decode()


def test_removed_and_renewed_factors_are_logged(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    from allauth.mfa.webauthn.internal.auth import WebAuthn
    from django.contrib.auth import get_user_model

    from tests.interfaces.access.software_key import SoftwareKey

    account = accounts.officer(username="hoa")
    accounts.sign_in(client, account)
    client.post("/can-bo/bao-mat/xac-nhan?next=/can-bo/bao-mat", {"password": PASSWORD})
    options = client.get("/can-bo/bao-mat/khoa/them").context["js_data"]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            "/can-bo/bao-mat/khoa/them", {"name": "A", "credential": SoftwareKey("http://testserver").create(options)}
        )
    key = Authenticator.objects.get(user_id=account.id, type="webauthn")
    assert "Gỡ khóa truy cập" in client.get(f"/can-bo/bao-mat/khoa/{key.pk}/go").content.decode()
    client.post(f"/can-bo/bao-mat/khoa/{key.pk}/ten", {"name": "Khóa mới đặt tên"})
    assert "Khóa mới đặt tên" in client.get("/can-bo/bao-mat/khoa").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/can-bo/bao-mat/ung-dung/go")
        client.post("/can-bo/bao-mat/ma-khoi-phuc/tao")
    changes = [
        (e.payload["factor"], e.payload["change"])
        for e in entries_of(f"account:{account.id}")
        if e.type == "account.second_factor_changed"
    ]
    assert ("webauthn", "added") in changes
    assert ("totp", "removed") in changes
    assert ("recovery_codes", "reset") in changes
    other = accounts.officer()
    foreign = WebAuthn.add(get_user_model().objects.get(pk=other.id), "B", key.data["credential"]).instance
    assert client.get(f"/can-bo/bao-mat/khoa/{foreign.pk}/go").status_code == 404


def test_changing_the_second_factor_later_asks_for_the_password_again(client: Client) -> None:
    account = accounts.officer(username="hoa")
    accounts.sign_in(client, account)
    answer = client.get("/can-bo/bao-mat/khoa/them")
    assert answer["Location"].startswith("/can-bo/bao-mat/xac-nhan?")
    assert client.get(answer["Location"]).status_code == 200
    assert "Mật khẩu chưa đúng" in client.post(answer["Location"], {"password": "sai"}).content.decode()
    assert client.post(answer["Location"], {"password": PASSWORD})["Location"] == "/can-bo/bao-mat/khoa/them"
    assert client.get("/can-bo/bao-mat/khoa/them").status_code == 200


def test_last_second_factor_stays(client: Client) -> None:
    account = accounts.officer(username="hoa")
    accounts.sign_in(client, account)
    client.post("/can-bo/bao-mat/xac-nhan?next=/can-bo/bao-mat/ung-dung/go", {"password": PASSWORD})
    answer = client.post("/can-bo/bao-mat/ung-dung/go")
    assert "phải giữ ít nhất một" in answer.content.decode()
    assert Authenticator.objects.filter(user_id=account.id, type="totp").exists()


def test_passkey_is_registered_and_signs_in_without_password(client: Client) -> None:
    """With a software key of our own: the ceremony as the browser does it."""
    from tests.interfaces.access.software_key import SoftwareKey

    account = accounts.officer(username="hoa", with_totp=False)
    enter(client, "hoa")
    page = client.get("/can-bo/bao-mat/khoa/them")
    key = SoftwareKey("http://testserver")
    answer = client.post(
        "/can-bo/bao-mat/khoa/them",
        {"name": "Khóa bàn làm việc", "passwordless": "on", "credential": key.create(page.context["js_data"])},
    )
    assert answer.status_code == 302, answer.content.decode()
    assert "Khóa bàn làm việc" in client.get("/can-bo/bao-mat/khoa").content.decode()
    assert client.get("/can-bo/viec").status_code == 200

    other = Client()
    options = other.get("/can-bo/dang-nhap/khoa", headers={"Accept": "application/json"}).json()
    answer = other.post("/can-bo/dang-nhap/khoa", {"credential": key.get(options)})
    assert answer["Location"] == "/can-bo/"
    assert other.get("/can-bo/viec").status_code == 200
    assert entries_of(f"account:{account.id}")[-1].payload["method"] == "passkey"


@pytest.mark.parametrize(
    "page",
    ["", "/mat-khau", "/xac-nhan", "/xac-nhan/ma", "/khoa", "/ung-dung/go", "/ma-khoi-phuc/tao"],
)
def test_security_pages_open_for_officers_only(client: Client, page: str) -> None:
    assert client.get(f"/can-bo/bao-mat{page}")["Location"].startswith("/can-bo/dang-nhap?")
    accounts.sign_in(client, accounts.citizen())
    assert client.get(f"/can-bo/bao-mat{page}").status_code == 403
    accounts.sign_in(client, accounts.officer(username="hoa"))
    answer = client.get(f"/can-bo/bao-mat{page}", follow=True)
    assert answer.status_code == 200
    assert "⟦missing" not in answer.content.decode()


def test_who_has_no_password_yet_is_told_so(client: Client) -> None:
    account = accounts.officer(username="hoa")
    Account.objects.filter(pk=account.id).update(password=make_password(None))
    accounts.sign_in(client, account)
    for answer in (
        client.get("/can-bo/bao-mat/mat-khau", follow=True),
        client.post("/can-bo/bao-mat/mat-khau", follow=True),
    ):
        assert "chưa có mật khẩu" in answer.content.decode()


def test_password_change_keeps_this_session_and_ends_the_others(client: Client) -> None:
    account = accounts.officer(username="hoa")
    accounts.sign_in(client, account)
    other = Client()
    accounts.sign_in(other, account)
    weak = {"oldpassword": PASSWORD, "password1": "ngan", "password2": "ngan"}
    assert "ít nhất 8 ký tự" in client.post("/can-bo/bao-mat/mat-khau", weak).content.decode()
    fresh = {"oldpassword": PASSWORD, "password1": "Cau-Vong-Sau-Mua-1", "password2": "Cau-Vong-Sau-Mua-1"}
    assert client.post("/can-bo/bao-mat/mat-khau", fresh).status_code == 302
    assert client.get("/can-bo/viec").status_code == 200
    assert other.get("/can-bo/viec").status_code == 302
    assert types_of(account).count("account.password_set") == 1


def test_sign_out_ends_the_session_and_is_logged(client: Client) -> None:
    account = accounts.officer(username="hoa")
    accounts.sign_in(client, account)
    assert client.get("/dang-xuat").status_code == 200
    assert client.get("/can-bo/viec").status_code == 200, "asking signs nobody out"
    answer = client.post("/dang-xuat")
    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert client.get("/can-bo/viec").status_code == 302
    assert types_of(account)[-1] == "account.signed_out"
    assert client.post("/dang-xuat").status_code == 303
