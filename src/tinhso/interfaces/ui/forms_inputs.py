"""Ô nhập (which input a type gets, and how a value looks in it)."""

import re
from collections.abc import Mapping
from typing import Any

from tinhso.lib.forms import Field, FieldType, display
from tinhso.lib.forms.days import format_partial_date
from tinhso.lib.forms.quantities import format_number
from tinhso.lib.identifiers import format_phone

_ISO = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}")
_TEMPLATES = {
    FieldType.SEVERAL: "ui/forms/_several.html",
    FieldType.DECLARATION: "ui/forms/_declaration.html",
    FieldType.ADDRESS: "ui/forms/_address.html",
    FieldType.FILE: "ui/forms/_file.html",
    FieldType.GROUP: "ui/forms/_group.html",
}
_ATTRIBUTES: Mapping[FieldType, Mapping[str, str]] = {
    FieldType.TEXT: {"type": "text"},
    FieldType.PERSON_NAME: {"type": "text", "autocapitalize": "words", "spellcheck": "false"},
    FieldType.PERSONAL_ID: {"type": "text", "inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"},
    FieldType.TAX_CODE: {"type": "text", "inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"},
    FieldType.DATE: {"type": "text", "inputmode": "numeric", "autocomplete": "off", "data-format": "date"},
    FieldType.PARTIAL_DATE: {"type": "text", "inputmode": "numeric", "autocomplete": "off", "data-format": "date"},
    FieldType.PHONE: {"type": "tel", "inputmode": "tel"},
    # No type="email": browsers rewrite what was typed in it.
    FieldType.EMAIL: {"type": "text", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"},
    FieldType.MONEY: {"type": "text", "inputmode": "numeric", "autocomplete": "off", "data-format": "money"},
    FieldType.NUMBER: {"type": "text", "inputmode": "decimal", "autocomplete": "off"},
}
# What browsers may fill in by themselves, where the question is about the person who is signed in.
_PURPOSES = {
    "identity.full_name": "name",
    "identity.birth_date": "bday",
    "identity.phone": "tel",
    "identity.email": "email",
}
_EXAMPLES = {
    FieldType.DATE: "02/01/1990 hoặc 02011990",
    FieldType.PARTIAL_DATE: "02/01/1957; chỉ biết tháng thì 01/1957; chỉ biết năm thì 1957",
    FieldType.PERSONAL_ID: "051190000002",
    FieldType.PHONE: "0912 345 678",
    FieldType.EMAIL: "ten@example.vn",
    FieldType.MONEY: "1.250.000",
}


def template_of(field: Field, *, most_radios: int) -> str:
    """The template that draws a field."""
    if field.computed:
        return "ui/forms/_computed.html"
    if field.type is FieldType.CHOICE:
        return "ui/forms/_choice.html" if len(field.options) <= most_radios else "ui/forms/_select.html"
    if field.multiline:
        return "ui/forms/_textarea.html"
    return _TEMPLATES.get(field.type, "ui/forms/_input.html")


def attributes_of(field: Field) -> dict[str, str]:
    """HTML attributes of the input of a field."""
    attributes = dict(_ATTRIBUTES.get(field.type, {}))
    if field.integer:
        attributes["inputmode"] = "numeric"
    if field.prefill in _PURPOSES:
        attributes["autocomplete"] = _PURPOSES[field.prefill]
    return attributes


def example_of(field: Field) -> str:
    """The example below a field: its own, or that of its type."""
    return "" if field.computed else field.example or _EXAMPLES.get(field.type, "")


def unit_of(field: Field) -> str:
    """The unit inside the field."""
    return "₫" if field.type is FieldType.MONEY else field.unit


def typed(field: Field, value: Any) -> str:
    """A value as a person would type it; what was typed and not understood comes back as it was."""
    if field.computed:
        return display(field, value)
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return format_number(value, field.decimals)
    if not isinstance(value, str):
        return ""
    if field.type in {FieldType.DATE, FieldType.PARTIAL_DATE} and _ISO.fullmatch(value):
        return format_partial_date(value)
    return format_phone(value) if field.type is FieldType.PHONE else value
