"""The gateway over real HTTP: what passes, what is refused, what the log says of it."""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from deploy import verify_message

from tests.factories.exchange import ASKER, PROVIDER, QUOTA, SERVICE, SMALL, STRANGER, Stage, token_for
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.data import BodiesNotKept, RegistryInvalid
from tinhso.apps.exchange.enums import KeyUse, SubjectOf
from tinhso.apps.exchange.models import AccessRight, Message, MessageBody, Service
from tinhso.apps.exchange.providers import bodykeys
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.clock import now
from tinhso.kernel.errors import Forbidden
from tinhso.lib.sealed import SealBroken
from tinhso.lib.xroad import parse_client

pytestmark = pytest.mark.django_db


def _lines(message_id: str) -> list[dict[str, Any]]:
    return list(Message.objects.filter(message_id=message_id).order_by("id").values())


def test_a_call_passes_with_its_headers_and_body(stage: Stage) -> None:
    headers = {
        "X-Road-Id": "m-1",
        "X-Road-UserId": "VN051090000001",
        "X-Road-Issue": "H48.12-261001-0007",
        "X-Mine": "1",
    }
    found = stage.call("/echo?a=%C3%A2", method="POST", headers=headers, json={"ten": "Nhạn"})
    assert (found.status_code, found.json()) == (200, {"ten": "Nhạn"})
    assert found.headers["x-road-id"] == "m-1"
    assert found.headers["x-road-client"] == ASKER
    assert found.headers["x-road-service"] == SERVICE
    assert found.headers["x-own"] == "1"
    method, path, sent, body = stage.provider.asked[-1]
    assert (method, path, json.loads(body)) == ("POST", "/echo", {"ten": "Nhạn"})
    assert sent["x-road-client"] == ASKER
    assert sent["x-mine"] == "1"
    assert sent["x-road-request-id"] == found.headers["x-road-request-id"]
    request, response = _lines("m-1")
    assert (request["kind"], response["kind"]) == ("request", "response")
    assert (response["user_id"], response["issue"]) == ("VN051090000001", "H48.12-261001-0007")
    assert response["purpose"] == "Giải quyết thủ tục hành chính"
    assert (response["status"], response["request_size"], response["response_size"]) == (200, len(body), len(body))
    assert response["duration_us"] > 0


def test_the_request_hash_is_that_of_head_and_body(stage: Stage) -> None:
    found = stage.call("/echo", method="POST", headers={"X-Road-Id": "m-2"}, content=b"noi dung")
    line = _lines("m-2")[1]
    of_head, of_body = hashlib.sha512(bytes(line["request_head"])), hashlib.sha512(b"noi dung")
    expected = hashlib.sha512(of_head.digest() + of_body.digest()).digest()
    assert base64.b64decode(found.headers["x-road-request-hash"]) == expected == bytes(line["request_hash"])
    assert bytes(line["request_head"]).startswith(b"POST\r\n/r1/" + SERVICE.encode() + b"/echo\r\n")


def test_without_a_body_the_hash_is_that_of_the_head_alone(stage: Stage) -> None:
    found = stage.call("/ok", headers={"X-Road-Id": "m-3"})
    head = bytes(_lines("m-3")[1]["request_head"])
    assert base64.b64decode(found.headers["x-road-request-hash"]) == hashlib.sha512(head).digest()


def test_an_id_is_made_when_none_is_given(stage: Stage) -> None:
    found = stage.call("/ok")
    assert found.headers["x-road-id"]
    assert len(_lines(found.headers["x-road-id"])) == 2


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_providers_own_error_passes_without_the_mark(stage: Stage, status: int) -> None:
    found = stage.call(f"/status/{status}")
    assert (found.status_code, found.json()) == (status, {"code": "KHONG_TIM_THAY"})
    assert "x-road-error" not in found.headers


def test_redirects_are_not_followed(stage: Stage) -> None:
    found = stage.call("/redirect")
    assert (found.status_code, found.headers["location"]) == (302, "http://127.0.0.1:1/elsewhere")


def test_a_provider_cannot_imitate_the_exchange(stage: Stage) -> None:
    found = stage.call("/imitate")
    assert "x-road-error" not in found.headers
    assert found.headers["x-road-request-hash"] != "x"
    assert found.headers["x-own"] == "1"


