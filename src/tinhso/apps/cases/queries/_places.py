"""The process of one case: the steps it takes, and which unit does each."""

from datetime import date

from tinhso.apps.cases.models import Case
from tinhso.apps.cases.queries._forms import form_context, variables
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.directory.enums import CodeScheme
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import Package, Place, ProcessGraph, WorkflowStep
from tinhso.apps.procedures.enums import StepKind, StepUnit
from tinhso.kernel.clock import PROVINCE_TIME


def package_for(case: Case, package: Package) -> Package:
    """The package with the optional steps that this case does not take marked as skipped."""
    if not procedures.has_optional_steps(package):
        return package
    return procedures.take_steps(package, facts_of(case, package), at_step=case.step_key)


def facts_of(case: Case, package: Package) -> dict[str, object]:
    """What conditions of the package see of a case; `today` is the day it was submitted, so that its way stays."""
    day = (case.submitted_at or case.created_at).astimezone(PROVINCE_TIME).date()
    context = form_context(applicant=case.applicant, channel=case.channel, today=day)
    return variables(package, case.answers, context)


def unit_at(case: Case, package: Package, place: Place, *, on: date) -> UnitData | None:
    """The unit a place of the process is for this case on a day; None where there is no such unit."""
    if place.relation == StepUnit.ONE_STOP:
        return directory.get_unit(case.intake_unit_id) if case.intake_unit_id else None
    if place.relation == StepUnit.DIVISION:
        return _division(case, package, on)
    if place.relation == StepUnit.RESOLVING:
        unit = directory.get_unit(case.unit_id) if case.unit_id else None
    elif place.relation == StepUnit.COMMUNE_OF:
        unit = _commune(case, place.key, on)
    else:
        return procedures.fixed_unit(place, on=on)
    if unit is None or not place.division:
        return unit
    return directory.division_of(unit.id, place.division, on)


def unit_of_step(case: Case, package: Package, step: WorkflowStep, *, on: date) -> UnitData | None:
    """The unit a step lies at for this case; None where the agency has no such office."""
    return unit_at(case, package, step.place, on=on)


def deciding_unit_id(case: Case, package: Package, *, on: date) -> int:
    """The agency whose number, signature and seal the result bears: that of the step of approval (cơ quan ký)."""
    assert case.unit_id is not None  # noqa: S101 - a filed case has its unit
    step = package.workflow.of_kind(StepKind.APPROVAL)
    if step is None or step.unit == StepUnit.RESOLVING:
        return case.unit_id
    unit = unit_of_step(case, package, step, on=on)
    return directory.resolving_unit_of(unit.id).id if unit else case.unit_id


def process_of_case(case: Case, package: Package, *, on: date) -> ProcessGraph:
    """The process as this case goes through it: its steps, its units, the hours of its limit."""
    names = {}
    for place in procedures.places_of(package):
        unit = unit_at(case, package, place, on=on)
        if unit is not None:
            names[place] = unit.name if place.division or place.relation == StepUnit.DIVISION else unit.agency_name
    return procedures.process_of(package, on=on, limit_key=case.limit_key, area=case.area, names=names)


def _division(case: Case, package: Package, on: date) -> UnitData | None:
    if case.unit_id is None:
        return None
    return directory.division_of(case.unit_id, package.workflow.division, on) or directory.handling_division(
        unit_id=case.unit_id, field=case.field, on=on
    )


def _commune(case: Case, key: str, on: date) -> UnitData | None:
    """The commune of an address of the form; that of a former commune is the one which has taken all of it over."""
    address = case.answers.get(key)
    code = address.get("commune_code") if isinstance(address, dict) else None
    unit = directory.resolve_code(CodeScheme.GSO, str(code), on) if code else None
    return unit if unit is not None and unit.kind.is_commune_level else None
