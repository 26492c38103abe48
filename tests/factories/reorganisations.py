"""A commune that goes whole into another, as the dated directory tells it."""

from dataclasses import replace
from datetime import date, timedelta

from tests.factories import directory as units
from tinhso.apps.directory import queries
from tinhso.apps.directory.actions import publish_directory
from tinhso.apps.directory.content import SuccessionSpec
from tinhso.apps.directory.data import UnitData
from tinhso.apps.directory.enums import SuccessionExtent
from tinhso.kernel.actor import SYSTEM


def merge(old: UnitData, new: UnitData, *, on: date, extent: str = "whole", area: str = "") -> None:
    """From a day on the old commune with its offices is gone and the new one has taken it over."""
    content = units.small_content()
    last = on - timedelta(days=1)

    def ended(path: str) -> bool:
        return path == old.path or path.startswith(f"{old.path}/")

    changed = tuple(
        replace(
            unit,
            valid_to=last,
            names=tuple(replace(name, valid_to=last) for name in unit.names),
            codes=tuple(replace(code, valid_to=last) for code in unit.codes),
        )
        if ended(unit.path)
        else replace(unit, area=area)
        if unit.path == new.path and area
        else unit
        for unit in content.units
    )
    step = SuccessionSpec(old.path, new.path, on, SuccessionExtent(extent))
    publish_directory(content=replace(content, units=changed, successions=(step,)), actor=SYSTEM, at=units.AT)


def heir_of(office: UnitData, new: UnitData) -> UnitData:
    """The office of the new commune in the place of one of the old."""
    return queries.get_unit_by_path(office.path.replace(office.path.split("/")[1], new.path.split("/")[1], 1))