@pytest.mark.parametrize(
    ("asked", "status", "error"),
    [
        ({"client": None}, 400, "Client.BadRequest"),
        ({"client": "TEST/GOV"}, 400, "Client.BadRequest"),
        ({"client": "TEST/GOV/H48.01/%zz"}, 400, "Client.BadRequest"),
        ({"service": "TEST/GOV/G01/dancu", "path": ""}, 400, "Client.BadRequest"),
        ({"path": "/a/%2e%2e/b"}, 400, "Client.BadRequest"),
        ({"client": "TEST/GOV/H48.99/mot-cua"}, 500, "Server.ClientProxy.UnknownMember"),
        ({"service": "TEST/GOV/G99/dancu/x"}, 500, "Server.ServerProxy.UnknownMember"),
        ({"service": f"{PROVIDER}/nothing"}, 500, "Server.ServerProxy.UnknownService"),
        ({"service": f"{PROVIDER}/ended"}, 500, "Server.ServerProxy.UnknownService"),
        ({"service": f"{PROVIDER}/unwanted"}, 500, "Server.ServerProxy.AccessDenied"),
        ({"service": f"{PROVIDER}/narrow", "path": "/people"}, 500, "Server.ServerProxy.AccessDenied"),
        ({"service": f"{PROVIDER}/narrow", "path": "/people/1/more"}, 500, "Server.ServerProxy.AccessDenied"),
        ({"client": SMALL}, 500, "Server.ClientProxy.AuthenticationFailed"),
        ({"client": STRANGER}, 500, "Server.ClientProxy.AuthenticationFailed"),
        ({"headers": {"X-Forwarded-For": "10.0.0.1"}}, 500, "Server.ClientProxy.AuthenticationFailed"),
        ({"headers": {"Authorization": "Bearer tsx_wrong"}}, 500, "Server.ClientProxy.AuthenticationFailed"),
        ({"service": f"{PROVIDER}/dead"}, 500, "Server.ServerProxy.NetworkError"),
        ({"path": "/slow?s=3"}, 500, "Server.ServerProxy.ServiceFailed.Timeout"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_refusals_carry_the_mark(stage: Stage, asked: dict[str, Any], status: int, error: str) -> None:
    before = len(stage.provider.asked)
    found = stage.call(**asked)
    assert (found.status_code, found.headers["x-road-error"], found.json()["type"]) == (status, error, error)
    assert set(found.json()) == {"type", "message", "detail"}
    reached = error == "Server.ServerProxy.ServiceFailed.Timeout"
    assert len(stage.provider.asked) == before + reached


def test_a_refused_call_of_a_known_client_is_in_the_log(stage: Stage) -> None:
    stage.call(service=f"{PROVIDER}/unwanted", headers={"X-Road-Id": "m-denied"})
    (line,) = _lines("m-denied")
    assert (line["kind"], line["error"], line["status"]) == ("response", "Server.ServerProxy.AccessDenied", None)


def test_two_client_headers_are_refused(stage: Stage) -> None:
    found = stage.http.get(f"{stage.url}/r1/{SERVICE}/ok", headers=[("X-Road-Client", ASKER), ("X-Road-Client", ASKER)])
    assert (found.status_code, found.headers["x-road-error"]) == (400, "Client.BadRequest")


def test_an_allowed_endpoint_passes(stage: Stage) -> None:
    assert stage.call("/people/1", service=f"{PROVIDER}/narrow").status_code == 200


def test_a_token_opens_for_its_own_system_only_and_goes_no_further(stage: Stage) -> None:
    token = stage.change(lambda: token_for(parse_client(SMALL)))
    headers = {"Authorization": f"Bearer {token}"}
    assert stage.call("/ok", client=SMALL, headers=headers).status_code == 200
    assert "authorization" not in stage.provider.asked[-1][2]
    other = stage.call("/ok", client=ASKER, headers=headers)
    assert other.headers["x-road-error"] == "Server.ClientProxy.AuthenticationFailed"


def test_other_credentials_are_the_providers_business(stage: Stage) -> None:
    stage.call("/ok", headers={"Authorization": "Basic eDp5"})
    assert stage.provider.asked[-1][2]["authorization"] == "Basic eDp5"


def test_a_quota_ends_for_the_day(stage: Stage) -> None:
    answers = [stage.call("/ok", service=f"{PROVIDER}/quota") for _ in range(QUOTA + 1)]
    assert [answer.status_code for answer in answers] == [200] * QUOTA + [500]
    assert answers[-1].headers["x-road-error"] == "Server.ServerProxy.AccessDenied.QuotaExceeded"


def test_a_revoked_right_ends_within_a_second(stage: Stage) -> None:
    right = AccessRight.objects.get(service__code="lane")
    assert stage.call("/ok", service=f"{PROVIDER}/lane").status_code == 200
    stage.change(lambda: actions.revoke_access(right_id=right.pk, reason="Hết mục đích", actor=SYSTEM, at=now()))
    found = stage.call("/ok", service=f"{PROVIDER}/lane")
    assert found.headers["x-road-error"] == "Server.ServerProxy.AccessDenied"


def test_large_bodies_pass_both_ways_in_pieces(stage: Stage) -> None:
    size = 3_000_001

    def pieces() -> Any:
        for _ in range(30):
            yield b"x" * 100_000
        yield b"y"

    counted = stage.call("/count", method="POST", content=pieces(), headers={"X-Road-Id": "m-big"})
    assert counted.json() == {"size": size}
    request, response = _lines("m-big")
    assert (request["request_hash"], response["request_size"]) == (None, size)
    found = stage.call(f"/big?size={size}", headers={"X-Road-Id": "m-huge"})
    assert len(found.content) == size
    assert _lines("m-huge")[1]["response_size"] == size
    assert stage.call("/ok").text == "ok", "the connection that paused serves the next call"


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 100_000, 131_073, 262_145, 300_000])
def test_every_byte_of_an_answer_arrives_whatever_its_size(stage: Stage, size: int) -> None:
    sent = bytes(range(256)) * (size // 256 + 1)
    assert stage.call("/echo", method="POST", content=sent[:size]).content == sent[:size]
    assert len(stage.call(f"/big?size={size}").content) == size


@pytest.mark.parametrize("sent", [50_000, 100_000])
def test_a_body_that_stops_early_is_an_error_of_the_exchange(stage: Stage, sent: int) -> None:
    found = stage.call(f"/stall?sent={sent}", headers={"X-Road-Id": f"m-early-{sent}"})
    assert (found.status_code, found.headers["x-road-error"]) == (500, "Server.ServerProxy.NetworkError")
    assert [line["error"] for line in _lines(f"m-early-{sent}")] == ["", "Server.ServerProxy.NetworkError"]


def test_a_body_that_stops_late_is_cut_and_logged_as_failed(stage: Stage) -> None:
    with pytest.raises(httpx.TransportError):
        stage.call("/stall?sent=500000", headers={"X-Road-Id": "m-late"})
    assert [line["error"] for line in _lines("m-late")] == ["", "Server.ServerProxy.NetworkError"]


def test_the_log_holds_and_can_be_sealed(stage: Stage) -> None:
    stage.call("/echo", method="POST", content=b"x")
    while actions.seal_messages(actor=SYSTEM, at=now()):
        pass
    report = queries.verify_messages()
    assert report.problems == ()
    assert (report.messages >= 2, report.unsealed) == (True, 0)


def _asic(stage: Stage, client: str, **asked: str) -> httpx.Response:
    names = dict(zip(("xRoadInstance", "memberClass", "memberCode", "subsystemCode"), client.split("/"), strict=True))
    return stage.http.get(f"{stage.url}/asic", params=names | asked)


def test_who_took_part_fetches_the_evidence(stage: Stage) -> None:
    stage.call("/echo", method="POST", content=b"x", headers={"X-Road-Id": "m-asic"})
    assert _asic(stage, ASKER, queryId="m-asic").headers["retry-after"] == "60"
    while stage.outside(lambda: actions.seal_messages(actor=SYSTEM, at=now())):
        pass
    both = _asic(stage, ASKER, queryId="m-asic")
    with zipfile.ZipFile(io.BytesIO(both.content)) as archive:
        assert sorted(name.rsplit("-", 1)[1] for name in archive.namelist()) == ["request.asice", "response.asice"]
    one = _asic(stage, ASKER, queryId="m-asic", responseOnly="")
    assert one.headers["content-type"] == "application/vnd.etsi.asic-e+zip"
    assert one.content[30:38] == b"mimetype"
    errors = [
        _asic(stage, ASKER, queryId="m-asic", unique=""), _asic(stage, ASKER, queryId="nothing"), _asic(stage, ASKER),
        _asic(stage, SMALL, queryId="m-asic"),
    ]  # fmt: skip
    assert [found.headers["x-road-error"] for found in errors] == [
        "Client.NotUnique", "Client.NotFound", "Client.BadRequest", "Server.ClientProxy.AuthenticationFailed",
    ]  # fmt: skip
    token = stage.change(lambda: token_for(parse_client(SMALL)))
    params = {"xRoadInstance": "TEST", "memberClass": "GOV", "memberCode": "H48.01", "subsystemCode": "nho"}
    other = stage.http.get(
        f"{stage.url}/asic", params=params | {"queryId": "m-asic"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert other.headers["x-road-error"] == "Client.NotFound"


@pytest.fixture
def keeping(stage: Stage) -> Iterator[None]:
    """The service keeps bodies for two days; switched off again afterwards."""

    def keep(days: int) -> None:
        Service.objects.filter(code="xac-nhan").update(bodies_days=days)
        actions.make_connection_key(owner="x", use=KeyUse.CLIENT, hosts=("x",), actor=SYSTEM, at=now())

    stage.change(lambda: keep(2))
    yield
    stage.change(lambda: keep(0))


def _granted(*permissions: str) -> Actor:
    grants = tuple(Grant(one, frozenset({1}), None) for one in permissions)
    return Actor(kind=ActorKind.OFFICER, account_id=None, name="Thử", unit_id=1, grants=grants)


def test_bodies_are_kept_only_where_content_says_so(stage: Stage) -> None:
    stage.call("/echo", method="POST", content=b"rieng tu", headers={"X-Road-Id": "m-unkept"})
    assert not MessageBody.objects.filter(exchange_id=_lines("m-unkept")[0]["exchange_id"]).exists()
    with pytest.raises(BodiesNotKept):
        actions.read_bodies(message_id="m-unkept", reason="Thử", actor=SYSTEM, at=now())


def test_kept_bodies_are_sealed_read_with_a_right_and_a_reason_and_gone_after_their_days(
    stage: Stage, keeping: None
) -> None:
    private = "Nguyễn Văn Thử 051090000001".encode()
    assert stage.call("/echo", method="POST", content=private, headers={"X-Road-Id": "m-kept"}).content == private
    rows = list(MessageBody.objects.filter(exchange_id=_lines("m-kept")[0]["exchange_id"]).order_by("id"))
    assert [row.kind for row in rows] == ["request", "response"]
    assert all(private not in bytes(row.content) and b"0510" not in bytes(row.content) for row in rows)
    asked: dict[str, Any] = {"message_id": "m-kept", "reason": "Khiếu nại số 7", "at": now()}
    with pytest.raises(Forbidden):
        actions.read_bodies(**asked, actor=_granted("exchange.view", "exchange.manage"))
    with pytest.raises(RegistryInvalid):
        actions.read_bodies(**asked | {"reason": " "}, actor=_granted("exchange.read_bodies"))
    found = actions.read_bodies(**asked, actor=_granted("exchange.read_bodies"))
    assert list(found.values()) == [private, private]
    (entry,) = entries_of("exchange-bodies", types=["exchange.bodies_read"])
    assert (entry.payload["reason"], entry.payload["message_id"]) == ("Khiếu nại số 7", "m-kept")
    while stage.outside(lambda: actions.seal_messages(actor=SYSTEM, at=now())):
        pass
    _, (_, container) = queries.evidence_of(message_id="m-kept", bodies=found, actor=SYSTEM)
    pem = queries.log_public_keys(now())[0][1].encode()
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        assert archive.read("response.body") == private
        assert "head and body are those of the response" in verify_message.check(archive, pem)
    later = now() + timedelta(days=3)
    assert actions.forget_kept_bodies(actor=SYSTEM, at=now()) == 0
    assert actions.forget_kept_bodies(actor=SYSTEM, at=later) == len(rows)
    assert not MessageBody.objects.exists()
    folder, bound_to = queries.key_folder().parent / "exchange-bodies", f"{rows[0].exchange_id}:request"
    with pytest.raises(SealBroken):  # an old copy of the table does not help: the key of the day is gone
        bodykeys.unseal(folder, bytes(rows[0].content), until=rows[0].until, bound_to=bound_to)
    with pytest.raises(BodiesNotKept):
        actions.read_bodies(**asked, actor=SYSTEM)
    (without,) = (
        content for name, content in queries.evidence_of(message_id="m-kept", actor=SYSTEM) if "request" in name
    )
    assert private not in without


def test_whom_a_call_is_about_stands_in_the_log_as_a_hash_once(stage: Stage) -> None:
    service, person = f"{PROVIDER}/nguoi", "051190000019"
    before = stage.outside(lambda: queries.asked_by_others(about=SubjectOf.PERSON, subject_id=person)[0])
    assert stage.call(f"/people/{person}", service=service).status_code == 200
    body = json.dumps({"nguoi": {"soDinhDanh": person}}).encode()
    assert stage.call("/echo", service=service, method="POST", content=body).content == body
    assert stage.call("/echo", service=service, method="POST", content=b"{").status_code == 200
    assert stage.call(f"/people/{person}", service=service, method="DELETE").status_code == 500
    found = stage.outside(lambda: queries.asked_by_others(about=SubjectOf.PERSON, subject_id=person)[0])
    assert [(one.answered, one.service) for one in found[: len(found) - len(before)]] == [
        (True, "nguoi"),
        (True, "nguoi"),
    ]
    line = stage.outside(
        lambda: Message.objects.filter(method="POST", service=service, kind="request").order_by("id")[0]
    )
    assert len(line.subject or b"") == 16
    assert person.encode() not in bytes(line.request_head)
