"""The outbox: in order for each key, at least once, dead letters that stop their own key alone, nothing lost."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories.forks import forked
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.exchange import actions, flows, queries, rules
from tinhso.apps.exchange.data import DeliveryRefused, DeliveryReport, MessageNotDead, OutgoingData
from tinhso.apps.exchange.models import OutboxMessage
from tinhso.kernel.actions import action
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.errors import Forbidden, Invalid, Unavailable

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TO = "test"
CLERK = Actor(kind=ActorKind.OFFICER, name="Trần Thị Một Cửa", grants=(Grant("exchange.settle", frozenset({7})),))

pytestmark = pytest.mark.django_db


@action
def tell(*, key: str, number: int, actor: Actor = SYSTEM, at: datetime = AT) -> int | None:
    """Something happens, and is to be told, in one transaction."""
    return actions.queue_message(
        destination=TO, key=key, kind="Báo", once=f"{key}/{number}", subject=f"case:{key}", unit_id=None,
        summary=f"việc {number}", body={"key": key, "number": number}, caused_at=at, actor=actor, at=at,
    )  # fmt: skip


class Peer:
    """The other side: what it got, and what it shall do with a message."""

    def __init__(self, what: Callable[[OutgoingData], None] = lambda message: None) -> None:
        self.got: list[tuple[str, int]] = []
        self.what, self.now = what, AT

    def __call__(self, message: OutgoingData) -> str:
        self.what(message)
        self.got.append((message.body["key"], message.body["number"]))
        return "0"

    def run(self, *, limit: int = 200) -> DeliveryReport:
        return flows.deliver_messages(destination=TO, send=self, clock=lambda: self.now, limit=limit)

    def of(self, key: str) -> list[int]:
        return [number for name, number in self.got if name == key]


def refuse(*_args: Any, **_more: Any) -> None:
    raise DeliveryRefused("Thiếu mã thủ tục.")


def out_of_reach(*_args: Any) -> None:
    raise Unavailable


def test_messages_of_a_key_go_in_order_each_once_and_told_twice_is_one() -> None:
    for number in range(3):
        for key in ("A", "B"):
            assert tell(key=key, number=number) is not None
            assert tell(key=key, number=number) is None
    peer = Peer()
    assert peer.run() == DeliveryReport(delivered=6)
    assert peer.of("A") == peer.of("B") == [0, 1, 2]
    assert peer.run() == DeliveryReport()


def test_a_failed_action_queues_nothing() -> None:
    @action
    def fails(*, actor: Actor, at: datetime) -> None:
        tell(key="A", number=0)
        raise Invalid("không thành")

    with pytest.raises(Invalid):
        fails(actor=SYSTEM, at=AT)
    assert not OutboxMessage.objects.exists()


def test_only_the_head_of_a_key_is_claimed_and_a_late_outcome_writes_nothing() -> None:
    for number in range(2):
        tell(key="A", number=number)
    (first,) = actions.claim_messages(destination=TO, limit=10, actor=SYSTEM, at=AT)
    assert first.body["number"] == 0
    assert actions.claim_messages(destination=TO, limit=10, actor=SYSTEM, at=AT) == []
    # Its holder is stopped beyond the lease; another takes over, and the first comes back.
    (again,) = actions.claim_messages(destination=TO, limit=10, actor=SYSTEM, at=AT + timedelta(minutes=6))
    assert (again.position, again.attempt) == (first.position, first.attempt + 1)
    late = {"position": first.position, "attempt": first.attempt, "actor": SYSTEM, "at": AT}
    assert actions.record_delivered(answer="0", **late) is False
    assert actions.record_failed(failure="x", refused=True, **late) is False
    assert OutboxMessage.objects.get(pk=first.position).status == "sending"
    assert actions.record_delivered(position=again.position, attempt=again.attempt, answer="0", actor=SYSTEM, at=AT)
    (second,) = actions.claim_messages(destination=TO, limit=10, actor=SYSTEM, at=AT)
    assert second.body["number"] == 1


def test_a_refused_message_dies_after_five_tries_stops_its_own_key_and_says_why() -> None:
    for number in range(2):
        tell(key="BAD", number=number)
        tell(key="GOOD", number=number)
    peer = Peer(lambda message: refuse() if message.key == "BAD" else None)
    for _ in range(8):
        peer.run()
        peer.now += timedelta(hours=1)
    assert peer.of("GOOD") == [0, 1]
    assert peer.of("BAD") == []
    dead = OutboxMessage.objects.get(status="dead")
    assert (dead.key, dead.attempts, dead.failure) == ("BAD", rules.MOST_REFUSALS, "Thiếu mã thủ tục.")
    assert [entry.type for entry in entries_of(f"outbox:{dead.position}")] == ["exchange.message_died"]
    state = queries.outbox_state(destination=TO, day_began=AT)
    assert (state.waiting, state.dead, state.held_back, state.delivered_today) == (1, 1, 1, 2)
    assert queries.open_messages(destination=TO, keys=["BAD", "GOOD"]) == {"BAD": "dead"}


def test_what_can_never_be_taken_dies_at_once() -> None:
    tell(key="A", number=0)

    def never(message: OutgoingData) -> None:
        raise DeliveryRefused("Sai mã đơn vị.", for_good=True)

    assert Peer(never).run() == DeliveryReport(failed=1, dead=1)


def test_a_peer_that_is_down_for_half_a_day_loses_nothing_and_nobody_hammers_it() -> None:
    for key in "ABCDEFGH":
        tell(key=key, number=0)
    asked = Counter[str]()
    peer = Peer(lambda message: (asked.update([message.key]), out_of_reach())[1])
    for _ in range(12):
        report = peer.run()
        assert (report.dead, report.unreached) == (0, report.failed)
        peer.now += timedelta(hours=1)
    assert sum(asked.values()) <= 12 * 3, "three calls an hour, however many wait"
    peer.what = lambda message: None
    assert peer.run().delivered == 8
    assert sorted(key for key, _ in peer.got) == list("ABCDEFGH")


def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    assert [int(rules.pause_before(n).total_seconds()) for n in (1, 2, 3, 6, 60)] == [30, 60, 120, 900, 900]


def test_a_clerk_sends_again_or_skips_with_a_reason() -> None:
    for key in ("A", "B"):
        for number in range(2):
            tell(key=key, number=number)
    peer = Peer(lambda message: refuse(for_good=True) if message.body["number"] == 0 else None)
    for _ in range(6):
        peer.run()
        peer.now += timedelta(hours=1)
    first, second = OutboxMessage.objects.filter(status="dead").order_by("position")
    with pytest.raises(Forbidden):
        actions.resend_message(position=first.position, actor=CLERK, at=AT)
    actions.resend_message(position=first.position, actor=SYSTEM, at=peer.now)
    with pytest.raises(Invalid):
        actions.skip_message(position=second.position, reason=" ", actor=SYSTEM, at=peer.now)
    actions.skip_message(position=second.position, reason="Hồ sơ đã báo bằng văn bản.", actor=SYSTEM, at=peer.now)
    with pytest.raises(MessageNotDead):
        actions.skip_message(position=second.position, reason="lần nữa", actor=SYSTEM, at=peer.now)
    peer.what = lambda message: None
    peer.run()
    assert (peer.of("A"), peer.of("B")) == ([0, 1], [1])
    assert [e.type for e in entries_of(f"outbox:{second.position}")][-1] == "exchange.message_skipped"


def test_a_clerk_sees_and_settles_what_is_of_his_unit_alone() -> None:
    tell(key="A", number=0)
    Peer(lambda message: refuse(for_good=True)).run()
    assert queries.list_dead(actor=CLERK) == []
    assert queries.count_dead(CLERK) == 0
    assert [one.key for one in queries.list_outbox(actor=SYSTEM, words="a")] == ["A"]
    with pytest.raises(Forbidden):
        queries.list_dead(actor=Actor(kind=ActorKind.OFFICER))


def test_messages_are_replayed_from_a_position_in_the_old_order() -> None:
    positions = [tell(key="A", number=number) or 0 for number in range(4)]
    peer = Peer()
    peer.run()
    count = actions.replay_messages(destination=TO, after=positions[1], key="A", actor=SYSTEM, at=AT)
    peer.run()
    assert (count, peer.of("A")) == (2, [0, 1, 2, 3, 2, 3])
    actions.forget_bodies(before=AT + timedelta(days=1), actor=SYSTEM, at=AT)
    assert actions.replay_messages(destination=TO, after=0, actor=SYSTEM, at=AT) == 0, "what is forgotten is not sent"
    assert OutboxMessage.objects.filter(body__isnull=True).count() == 4


def test_whatever_fails_every_key_arrives_whole_and_in_order() -> None:
    chance = random.Random(11)  # noqa: S311 - a script of failures, the same each time
    for number in range(4):
        for key in "ABC":
            tell(key=key, number=number)

    def moody(message: OutgoingData) -> None:
        throw = chance.random()
        if throw < 0.15:
            out_of_reach()
        elif throw < 0.25:
            refuse()

    peer = Peer(moody)
    while OutboxMessage.objects.exclude(status="delivered").exists():
        peer.run(limit=7)
        peer.now += timedelta(minutes=20)
        for dead in OutboxMessage.objects.filter(status="dead"):
            actions.resend_message(position=dead.position, actor=SYSTEM, at=peer.now)
    for key in "ABC":
        assert peer.of(key) == list(range(4))


@pytest.mark.django_db(transaction=True)
def test_killed_between_sending_and_writing_it_down_it_is_sent_again(tmp_path: Any) -> None:
    tell(key="A", number=0)
    tell(key="A", number=1)
    heard = tmp_path / "heard"

    def hear(message: OutgoingData) -> str:
        with heard.open("a") as file:
            file.write(f"{message.body['number']}\n")
        return "0"

    def deliver() -> None:
        flows.deliver_messages(destination=TO, send=hear, clock=lambda: AT)

    for point in ("deliver_messages:sent", "claim_messages:after_commit", "record_delivered:before_commit"):
        OutboxMessage.objects.filter(status="sending").update(lease_until=AT - timedelta(seconds=1))
        assert forked(deliver, TINHSO_CRASH=point, TINHSO_CRASH_ENABLED="1").returncode == -9
    OutboxMessage.objects.filter(status="sending").update(lease_until=AT - timedelta(seconds=1))
    deliver()
    assert not OutboxMessage.objects.exclude(status="delivered").exists()
    assert heard.read_text().split() == ["0", "0", "0", "1"], (
        "again after each kill, and the second never before the first"
    )
