"""The halls of the demo province: queues, the tickets of today, slots that are booked."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.calendars.queries import get_reception_calendar
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.reception import actions
from tinhso.apps.reception.models import Queue, Ticket
from tinhso.apps.reception.queries import slots_of
from tinhso.config.demo.sign_in import sign_in
from tinhso.config.demo.stage import Stage, Step
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.yamltext import load_yaml

_KIOSK = Actor(kind=ActorKind.MACHINE, name="Máy lấy số")
_DESK = "Quầy 1"
_MORNING = 200  # minutes


def hall_acts(stage: Stage) -> Iterator[tuple[datetime, Step]]:
    """Queues set up two hours ago, then the morning of the first hall, in the order of time."""
    told: dict[str, Any] = load_yaml((settings.CONTENT_DIR / "demo" / "hall.yaml").read_text(encoding="utf-8"))
    opened = stage.start - timedelta(hours=2)
    for hall in told["halls"]:
        unit = _hall(stage, hall["level"])
        yield opened, lambda at, unit=unit, rows=hall["queues"]: _open(stage, unit, rows, at)  # type: ignore[misc]
    unit = _hall(stage, "commune")
    yield from sorted(_visits(stage, unit, told["visits"]), key=lambda act: act[0])
    for number, row in enumerate(told["bookings"]):
        at = stage.start - timedelta(minutes=len(told["bookings"]) - number)
        yield at, lambda at, row=row: _book(stage, unit, row, at)  # type: ignore[misc]


def _hall(stage: Stage, level: str) -> UnitData:
    """The one-stop centre of the shown commune, or of the province."""
    home = stage.communes[0]
    if level == "province":
        home = directory.get_province(stage.start.astimezone(PROVINCE_TIME).date())
    return directory.one_stop_of(home.id) or home


def _open(stage: Stage, unit: UnitData, rows: list[dict[str, Any]], at: datetime) -> None:
    manager = stage.officer("reception.manage_queues", unit.id, "")
    for row in rows:
        actions.open_queue(
            unit_id=unit.id, name=row["name"], letter=row["letter"], fields=row["fields"], places=row["places"],
            actor=manager, at=at,
        )  # fmt: skip


def _visits(stage: Stage, unit: UnitData, rows: list[dict[str, Any]]) -> Iterator[tuple[datetime, Step]]:
    """Each visit: the number taken, called at the officer's one desk when the one before has left, and its end.

    A number is good for its day: soon after midnight the whole morning is played faster, within the day that began.
    """
    since_midnight = stage.start - stage.start.astimezone(PROVINCE_TIME).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    minute = min(timedelta(minutes=1), since_midnight / _MORNING)
    free = stage.start - _MORNING * minute
    for row in rows:
        taken = stage.start - row["minutes"] * minute
        visit = _Visit(stage, unit, row)
        yield taken, visit.take
        if row["end"] == "waiting":
            continue
        called = max(taken, free) + 2 * minute
        yield called, visit.call
        if row["end"] == "absent":
            free = called + row["takes"] * minute
            yield free, visit.absent
        else:
            yield called + minute, visit.start
            if row["end"] == "done":
                free = called + (1 + row["takes"]) * minute
                yield free, visit.finish


class _Visit:
    """One number from the kiosk to the desk."""

    def __init__(self, stage: Stage, unit: UnitData, row: dict[str, Any]) -> None:
        self.unit, self.row = unit, row
        self.officer = stage.officer("reception.serve_queue", unit.id, "")
        self.ticket: Ticket | None = None

    def take(self, at: datetime) -> None:
        queue = Queue.objects.get(unit_id=self.unit.id, letter=self.row["queue"])
        priority = bool(self.row.get("priority"))
        self.ticket = actions.take_ticket(queue_id=queue.pk, is_priority=priority, actor=_KIOSK, at=at)

    def call(self, at: datetime) -> None:
        assert self.ticket is not None  # noqa: S101 - taken before
        queues = [self.ticket.queue_id]
        self.ticket = actions.call_next(unit_id=self.unit.id, queue_ids=queues, desk=_DESK, actor=self.officer, at=at)

    def start(self, at: datetime) -> None:
        assert self.ticket is not None  # noqa: S101 - called before
        actions.start_ticket(ticket_id=self.ticket.pk, actor=self.officer, at=at)

    def finish(self, at: datetime) -> None:
        assert self.ticket is not None  # noqa: S101 - at the desk
        actions.finish_ticket(ticket_id=self.ticket.pk, actor=self.officer, at=at)

    def absent(self, at: datetime) -> None:
        assert self.ticket is not None  # noqa: S101 - called before
        actions.mark_absent(ticket_id=self.ticket.pk, actor=self.officer, at=at)


def _book(stage: Stage, unit: UnitData, row: dict[str, Any], at: datetime) -> None:
    """A quarter of an hour on one of the next reception days."""
    person = accounts.get_actor(sign_in(stage.citizens[row["person"]], at=at).id, at=at, assurance=2)
    queue = Queue.objects.get(unit_id=unit.id, letter=row["queue"])
    calendar = get_reception_calendar(calendar_key=directory.calendar_key_of(unit.id), at=at)
    day, left = at.astimezone(PROVINCE_TIME).date(), int(row["day"])
    while left:
        day += timedelta(days=1)
        left -= bool(calendar.open_intervals(day))
    slot = slots_of(queue, day=day, at=at)[row["slot"]]
    actions.book_ticket(queue_id=queue.pk, slot_at=slot.at, actor=person, at=at)
