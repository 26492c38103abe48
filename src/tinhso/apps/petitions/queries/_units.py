"""To which units people write."""

from datetime import date

from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData


def default_unit(on: date) -> UnitData:
    """Where a petition goes whose sender does not know the unit: whoever runs the provincial centre."""
    province = directory.get_province(on)
    centre = directory.one_stop_of(province.id, on)
    return directory.resolving_unit_of(centre.id) if centre is not None else province


def units_to_name(on: date) -> tuple[list[UnitData], list[UnitData]]:
    """Communes and departments a sender may name."""
    return directory.list_communes(on), directory.list_departments(on)


def units_to_forward(on: date, *, besides: int) -> list[UnitData]:
    """Units that may be competent, without the one that has it."""
    communes, departments = units_to_name(on)
    found = {unit.id: unit for unit in [default_unit(on), *departments, *communes]}
    return [unit for unit in found.values() if unit.id != besides]
