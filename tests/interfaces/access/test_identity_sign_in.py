"""Citizens sign in through the national identity: the whole way over real HTTP with the simulator."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tinhso.apps.audit.queries import entries_of

NHAN = "051191000001"
LEVEL_ONE = "051067000010"
ENTERPRISE = "4300999012"
CALLBACK = "/dang-nhap/dinh-danh/ket-qua"


def start(client: Client, next_page: str = "/nop") -> dict[str, str]:
    """Press the button; what our redirect asks of the identity system."""
    page = client.get(f"/dang-nhap?next={next_page}")
    assert "định danh điện tử" in page.content.decode()
    answer = client.post("/dang-nhap/dinh-danh", {"next": next_page})
    assert answer.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def choose(identity: str, asked: dict[str, str], subject: str) -> dict[str, str]:
    """Pick somebody on the simulator's page; what it sends back."""
    answer = httpx.post(f"{identity}/auth", data={**asked, "subject": subject})
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"http://testserver{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def sign_in(client: Client, identity: str, subject: str = NHAN, next_page: str = "/nop") -> Any:
    return client.get(CALLBACK, choose(identity, start(client, next_page), subject))


def misbehave(identity: str, fault: str) -> None:
    assert httpx.post(f"{identity}/admin", data={"fault": fault}).status_code == 200


def test_whole_way_to_the_page_asked_for(client: Client, identity: str) -> None:
    asked = start(client)
    assert asked["scope"] == "openid"
    assert asked["acr_values"] == "LoA2"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"http://testserver{CALLBACK}"
    assert len(asked["state"]) >= 16

    answer = client.get(CALLBACK, choose(identity, asked, NHAN))
    assert (answer.status_code, answer["Location"]) == (302, "/nop")
    assert client.get("/nop").content.decode().startswith("citizen Nguyễn Thị Hồng Nhạn")
    account = get_user_model().objects.get(personal_id=NHAN)
    assert (account.kind, account.identity_level, str(account.birth_date)) == ("citizen", 2, "1991-04-12")
    signed_in = entries_of(f"account:{account.pk}")[-1]
    assert signed_in.payload | {"source": ""} == {
        "account_id": account.pk, "method": "national_identity", "source": "", "level": 2,
    }  # fmt: skip


def test_second_sign_in_is_the_same_account_and_the_library_keeps_no_claims(client: Client, identity: str) -> None:
    from allauth.socialaccount.models import SocialAccount, SocialToken

    sign_in(client, identity)
    sign_in(Client(), identity)
    assert get_user_model().objects.count() == 1
    assert SocialAccount.objects.count() == SocialToken.objects.count() == 0


def test_level_one_signs_in_and_is_refused_at_submitting(client: Client, identity: str) -> None:
    sign_in(client, identity, LEVEL_ONE)
    assert client.get("/cong-dan").status_code == 200
    answer = client.get("/nop")
    assert (answer.status_code, "mức độ 2" in answer.content.decode()) == (403, True)


def test_enterprise_signs_in_as_itself(client: Client, identity: str) -> None:
    sign_in(client, identity, ENTERPRISE)
    account = get_user_model().objects.get(organisation_id=ENTERPRISE)
    assert (account.subject, account.personal_id) == ("enterprise", "")
    assert client.get("/nop").status_code == 200


def test_sign_in_never_gives_an_officers_rights(client: Client, identity: str) -> None:
    from tests.factories import accounts

    officer = accounts.officer()
    get_user_model().objects.filter(pk=officer.id).update(personal_id=NHAN)
    sign_in(client, identity)
    assert client.get("/can-bo/viec").status_code == 403
    assert get_user_model().objects.filter(personal_id=NHAN).count() == 2


def test_state_of_another_browser_is_refused(client: Client, identity: str) -> None:
    back = choose(identity, start(client), NHAN)
    answer = Client().get(CALLBACK, back)
    assert (answer.status_code, "không còn hiệu lực" in answer.content.decode()) == (400, True)
    assert get_user_model().objects.count() == 0


@pytest.mark.parametrize("change", [{"state": "made-up"}, {"state": ""}])
def test_wrong_state_is_refused(client: Client, identity: str, change: dict[str, str]) -> None:
    answer = client.get(CALLBACK, choose(identity, start(client), NHAN) | change)
    assert answer.status_code == 400
    assert "anonymous" in client.get("/mo").content.decode()


def test_answer_works_once(client: Client, identity: str) -> None:
    back = choose(identity, start(client), NHAN)
    assert client.get(CALLBACK, back).status_code == 302
    other = client.get(CALLBACK, back)
    assert other.status_code == 400


def test_wrong_code_is_refused(client: Client, identity: str) -> None:
    answer = client.get(CALLBACK, choose(identity, start(client), NHAN) | {"code": "guess"})
    assert (answer.status_code, "trả lời không đúng" in answer.content.decode()) == (502, True)
    assert get_user_model().objects.count() == 0


