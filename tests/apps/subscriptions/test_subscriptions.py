"""The feed out of the log, and what is sent to whoever subscribed: in order, signed, until it has been taken."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest

from tests.factories.cases import CaseMaker
from tests.factories.subscriptions import Receiver, follower, publish
from tests.factories.world import World, officer, world
from tests.simulators.serving import serve
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.exchange.actions import make_missing_keys
from tinhso.apps.notifications.models import Notice
from tinhso.apps.subscriptions import actions, flows, queries, rules
from tinhso.apps.subscriptions.data import (
    SubscriptionData,
    SubscriptionEnded,
    SubscriptionInvalid,
    SubscriptionNotFound,
)
from tinhso.apps.subscriptions.enums import Sink, SubscriptionStatus
from tinhso.apps.subscriptions.models import FeedEvent
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> World:
    return world()


@pytest.fixture(scope="module")
def receiver() -> Iterator[tuple[Receiver, str]]:
    found = Receiver()
    with serve(found.app()) as address:
        yield found, f"{address}/su-kien"


@pytest.fixture
def taking(receiver: tuple[Receiver, str]) -> Receiver:
    make_missing_keys(actor=SYSTEM, at=clock.now())
    receiver[0].says, receiver[0].got = [], []
    receiver[0].keys = [one.public_key for one in queries.event_keys(clock.now())]
    return receiver[0]


def subscribed(account_id: int, url: str, **more: Any) -> SubscriptionData:
    return actions.subscribe(
        account_id=account_id, name="Theo dõi hồ sơ", url=url, after=0, actor=SYSTEM, at=clock.now(), **more
    )


def told(receiver: Receiver) -> list[int]:
    return [json.loads(body)["position"] for _, body in receiver.got]


def state_of(subscription: SubscriptionData) -> SubscriptionData:
    return queries.get_subscription(actor=SYSTEM, subscription_id=subscription.id)


def send(subscription: SubscriptionData, *, later: timedelta = timedelta()) -> int:
    return flows.deliver(subscription_id=subscription.id, actor=SYSTEM, at=clock.now() + later)


def test_the_feed_has_every_sealed_event_once_in_order_and_names_nobody(place: World) -> None:
    maker = CaseMaker(place)
    first, second = maker.at("delivered"), maker.at("supplement")
    maker.draft()
    assert queries.position_now() == 0, "nothing is told before it is sealed"
    end = publish()
    rows = list(FeedEvent.objects.order_by("position"))
    assert [row.position for row in rows] == list(range(1, end + 1))
    for case in (first, second):
        known = [e.id for e in entries_of(f"case:{case.pk}") if e.type in queries.published_types()]
        assert [row.entry_id for row in rows if row.subject == case.code] == known
    assert {row.subject for row in rows} == {first.code, second.code}, "a draft is told to nobody"
    text = json.dumps([row.data for row in rows], ensure_ascii=False)
    for kept in (first.applicant_name, first.applicant_personal_id, "Cán bộ", "không đọc được", "Bản sao"):
        assert kept not in text
    assert rows[0].data == {
        "case": first.code, "procedure": maker.code, "unit": place.commune.code, "channel": "online",
    }  # fmt: skip

    assert publish() == end, "a second round adds nothing"
    maker.submitted()
    assert publish() == end + 1


def test_each_token_shows_its_units_and_procedures_alone(place: World) -> None:
    maker = CaseMaker(place)
    maker.at("received")
    end = publish()
    seen = {}
    for name, unit, procedures in (
        ("province", place.province, None), ("commune", place.commune, [maker.code]),
        ("other", place.other_commune, None), ("narrow", place.commune, ["9.999999"]),
    ):  # fmt: skip
        scopes = queries.scopes_of(follower(unit.id, name=name, procedures=procedures)[0], at=clock.now())
        page = queries.read_feed(scopes=scopes, after=0)
        seen[name] = [item.position for item in page.items]
        assert page.next == end
    everything = list(range(1, end + 1))
    assert seen == {"province": everything, "commune": everything, "other": [], "narrow": []}
    assert queries.read_feed(scopes=[], after=0).items == ()


def test_events_go_out_signed_in_order_and_a_failure_is_not_overtaken(
    place: World, taking: Receiver, receiver: tuple[Receiver, str]
) -> None:
    CaseMaker(place).at("delivered")
    end = publish()
    subscription = subscribed(follower(place.province.id)[0], receiver[1])
    taking.says = [200, 200, 503]
    assert send(subscription) == 2
    assert told(taking) == [1, 2]
    failed = state_of(subscription)
    assert (failed.position, failed.failures, failed.latest_error) == (2, 1, "Hệ thống nhận trả lời 503.")
    assert send(subscription) == 0, "it waits before it tries again"
    assert send(subscription, later=timedelta(minutes=1)) == end - 2
    assert told(taking) == list(range(1, end + 1))
    done = state_of(subscription)
    assert (done.position, done.failures, done.waiting, done.delivered) == (end, 0, 0, end)
    assert subscription.id not in queries.due_subscriptions(clock.now())

    bodies = dict(taking.got)
    taking.got.clear()
    actions.rewind_subscription(subscription_id=subscription.id, position=end - 2, actor=SYSTEM, at=clock.now())
    assert queries.due_subscriptions(clock.now()) == [subscription.id]
    assert send(subscription) == 2
    assert dict(taking.got) == {key: bodies[key] for key in (f"evt_{end - 1}", f"evt_{end}")}, "the same bytes again"


def test_filters_narrow_what_is_sent_and_the_rest_is_passed_over(
    place: World, taking: Receiver, receiver: tuple[Receiver, str]
) -> None:
    CaseMaker(place).at("delivered")
    end = publish()
    account = follower(place.province.id)[0]
    by_type = subscribed(account, receiver[1], types=["case.received", "case.delivered"])
    elsewhere = subscribed(account, receiver[1], unit_ids=[place.other_commune.id])
    assert (send(by_type), send(elsewhere)) == (2, 0)
    assert [json.loads(body)["type"] for _, body in taking.got] == ["case.received", "case.delivered"]
    assert {state_of(by_type).position, state_of(elsewhere).position} == {end}


def test_a_dead_receiver_is_paused_and_told_of(
    place: World, taking: Receiver, receiver: tuple[Receiver, str], drain_jobs: Callable[[], int]
) -> None:
    operator = officer("operator", place.province)
    CaseMaker(place).at("submitted")
    publish()
    account = follower(place.province.id)[0]
    dead, gone = subscribed(account, "http://127.0.0.1:9/"), subscribed(account, receiver[1])
    send(dead)
    assert state_of(dead).status is SubscriptionStatus.ACTIVE
    send(dead, later=rules.DEAD_AFTER)
    assert state_of(dead).status is SubscriptionStatus.PAUSED
    assert "Ba ngày" in state_of(dead).pause_reason
    assert [e.type for e in entries_of(f"subscription:{dead.id}")] == ["subscription.made", "subscription.paused"]
    drain_jobs()
    (notice,) = Notice.objects.filter(account_id=operator.account_id or 0)
    assert notice.words.startswith("Đã tạm dừng gửi sự kiện cho «Theo dõi hồ sơ»: Ba ngày")
    taking.says = [410]
    send(gone)
    assert (state_of(gone).status, state_of(gone).position) == (SubscriptionStatus.PAUSED, 0)

    actions.resume_subscription(subscription_id=gone.id, actor=SYSTEM, at=clock.now())
    assert send(gone) == 1, "nothing was lost by the pause"


def test_nobody_sends_twice_at_once_and_a_rewound_run_does_not_count(place: World) -> None:
    CaseMaker(place).at("submitted")
    publish()
    subscription = subscribed(follower(place.province.id)[0], "https://vi-du.example/")
    at = clock.now()
    claimed = actions.claim_delivery(subscription_id=subscription.id, actor=SYSTEM, at=at)
    assert claimed is not None
    assert actions.claim_delivery(subscription_id=subscription.id, actor=SYSTEM, at=at) is None
    actions.rewind_subscription(subscription_id=subscription.id, position=0, actor=SYSTEM, at=at)
    counted = actions.record_delivery(
        subscription_id=subscription.id, lease=claimed[1], position=1, taken=1, actor=SYSTEM, at=at
    )
    assert (counted, state_of(subscription).position) == (False, 0)


def test_without_a_token_or_a_key_nothing_is_sent(place: World, receiver: tuple[Receiver, str]) -> None:
    CaseMaker(place).at("submitted")
    publish()
    without = subscribed(follower(place.province.id, name="khac")[0], receiver[1])
    assert send(without) == 0
    assert "khóa ký" in state_of(without).latest_error


def test_a_subscription_that_makes_no_sense_is_refused(place: World) -> None:
    account = follower(place.province.id)[0]
    for wrong, path in (
        ({"url": "ftp://x/"}, "url"), ({"url": "http://a:b@x/"}, "url"), ({"types": ["case.secret"]}, "types"),
        ({"unit_ids": [987_654_321]}, "units"), ({"name": " "}, "name"), ({"after": 5}, "after"),
    ):  # fmt: skip
        given = {
            "account_id": account,
            "name": "x",
            "url": "https://vi-du.example/",
            "actor": SYSTEM,
            "at": clock.now(),
        }
        with pytest.raises(SubscriptionInvalid) as refused:
            actions.subscribe(**{**given, **wrong})  # type: ignore[arg-type]  # the arguments vary
        assert [error.path for error in refused.value.errors] == [path]


def test_a_system_reaches_its_own_subscriptions_alone(place: World) -> None:
    owner, stranger = (follower(place.commune.id, name=name)[0] for name in ("chu", "la"))
    mine = subscribed(owner, "https://vi-du.example/")
    actor, other = (queries.scopes_of(one, at=clock.now())[0].actor for one in (owner, stranger))
    assert [one.id for one in queries.list_subscriptions(actor=actor)] == [mine.id]
    assert queries.list_subscriptions(actor=other) == []
    for act in (actions.resume_subscription, actions.end_subscription):
        with pytest.raises(SubscriptionNotFound):
            act(subscription_id=mine.id, actor=other, at=clock.now())
    with pytest.raises(Forbidden):
        actions.subscribe(account_id=owner, name="x", url="x", sink=Sink.JETSTREAM, actor=actor, at=clock.now())
    actions.end_subscription(subscription_id=mine.id, actor=actor, at=clock.now())
    with pytest.raises(SubscriptionEnded):
        actions.resume_subscription(subscription_id=mine.id, actor=actor, at=clock.now())


def test_waits_double_up_to_an_hour() -> None:
    waits = [rules.wait_after(failures, spread=0).total_seconds() for failures in (1, 2, 3, 8, 50)]
    assert waits == [30, 60, 120, 3600, 3600]
    assert rules.wait_after(1, spread=9) > rules.wait_after(1, spread=0)


@pytest.mark.parametrize(
    ("address", "inside", "reachable"),
    [
        ("127.0.0.1", False, False), ("127.0.0.1", True, True), ("169.254.169.254", False, False),
        ("10.1.2.3", False, True), ("240.0.0.1", True, False), ("224.0.0.1", True, False), ("::1", False, False),
        ("203.162.0.1", False, True),
    ],
)  # fmt: skip
def test_events_never_go_to_the_machine_itself(address: str, inside: bool, reachable: bool) -> None:
    assert rules.is_reachable_address(ip_address(address), inside_allowed=inside) is reachable
