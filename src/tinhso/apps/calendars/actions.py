"""Changes of calendars. Public: `publish_calendar`, `announce_day`, `withdraw_day`."""

from datetime import date, datetime

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.calendars import permissions, queries, rules
from tinhso.apps.calendars.content import to_document
from tinhso.apps.calendars.data import CalendarDefinition, CalendarVersionData
from tinhso.apps.calendars.events import CalendarPublished, DayAnnounced, DayWithdrawn
from tinhso.apps.calendars.models import CalendarVersion
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid, NotFound
from tinhso.lib.canonical import digest
from tinhso.lib.worktime import DayKind


@action
def publish_calendar(*, definition: CalendarDefinition, actor: Actor, at: datetime) -> CalendarVersionData:
    """Công bố lịch làm việc: make `definition` the next version of its calendar.

    Publishing what already holds writes nothing and returns the version that holds. The due dates of open cases follow
    the new version in a round of their own, which listens to the event; those of closed cases never move.

    Raises:
        Forbidden: the actor may not publish calendars.
    """
    _lock(definition.key)
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


@action
def announce_day(
    *, calendar_key: str, day: date, kind: DayKind, name: str, basis: str, made_up_on: date | None = None, actor: Actor,
    at: datetime,
) -> CalendarVersionData:  # fmt: skip
    """Công bố thêm một ngày nghỉ, có thể kèm ngày làm bù: the next version of the calendar says so from now on.

    Raises:
        Forbidden: the actor may not publish calendars.
        Invalid: no name or basis, no office day, a day the calendar does not cover or names already, or the day worked
            instead is none of rest.
    """
    require(permissions.can_publish_calendar(actor))
    _lock(calendar_key)
    definition = queries.get_definition(calendar_key=calendar_key)
    name, basis = name.strip(), basis.strip()
    if not name or not basis:
        raise Invalid("Mời ghi tên ngày nghỉ và văn bản công bố.")
    if kind not in {DayKind.HOLIDAY, DayKind.CLOSURE}:
        raise Invalid("Chọn nghỉ lễ hoặc đóng cửa.")
    named = {special.day for special in definition.days}
    calendar = rules.working_calendar(definition)
    for one in (day, made_up_on):
        if one is not None and not definition.first <= one <= definition.last:
            raise Invalid(f"Lịch chưa có ngày {one:%d/%m/%Y}.")
        if one is not None and one in named:
            raise Invalid(f"Lịch đã ghi ngày {one:%d/%m/%Y}.")
    if not calendar.is_working_day(day):
        raise Invalid(f"Ngày {day:%d/%m/%Y} vốn không làm việc.")
    if made_up_on is not None and calendar.is_working_day(made_up_on):
        raise Invalid(f"Ngày {made_up_on:%d/%m/%Y} vốn là ngày làm việc, không làm bù được.")
    event = DayAnnounced(key=calendar_key, day=day, kind=str(kind), name=name, basis=basis, made_up_on=made_up_on)
    record(event, subject=f"calendar:{calendar_key}", actor=actor, at=at)
    return publish_calendar(definition=queries.with_announced_days(definition), actor=actor, at=at)


@action
def withdraw_day(*, calendar_key: str, day: date, reason: str, actor: Actor, at: datetime) -> CalendarVersionData:
    """Bỏ một ngày đã công bố thêm (ghi nhầm, đã hủy): the next version does without it. Closed due dates never move.

    Raises:
        Forbidden: the actor may not publish calendars.
        NotFound: the day was not announced on a page.
        Invalid: no reason.
    """
    require(permissions.can_publish_calendar(actor))
    _lock(calendar_key)
    days = queries.announced_days(calendar_key=calendar_key).get(day)
    if days is None:
        raise NotFound("Ngày này không phải ngày công bố thêm.")
    if not reason.strip():
        raise Invalid("Mời ghi lý do bỏ ngày đã công bố.")
    definition = rules.without_days(queries.get_definition(calendar_key=calendar_key), days)
    event = DayWithdrawn(key=calendar_key, day=day, reason=reason.strip())
    record(event, subject=f"calendar:{calendar_key}", actor=actor, at=at)
    return publish_calendar(definition=definition, actor=actor, at=at)


def _lock(calendar_key: str) -> None:
    """No row exists to lock before the first version, so changes of one calendar queue at an advisory lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"calendar:{calendar_key}"])
