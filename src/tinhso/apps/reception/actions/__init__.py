"""What happens at reception. Each act is one transaction; interfaces, jobs and flows call these names only."""

from tinhso.apps.reception.actions._devices import close_device, grant_numbers, register_device
from tinhso.apps.reception.actions._papers import confirm_parcel, move_paper, note_parcel
from tinhso.apps.reception.actions._queues import (
    book_ticket,
    call_again,
    call_next,
    cancel_ticket,
    change_queue,
    finish_ticket,
    mark_absent,
    open_queue,
    start_ticket,
    take_ticket,
    tie_case,
    transfer_ticket,
)
from tinhso.apps.reception.actions._slips import (
    link_slip,
    note_conflicts,
    settle_corrected,
    settle_slip,
    store_slip,
    void_slip,
)

__all__ = [
    "book_ticket",
    "call_again",
    "call_next",
    "cancel_ticket",
    "change_queue",
    "close_device",
    "confirm_parcel",
    "finish_ticket",
    "grant_numbers",
    "link_slip",
    "mark_absent",
    "move_paper",
    "note_conflicts",
    "note_parcel",
    "open_queue",
    "register_device",
    "settle_corrected",
    "settle_slip",
    "start_ticket",
    "store_slip",
    "take_ticket",
    "tie_case",
    "transfer_ticket",
    "void_slip",
]
