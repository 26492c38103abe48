"""The tree of units, kept in each process and read again when its stamp has changed.

The directory is asked several times on every request and changes a few times a year. One row carries a token that
every change replaces; reading that row tells whether the tree at hand is the current one. During a web request the row
is read once, and so it is in a block of `lasting_facts`; outside (jobs, commands, tests) at every question.
"""

from collections import defaultdict
from typing import Any
from uuid import UUID

from asgiref.local import Local

from tinhso.apps.directory.data import CodePeriod, NamePeriod, UnitData
from tinhso.apps.directory.enums import CodeScheme, SuccessionExtent, UnitKind, UnitLevel
from tinhso.apps.directory.models import DirectoryStamp, FieldAssignment, Unit, UnitCode, UnitName, UnitSuccession
from tinhso.apps.directory.rules import FieldOffice, Succession, UnitTree
from tinhso.kernel.actions import lasting
from tinhso.kernel.prepared import Prepared

_EMPTY = UnitTree()
_current: tuple[UUID, UnitTree] | None = None  # replaced whole, so threads see the old or the new pair
_request = Local()
_KEPT = "directory.tree"
_TOKEN = Prepared(lambda: DirectoryStamp.objects.order_by("pk").values_list("token", flat=True)[:1])


def begin_request(**_signal: Any) -> None:
    """Start asking the stamp once (receiver of `request_started`)."""
    _request.active, _request.tree = True, None


def end_request(**_signal: Any) -> None:
    """Ask the stamp at every question again (receiver of `request_finished`)."""
    _request.active, _request.tree = False, None


def forget_tree() -> None:
    """Look at the stamp again even inside this request: the directory has just been changed by it."""
    _request.tree = None
    kept = lasting()
    if kept is not None:
        kept.pop(_KEPT, None)


def tree() -> UnitTree:
    """The current tree of units: one query when it is at hand, six when the directory has changed."""
    global _current
    kept = lasting()
    seen: UnitTree | None = getattr(_request, "tree", None) or (kept or {}).get(_KEPT)
    if seen is not None:
        return seen
    token: UUID | None = _TOKEN.first()
    if token is None:
        return _EMPTY
    current = _current
    if current is None or current[0] != token:
        current = _current = (token, _read())
    if getattr(_request, "active", False):
        _request.tree = current[1]
    elif kept is not None:
        kept[_KEPT] = current[1]
    return current[1]


def _read() -> UnitTree:
    names: dict[int, list[NamePeriod]] = defaultdict(list)
    for unit_id, name, valid_from, valid_to in UnitName.objects.values_list(
        "unit_id", "name", "valid_from", "valid_to"
    ):
        names[unit_id].append(NamePeriod(name, valid_from, valid_to))
    codes: dict[int, list[CodePeriod]] = defaultdict(list)
    for row in UnitCode.objects.all():
        period = CodePeriod(CodeScheme(row.scheme), row.code, row.valid_from, row.valid_to)
        codes[row.unit_id].append(period)
    units = [unit_data(row, tuple(names[row.pk]), tuple(codes[row.pk])) for row in Unit.objects.order_by("path")]
    successions = [
        Succession(row.predecessor_id, row.successor_id, row.on, SuccessionExtent(row.extent))
        for row in UnitSuccession.objects.all()
    ]
    fields = [
        FieldOffice(row.source, UnitLevel(row.level), row.field, row.unit_id, row.division_key, row.central_agency)
        for row in FieldAssignment.objects.all()
    ]
    return UnitTree(units, successions, fields)


def unit_data(row: Unit, names: tuple[NamePeriod, ...], codes: tuple[CodePeriod, ...]) -> UnitData:
    """The value of one row."""
    return UnitData(
        id=row.pk, path=row.path, parent_id=row.parent_id, kind=UnitKind(row.kind), level=UnitLevel(row.level),
        name=row.name, code=row.code, gso_code=row.gso_code, valid_from=row.valid_from, valid_to=row.valid_to,
        division_key=row.division_key, calendar_key=row.calendar_key, area_km2=row.area_km2,
        population=row.population, area=row.area, assumed=tuple(row.assumed), names=names, codes=codes,
    )  # fmt: skip
