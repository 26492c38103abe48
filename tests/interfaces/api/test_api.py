"""The API as another system meets it: submit once, read with a record, follow, refuse in sentences."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import files
from tests.factories.world import AT, CONTENT, World, world
from tinhso.apps.accounts.actions import create_machine_client, issue_api_token, revoke_api_token
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases.models import Case
from tinhso.apps.procedures.data import Package, UploadLimits
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM
from tinhso.lib.yamltext import load_yaml

pytestmark = pytest.mark.django_db
HOUSE = CONTENT / "procedures/xay-dung/1.013225/scenarios"


@pytest.fixture
def place() -> World:
    return world()


def _token(place: World, *, procedures: list[str] | None = None, name: str = "client") -> tuple[int, str]:
    client = create_machine_client(username=name, full_name="Hệ thống thử", actor=SYSTEM, at=AT)
    token = issue_api_token(
        account_id=client.id, name="thử", unit_ids=[place.province.id], granted=["case.submit", "case.view"],
        procedures=procedures, expires_at=clock.now() + timedelta(days=30), actor=SYSTEM, at=clock.now(),
    )  # fmt: skip
    return token.id, token.text


@pytest.fixture
def api(place: World) -> Client:
    return Client(headers={"Authorization": f"Bearer {_token(place)[1]}"})


def _body(place: World) -> dict[str, Any]:
    scenario = load_yaml(sorted(HOUSE.glob("*.yaml"))[0].read_text())
    answers = json.loads(json.dumps(scenario["answers"], default=str))
    return {
        "procedure": "1.013225", "unit": place.commune.code, "applicant": scenario["applicant"], "answers": answers,
        "documents": [{"key": key, "presence": "paper"} for key in scenario["documents"]],
    }  # fmt: skip


def _post(api: Client, body: Any, key: str = "K-0") -> Any:
    headers = {"Idempotency-Key": key}
    return api.post("/api/v1/cases", data=body, content_type="application/json", headers=headers)


@pytest.mark.parametrize("form", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain"])
def test_a_form_where_json_is_taken_is_refused_in_a_sentence(api: Client, form: str) -> None:
    sent = b'--x\r\nContent-Disposition: form-data; name="procedure"\r\n\r\n1.013225\r\n--x--\r\n'
    answer = api.post("/api/v1/cases", data=sent, content_type=form, headers={"Idempotency-Key": "K-0"})
    assert (answer.status_code, answer.json()["detail"]) == (400, "Nội dung gửi lên không phải JSON hợp lệ.")


def test_openapi_describes_everything(client: Client) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert "/api/v1/cases" in schema["paths"]
    assert schema["paths"]["/api/v1/cases"]["post"]["security"]


def test_procedures_are_public_and_paged(client: Client, place: World) -> None:
    first = client.get("/api/v1/procedures?limit=3").json()
    assert len(first["items"]) == 3
    second = client.get(f"/api/v1/procedures?limit=3&cursor={first['next']}").json()
    assert not {p["code"] for p in first["items"]} & {p["code"] for p in second["items"]}
    found = client.get("/api/v1/procedures?q=xin+giay+phep+xay+nha").json()
    assert found["items"][0]["code"] == "1.013225"
    detail = client.get("/api/v1/procedures/1.013225").json()
    assert {case["key"] for case in detail["cases"]} == {"house", "works"}
    form = client.get("/api/v1/procedures/1.013225/form").json()
    assert form["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("procedures/9.999999", 404), ("procedures?limit=0", 422), ("nothing", 404),
        ("petitions?cursor=%21%21", 422),
    ],
)  # fmt: skip
def test_refusals_are_problems(client: Client, place: World, path: str, status: int) -> None:
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    told = response.json()
    assert (told["status"], told["type"]) == (status, "about:blank")
    assert told["detail"]
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", told["code"])
    assert told["title"] == {404: "Không tìm thấy", 422: "Nội dung chưa đúng"}[status]


def test_what_the_schema_finds_is_told_in_our_words(client: Client, place: World) -> None:
    for wrong, told in (
        ("abc", "Cần một số nguyên."),
        ("0", "Nhỏ hơn mức cho phép."),
        ("101", "Lớn hơn mức cho phép."),
    ):
        response = client.get("/api/v1/procedures", {"limit": wrong})
        assert (response.status_code, response.json()["errors"]) == (422, [{"path": "limit", "message": told}])


def test_a_submission_makes_one_case_however_often_it_is_sent(api: Client, place: World) -> None:
    body = _body(place)
    first, second = _post(api, body, "k-1"), _post(api, body, "k-1")
    assert first.status_code == second.status_code == 201, first.json()
    assert first.json() == second.json()
    assert first.json()["code"].startswith(place.commune.code)
    assert first.json()["due_at"] is None
    assert first.json()["status"] == "submitted"
    assert Case.objects.count() == 1
    other = _post(api, {**body, "applicant": {**body["applicant"], "full_name": "Trần Văn Khác"}}, "k-1")
    assert other.status_code == 422


def test_without_a_token_nothing_is_shown(client: Client, place: World) -> None:
    response = _post(client, _body(place))
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_opens_nothing(place: World) -> None:
    token_id, text = _token(place)
    revoke_api_token(token_id=token_id, reason="thử", actor=SYSTEM, at=clock.now())
    assert Client(headers={"Authorization": f"Bearer {text}"}).get("/api/v1/cases").status_code == 401


def test_a_token_for_other_procedures_is_refused(place: World) -> None:
    api = Client(headers={"Authorization": f"Bearer {_token(place, procedures=['2.000815'])[1]}"})
    assert _post(api, _body(place)).status_code == 403
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"applicant": {"full_name": "Nguyễn Thị Ví Dụ", "personal_id": "097090000001"}}, "applicant.personal_id"),
        ({"applicant": {"full_name": "", "personal_id": "051190000019"}}, "applicant.full_name"),
        ({"applicant": {"full_name": "A" * 500, "personal_id": "051190000019"}}, "applicant.full_name"),
        ({"answers": {}}, "answers.full_name"),
        ({"documents": []}, "documents.house_drawings"),
        ({"documents": [{"key": "house_drawings", "file": "giả"}]}, "documents.house_drawings"),
        ({"documents": [{"key": "không có", "presence": "paper"}]}, "documents.không có"),
        ({"unit": "H99.99"}, "unit"),
    ],
)
def test_bad_input_names_the_value_and_writes_nothing(
    api: Client, place: World, change: dict[str, Any], path: str
) -> None:
    response = _post(api, {**_body(place), **change})
    assert response.status_code == 422, response.json()
    assert path in {error["path"] for error in response.json()["errors"]}
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    "body", ["{", "[]", '"x"', '{"procedure": 7}', '{"procedure": "1.013225", "applicant": [], "answers": 5}']
)
def test_what_is_no_submission_is_told_so(api: Client, place: World, body: str) -> None:
    response = _post(api, body)
    assert response.status_code in {400, 422}
    assert response["Content-Type"] == "application/problem+json"


def test_a_submission_that_could_not_be_repeated_is_refused(api: Client, place: World) -> None:
    for headers in ({}, {"Idempotency-Key": ""}, {"Idempotency-Key": "x" * 201}):
        response = api.post("/api/v1/cases", data=_body(place), content_type="application/json", headers=headers)
        assert response.status_code == 422
        assert response.json()["errors"][0]["path"] == "Idempotency-Key"
    assert not Case.objects.exists()


def test_an_unknown_or_described_procedure_is_refused(api: Client, place: World) -> None:
    assert _post(api, {**_body(place), "procedure": "9.999999"}).status_code == 404


def test_a_case_is_read_followed_and_the_reading_recorded(api: Client, place: World) -> None:
    code = _post(api, _body(place)).json()["code"]
    case = Case.objects.get(code=code)
    detail = api.get(f"/api/v1/cases/{code}").json()
    assert detail["answers"]["kind"] == "house"
    assert detail["national_status"] == 1
    assert [e.type for e in entries_of(f"disclosure:case:{case.pk}")] == ["personal_data.disclosed"]
    events = api.get(f"/api/v1/cases/{code}/events").json()
    assert events["items"][-1]["type"] == "case.submitted"
    later = api.get(f"/api/v1/cases/{code}/events?after={events['items'][-1]['sequence']}").json()
    assert later == {"items": [], "next": None}
    assert api.get("/api/v1/cases").json()["items"][0]["code"] == code
    assert api.get(f"/api/v1/cases/{code}/result").status_code == 404


def test_somebody_elses_case_looks_like_none(place: World, api: Client) -> None:
    code = _post(api, _body(place)).json()["code"]
    stranger = create_machine_client(username="stranger", full_name="Nơi khác", actor=SYSTEM, at=AT)
    token = issue_api_token(
        account_id=stranger.id, name="t", unit_ids=[place.other_commune.id], granted=["case.view"],
        expires_at=clock.now() + timedelta(days=1), actor=SYSTEM, at=clock.now(),
    )  # fmt: skip
    other = Client(headers={"Authorization": f"Bearer {token.text}"})
    theirs, absent = other.get(f"/api/v1/cases/{code}"), other.get("/api/v1/cases/H48.999-260101-0001")
    assert theirs.status_code == absent.status_code == 404
    assert theirs.content == absent.content
    [told] = entries_of(f"refusal:{stranger.id}")
    assert (told.actor_kind, told.payload["route"], told.payload["times"]) == ("machine", "api/v1/cases/<code>", 1)


def test_a_file_is_taken_by_content_and_attached(api: Client, place: World, monkeypatch: pytest.MonkeyPatch) -> None:
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360f8ffff3f0005fe02fea7356981e20000000049454e44ae426082"
    )
    wrong = api.post("/api/v1/files", {"file": SimpleUploadedFile("anh.pdf", b"MZ" + b"\0" * 200)})
    assert wrong.status_code == 422
    monkeypatch.setattr(Package, "upload_limits", lambda self, key="": UploadLimits(most_pages=2))
    long = SimpleUploadedFile("dai.pdf", files.pdf(pages=3))
    early = api.post(f"/api/v1/files?procedure={_body(place)['procedure']}&document=house_drawings", {"file": long})
    assert (early.status_code, "tối đa là 2" in early.json()["detail"]) == (422, True)
    sent = api.post("/api/v1/files", {"file": SimpleUploadedFile("ban-ve.png", png)})
    assert sent.status_code == 201, sent.json()
    body = {**_body(place), "documents": [{"key": "house_drawings", "file": sent.json()["file"]}]}
    code = _post(api, body).json()["code"]
    listed = api.get(f"/api/v1/cases/{code}/documents").json()["items"]
    content = b"".join(api.get(f"/api/v1/cases/{code}/documents/{listed[0]['id']}").streaming_content)
    assert content == png
    other = Client(headers={"Authorization": f"Bearer {_token(place, name='other')[1]}"})
    assert _post(other, body).status_code == 422


def test_a_paper_is_checked_by_code_and_by_file(
    api: Client, place: World, drain_jobs: Callable[[], int], client: Client
) -> None:
    from tinhso.apps.cases import actions
    from tinhso.apps.documents.queries import read_file

    code = _post(api, _body(place)).json()["code"]
    case = actions.receive_case(
        case_id=Case.objects.get(code=code).pk, actor=place.officer("one_stop_officer"), at=clock.now()
    )
    drain_jobs()
    paper = case.papers.get()
    assert paper.file_id is not None
    told = client.get(f"/api/v1/verification/{paper.check_code}").json()
    assert told["ok"]
    assert told["paper"]["case_code"] == code
    assert case.applicant_name not in json.dumps(told, ensure_ascii=False)
    upload = SimpleUploadedFile("giay.pdf", read_file(paper.file_id), content_type="application/pdf")
    by_file = client.post("/api/v1/verification", {"file": upload}).json()
    assert by_file["paper"]["case_code"] == code
    assert client.get("/api/v1/verification/00ff").status_code == 404


def test_places_of_addresses_one_province_at_a_time(place: World, client: Client) -> None:
    provinces = client.get("/api/v1/places").json()
    assert provinces["next"] is None
    own = provinces["items"][0]
    assert own["name"].endswith("Quảng Ngãi")
    communes = client.get("/api/v1/places", {"province": own["code"]}).json()["items"]
    assert {"code": place.commune.gso_code, "name": place.commune.name} in communes
    elsewhere = client.get("/api/v1/places", {"province": provinces["items"][1]["code"]}).json()["items"]
    assert elsewhere
    assert {c["code"] for c in elsewhere} & {c["code"] for c in communes} == set()
    unknown = client.get("/api/v1/places", {"province": "99"})
    assert (unknown.status_code, unknown["Content-Type"]) == (404, "application/problem+json")
    assert "99" in unknown.json()["detail"]
    assert client.get("/api/v1/places", {"on": "hôm nay"}).status_code == 422
    assert client.get("/api/v1/places", {"on": "1945-01-01"}).status_code == 404, "a day the directory does not know"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/api/v1/units?level=%00", "/api/v1/petitions?q=a%00b", "/api/v1/procedures?q=%00"]
)
def test_a_program_is_told_of_a_nul_and_not_mended(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 422, answer.content
    assert client.get("/tim?q=xin%00giay").status_code == 200, "what a person types is mended"
