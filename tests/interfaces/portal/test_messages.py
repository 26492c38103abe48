"""Cách nhận thông báo, thôi nhận thư, báo cáo của cổng tin nhắn; the operator's pages."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.messages import PHONE, ZALO_APP, first_right, reach, tell
from tests.factories.world import AT, citizen, officer, world
from tinhso.apps.notifications import queries, rules
from tinhso.apps.notifications.models import Choice, Contact, Delivery
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import travel

pytestmark = pytest.mark.django_db


def browser(person: Actor) -> Client:
    client = Client()
    sign_in(client, SimpleNamespace(id=person.account_id), assurance=2 if person.personal_id else 0)  # type: ignore[arg-type]  # only the id is read
    return client


def test_a_person_proves_an_address_and_chooses(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    me = citizen()
    with travel(AT):
        client, page = browser(me), "/thong-bao/cach-nhan"
        assert "Chưa có địa chỉ nào" in client.get(page).content.decode()
        client.post(page, {"viec": "lay-ma", "channel": "email", "address": "An@Example.vn"})
        assert "an@example.vn" in mail.outbox[0].to
        assert "Nhập mã xác nhận" in client.get(page).content.decode()
        client.post(page, {"viec": "xac-nhan", "code": "000000x"})
        code = mail.outbox[0].body.split("la ")[1][:6]
        client.post(page, {"viec": "xac-nhan", "code": code})
        shown = client.get(page).content.decode()
        assert "an@example.vn" in shown
        client.post(page, {"viec": "chon", "order": ["email", "", "sms"], "quiet_from": "20:00", "quiet_to": "08:30",
                           "topic": ["cases"]})  # fmt: skip
        chosen = Choice.objects.get()
        assert (chosen.order, chosen.quiet_from, chosen.quiet_to) == (["email", "sms"], 1200, 510)
        assert chosen.muted == ["bills", "documents", "petitions", "progress"]
        client.post(page, {"viec": "lien-ket"})
        assert "liên kết " in client.get(page).content.decode()
        client.post(page, {"viec": "bo", "id": str(Contact.objects.get().pk)})
    assert Contact.objects.get().ended_at == AT


def test_unsubscribing_asks_first_and_is_one_click_for_mail_programs() -> None:
    me, client = citizen(), Client(enforce_csrf_checks=True)
    page = f"/thong-bao/thoi-nhan/{queries.unsubscribe_token(me.account_id or 0, 'progress')}"
    with travel(AT):
        assert client.get(page).status_code == 200
        assert not Choice.objects.exists(), "looking ahead stops nothing"
        assert client.post(page, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Choice.objects.get().muted == ["progress"]
    assert client.get(page + "x").status_code == 404


def test_a_delivery_report_is_proved(settings: Any) -> None:
    known = settings.MESSAGING
    settings.MESSAGING = {**known, "sms": {**known["sms"], "a": {"url": "http://127.0.0.1:1", "secret": "s-1"}}}
    me = citizen()
    reach(me, at=AT, sms=PHONE)
    tell(me, at=AT)
    raw = json.dumps({"request_id": str(Delivery.objects.get().key), "status": "delivered"}).encode()

    def call(body: bytes, mac: str) -> int:
        with travel(AT):
            return (
                Client()
                .post("/tin-nhan/bao-cao/a", body, content_type="application/json", headers={"X-Signature": mac})
                .status_code
            )

    assert call(raw, "0" * 64) == 403
    assert call(raw.replace(b"delivered", b"failed"), rules.report_mac(raw, secret="s-1")) == 403
    assert Delivery.objects.get().state == "queued"
    assert call(raw, rules.report_mac(raw, secret="s-1")) == 200
    assert Delivery.objects.get().state == "delivered"


def test_the_operator_sees_states_and_no_address_or_word() -> None:
    place = world(departments=())
    me = citizen()
    reach(me, at=AT, sms=PHONE)
    tell(me, at=AT)
    Delivery.objects.update(state="failed", error="Cổng tin nhắn A: invalid_phone")
    with travel(AT + timedelta(hours=1)):
        client = browser(officer("operator", place.province))
        page = client.get("/can-bo/tin-nhan/").content.decode()
        assert "invalid_phone" in page
        assert PHONE not in page
        assert "bản vẽ" not in page
        client.post(f"/can-bo/tin-nhan/{Delivery.objects.get().pk}/gui-lai")
        assert Delivery.objects.get().state == "queued"
        assert "Chi phí tin nhắn tháng" in client.get("/can-bo/tin-nhan/chi-phi?thang=x").content.decode()
        templates = client.get("/can-bo/tin-nhan/mau").content.decode()
    assert "Ho so H48.12-261008-0007 da co ket qua" in templates


def test_a_token_that_ran_out_is_told_of_when_the_job_has_had_its_turns(settings: Any) -> None:
    settings.MESSAGING = settings.MESSAGING | {"zalo": settings.MESSAGING["zalo"] | {"app_id": ZALO_APP}}
    operator, warning = officer("operator", world(departments=()).province), "Mã truy cập Zalo đã hết hạn"

    def shown(minutes: int) -> str:
        with travel(AT + timedelta(minutes=minutes)):
            return browser(operator).get("/can-bo/tin-nhan/").content.decode()

    assert "Chưa cấp quyền tài khoản Zalo" in shown(0)
    first_right(AT)  # which has run out as it is given
    assert warning not in shown(4)
    assert warning in shown(6)