def test_cancelling_says_that_nothing_changed(client: Client, identity: str) -> None:
    asked = start(client)
    back = httpx.post(f"{identity}/auth", data={**asked, "cancel": "1"}).headers["location"]
    answer = client.get(CALLBACK, {n: v[0] for n, v in parse_qs(urlsplit(back).query).items()})
    assert (answer.status_code, "đã hủy đăng nhập" in answer.content.decode()) == (200, True)


@pytest.mark.parametrize(
    ("fault", "status", "sentence"),
    [
        ("token_down", 502, "trả lời không đúng"),
        ("userinfo_down", 503, "chưa trả lời"),
        ("userinfo_not_json", 503, "chưa trả lời"),
        ("no_keys_at_all", 422, "thiếu cả số định danh"),
        ("wrong_personal_id", 422, "không đúng cấu trúc"),
        ("wrong_nonce", 502, "trả lời không đúng"),
        ("wrong_audience", 502, "trả lời không đúng"),
        ("wrong_signature", 502, "trả lời không đúng"),
        ("other_subject", 502, "trả lời không đúng"),
    ],
)
def test_wrong_answers_let_nobody_in_and_write_nothing(
    client: Client, identity: str, fault: str, status: int, sentence: str
) -> None:
    misbehave(identity, fault)
    answer = sign_in(client, identity)
    assert (answer.status_code, sentence in answer.content.decode()) == (status, True), answer.content.decode()
    assert "anonymous" in client.get("/mo").content.decode()
    assert get_user_model().objects.count() == 0


@pytest.mark.parametrize(
    ("fault", "level"), [("no_personal_id", 2), ("only_keys", 1), ("no_level", 1), ("no_id_token", 2), ("level_one", 1)]
)
def test_missing_claims_still_let_the_person_in(client: Client, identity: str, fault: str, level: int) -> None:
    misbehave(identity, fault)
    assert sign_in(client, identity).status_code == 302
    assert client.get("/cong-dan").status_code == 200
    assert client.get("/nop").status_code == (200 if level == 2 else 403)


def test_same_technical_id_with_another_persons_number_is_refused(client: Client, identity: str) -> None:
    sign_in(client, identity)
    misbehave(identity, "other_personal_id")
    answer = sign_in(Client(), identity)
    assert (answer.status_code, "gắn với một người khác" in answer.content.decode()) == (409, True)


def test_silent_identity_system_is_told_within_the_time_limit(client: Client, settings: Any) -> None:
    settings.NATIONAL_IDENTITY = settings.NATIONAL_IDENTITY | {"token_url": "http://127.0.0.1:9/token"}
    answer = client.post("/dang-nhap/dinh-danh", {"next": "/nop"})
    state = parse_qs(urlsplit(answer["Location"]).query)["state"][0]
    answer = client.get(CALLBACK, {"state": state, "code": "x"})
    assert (answer.status_code, "chưa trả lời" in answer.content.decode()) == (503, True)


def test_another_site_cannot_start_a_sign_in(client: Client) -> None:
    assert client.get("/dang-nhap/dinh-danh?next=/nop")["Location"] == "/dang-nhap?next=%2Fnop"
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/dang-nhap/dinh-danh", headers={"Origin": "https://evil.example"}).status_code == 403


def test_sign_in_never_leads_to_another_site(client: Client, identity: str) -> None:
    assert sign_in(client, identity, next_page="https://evil.example/")["Location"] == "/"


def test_signed_in_citizen_does_not_sign_in_again(client: Client, identity: str) -> None:
    sign_in(client, identity)
    assert client.get("/dang-nhap?next=/cong-dan")["Location"] == "/cong-dan"


def test_sign_out_goes_on_to_the_identity_system(client: Client, identity: str) -> None:
    sign_in(client, identity)
    answer = client.post("/dang-xuat")
    assert answer["Location"] == f"{identity}/logout?post_logout_redirect_uri=http%3A%2F%2Ftestserver%2F"
    assert httpx.get(answer["Location"]).headers["location"] == "http://testserver/"
    assert client.get("/cong-dan").status_code == 302


def test_form_typed_before_signing_in_is_there_after_the_whole_way(client: Client, identity: str) -> None:
    answer = client.post("/nop", {"note": "đã gõ rất lâu"})
    page = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    assert sign_in(client, identity, next_page=page)["Location"] == page
    assert "đã gõ rất lâu" in client.get(page).content.decode()


def test_officer_who_signs_in_as_citizen_is_the_citizen_only(client: Client, identity: str) -> None:
    from tests.factories import accounts

    accounts.sign_in(client, accounts.officer())
    sign_in(client, identity)
    assert client.get("/nop").status_code == 200
    assert client.get("/can-bo/viec").status_code == 403
