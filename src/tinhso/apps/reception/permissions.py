"""Rights at the reception desk: role × unit subtree."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class ReceptionPermission(Permission):
    """Quyền tiếp đón, tiếp nhận."""

    TAKE_OFFLINE = "reception.take_offline"
    SERVE_QUEUE = "reception.serve_queue"
    MANAGE_QUEUES = "reception.manage_queues"
    VIEW_STATISTICS = "reception.view_statistics"
    MOVE_PAPERS = "reception.move_papers"
    HANDLE_POST = "reception.handle_post"


def can_take_offline(actor: Actor, unit_id: int) -> bool:
    """Whether the actor may prepare a computer for days without a line and bring its slips in (quầy khi mất mạng)."""
    return actor.has(ReceptionPermission.TAKE_OFFLINE, unit_id=unit_id)


def can_take_ticket(actor: Actor) -> bool:
    """Whether the actor gives out numbers in a hall: the kiosk the hall has set up, or an officer (lấy số)."""
    return actor.kind is ActorKind.MACHINE or actor.has(ReceptionPermission.SERVE_QUEUE)


def can_book(actor: Actor) -> bool:
    """Whether the actor may book a slot from home: a signed-in citizen (đặt lịch)."""
    return actor.kind is ActorKind.CITIZEN and actor.account_id is not None


def can_serve(actor: Actor, unit_id: int) -> bool:
    """Whether the actor calls numbers in a hall (gọi số)."""
    return actor.has(ReceptionPermission.SERVE_QUEUE, unit_id=unit_id)


def can_manage_queues(actor: Actor, unit_id: int) -> bool:
    """Whether the actor opens and closes the queues of a hall (đặt hàng đợi)."""
    return actor.has(ReceptionPermission.MANAGE_QUEUES, unit_id=unit_id)


def can_move_papers(actor: Actor, unit_id: int) -> bool:
    """Whether the actor may take paper files over at a unit (luân chuyển hồ sơ giấy)."""
    return actor.has(ReceptionPermission.MOVE_PAPERS, unit_id=unit_id)


def can_handle_post(actor: Actor, unit_id: int) -> bool:
    """Whether the actor sends and receives parcels of cases at a unit (bưu chính)."""
    return actor.has(ReceptionPermission.HANDLE_POST, unit_id=unit_id)
