"""Changes of calendars. Public: `publish_calendar`."""

from datetime import datetime

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.calendars import permissions, queries
from tinhso.apps.calendars.content import to_document
from tinhso.apps.calendars.data import CalendarDefinition, CalendarVersionData
from tinhso.apps.calendars.events import CalendarPublished
from tinhso.apps.calendars.models import CalendarVersion
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.lib.canonical import digest


@action
def publish_calendar(*, definition: CalendarDefinition, actor: Actor, at: datetime) -> CalendarVersionData:
    """Công bố lịch làm việc: make `definition` the next version of its calendar.

    Publishing what already holds writes nothing and returns the version that holds. The due dates of open cases follow
    the new version in a round of their own, which listens to the event; those of closed cases never move.

    Raises:
        Forbidden: the actor may not publish calendars.
    """
    # No row exists to lock before the first version, so publishers of one key queue at an advisory lock.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"calendar:{definition.key}"])
    require(permissions.can_publish_calendar(actor))
    document = to_document(definition)
    mark = digest(document)
    latest = queries.latest_version(calendar_key=definition.key)
    if latest is not None and latest.digest == mark:
        return latest
    version = CalendarVersion.objects.create(
        key=definition.key,
        number=latest.number + 1 if latest else 1,
        digest=mark,
        title=definition.title,
        document=document,
        published_at=at,
    )
    event = CalendarPublished(key=version.key, number=version.number, digest=mark)
    record(event, subject=f"calendar:{version.key}", actor=actor, at=at)
    return CalendarVersionData(version.key, version.number, mark, version.title, at)
