"""Rights over calendars."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class CalendarPermission(Permission):
    """Quyền đối với lịch làm việc."""

    PUBLISH = "calendar.publish"


def can_publish_calendar(actor: Actor) -> bool:
    """Whether the actor may publish a calendar (công bố lịch làm việc)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(CalendarPermission.PUBLISH)
