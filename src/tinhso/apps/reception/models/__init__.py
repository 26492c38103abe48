"""Tables of reception."""

from tinhso.apps.reception.models._offline import CounterDevice, DeviceSeries, OfflineSlip
from tinhso.apps.reception.models._papers import PaperMove, Parcel
from tinhso.apps.reception.models._queues import Queue, QueueDay, Ticket, TicketCase

__all__ = [
    "CounterDevice",
    "DeviceSeries",
    "OfflineSlip",
    "PaperMove",
    "Parcel",
    "Queue",
    "QueueDay",
    "Ticket",
    "TicketCase",
]
