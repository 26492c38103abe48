"""Messages outside: each notice by one channel once, fail-over, limits, quiet hours, reports in any order, kill points."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.forks import dies_here
from tests.factories.messages import CODE, PHONE, first_right, reach, tell
from tests.factories.world import World, citizen, world
from tinhso.apps.notifications import actions, flows, queries, rules
from tinhso.apps.notifications.data import ContactInvalid, Outcome
from tinhso.apps.notifications.enums import Channel, DeliveryState, NoticeKind, ReportKind, Topic
from tinhso.apps.notifications.models import Contact, Delivery, QuotaUse
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import Conflict, Forbidden
from tinhso.simulators.messaging.state import Behaviour, State

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # 22:00 in Việt Nam
db = pytest.mark.django_db


@pytest.fixture
def place(db: None) -> World:
    return world(departments=())


def only(**where: Any) -> Delivery:
    return Delivery.objects.get(**where)


@db
def test_a_notice_goes_by_the_first_channel_once(place: World, network: State) -> None:
    me = citizen()
    reach(me, at=NOON, sms=PHONE, email="an@example.vn")
    tell(me, at=NOON)
    tell(me, at=NOON)
    assert flows.send_due(at=NOON) == 1
    assert flows.send_due(at=NOON) == 0
    (sent,) = network.sms.values()
    assert sent.text.startswith(f"Ho so {CODE} can bo sung. UBND phuong Cam Thanh moi xem")
    assert "Cấp giấy phép" not in sent.text, "nothing of the case but its code"
    row = only()
    assert (row.state, row.segments, row.cost_vnd, row.provider) == ("sent", 1, 350, "a")
    assert mail.outbox == []


@db
def test_who_has_no_address_costs_one_statement(place: World, django_assert_max_num_queries: Any) -> None:
    me = citizen()
    with django_assert_max_num_queries(10):
        tell(me, at=NOON)
    assert not Delivery.objects.exists()


@db
def test_the_second_gateway_takes_over_and_then_the_next_channel(place: World, network: State) -> None:
    me = citizen()
    reach(me, at=NOON, sms=PHONE, email="an@example.vn")
    network.behaviour["sms-a"] = Behaviour.DOWN
    tell(me, at=NOON)
    flows.send_due(at=NOON)
    assert (only().provider, only().cost_vnd) == ("b", 420)
    network.behaviour["sms-b"] = Behaviour.REFUSING
    tell(me, at=NOON + timedelta(hours=1), source="entry:2")
    flows.send_due(at=NOON + timedelta(hours=1))
    dead = only(notice__source="entry:2", channel="sms")
    assert (dead.state, dead.error) == ("failed", "Cổng tin nhắn B: invalid_phone")
    assert only(notice__source="entry:2", channel="email").state == "sent"
    assert mail.outbox[0].subject == f"Hồ sơ {CODE} cần bổ sung"
    assert "cần bổ sung bản vẽ" in mail.outbox[0].body


@db
def test_where_the_gateway_may_have_it_the_same_one_is_asked_again(place: World, network: State) -> None:
    me = citizen()
    reach(me, at=NOON, sms=PHONE)
    network.behaviour["sms-a"] = Behaviour.WRONG
    tell(me, at=NOON)
    flows.send_due(at=NOON)
    row = only()
    assert (row.state, row.provider, row.next_at) == ("queued", "a", NOON + timedelta(seconds=30))
    assert flows.send_due(at=NOON) == 0, "not before its time"
    network.behaviour["sms-a"] = Behaviour.WELL
    flows.send_due(at=NOON + timedelta(minutes=1))
    assert only().state == "sent"
    assert len(network.sms) == 1, "the same number is the same message"


@db
def test_killed_between_the_call_and_the_record(place: World, network: State) -> None:
    me = citizen()
    reach(me, at=NOON, sms=PHONE)
    tell(me, at=NOON)

    dies_here("send_due:before_record", lambda: flows.send_due(at=NOON))
    assert only().state == "sending"
    assert flows.send_due(at=NOON + timedelta(minutes=1)) == 0, "leased"
    assert flows.send_due(at=NOON + timedelta(minutes=6)) == 1
    assert (only().state, only().attempts, len(network.sms)) == ("sent", 2, 1)
    assert QuotaUse.objects.get(channel="sms", scope="province").used == 1, "counted once"


@db
def test_zalo_in_the_window_then_the_registered_template(place: World, network: State) -> None:
    me = citizen()
    reach(me, at=NOON, zalo="2000000000000000001", sms=PHONE)
    first_right(NOON)
    network.hear("2000000000000000001", "xin chào")
    tell(me, at=NOON)
    flows.send_due(at=NOON)
    assert only().provider == "oa"
    assert CODE in network.chats["2000000000000000001"][-1].text
    later = NOON + timedelta(days=3)
    tell(me, at=later, source="entry:2", kind=NoticeKind.RESULT)
    flows.send_due(at=later)
    row = only(notice__source="entry:2")
    assert (row.provider, row.cost_vnd, row.state) == ("zns", 200, "sent")
    body = network.zns[str(row.key)]
    assert (body["phone"], body["template_id"]) == ("84912345678", "300105")
    assert set(body["template_data"]) == {"ma_ho_so", "trang_thai", "co_quan", "dia_chi"}


@db
def test_quiet_hours_wait_unless_urgent(place: World, network: State) -> None:
    me = citizen()
    reach(me, at=NOON, sms=PHONE)
    tell(me, at=NIGHT, kind=NoticeKind.RESULT)
    tell(me, at=NIGHT, kind=NoticeKind.SUPPLEMENT, source="entry:2")
    assert flows.send_due(at=NIGHT) == 1
    assert only(state="queued").next_at == datetime(2026, 11, 21, 0, 0, tzinfo=UTC)  # seven in the morning
    assert flows.send_due(at=NIGHT + timedelta(hours=9)) == 1


@db
def test_limits_of_a_recipient_and_of_a_unit(place: World, network: State, monkeypatch: pytest.MonkeyPatch) -> None:
    me, other = citizen(), citizen("051080000022", "Trần Văn Hai")
    reach(me, at=NOON, sms=PHONE)
    reach(other, at=NOON, sms="+84912345679")
    for number in range(7):
        tell(me, at=NOON, source=f"entry:{number}", code=f"H48.12-261008-{number:04d}")
    flows.send_due(at=NOON)
    assert Delivery.objects.filter(state="sent").count() == 5
    assert {row.error for row in Delivery.objects.filter(state="skipped")} == {"người nhận đã có 5 tin trong ngày"}
    known = queries.get_settings()
    tight = type(known)(**{**_values(known), "per_province_day": {"sms": 5}})
    monkeypatch.setattr(queries, "get_settings", lambda: tight)
    tell(other, at=NOON, source="entry:x")
    flows.send_due(at=NOON)
    waiting = only(notice__source="entry:x")
    assert (waiting.state, waiting.next_at.date().isoformat()) == ("queued", "2026-11-21")
    flows.send_due(at=waiting.next_at)
    waiting.refresh_from_db()
    assert waiting.state == "sent", "a new day"


def _values(known: Any) -> dict[str, Any]:
    return {name: getattr(known, name) for name in known.__slots__}


@db
def test_told_twice_of_the_same_within_minutes_is_one_message(place: World, network: State) -> None:
    me = citizen()
    reach(me, at=NOON, sms=PHONE)
    tell(me, at=NOON, kind=NoticeKind.MESSAGE)
    tell(me, at=NOON + timedelta(minutes=3), kind=NoticeKind.MESSAGE, source="entry:2")
    tell(me, at=NOON + timedelta(minutes=30), kind=NoticeKind.MESSAGE, source="entry:3")
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["queued", "queued", "skipped"]


@db
def test_only_optional_topics_can_be_switched_off(place: World, network: State) -> None:
    me = citizen()
    reach(me, at=NOON, email="an@example.vn")
    token = queries.unsubscribe_token(me.account_id or 0, Topic.PROGRESS)
    for _ in range(2):
        assert actions.mute_topic(token=token, actor=SYSTEM, at=NOON) is Topic.PROGRESS
    actions.mute_topic(token=queries.unsubscribe_token(me.account_id or 0, Topic.CASES), actor=SYSTEM, at=NOON)
    tell(me, at=NOON, kind=NoticeKind.PROGRESS)
    tell(me, at=NOON, kind=NoticeKind.RESULT, source="entry:2")
    assert [row.notice.kind for row in Delivery.objects.select_related("notice")] == ["result"]


@db
def test_a_dead_message_is_sent_again_by_an_operator_only(place: World, network: State) -> None:
    me = citizen()
    reach(me, at=NOON, sms=PHONE)
    network.behaviour["sms-a"] = Behaviour.REFUSING
    tell(me, at=NOON)
    flows.send_due(at=NOON)
    row = only()
    before = row.key
    with pytest.raises(Forbidden):
        actions.resend(delivery_id=row.pk, actor=place.officer("leader"), at=NOON)
    network.behaviour["sms-a"] = Behaviour.WELL
    actions.resend(delivery_id=row.pk, actor=SYSTEM, at=NOON)
    flows.send_due(at=NOON)
    row.refresh_from_db()
    assert (row.state, row.key == before) == ("sent", False)
    with pytest.raises(Conflict):
        actions.resend(delivery_id=row.pk, actor=SYSTEM, at=NOON)


@db
def test_reports_in_any_order_end_the_same(place: World, network: State) -> None:
    me = citizen()
    reach(me, at=NOON, sms=PHONE, email="an@example.vn")
    shuffled = random.Random(7)  # noqa: S311 - an order, no secret
    for number in range(6):
        tell(me, at=NOON, source=f"entry:{number}", code=f"H48.12-261008-{number:04d}")
        row = only(notice__source=f"entry:{number}", channel="sms")
        Delivery.objects.filter(pk=row.pk).update(state="sending", attempts=1)
        steps: list[Any] = [ReportKind.FAILED, ReportKind.DELIVERED, ReportKind.FAILED, ReportKind.DELIVERED, None]
        shuffled.shuffle(steps)
        for step in steps:
            if step is None:
                taken = Outcome(taken=True, provider="a", provider_id="a-1", cost_vnd=350, segments=1)
                actions.record_round(outcomes=[(row.pk, taken)], actor=SYSTEM, at=NOON)
            else:
                actions.record_report(key=str(row.key), provider="a", kind=step, actor=SYSTEM, at=NOON)
        row.refresh_from_db()
        assert (row.state, row.cost_vnd) == ("delivered", 350), steps
        assert Delivery.objects.filter(notice__source=f"entry:{number}", channel="email").count() <= 1


@db
def test_codes_prove_an_address_and_are_limited(place: World, network: State) -> None:
    me = citizen()
    flows.send_code(channel=Channel.SMS, address="0912 345 678", actor=me, at=NOON)
    (sent,) = network.sms.values()
    code = sent.text.split("la ")[1][:6]
    for _ in range(2):
        assert not actions.confirm_code(channel=Channel.SMS, code="x", actor=me, at=NOON)
    assert actions.confirm_code(channel=Channel.SMS, code=code, actor=me, at=NOON)
    assert not actions.confirm_code(channel=Channel.SMS, code=code, actor=me, at=NOON), "once"
    assert [one.address for one in queries.contacts_of(actor=me)] == [PHONE]
    flows.send_code(channel=Channel.SMS, address="0912345679", actor=me, at=NOON)
    late = list(network.sms.values())[-1].text.split("la ")[1][:6]
    assert not actions.confirm_code(channel=Channel.SMS, code=late, actor=me, at=NOON + timedelta(minutes=11))
    for _ in range(3):
        flows.send_code(channel=Channel.SMS, address="0912345679", actor=me, at=NOON)
    with pytest.raises(Exception, match="nhiều mã"):
        flows.send_code(channel=Channel.SMS, address="0912345670", actor=me, at=NOON)
    with pytest.raises(ContactInvalid):
        flows.send_code(channel=Channel.EMAIL, address="an@", actor=citizen("051080000022", "Trần Văn Hai"), at=NOON)


@db
def test_an_address_taken_away_gets_nothing_more(place: World, network: State) -> None:
    me = citizen()
    reach(me, at=NOON, sms=PHONE)
    tell(me, at=NOON)
    held = Contact.objects.get()
    actions.remove_contact(contact_id=held.pk, actor=citizen("051080000022", "Trần Văn Hai"), at=NOON)
    assert Contact.objects.filter(ended_at=None).count() == 1, "not by a stranger"
    actions.remove_contact(contact_id=held.pk, actor=me, at=NOON)
    flows.send_due(at=NOON)
    assert (network.sms, only().state) == ({}, "skipped")
    assert "345" not in Contact.objects.get().address


@settings(max_examples=50)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.integers(0, 1439), st.integers(0, 1439))
def test_after_quiet_is_the_first_loud_moment(naive: datetime, start: int, end: int) -> None:
    at = naive.replace(tzinfo=UTC)
    after = rules.after_quiet(at, start=start, end=end)
    assert after >= at
    assert not rules.is_quiet(after, start=start, end=end)
    assert after - at <= timedelta(days=1)
    if after > at:
        assert rules.is_quiet(after - timedelta(seconds=1), start=start, end=end)
        assert rules.is_quiet(at, start=start, end=end)


@settings(max_examples=50)
@given(st.lists(st.sampled_from(list(ReportKind)), max_size=8), st.randoms())
def test_the_order_and_repetition_of_reports_do_not_matter(reports: list[ReportKind], chance: random.Random) -> None:
    def end(told: list[ReportKind]) -> DeliveryState:
        state = DeliveryState.SENT
        for one in told:
            state = rules.merged(state, one)
        return state

    other = reports + [one for one in reports if chance.random() < 0.5]
    chance.shuffle(other)
    assert end(other) == end(reports)


@settings(max_examples=50)
@given(st.permutations([Channel.SMS, Channel.EMAIL, Channel.ZALO]), st.sets(st.sampled_from(list(Channel))))
def test_every_channel_is_tried_once_in_her_order(order: list[Channel], reachable: set[Channel]) -> None:
    tried: list[Channel] = []
    while (channel := rules.next_channel(order, reachable=reachable, tried=tried)) is not None:
        tried.append(channel)
    assert tried == [one for one in order if one in reachable]
