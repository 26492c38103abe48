"""What a case asks a data source, and how the answer stands beside what was declared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tinhso.apps.procedures.data import LookupRule
from tinhso.lib.text import fold


@dataclass(frozen=True, slots=True)
class Compared:
    """One value of an answer beside the field of the form that says the same (đối chiếu); `same` None: nothing declared."""

    label: str
    told: str
    field: str = ""
    same: bool | None = None


def facts_of(rule: LookupRule, answers: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """The facts to ask with, and the form's fields that are still empty."""
    facts = {fact: " ".join(str(answers.get(key) or "").split()) for fact, key in rule.about.items()}
    facts = {fact: value.replace(" ", "") if fact in _CODES else value for fact, value in facts.items()}
    return facts, [rule.about[fact] for fact, value in facts.items() if not value]


def fillings(rule: LookupRule, answer: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The values of an answer by the form's fields that take them."""
    told = {one["key"]: one["value"] for one in answer}
    return {key: told[name] for key, name in rule.fills.items() if name in told}


def compare(rule: LookupRule, answers: Mapping[str, Any], answer: Sequence[Mapping[str, Any]]) -> list[Compared]:
    """Every value that was told, beside what the form says."""
    field_of = {name: key for key, name in rule.fills.items()} | dict(rule.about)
    found = []
    for one in answer:
        key = field_of.get(one["key"], "")
        declared = answers.get(key) if key else None
        same = is_same(declared, one["value"]) if declared not in (None, "", {}, []) else None
        found.append(Compared(one["label"], one["text"], key, same))
    return found


def is_same(declared: Any, told: Any) -> bool:
    """Whether a declared value says what a source told: texts without regard to capitals, marks of tone and spaces;
    addresses by their commune and what is below it."""
    if isinstance(declared, Mapping) and isinstance(told, Mapping):
        below = (_folded(declared.get("detail")), _folded(told.get("detail")))
        return declared.get("commune_code") == told.get("commune_code") and below[0] == below[1]
    if isinstance(declared, Mapping) or isinstance(told, Mapping):
        return False
    return _folded(declared) == _folded(told)


_CODES = {"personal_id", "tax_code"}


def _folded(value: Any) -> str:
    return " ".join(fold(str(value or "")).split())
