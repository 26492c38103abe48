"""The identity simulator over real HTTP, as a client of the national identity sees it."""

import base64
import hashlib
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.simulators.serving import serve
from tinhso.simulators.app import create_app
from tinhso.simulators.identity.app import default_people_file
from tinhso.simulators.identity.faults import LABELS, Fault
from tinhso.simulators.identity.people import load_subjects, typed_subject

CLIENT = ("tinhso-demo", "demo-secret-not-for-production")
BACK = "http://localhost:8000/dang-nhap/dinh-danh/ket-qua"
NHAN = "051191000001"
ENTERPRISE = "4300999012"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serve(create_app()) as address:
        yield address


@pytest.fixture
def web(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server) as client:
        yield client
        client.post("/identity/admin", data={"fault": "", "delay": "0"})


def sign_in(web: httpx.Client, subject: str = NHAN, **extra: str) -> dict[str, list[str]]:
    asked = {"client_id": CLIENT[0], "redirect_uri": BACK, "state": "s-1", "nonce": "n-1", **extra}
    page = web.get("/identity/auth", params={"response_type": "code", "scope": "openid", **asked})
    assert page.status_code == 200, page.text
    answer = web.post("/identity/auth", data={**asked, "subject": subject})
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(BACK + "?")
    return parse_qs(urlsplit(answer.headers["location"]).query)


def exchange(web: httpx.Client, code: str, **extra: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK} | extra
    return web.post("/identity/token", data={"client_id": CLIENT[0], "client_secret": CLIENT[1]} | form)


def test_code_flow_gives_the_claims_of_the_picked_person(web: httpx.Client) -> None:
    back = sign_in(web)
    assert back["state"] == ["s-1"]

    answer = exchange(web, back["code"][0])
    assert answer.status_code == 200
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    claims = web.post("/identity/userinfo", headers=bearer).json()

    assert claims == web.get("/identity/userinfo", headers=bearer).json()
    assert claims["SoDinhDanh"] == NHAN
    assert claims["HoVaTen"] == "NGUYỄN THỊ HỒNG NHẠN"
    assert claims["NgayThangNamSinh"] == "19910412"
    assert (claims["LoaiTaiKhoan"], claims["loAs"], claims["IAL"]) == ("1", "2", "2")
    assert claims["logoutUri"] == f"{web.base_url}/identity/logout"


def test_id_token_is_signed_for_this_client_and_this_sign_in(web: httpx.Client) -> None:
    answer = exchange(web, sign_in(web)["code"][0]).json()
    keys = KeySet.import_key_set(web.get("/identity/jwks").json())
    claims = jwt.decode(answer["id_token"], keys).claims
    assert claims["iss"] == f"{web.base_url}/identity"
    assert (claims["aud"], claims["nonce"]) == (CLIENT[0], "n-1")
    assert "d" not in web.get("/identity/jwks").json()["keys"][0], "the private key stays inside"


def test_code_works_once(web: httpx.Client) -> None:
    code = sign_in(web)["code"][0]
    assert exchange(web, code).status_code == 200
    again = exchange(web, code)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


def test_verifier_must_match_the_challenge(web: httpx.Client) -> None:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"right-verifier").digest()).rstrip(b"=").decode()
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
    assert exchange(web, sign_in(web, **pkce)["code"][0], code_verifier="wrong").status_code == 400
    assert exchange(web, sign_in(web, **pkce)["code"][0]).status_code == 400
    assert exchange(web, sign_in(web, **pkce)["code"][0], code_verifier="right-verifier").status_code == 200


def test_client_proves_itself_by_form_or_basic(web: httpx.Client) -> None:
    form = {"grant_type": "authorization_code", "code": sign_in(web)["code"][0], "redirect_uri": BACK}
    assert web.post("/identity/token", data=form, auth=CLIENT).status_code == 200
    assert exchange(web, sign_in(web)["code"][0], client_secret="guess").status_code == 401
    assert web.post("/identity/token", data=form, headers={"Authorization": "Basic !"}).status_code == 401


