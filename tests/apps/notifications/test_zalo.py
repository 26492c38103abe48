"""Zalo: who calls is proved on the raw bytes; two workers never lose the token; what the chat answers, and to whom."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.test import Client

from tests.factories.cases import ALLOWANCE, CaseMaker
from tests.factories.forks import dies_here
from tests.factories.messages import first_right, reach, tell
from tests.factories.world import citizen, world
from tinhso.apps.notifications import actions, flows, queries, rules
from tinhso.apps.notifications.data import ContactInvalid
from tinhso.apps.notifications.enums import Intent, ReportKind
from tinhso.apps.notifications.models import (
    ChatAnswer,
    ChatFollow,
    ChatIncoming,
    ChatUser,
    Choice,
    Contact,
    Delivery,
    ZaloToken,
)
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import travel
from tinhso.lib import webpush
from tinhso.simulators.messaging.state import Behaviour, State, hook, receipt_hook

AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
USER = "2000000000000000001"
db = pytest.mark.django_db


def call(raw: bytes, signature: str, *, at: datetime = AT) -> int:
    with travel(at):
        return (
            Client()
            .post("/tin-nhan/zalo", raw, content_type="application/json", headers={"X-ZEvent-Signature": signature})
            .status_code
        )


@db
def test_only_zalo_is_heard_and_once() -> None:
    raw, signature = hook(USER, "xin chào", "m-1", at=AT)
    assert call(raw, signature) == 200
    assert call(raw, signature) == 200
    assert ChatIncoming.objects.count() == 1
    assert call(raw.replace(b"xin", b"XIN"), signature) == 403
    assert call(raw, "mac=" + "0" * 64) == 403
    assert call(raw, "") == 403
    assert call(b"\xff\xfe", signature) == 403
    assert call(b"[]", signature) == 403
    assert call(*hook(USER, "cũ", "m-2", at=AT - timedelta(minutes=11))) == 403
    assert ChatIncoming.objects.count() == 1


@db
def test_zalo_tells_that_a_message_has_arrived_and_what_it_cost(network: State) -> None:
    first_right(AT)
    me = citizen()
    reach(me, at=AT, sms="+84912345678")
    Choice.objects.filter(account_id=me.account_id or 0).update(order=["zalo"])
    told = tell(me, at=AT)
    flows.send_due(at=AT)
    row = Delivery.objects.get(notice=told)
    assert (row.state, row.provider, row.cost_vnd) == ("sent", "zns", 200)
    forged = receipt_hook(row.provider_id, str(row.key), at=AT)
    assert call(forged[0], "mac=" + "0" * 64) == 403
    for raw, signature in (receipt_hook("x", str(row.key), at=AT), receipt_hook(row.provider_id, at=AT)):
        assert call(raw, signature) == 200
    row.refresh_from_db()
    assert (row.state, row.cost_vnd) == ("delivered", 200)
    assert not ChatIncoming.objects.exists(), "nobody wrote anything"
    assert not ChatUser.objects.exists(), "the account itself is nobody who writes"
    lost = tell(me, at=AT, source="entry:2", code="H48.12-261008-0008")
    flows.send_due(at=AT)
    gone = Delivery.objects.get(notice=lost)
    actions.record_report(key=str(gone.key), provider="zns", kind=ReportKind.FAILED, actor=SYSTEM, at=AT)
    gone.refresh_from_db()
    assert (gone.state, gone.cost_vnd) == ("failed", 0), "what does not arrive is not paid for"


def test_the_published_example_of_a_webhook(shared_data: Path) -> None:
    example = json.loads((shared_data / "interop" / "zalo-webhook-example.json").read_text())
    raw = example["raw_body"].encode()
    said = json.loads(raw)
    mac = rules.mac_of(raw, app_id=said["app_id"], timestamp=said["timestamp"], secret=example["_oa_secret_key"])
    assert rules.same_mac(example["headers"]["X-ZEvent-Signature"], mac)


@pytest.mark.parametrize(
    ("text", "intent", "about"),
    [
        ("H48.12-261008-0007", Intent.LOOK, "H48.12-261008-0007"),
        ("#tracuu h48.12-261008-0007", Intent.LOOK, "H48.12-261008-0007"),
        ("https://dvc.example.vn/tra-cuu?ma=H48.12-261008-0007", Intent.LOOK, "H48.12-261008-0007"),
        ("theo dõi H48.12-261008-0007", Intent.FOLLOW, "H48.12-261008-0007"),
        ("bỏ theo dõi H48.12-261008-0007", Intent.UNFOLLOW, "H48.12-261008-0007"),
        ("Liên kết 12345678", Intent.LINK, "12345678"),
        ("cần giấy tờ gì khi đăng ký kết hôn?", Intent.PAPERS, "khi dang ky ket hon"),
        ("hồ sơ của tôi", Intent.MINE, ""),
        ("chào", Intent.HELP, ""),
    ],
)
def test_what_is_wished(text: str, intent: Intent, about: str) -> None:
    assert (rules.wish_of(text).intent, rules.wish_of(text).about) == (intent, about)


@db
def test_a_conversation(network: State, drain_jobs: Callable[[], int]) -> None:
    maker = CaseMaker(world(departments=()))
    case = maker.at("received")
    drain_jobs()
    first_right(AT)

    def say(text: str, *, user: str = USER) -> str:
        call(*hook(user, text, network.hear(user, text), at=AT))
        with travel(AT):
            drain_jobs()
        return network.chats[user][-1].text

    told = say(f"mã {case.code}")
    assert case.code in told
    assert f"/tra-cuu?ma={case.code}" in told
    assert maker.person.name not in told
    assert "không" in say("H48.12-990101-0001").lower()
    assert f"/thu-tuc/{ALLOWANCE}" in say("cần giấy tờ gì để hưởng trợ cấp xã hội hằng tháng")
    assert "Mời nhắn" in say("chào bạn")
    assert "chưa liên kết" in say("hồ sơ của tôi")
    say(f"theo dõi {case.code}")
    assert ChatFollow.objects.get().code == case.code
    actions.tell_followers(code=case.code or "", text="Có diễn biến", source="entry:9", actor=SYSTEM, at=AT)
    actions.tell_followers(code=case.code or "", text="Có diễn biến", source="entry:9", actor=SYSTEM, at=AT)
    with travel(AT):
        drain_jobs()
    assert [line.text for line in network.chats[USER]].count("Có diễn biến") == 1
    code = actions.start_linking(actor=maker.person, at=AT)
    assert "không đúng" in say("liên kết 00000000")
    assert "Đã liên kết" in say(f"liên kết {code}")
    assert "không đúng" in say(f"liên kết {code}", user="2000000000000000002"), "once"
    assert (case.code or "") in say("hồ sơ của tôi")
    assert ChatUser.objects.get(user=USER).account_id == maker.person.account_id
    assert [one.channel for one in queries.contacts_of(actor=maker.person)] == ["zalo"]
    call(*hook(USER, "", "", event="unfollow", at=AT))
    assert (ChatUser.objects.get(user=USER).account_id, Contact.objects.filter(ended_at=None).count()) == (None, 0)


@db
def test_linking_codes_cannot_be_guessed_on_and_on() -> None:
    actions.receive_chat(message_key="m", user=USER, event="user_send_text", text="", actor=SYSTEM, at=AT)
    code = actions.start_linking(actor=citizen(), at=AT)
    for number in range(5):
        at = AT + timedelta(seconds=number)
        assert not actions.link_chat(user=USER, code=f"{number:08d}", actor=SYSTEM, at=at)
    assert not actions.link_chat(user=USER, code=code, actor=SYSTEM, at=AT + timedelta(minutes=1))
    assert actions.link_chat(user=_other(), code=code, actor=SYSTEM, at=AT + timedelta(minutes=1))


def _other() -> str:
    actions.receive_chat(message_key="n", user="77", event="user_send_text", text="", actor=SYSTEM, at=AT)
    return "77"


@pytest.mark.django_db(transaction=True)
def test_two_workers_renew_the_token_once(network: State) -> None:
    first_right(AT)
    assert b"demo-first" not in bytes(ZaloToken.objects.get().refresh)
    found: list[str] = []

    def work() -> None:
        try:
            found.append(flows.access_token(at=AT))
        finally:
            connection.close()

    for _ in range(2):
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(found), len(set(found)), network.renewals) == (8, 1, 1)
    later = flows.access_token(at=AT + timedelta(days=2))
    assert (later in found, network.renewals, ZaloToken.objects.get().generation) == (False, 2, 3)


@db
def test_a_token_is_renewed_before_anything_is_sent(network: State, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not flows.renew_token(at=AT), "a right that was never given is not asked for"
    first_right(AT)
    assert flows.renew_token(at=AT)
    assert (network.renewals, ZaloToken.objects.get().expires_at > AT + timedelta(hours=1)) == (1, True)
    assert flows.renew_token(at=AT + timedelta(minutes=1))
    assert network.renewals == 1
    until = ZaloToken.objects.get().expires_at
    network.behaviour["zalo"] = Behaviour.DOWN
    assert not flows.renew_token(at=until - timedelta(minutes=5)), "out of reach: the next round asks again"
    network.behaviour["zalo"] = Behaviour.WELL
    assert flows.renew_token(at=until - timedelta(minutes=4))
    assert network.renewals == 2


@db
def test_a_refused_token_is_renewed_and_the_message_sent_later(network: State) -> None:
    me = citizen()
    reach(me, at=AT, zalo=USER)
    network.hear(USER, "chào")
    first_right(AT)
    network.revoked.add(flows.access_token(at=AT))
    tell(me, at=AT)
    flows.send_due(at=AT)
    assert Delivery.objects.get().state == "queued"
    flows.send_due(at=AT + timedelta(minutes=1))
    assert (Delivery.objects.get().state, network.renewals) == ("sent", 2)


@db
def test_an_answer_waits_while_zalo_is_down(network: State) -> None:
    first_right(AT)
    network.behaviour["zalo"] = Behaviour.DOWN
    network.hear(USER, "chào")
    row = actions.receive_chat(message_key="m", user=USER, event="user_send_text", text="chào", actor=SYSTEM, at=AT)
    actions.queue_answer(message_id=row or 0, text="Chào bạn", actor=SYSTEM, at=AT)
    flows.send_answers(at=AT)
    assert ChatAnswer.objects.get().state == "queued"
    network.behaviour["zalo"] = Behaviour.WELL
    flows.send_answers(at=AT + timedelta(minutes=2))
    assert (ChatAnswer.objects.get().state, network.chats[USER][-1].text) == ("sent", "Chào bạn")


@db
def test_killed_between_the_answer_and_its_record_it_is_said_again(network: State) -> None:
    first_right(AT)
    network.hear(USER, "chào")
    row = actions.receive_chat(message_key="m", user=USER, event="user_send_text", text="chào", actor=SYSTEM, at=AT)
    actions.queue_answer(message_id=row or 0, text="Chào bạn", actor=SYSTEM, at=AT)
    dies_here("send_answers:before_record", lambda: flows.send_answers(at=AT))
    assert ChatAnswer.objects.get().state == "queued"
    assert [flows.send_answers(at=AT + timedelta(minutes=2)) for _ in range(2)] == [1, 0]
    assert ChatAnswer.objects.get().state == "sent"
    # A chat has no number by which Zalo would know the second: twice is better than never.
    assert [one.text for one in network.chats[USER]].count("Chào bạn") == 2


# --- the browser


@db
def test_a_message_is_sealed_for_one_browser(network: State, settings: Any) -> None:
    key, auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
    numbers = key.public_key().public_numbers()
    point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    keys = {"p256dh": webpush.text_of(point), "auth": webpush.text_of(auth)}
    me, host = citizen(), settings.MESSAGING["push_hosts"][-1]
    with pytest.raises(ContactInvalid):
        actions.add_browser(endpoint="http://10.0.0.1/x", **keys, actor=me, at=AT)
    with pytest.raises(ContactInvalid):
        actions.add_browser(endpoint=f"http://{host}/push/one", p256dh="AAAA", auth=keys["auth"], actor=me, at=AT)
    for _ in range(2):
        actions.add_browser(endpoint=f"http://{host}/push/one", **keys, actor=me, at=AT)
    tell(me, at=AT)
    flows.send_due(at=AT)
    (pushed,) = network.pushed
    said = json.loads(webpush.open_sealed(pushed["body"], private=key, auth=auth))
    assert said["text"] == "Hồ sơ H48.12-261008-0007 cần bổ sung"
    with pytest.raises(InvalidTag):
        webpush.open_sealed(pushed["body"], private=ec.generate_private_key(ec.SECP256R1()), auth=auth)
    network.gone.add("one")
    tell(me, at=AT, source="entry:2")
    flows.send_due(at=AT)
    assert Delivery.objects.get(notice__source="entry:2").state == "failed"
    assert not Contact.objects.filter(ended_at=None).exists()


def test_the_example_of_the_standard() -> None:
    """RFC 8291, section 5: a body sealed elsewhere opens here."""
    private = ec.derive_private_key(
        int.from_bytes(_b64("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), "big"), ec.SECP256R1()
    )
    body = _b64(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y"
        "l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    opened = webpush.open_sealed(body, private=private, auth=_b64("BTBZMqHH6r4Tts7J_aSIgg"))
    assert opened == b"When I grow up, I want to be a watermelon"


def _b64(text: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
