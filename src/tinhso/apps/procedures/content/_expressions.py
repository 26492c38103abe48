"""Conditions and amounts in content: they must compile, and may only name what a case will have."""

from collections.abc import Mapping
from typing import Any

from tinhso.apps.procedures.content._reader import Reader
from tinhso.lib.forms.cel import FUNCTIONS, ExpressionError, compile_expression
from tinhso.lib.forms.references import references_of

APPLICANT_NAMES = frozenset({"full_name", "personal_id", "kind"})
ROOTS = frozenset({"answers", "applicant", "today", "channel"})

Names = frozenset[str]


def names_of(form: Any) -> Names:
    """The top-level answer keys of a form value; empty when the form cannot be read."""
    sections = form.get("sections") if isinstance(form, Mapping) else None
    fields = [
        field
        for section in (sections if isinstance(sections, list) else [])
        if isinstance(section, Mapping)
        for field in (section.get("fields") or [])
    ]
    return frozenset(str(field["key"]) for field in fields if isinstance(field, Mapping) and field.get("key"))


def check_expression(reader: Reader, path: str, source: str, names: Names) -> None:
    """Report an expression that does not compile or names something a case does not have."""
    if not source:
        return
    try:
        compile_expression(source)
    except ExpressionError as error:
        reader.problem(path, str(error))
        return
    for unknown in sorted(unknown_names(source, names)):
        reader.problem(path, f"biểu thức “{source}” dùng “{unknown}”, biểu mẫu và hồ sơ không có tên này")


def unknown_names(source: str, names: Names) -> set[str]:
    """The names an expression uses that neither the form nor the context of a case has."""
    found = references_of(source)
    unknown = {path[0] for path in found.paths if path[0] and path[0] not in ROOTS}
    unknown |= {f"answers.{key}" for key in found.keys_of("answers") - names if key != "[]"}
    unknown |= {f"applicant.{key}" for key in found.keys_of("applicant") - APPLICANT_NAMES}
    return unknown - set(FUNCTIONS)
