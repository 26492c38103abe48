"""The process of a package with the names of its units, drawn or as BPMN."""

from collections.abc import Mapping
from datetime import date

from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.directory.enums import SuccessionExtent, UnitKind
from tinhso.apps.procedures import rules
from tinhso.apps.procedures.data import Package, Place, ProcessGraph
from tinhso.apps.procedures.enums import StepUnit


def process_of(
    package: Package, *, on: date, limit_key: str = "", area: str = "", names: Mapping[Place, str] | None = None
) -> ProcessGraph:
    """The process of a package, lanes named as the directory names them on a day (sơ đồ quy trình nội bộ).

    `names` are those of a case at hand: the units that really do it.
    """
    known = {**place_names(package, on=on), **(names or {})}
    return rules.process_graph(package, known, limit_key=limit_key, area=area)


def bpmn_of(package: Package, *, on: date) -> bytes:
    """The process of a package as BPMN 2.0."""
    return rules.bpmn_xml(process_of(package, on=on))


def places_of(package: Package) -> list[Place]:
    """Every place a process names, in order."""
    places = [place for step in package.workflow.steps for place in (step.place, *(c.place for c in step.parallel))]
    return list(dict.fromkeys(places))


def place_names(package: Package, *, on: date) -> dict[Place, str]:
    """Places that are the same for every case, by their names of a day; the others keep the words of the package."""
    found = {}
    for place in places_of(package):
        unit = fixed_unit(place, on=on)
        if unit is not None:
            found[place] = unit.agency_name if not place.division else unit.name
    return found


def fixed_unit(place: Place, *, on: date) -> UnitData | None:
    """The unit of a place that does not depend on the case, existing on a day; None where it does, or is not there."""
    if place.relation not in {StepUnit.DEPARTMENT, StepUnit.PROVINCE_OFFICE, StepUnit.PROVINCE}:
        return None
    try:
        province = directory.get_province(on)
        unit = province if place.relation == StepUnit.PROVINCE else _office(province, place, on)
    except directory.UnitNotFound:
        return None
    if unit is None or not place.division:
        return unit
    return directory.division_of(unit.id, place.division, on)


def _office(province: UnitData, place: Place, on: date) -> UnitData | None:
    if place.relation == StepUnit.PROVINCE_OFFICE:
        offices = directory.list_units(on=on, kinds=(UnitKind.COMMITTEE_OFFICE,), parent_id=province.id)
        return offices[0] if offices else None
    unit = directory.get_unit_by_path(f"{province.path}/{place.key}")
    if unit.is_valid_on(on):
        return unit
    heirs = [heir for heir in directory.successors_of(unit.id, on) if heir.extent == SuccessionExtent.WHOLE]
    return heirs[0].unit if len(heirs) == 1 else None
