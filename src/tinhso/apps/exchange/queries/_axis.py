"""The axis's directory: who is there, who was, what has changed, and where it differs from the province's own."""

from datetime import date, datetime

from django.db.models import Q

from tinhso.apps.directory import queries as directory
from tinhso.apps.exchange import permissions
from tinhso.apps.exchange.data import (
    AxisAgencyData,
    AxisAgencyNotFound,
    AxisChange,
    AxisDifference,
    AxisState,
)
from tinhso.apps.exchange.models import AxisAgency, AxisMark
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor
from tinhso.lib.text import fold


def axis_state(*, actor: Actor) -> AxisState:
    """How the synchronisation of the directory stands."""
    require(permissions.can_see_catalogue(actor))
    mark = AxisMark.objects.filter(pk=1).first() or AxisMark()
    count = AxisAgency.objects.filter(valid_to=None).count()
    return AxisState(mark.version, mark.synchronised_at, mark.failure, mark.failing_since, count)


def list_axis_agencies(*, actor: Actor, text: str = "", after: str = "", limit: int = 50) -> list[AxisAgencyData]:
    """Who can be written to now, by code; the next page goes on `after` the last code.

    `text` is looked for in code and name, without tones.
    """
    require(permissions.can_see_catalogue(actor))
    rows = AxisAgency.objects.filter(valid_to=None, code__gt=after)
    for word in fold(text).split():
        rows = rows.filter(folded__contains=word)
    return [_data(row) for row in rows.order_by("code")[:limit]]


def resolve_axis_agency(code: str, *, at: datetime) -> AxisAgencyData | None:
    """Who stands behind a code of a packet at a moment: by the present code, else by that of before QĐ 20/2020.

    A packet names its sender as it was called when it was sent, so a code that has left still has its name then.
    Official documents do not pass the axis yet: who receives and files packets asks this for the sender's name.
    """
    then = AxisAgency.objects.filter(valid_from__lte=at).filter(Q(valid_to=None) | Q(valid_to__gt=at))
    row = then.filter(code=code).first() or then.exclude(old_code="").filter(old_code=code).order_by("code").first()
    return _data(row) if row else None


def axis_history(code: str, *, actor: Actor) -> list[AxisAgencyData]:
    """Every period of an agency, the newest first.

    Raises:
        AxisAgencyNotFound: never seen there.
    """
    require(permissions.can_see_catalogue(actor))
    rows = [_data(row) for row in AxisAgency.objects.filter(code=code).order_by("-valid_from")]
    if not rows:
        raise AxisAgencyNotFound()
    return rows


def axis_changes(*, actor: Actor, limit: int = 50) -> list[AxisChange]:
    """What has changed since the directory was read for the first time, the newest first."""
    require(permissions.can_see_catalogue(actor))
    first = AxisAgency.objects.order_by("valid_from").values_list("valid_from", flat=True).first()
    if first is None:
        return []
    begun = AxisAgency.objects.filter(valid_from__gt=first).order_by("-valid_from", "code")[:limit]
    ended = AxisAgency.objects.filter(valid_to__isnull=False).order_by("-valid_to", "code")[:limit]
    found = {(row.valid_from, row.code): AxisChange(row.valid_from, None, _data(row)) for row in begun}
    for row in ended:
        if row.valid_to is not None:
            after = found.get((row.valid_to, row.code))
            found[row.valid_to, row.code] = AxisChange(row.valid_to, _data(row), after.after if after else None)
    return sorted(found.values(), key=lambda one: one.at, reverse=True)[:limit]


def axis_differences(*, actor: Actor, on: date) -> list[AxisDifference]:
    """Agencies of the province that the axis does not have, has under another name, or has and our directory does not."""
    require(permissions.can_view(actor))
    province = directory.get_province(on)
    units = [province, *directory.list_departments(on), *directory.list_communes(on)]
    own = {unit.code: unit.name for unit in units if unit.code}
    # Divisions may be registered too; whether ours knows such a code is asked of the whole directory.
    below = Q(code=province.code) | Q(code__startswith=f"{province.code}.")
    theirs = dict(AxisAgency.objects.filter(below, valid_to=None).values_list("code", "name"))
    differing = [
        AxisDifference(code, name, theirs.get(code, ""))
        for code, name in own.items()
        if fold(theirs.get(code, "")) != fold(name)
    ]
    known = {unit.code for unit in directory.list_units(on=on)} if theirs.keys() - own.keys() else set()
    differing += [AxisDifference(code, "", theirs[code]) for code in theirs.keys() - own.keys() - known]
    return sorted(differing, key=lambda one: one.code)


def _data(row: AxisAgency) -> AxisAgencyData:
    return AxisAgencyData(
        row.pk, row.code, row.name, row.old_code, row.parent_code, row.mail, row.valid_from, row.valid_to
    )  # fmt: skip
