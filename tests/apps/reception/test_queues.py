"""Tickets: numbers without gaps, the right order, one person a desk, visits with several cases, honest figures."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.factories.cases import CaseMaker
from tests.factories.world import World, citizen, world
from tinhso.apps.directory import queries as directory
from tinhso.apps.reception import actions, queries
from tinhso.apps.reception.data import (
    AlreadyBooked,
    LetterTaken,
    NobodyWaits,
    QueueClosed,
    QueueNotFound,
    SlotTaken,
    SomebodyAtDesk,
    TicketNotAtDesk,
    TicketNotFound,
)
from tinhso.apps.reception.models import Queue, Ticket, TicketCase
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 2, 7, 30, tzinfo=PROVINCE_TIME)
KIOSK = Actor(kind=ActorKind.MACHINE, name="Máy lấy số")


class Hall:
    """The commune's hall with two queues."""

    def __init__(self, place: World) -> None:
        self.place = place
        hall = directory.one_stop_of(place.commune.id)
        self.unit_id = hall.id if hall else place.commune.id
        self.officer = place.officer("one_stop_officer")
        self.admin = place.officer("unit_admin")
        self.civil, self.land = self.open("A", "Hộ tịch"), self.open("B", "Đất đai", places=1)

    def open(self, letter: str, name: str, *, places: int = 0) -> Queue:
        return actions.open_queue(
            unit_id=self.unit_id, name=name, letter=letter, fields=[], places=places, actor=self.admin, at=MORNING
        )

    def take(self, queue: Queue | None = None, *, minutes: int = 0, priority: bool = False) -> Ticket:
        at = MORNING + timedelta(minutes=minutes)
        return actions.take_ticket(queue_id=(queue or self.civil).pk, is_priority=priority, actor=KIOSK, at=at)

    def call(self, *queues: Queue, minutes: int = 30, actor: Actor | None = None) -> Ticket:
        return actions.call_next(
            unit_id=self.unit_id, queue_ids=[queue.pk for queue in queues], desk="Quầy 1", actor=actor or self.officer,
            at=MORNING + timedelta(minutes=minutes),
        )  # fmt: skip

    def act(self, act: Any, ticket: Ticket, *, minutes: int = 31, actor: Actor | None = None, **more: Any) -> Ticket:
        found: Ticket = act(
            ticket_id=ticket.pk, actor=actor or self.officer, at=MORNING + timedelta(minutes=minutes), **more
        )
        return found

    def serve(self, *, called: int, started: int, finished: int) -> Ticket:
        ticket = self.call(minutes=called)
        self.act(actions.start_ticket, ticket, minutes=started)
        return self.act(actions.finish_ticket, ticket, minutes=finished)


@pytest.fixture
def hall() -> Hall:
    return Hall(world(departments=()))


def test_numbers_follow_each_other_in_each_queue_and_begin_anew_each_day(hall: Hall) -> None:
    labels = [hall.take(queue).label for queue in (hall.civil, hall.civil, hall.land)]
    assert labels == ["A001", "A002", "B001"]
    assert hall.take(minutes=24 * 60).label == "A001"


def test_a_closed_queue_gives_no_numbers(hall: Hall) -> None:
    actions.change_queue(
        queue_id=hall.civil.pk, name="Hộ tịch", fields=[], places=0, is_open=False, actor=hall.admin, at=MORNING
    )
    with pytest.raises(QueueClosed):
        hall.take()
    with pytest.raises(QueueNotFound):
        actions.take_ticket(queue_id=0, is_priority=False, actor=KIOSK, at=MORNING)


