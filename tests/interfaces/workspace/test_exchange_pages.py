"""Pages of the exchange by role: catalogue, requests, trials, diagnosis, dashboards, alarms, open data."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.apps.exchange.test_figures import TIMEOUT, gather, log
from tests.factories.accounts import sign_in
from tests.factories.exchange import AT
from tests.factories.exchange_place import NATIONAL, Place, exchange_place
from tests.factories.world import officer as officer_of
from tests.simulators.serving import serve
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.enums import MessageKind
from tinhso.apps.exchange.models import AccessRequest, AccessRight, Maintenance, Message
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import travel

ROOT = "/can-bo/chia-se-du-lieu/"


@pytest.fixture
def place(db: None) -> Iterator[Place]:
    found = exchange_place()
    with travel(AT):
        yield found


def browser(actor: Actor) -> Client:
    client = Client(raise_request_exception=False)
    sign_in(client, get_account(actor.account_id or 0))
    return client


def number(place: Place) -> int:
    return queries.service_pk(place.shared) or 0


def test_the_catalogue_is_read_by_those_it_concerns(place: Place) -> None:
    asker, address = browser(place.asker), f"{ROOT}dich-vu/{number(place)}"
    found = asker.get(ROOT, {"q": "tra cuu ho so"}).content.decode()
    assert address in found
    assert f"{ROOT}theo-doi" not in found
    page = asker.get(address).content.decode()
    assert "Đề nghị khai thác" in page
    assert "friends" in page  # the description, read for people
    assert "Gọi thử" not in page
    assert "http://127.0.0.1:9" not in page  # where it answers is the operator's to know
    assert "không khớp" not in asker.get(ROOT, {"q": "xyz"}).content.decode()
    operator = browser(place.operator)
    assert "http://127.0.0.1:9" in operator.get(address).content.decode()
    member = operator.get(f"{ROOT}thanh-vien", {"q": place.world.commune.code}).content.decode()
    assert place.world.commune.name in member
    assert browser(place.world.officer("specialist")).get(ROOT).status_code == 403
    assert asker.get(f"{ROOT}dich-vu/987654").status_code == 404


def form(place: Place, **more: Any) -> dict[str, Any]:
    return {
        "client": str(place.client), "endpoint": "GET /people/*", "kind": "on_demand", "fields": "status, code",
        "purpose": "Đối chiếu", "document": "278/2025/NĐ-CP", "volume_per_day": "1.000", "valid_from": "02/03/2026",
        "valid_to": "31/12/2026", "safeguards": "", "renews": "",
    } | more  # fmt: skip


def test_a_request_goes_from_its_form_to_a_right(place: Place) -> None:
    asker, owner = browser(place.asker), browser(place.owner)
    address = f"{ROOT}de-nghi/moi/{number(place)}"
    assert str(place.client) in asker.get(address).content.decode()
    assert owner.get(address).status_code == 403
    wrong = asker.post(address, form(place, purpose="", valid_to="mai"))
    assert wrong.status_code == 422
    assert "Đến ngày: ghi dạng" in wrong.content.decode()
    assert "status, code" in wrong.content.decode()
    sent = asker.post(address, form(place))
    assert sent.status_code == 302
    mine = asker.get(sent["Location"]).content.decode()
    assert "không tự quyết định" in mine
    assert 'value="approve"' not in mine
    assert asker.post(sent["Location"], {"verb": "approve"}).status_code == 403
    assert "(1)" in owner.get(f"{ROOT}de-nghi").content.decode()
    assert 'value="approve"' in owner.get(sent["Location"]).content.decode()
    assert owner.post(sent["Location"], {"verb": "refuse", "reason": ""}).status_code == 422
    assert browser(place.world.officer("leader")).get(sent["Location"]).status_code == 404
    assert owner.post(sent["Location"], {"verb": "approve", "quota": "500"}).status_code == 302
    right = AccessRight.objects.get(pk=AccessRequest.objects.get().right_id)
    assert (right.quota_per_day, right.fields, right.method) == (500, ["code", "status"], "GET")
    assert owner.post(sent["Location"], {"verb": "refuse", "reason": "x"}).status_code == 409
    with travel(AT + timedelta(days=290)):
        again = browser(place.asker)
        page = again.get(f"{ROOT}dich-vu/{number(place)}").content.decode()
        assert f"gia-han={right.pk}" in page
        assert "01/01/2027" in again.get(address, {"gia-han": right.pk}).content.decode()


def test_a_window_of_maintenance_by_the_owner(place: Place) -> None:
    owner, address = browser(place.owner), f"{ROOT}dich-vu/{number(place)}"
    wrong = owner.post(f"{address}/bao-tri", {"starts_at": "tối nay", "ends_at": "", "reason": "x"})
    assert (wrong.status_code, "tối nay" in wrong.content.decode()) == (422, True)
    given = {"starts_at": "02/03/2026 22:00", "ends_at": "03/03/2026 02:00", "reason": "Nâng cấp"}
    assert browser(place.asker).post(f"{address}/bao-tri", given).status_code == 403
    assert owner.post(f"{address}/bao-tri", given).status_code == 302
    assert "Sắp bảo trì" in owner.get(ROOT).content.decode()
    window = Maintenance.objects.get()
    assert owner.post(f"{ROOT}bao-tri/{window.pk}/huy").status_code == 302
    assert "Sắp bảo trì" not in owner.get(ROOT).content.decode()


@pytest.fixture
def gateway(settings: Any) -> Iterator[list[dict[str, str]]]:
    """Something that answers as a gateway does: whoever `/people/7` is has no name, which is not as described."""
    asked: list[dict[str, str]] = []

    async def answer(request: Request) -> Response:
        asked.append({"path": request.url.path, "query": request.url.query, **request.headers})
        headers = {"X-Road-Id": request.headers["x-road-id"], "X-Road-Service": request.path_params["service"]}
        if "9" in request.path_params["rest"]:
            return JSONResponse({"message": "nghỉ"}, 500, headers={"X-Road-Error": "Server.ServerProxy.NetworkError"})
        return JSONResponse({"friends": []}, headers=headers)

    routes = [Route("/r1/{service:path}/people/{rest:path}", answer, methods=["GET", "POST"])]
    with serve(Starlette(routes=routes)) as url:
        settings.GATEWAY_URL = url
        yield asked


def test_a_trial_passes_the_gateway_with_its_purpose(place: Place, gateway: list[dict[str, str]]) -> None:
    operator, address = browser(place.operator), f"{ROOT}dich-vu/{number(place)}/thu"
    page = operator.get(address).content.decode()
    assert 'value="/people/7"' in page
    assert "POST /people" not in page  # content does not call it safe
    asked = {
        "client": str(place.client), "method": "GET", "path": "/people/7?full=true", "body": "", "purpose": "Thử kết nối"
    }  # fmt: skip
    answer = operator.post(address, asked).content.decode()
    assert "$: thiếu «name»." in answer
    assert "&quot;friends&quot;: []" in answer
    assert (gateway[0]["x-road-client"], gateway[0]["query"]) == (str(place.client), "full=true")
    event = entries_of("exchange-trials")[-1]
    assert (event.payload["purpose"], event.payload["message_id"]) == ("Thử kết nối", gateway[0]["x-road-id"])
    refused = operator.post(address, asked | {"path": "/people/9"}).content.decode()
    assert "Server.ServerProxy.NetworkError" in refused
    for wrong, status in (
        ({"path": "/people", "method": "POST"}, 409), ({"purpose": " "}, 409), ({"client": "TEST/GOV/H48.02/khac"}, 403),
        ({"client": ""}, 422),
    ):  # fmt: skip
        assert operator.post(address, asked | wrong).status_code == status
    assert len(gateway) == 2
    assert browser(place.owner).get(address).status_code == 403
    assert "Khác mô tả" in operator.get(f"{ROOT}dich-vu/{number(place)}").content.decode()
    actions.watch_exchange(actor=SYSTEM, at=AT)
    assert "trả lời khác mô tả" in operator.get(f"{ROOT}canh-bao").content.decode().lower()


def test_diagnosis_says_where_it_stops(place: Place) -> None:
    address = f"{ROOT}dich-vu/{number(place)}/chan-doan"
    asked = {"client": str(place.client), "endpoint": "GET /people/*"}
    page = browser(place.operator).post(address, asked).content.decode()
    assert "từ chối kết nối" in page
    assert "chưa được cấp quyền" in page
    assert browser(place.owner).post(address, asked).status_code == 403


def test_dashboards_and_alarms(place: Place) -> None:
    log(AT, 8, client=str(place.client), service=str(place.shared), error=TIMEOUT)
    log(AT - timedelta(hours=3), 40, client=str(place.client), service=str(NATIONAL))
    gather()
    actions.watch_exchange(actor=SYSTEM, at=AT)
    operator = browser(place.operator)
    for period in ("24h", "30d"):
        page = operator.get(f"{ROOT}theo-doi", {"ky": period}).content.decode()
        assert page.count("chart-ok") > 20
        assert TIMEOUT in page
        assert "Tra cứu hồ sơ" in page
    assert "chart-p95" in operator.get(f"{ROOT}thanh-vien/{member(place)}").content.decode()
    alarms = operator.get(f"{ROOT}canh-bao").content.decode()
    assert "8 lượt gọi gần nhất đều không được trả lời" in alarms
    alarm = queries.list_alarms(actor=SYSTEM)[0]
    assert browser(place.world.officer("auditor")).post(f"{ROOT}canh-bao", {"alarm": alarm.pk}).status_code == 403
    assert operator.post(f"{ROOT}canh-bao", {"alarm": alarm.pk}).status_code == 302
    assert "nhận xử lý" in operator.get(f"{ROOT}canh-bao").content.decode()
    assert operator.post(f"{ROOT}canh-bao", {"alarm": alarm.pk}).status_code == 404
    assert browser(place.owner).get(f"{ROOT}canh-bao").status_code == 403


def member(place: Place) -> int:
    rows = queries.list_members(actor=SYSTEM, at=AT, text=place.world.commune.code)
    return next(one.pk for one in rows if one.id.member_code == place.world.commune.code)


def test_anybody_reads_the_figures_of_whole_days(place: Place, client: Client) -> None:
    log(AT, 5, client=str(place.client), service=str(place.shared))
    gather()
    assert len(client.get("/du-lieu-mo/chia-se-du-lieu.csv").content.decode().splitlines()) == 1  # today is not over
    with travel(AT + timedelta(days=1)):
        found = client.get("/du-lieu-mo/chia-se-du-lieu.csv")
        rows = list(csv.DictReader(io.StringIO(found.content.decode())))
        assert [(row["day"], row["calls"], row["errors"]) for row in rows] == [("2026-03-02", "5", "0")]
        assert str(place.client) not in found.content.decode()
        whole = client.get("/du-lieu-mo/chia-se-du-lieu.json").json()
        assert whole["rows"][0]["service"] == str(place.shared)
        assert set(whole["dictionary"]) == set(whole["rows"][0])
        assert "creativecommons" in whole["licence_url"]
        page = client.get("/du-lieu-mo").content.decode()
        assert "Tra cứu hồ sơ" in page
        for odd in ("?tu=mai&den=x", "?tu=2026-03-09", "?tu=0001-01-01&den=9999-12-31", "?den=2026-01-01"):
            assert client.get(f"/du-lieu-mo/chia-se-du-lieu.json{odd}").status_code == 200


LOG = f"{ROOT}thong-diep"


def test_kept_bodies_open_for_the_auditor_alone_with_a_reason(place: Place, settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path
    log(AT)
    line = Message.objects.order_by("id").first()
    assert line is not None
    who = officer_of("auditor", place.world.province)
    auditor, operator = browser(who), browser(place.operator)
    assert f"{LOG}/{line.exchange_id}" in operator.get(LOG).content.decode()
    assert browser(place.asker).get(LOG).status_code == 403
    address = f"{LOG}/{line.exchange_id}"
    assert "Không còn nội dung" in auditor.get(address).content.decode()
    assert auditor.post(address, {"reason": "Khiếu nại"}).status_code == 404
    actions.keep_body(
        exchange_id=line.exchange_id, kind=MessageKind.REQUEST, content='{"ten": "Thử <b>"}'.encode(),
        until=AT.date() + timedelta(days=1), actor=SYSTEM, at=AT,
    )  # fmt: skip
    assert "không có quyền mở" in operator.get(address).content.decode()
    assert operator.post(address, {"reason": "Tò mò"}).status_code == 403
    assert "Thử" not in auditor.get(address).content.decode()
    assert auditor.post(address, {"reason": " "}).status_code == 422
    assert entries_of("exchange-bodies") == []
    opened = auditor.post(address, {"reason": "Khiếu nại số 7"})
    assert "Thử &lt;b&gt;" in opened.content.decode()
    assert opened["Cache-Control"] == "no-store"
    (entry,) = entries_of("exchange-bodies")
    assert entry.payload["reason"] == "Khiếu nại số 7"
    with travel(AT + timedelta(days=2)):
        assert browser(who).post(address, {"reason": "Khiếu nại số 7"}).status_code == 404
