"""What happens at reception. Each act is one transaction; interfaces, jobs and flows call these names only."""

from tinhso.apps.reception.actions._devices import close_device, grant_numbers, register_device
from tinhso.apps.reception.actions._slips import (
    link_slip,
    note_conflicts,
    settle_corrected,
    settle_slip,
    store_slip,
    void_slip,
)

__all__ = [
    "close_device",
    "grant_numbers",
    "link_slip",
    "note_conflicts",
    "register_device",
    "settle_corrected",
    "settle_slip",
    "store_slip",
    "void_slip",
]