def test_queues_are_set_by_those_who_may_and_letters_are_used_once(hall: Hall) -> None:
    with pytest.raises(LetterTaken):
        hall.open("a", "Khác")
    for wrong in ("1", "", "AB", "Đ"):
        with pytest.raises(Invalid):
            hall.open(wrong, "Khác")
    with pytest.raises(Forbidden):
        actions.open_queue(
            unit_id=hall.unit_id, name="x", letter="C", fields=[], places=0, actor=hall.officer, at=MORNING
        )
    with pytest.raises(Forbidden):
        actions.take_ticket(queue_id=hall.civil.pk, is_priority=False, actor=citizen(), at=MORNING)


def test_who_has_waited_longest_is_called_and_priority_goes_before(hall: Hall) -> None:
    first, second = hall.take(), hall.take(hall.land, minutes=1)
    old = hall.take(minutes=2, priority=True)
    called = []
    for minute in (30, 32, 34):
        ticket = hall.call(minutes=minute)
        called.append(ticket.pk)
        hall.act(actions.mark_absent, ticket, minutes=minute + 1)
    assert called == [old.pk, first.pk, second.pk]
    with pytest.raises(NobodyWaits):
        hall.call()


def test_an_officer_calls_from_the_queues_he_names(hall: Hall) -> None:
    hall.take()
    wanted = hall.take(hall.land, minutes=5)
    assert hall.call(hall.land).pk == wanted.pk


def test_one_person_at_a_desk_at_a_time(hall: Hall) -> None:
    hall.take()
    hall.take()
    ticket = hall.call()
    with pytest.raises(SomebodyAtDesk):
        hall.call()
    again = hall.act(actions.call_again, ticket)
    assert (again.calls, again.status) == (2, "called")
    hall.act(actions.start_ticket, ticket)
    with pytest.raises(TicketNotAtDesk):
        hall.act(actions.mark_absent, ticket)
    hall.act(actions.finish_ticket, ticket)
    assert hall.call().label == "A002"


def test_the_desk_is_named_and_a_colleagues_ticket_is_left_alone(hall: Hall) -> None:
    hall.take()
    with pytest.raises(Invalid, match="số quầy"):
        actions.call_next(unit_id=hall.unit_id, queue_ids=[], desk=" ", actor=hall.officer, at=MORNING)
    ticket = hall.call()
    stranger = hall.place.officer("one_stop_officer", hall.place.other_commune)
    with pytest.raises(Forbidden):
        hall.act(actions.start_ticket, ticket, actor=stranger)
    with pytest.raises(TicketNotAtDesk):
        hall.act(actions.finish_ticket, ticket)


def test_a_transferred_person_keeps_number_and_turn(hall: Hall) -> None:
    moved = hall.take()
    hall.take(hall.land, minutes=1)
    ticket = hall.call(hall.civil)
    hall.act(actions.transfer_ticket, ticket, queue_id=hall.land.pk)
    assert hall.call(hall.land).pk == moved.pk
    assert Ticket.objects.get(pk=moved.pk).label == "A001"
    with pytest.raises(QueueNotFound):
        hall.act(actions.transfer_ticket, ticket, queue_id=0)


def test_a_holder_sees_how_many_stand_before_and_where_to_go(hall: Hall) -> None:
    hall.take()
    mine = hall.take(minutes=1)
    hall.take(minutes=2, priority=True)
    at = MORNING + timedelta(minutes=3)
    seen = queries.follow_ticket(mine.code, at=at)
    assert (seen.label, seen.before, seen.wait_minutes) == ("A002", 2, 20)
    for minute in (10, 12):
        hall.serve(called=minute, started=minute, finished=minute + 1)
    hall.call(minutes=20)
    seen = queries.follow_ticket(mine.code, at=at)
    assert (seen.status, seen.desk) == ("called", "Quầy 1")
    calls = queries.recent_calls(unit_id=hall.unit_id, at=at)
    assert next(call.label for call in calls) == "A002"
    with pytest.raises(TicketNotFound):
        queries.follow_ticket("0" * 12, at=at)


