"""Reading reception: computers and slips of the offline counter, tickets and queues, paper files and parcels."""

from tinhso.apps.reception.queries._offline import (
    conflicts_of,
    device_data,
    find_slip,
    follow_slip,
    get_device,
    get_slip,
    list_devices,
    list_slips,
    open_slip_count,
    slip_of_case,
)
from tinhso.apps.reception.rules import slip_code

__all__ = [
    "conflicts_of",
    "device_data",
    "find_slip",
    "follow_slip",
    "get_device",
    "get_slip",
    "list_devices",
    "list_slips",
    "open_slip_count",
    "slip_code",
    "slip_of_case",
]
