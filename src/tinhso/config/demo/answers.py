"""What a scenario answers, in another person's name and place and on another day."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.directory.enums import CodeScheme
from tinhso.apps.procedures.data import Package, Scenario
from tinhso.config.demo.names import Person
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.forms import FieldType

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def answers_of(
    package: Package, scenario: Scenario, *, person: Person, commune: UnitData, at: datetime
) -> dict[str, Any]:
    """The scenario's answers in this person's name and place, its dates moved with the day."""
    told = {
        "identity.full_name": person.full_name, "identity.personal_id": person.personal_id,
        "identity.birth_date": person.birth_date.isoformat(), "identity.phone": person.phone,
        "identity.sex": person.sex,
    }  # fmt: skip
    today = at.astimezone(PROVINCE_TIME).date()
    here = directory.get_province(today).code_on(today, CodeScheme.GSO)
    played = scenario.steps[0].at.astimezone(PROVINCE_TIME).date()
    days = (today - played).days
    answers: dict[str, Any] = _moved(dict(scenario.answers), days, played)
    for field in package.form.fields:
        if field.key not in answers:
            continue
        if field.prefill in told:
            answers[field.key] = told[field.prefill]
        elif field.type is FieldType.ADDRESS and isinstance(answers[field.key], dict):
            place = {"province_code": here, "commune_code": commune.gso_code, "detail": person.hamlet}
            answers[field.key] = {**answers[field.key], **place}
    return answers


def _moved(value: Any, days: int, around: date) -> Any:
    """The value with every ISO date of the years around the scenario moved by so many days: past stays past."""
    if isinstance(value, dict):
        return {key: _moved(item, days, around) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, days, around) for item in value]
    if isinstance(value, str) and _DATE.fullmatch(value):
        told = date.fromisoformat(value)
        return (told + timedelta(days=days)).isoformat() if abs((told - around).days) < 1100 else value
    return value
