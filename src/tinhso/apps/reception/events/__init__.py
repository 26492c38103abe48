"""What happens at reception: the published events."""

from tinhso.apps.reception.events._offline import (
    CaseTakenOffline,
    DeviceClosedDown,
    DeviceRegistered,
    NumbersGranted,
    SlipLinked,
    SlipStored,
    SlipVoided,
    SlipWaits,
)
from tinhso.apps.reception.events._papers import PaperMoved, ParcelNoted
from tinhso.apps.reception.events._queues import (
    CaseOfVisit,
    QueueSet,
    TicketCalled,
    TicketEnded,
    TicketMoved,
    TicketStarted,
    TicketTaken,
)

__all__ = [
    "CaseOfVisit",
    "CaseTakenOffline",
    "DeviceClosedDown",
    "DeviceRegistered",
    "NumbersGranted",
    "PaperMoved",
    "ParcelNoted",
    "QueueSet",
    "SlipLinked",
    "SlipStored",
    "SlipVoided",
    "SlipWaits",
    "TicketCalled",
    "TicketEnded",
    "TicketMoved",
    "TicketStarted",
    "TicketTaken",
]