@pytest.mark.parametrize(
    "wrong", [{"client_id": "unknown"}, {"redirect_uri": "javascript:alert(1)"}, {"response_type": "token"}]
)
def test_wrong_request_is_refused_without_going_back(web: httpx.Client, wrong: dict[str, str]) -> None:
    asked = {"response_type": "code", "client_id": CLIENT[0], "redirect_uri": BACK} | wrong
    assert web.get("/identity/auth", params=asked).status_code == 400


def test_cancel_goes_back_with_access_denied(web: httpx.Client) -> None:
    asked = {"client_id": CLIENT[0], "redirect_uri": BACK, "state": "s-9", "cancel": "1"}
    answer = web.post("/identity/auth", data=asked)
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"error": ["access_denied"], "state": ["s-9"]}


def test_enterprise_has_a_code_and_no_level(web: httpx.Client) -> None:
    token = exchange(web, sign_in(web, ENTERPRISE)["code"][0]).json()["access_token"]
    claims = web.post("/identity/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    assert (claims["LoaiTaiKhoan"], claims["MaSoDoanhNghiep"]) == ("2", ENTERPRISE)
    assert "loAs" not in claims


def test_typed_id_makes_a_person_that_fits_it(web: httpx.Client) -> None:
    asked = {"client_id": CLIENT[0], "redirect_uri": BACK}
    answer = web.post("/identity/auth", data={**asked, "typed": "062 203 123456"})
    assert answer.status_code == 303
    person = typed_subject("062203123456")
    assert (person.sex, person.birth_date[:4], person.level) == ("male", "2003", 2)

    refused = web.post("/identity/auth", data={**asked, "typed": "999"})
    assert refused.status_code == 422
    assert "12 chữ số" in refused.text
    assert 'value="999"' in refused.text, "what was typed stays"


def test_values_are_escaped_on_the_page(web: httpx.Client) -> None:
    asked = {"response_type": "code", "client_id": CLIENT[0], "redirect_uri": BACK, "state": '"><script>x</script>'}
    assert "<script>" not in web.get("/identity/auth", params=asked).text


@pytest.mark.parametrize("token", ["", "Bearer wrong", "Basic abc"])
def test_userinfo_needs_a_living_token(web: httpx.Client, token: str) -> None:
    assert web.post("/identity/userinfo", headers={"Authorization": token}).status_code == 401


def test_tester_makes_it_fail_and_heal(web: httpx.Client) -> None:
    assert "Hoạt động bình thường" in web.get("/identity/admin").text
    assert web.post("/identity/admin", data={"fault": "down"}).status_code == 200
    assert web.get("/identity/").status_code == 503
    assert web.post("/identity/admin", data={"fault": "", "delay": "0.2"}).status_code == 200
    assert web.get("/identity/").elapsed.total_seconds() >= 0.2
    assert web.post("/identity/admin", data={"fault": "no such"}).status_code == 422
    assert set(LABELS) == set(Fault)


def test_logout_goes_back_where_asked(web: httpx.Client) -> None:
    answer = web.get("/identity/logout", params={"post_logout_redirect_uri": "http://localhost:8000/"})
    assert (answer.status_code, answer.headers["location"]) == (303, "http://localhost:8000/")
    assert web.get("/identity/logout").status_code == 200


def test_index_names_the_simulators(web: httpx.Client) -> None:
    assert "VNeID" in web.get("/").text
    assert web.get("/healthz").text == "ok"


def test_people_are_fictional_and_well_formed() -> None:
    subjects = load_subjects(default_people_file())
    people = [s for s in subjects.values() if not s.is_enterprise]
    assert len(people) >= 20
    assert {s.level for s in people} == {1, 2}
    for person in people:
        personal = typed_subject(person.key)
        assert (personal.sex, personal.birth_date[:4]) == (person.sex, person.birth_date[:4]), person.full_name
        assert person.email.endswith("@example.com")
    assert {s.key[:3] for s in people} >= {"051", "062"}
    assert ENTERPRISE in subjects