def test_a_slot_goes_to_one_person_and_is_called_in_its_quarter(hall: Hall) -> None:
    person, other = citizen(), citizen("051190000020", "Trần Thị Khác")
    slots = queries.slots_of(hall.land, day=MORNING.date(), at=MORNING)
    assert slots[0].at == MORNING + timedelta(minutes=15)
    slot = slots[0].at
    made = actions.book_ticket(queue_id=hall.land.pk, slot_at=slot, actor=person, at=MORNING)
    with pytest.raises(AlreadyBooked):
        actions.book_ticket(queue_id=hall.land.pk, slot_at=slots[1].at, actor=person, at=MORNING)
    for wrong in (slot, slot + timedelta(minutes=7), MORNING - timedelta(minutes=15), slot + timedelta(hours=5)):
        with pytest.raises(SlotTaken):
            actions.book_ticket(queue_id=hall.land.pk, slot_at=wrong, actor=other, at=MORNING)
    with pytest.raises(NobodyWaits):
        hall.call(minutes=10)
    assert hall.call(minutes=15).pk == made.pk


def test_a_booking_given_back_frees_its_place_and_not_its_number(hall: Hall) -> None:
    person, other = citizen(), citizen("051190000020", "Trần Thị Khác")
    slot = MORNING + timedelta(minutes=15)
    made = actions.book_ticket(queue_id=hall.land.pk, slot_at=slot, actor=person, at=MORNING)
    with pytest.raises(TicketNotFound):
        actions.cancel_ticket(code=made.code, actor=other, at=MORNING)
    actions.cancel_ticket(code=made.code, actor=person, at=MORNING)
    with pytest.raises(TicketNotFound):
        actions.cancel_ticket(code=made.code, actor=person, at=MORNING)
    again = actions.book_ticket(queue_id=hall.land.pk, slot_at=slot, actor=other, at=MORNING)
    assert (made.label, again.label) == ("B001", "B002")


def test_cases_received_while_serving_belong_to_the_visit(hall: Hall, drain_jobs: Any) -> None:
    hall.take()
    ticket = hall.call()
    hall.act(actions.start_ticket, ticket, minutes=31)
    maker = CaseMaker(hall.place)
    cases = [maker.received(at=MORNING + timedelta(minutes=minutes)) for minutes in (100, 110)]
    drain_jobs()
    hall.act(actions.finish_ticket, ticket, minutes=120)
    later = maker.received(at=MORNING + timedelta(minutes=130))
    drain_jobs()
    assert queries.cases_of_ticket(ticket.pk) == [case.code for case in cases]
    assert not TicketCase.objects.filter(case=later).exists()
    actions.tie_case(
        case_id=cases[0].pk,
        officer=hall.officer,
        received_at=MORNING + timedelta(minutes=100),
        actor=SYSTEM,
        at=MORNING,
    )
    assert TicketCase.objects.count() == 2


def test_figures_are_medians_and_ninth_deciles(hall: Hall) -> None:
    for minute in range(3):
        hall.take(minutes=minute)
    hall.serve(called=10, started=10, finished=14)
    hall.serve(called=21, started=21, finished=31)
    hall.act(actions.mark_absent, hall.call(minutes=40), minutes=41)
    leader = hall.place.officer("leader")
    day = date(2026, 3, 2)
    found = queries.statistics(actor=leader, unit_id=hall.unit_id, first=day, last=day)
    whole = found["all"][0]
    assert (whole.served, whole.absent) == (2, 1)
    assert whole.wait_p50 == pytest.approx(15)
    assert whole.wait_p90 == pytest.approx(19)
    assert whole.service_p50 == pytest.approx(7)
    assert [row.name for row in found["hours"]] == ["07 giờ"]
    assert {row.name for row in found["officers"]} == {hall.officer.name}
    stranger = hall.place.officer("leader", hall.place.other_commune)
    with pytest.raises(QueueNotFound):
        queries.statistics(actor=stranger, unit_id=hall.unit_id, first=day, last=day)
