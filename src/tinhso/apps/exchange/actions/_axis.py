"""What the axis of documents tells of its agencies, written down: dated, and told in the event log."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.exchange import permissions
from tinhso.apps.exchange.data import AxisDirectoryDoubtful, AxisDirectoryResult, HubAgency
from tinhso.apps.exchange.events import AxisDirectoryChanged
from tinhso.apps.exchange.models import AxisAgency, AxisMark
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.lib.text import fold

_STREAM = "exchange-axis"


@action
def record_axis_directory(
    *, agencies: Sequence[HubAgency], is_whole: bool, actor: Actor, at: datetime
) -> AxisDirectoryResult:  # fmt: skip
    """Ghi danh bạ cơ quan của trục văn bản: what is new begins, what differs ends and begins anew, what has left ends.

    `agencies`: changes since the last time, oldest first; or all there are (`is_whole`), and then who is not named has left.

    Raises:
        AxisDirectoryDoubtful: a whole directory without half of those we knew: rather an axis in disorder than that many gone.
    """
    require(permissions.can_manage(actor))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_STREAM])
    mark, _ = AxisMark.objects.get_or_create(pk=1)
    # Of one agency only its latest state counts: what was in between nobody here has seen.
    told = {one.code: one for one in map(_within_bounds, agencies) if one.code}
    known = {row.code: row for row in AxisAgency.objects.filter(valid_to=None)}
    present = {code for code, one in told.items() if not one.is_deleted}
    if is_whole and 2 * len(known.keys() & present) < len(known):
        raise AxisDirectoryDoubtful()
    changed = {code for code in known.keys() & present if _differs(known[code], told[code])}
    left = {code for code in known if (is_whole or code in told) and code not in present}
    new = present - known.keys()
    AxisAgency.objects.filter(pk__in=[known[code].pk for code in changed | left]).update(valid_to=at)
    AxisAgency.objects.bulk_create(_row(told[code], at) for code in sorted(changed | new))
    versions = [one.version for one in agencies]
    # After a whole reading the axis's own number holds, even a lower one: it may have been set up anew.
    mark.version = max(versions, default=0) if is_whole else max([mark.version, *versions])
    mark.synchronised_at, mark.failure, mark.failing_since = at, "", None
    mark.save()
    result = AxisDirectoryResult(added=len(new), changed=len(changed), left=len(left))
    if new or changed or left:
        event = AxisDirectoryChanged(
            version=mark.version, added=result.added, changed=result.changed, left=result.left
        )  # fmt: skip
        record(event, subject=_STREAM, actor=actor, at=at)
    return result


@action
def record_axis_failure(*, words: str, actor: Actor, at: datetime) -> None:
    """Ghi nhận chưa đọc được danh bạ của trục: the operator sees since when and why; what was read before stays in use."""
    require(permissions.can_manage(actor))
    mark, _ = AxisMark.objects.select_for_update().get_or_create(pk=1)
    mark.failure, mark.failing_since = words[:400], mark.failing_since or at
    mark.save(update_fields=["failure", "failing_since"])


def _within_bounds(told: HubAgency) -> HubAgency:
    """As our columns can hold it: what another system writes is not refused for its length."""
    return replace(
        told, code=_text(told.code, 100), name=_text(told.name, 500), old_code=_text(told.old_code, 100),
        parent_code=_text(told.parent_code, 100), mail=_text(told.mail, 320),
    )  # fmt: skip


def _text(value: str, longest: int) -> str:
    return value.replace("\x00", "").strip()[:longest]


def _differs(row: AxisAgency, told: HubAgency) -> bool:
    return (row.name, row.old_code, row.parent_code, row.mail) != (
        told.name, told.old_code, told.parent_code, told.mail,
    )  # fmt: skip


def _row(told: HubAgency, at: datetime) -> AxisAgency:
    return AxisAgency(
        code=told.code, name=told.name, old_code=told.old_code, parent_code=told.parent_code, mail=told.mail,
        folded=fold(f"{told.code} {told.name}"), valid_from=at,
    )  # fmt: skip
