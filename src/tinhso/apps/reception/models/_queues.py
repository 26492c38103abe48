"""Queues of a one-stop hall, and the tickets people take in them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tinhso.apps.reception.enums import TicketSource, TicketStatus
from tinhso.kernel.models import Model


class Queue(Model):
    """A queue of a hall, for some fields of procedures or for all (hàng đợi)."""

    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    letter = models.CharField(max_length=1)
    fields = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    places = models.PositiveSmallIntegerField(default=0, help_text="bookings a quarter of an hour; 0: none online")
    is_open = models.BooleanField(default=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "letter"], name="reception_queue_letter_once"),
            models.CheckConstraint(condition=Q(letter__regex="^[A-Z]$"), name="reception_queue_letter"),
        ]


class QueueDay(Model):
    """The latest number of a queue on a day. Numbers begin at 1 each day."""

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    latest = models.PositiveIntegerField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "day"], name="reception_queue_day_once")]


class Ticket(Model):
    """A number somebody holds (số thứ tự). `queue` gave the number, `line` is the queue in which it waits now."""

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="tickets")
    line = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="waiting")
    day = models.DateField()
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=20, unique=True)
    source = models.CharField(max_length=10, choices=TicketSource.choices)
    is_priority = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=TicketStatus.choices, default=TicketStatus.WAITING)
    taken_at = models.DateTimeField()
    ready_at = models.DateTimeField(help_text="from when it may be called: when taken, or the slot that was booked")
    called_at = models.DateTimeField(null=True)
    calls = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    desk = models.CharField(max_length=40, blank=True)
    officer_id = models.BigIntegerField(null=True)
    account_id = models.BigIntegerField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "account_id": "who booked the slot; one year, for questions about waiting"
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "day", "number"], name="reception_ticket_number_once"),
            models.UniqueConstraint(
                fields=["officer_id"], condition=Q(status__in=["called", "serving"]), name="reception_one_person_a_desk"
            ),
            models.UniqueConstraint(
                fields=["account_id", "day"], condition=Q(status="waiting", account_id__isnull=False),
                name="reception_one_booking_a_day",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["line", "day", "ready_at"], condition=Q(status="waiting"), name="reception_waiting"),
            models.Index(fields=["line", "day", "called_at"], name="reception_called"),
        ]

    @property
    def label(self) -> str:
        """The number as it is called: `A012`."""
        return f"{self.queue.letter}{self.number:03d}"


class TicketCase(Model):
    """A case taken while a ticket was being served: a visit may have several (nhiều thủ tục một lượt)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="cases")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case"], name="reception_case_of_one_visit")]
