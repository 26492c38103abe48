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

__all__ = [
    "CaseTakenOffline",
    "DeviceClosedDown",
    "DeviceRegistered",
    "NumbersGranted",
    "SlipLinked",
    "SlipStored",
    "SlipVoided",
    "SlipWaits",
]
