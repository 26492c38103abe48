"""Lược đồ JSON (JSON Schema 2020-12 of a form's clean answers), as the API gives it.

The schema states what can be stated without conditions: a field that may be hidden is never in `required`. Conditions
travel as `x-visible-when`, `x-required-when` and `x-computed` in CEL; the server stays the judge.
"""

from collections.abc import Iterable
from typing import Any

from tinhso.lib.forms.compounds import ADDRESS_PARTS, LONGEST_DETAIL, MOST_FILES
from tinhso.lib.forms.language import MAX_ROWS, Field, FieldType, Form
from tinhso.lib.forms.parsing import whole
from tinhso.lib.forms.quantities import LARGEST_NUMBER
from tinhso.lib.forms.texts import DEFAULT_NAME_LENGTH, max_length

_DAY = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_MONTH = "[0-9]{4}-(?:0[1-9]|1[0-2])"


def json_schema(form: Form) -> dict[str, Any]:
    """Lược đồ JSON của câu trả lời (what `validate` accepts without errors, this schema accepts)."""
    fields: list[Field] = []
    required: list[str] = []
    for section in form.sections:
        fields.extend(section.fields)
        if section.visible_when is None:
            required.extend(_required(section.fields))
    schema = _object(fields, required)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": form.title,
        **({"description": form.help} if form.help else {}),
        "x-version": form.version,
        **schema,
    }


def _required(fields: Iterable[Field]) -> list[str]:
    return [field.key for field in fields if _always_answered(field)]


def _always_answered(field: Field) -> bool:
    if field.visible_when is not None:
        return False
    if field.type is FieldType.GROUP:
        return field.repeat.min > 0 if field.repeat else any(_always_answered(inner) for inner in field.fields)
    return field.required


def _object(fields: Iterable[Field], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.key: _field(field) for field in fields},
        "required": required,
        "additionalProperties": False,
    }


def _field(field: Field) -> dict[str, Any]:
    schema = _value(field)
    described = {
        "title": field.label,
        "description": field.help,
        "x-type": str(field.type),
        "x-unit": field.unit,
        "x-visible-when": field.visible_when.source if field.visible_when else "",
        "x-required-when": field.required_when.source if field.required_when else "",
        "x-computed": field.computed.source if field.computed else "",
    }
    schema |= {name: text for name, text in described.items() if text}
    if field.computed:
        schema["readOnly"] = True
    if field.example:
        schema["x-example"] = field.example
    return schema


def _value(field: Field) -> dict[str, Any]:
    match field.type:
        case FieldType.TEXT:
            pattern = {"pattern": whole(field.pattern)} if field.pattern else {}
            return {"type": "string", "minLength": 1, "maxLength": max_length(field), **pattern}
        case FieldType.PERSON_NAME:
            return {"type": "string", "minLength": 1, "maxLength": field.max_length or DEFAULT_NAME_LENGTH}
        case FieldType.PERSONAL_ID:
            return {"type": "string", "pattern": "^[0-9]{12}$"}
        case FieldType.TAX_CODE:
            return {"type": "string", "pattern": "^(?:[0-9]{10}(?:-[0-9]{3})?|[0-9]{12})$"}
        case FieldType.DATE:
            return {"type": "string", "format": "date", "pattern": f"^{_DAY}$"}
        case FieldType.PARTIAL_DATE:
            return {"type": "string", "pattern": f"^(?:[0-9]{{4}}|{_MONTH}|{_DAY})$"}
        case FieldType.PHONE:
            return {"type": "string", "pattern": "^\\+84[0-9]{9,10}$"}
        case FieldType.EMAIL:
            return {"type": "string", "format": "email", "maxLength": 254}
        case FieldType.MONEY:
            return {"type": "integer", **_limits(field, lowest=0)}
        case FieldType.NUMBER:
            return {"type": "integer" if field.integer else "number", **_limits(field, lowest=-LARGEST_NUMBER)}
        case FieldType.CHOICE:
            return _one_of(field)
        case FieldType.DECLARATION:
            return {"type": "boolean", **({"const": True} if field.required else {})}
        case _:
            return _compound(field)


def _compound(field: Field) -> dict[str, Any]:
    match field.type:
        case FieldType.SEVERAL:
            most = field.max if isinstance(field.max, int) else len(field.options)
            least = field.min if isinstance(field.min, int) else 1
            bounds = {"minItems": max(1, least), "maxItems": most}
            return {"type": "array", "items": _one_of(field), "uniqueItems": True, **bounds}
        case FieldType.ADDRESS:
            texts: dict[str, dict[str, Any]] = {
                "province_code": {"type": "string", "pattern": "^[0-9]{2}$"},
                "commune_code": {"type": "string", "pattern": "^[0-9]{5}$"},
                "detail": {"type": "string", "maxLength": LONGEST_DETAIL},
                "as_of": {"type": "string", "format": "date"},
            }
            # What was not of this day is not sent: `as_of` is written by the server.
            return {"type": "object", "properties": texts, "required": list(ADDRESS_PARTS[:2])}
        case FieldType.FILE:
            media = {"enum": list(field.accept)} if field.accept else {}
            parts = {
                "id": {"type": "string"},
                "name": {"type": "string"},
                "size": {"type": "integer", "minimum": 0, "maximum": field.max_megabytes * 1024 * 1024},
                "media_type": {"type": "string", **media},
                "sha256": {"type": "string"},
            }
            items = {"type": "object", "properties": parts, "required": ["id"]}
            return {"type": "array", "items": items, "minItems": 1, "maxItems": min(field.max_files, MOST_FILES)}
        case _:
            row = _object(field.fields, _required(field.fields))
            if field.repeat is None:
                return row
            return {
                "type": "array",
                "items": row,
                "minItems": field.repeat.min,
                "maxItems": min(field.repeat.max, MAX_ROWS),
            }


def _one_of(field: Field) -> dict[str, Any]:
    labels = {"x-labels": field.option_labels}
    return {"type": "string", "enum": [option.value for option in field.options], **labels}


def _limits(field: Field, *, lowest: int) -> dict[str, Any]:
    least = field.min if isinstance(field.min, int | float) else lowest
    most = field.max if isinstance(field.max, int | float) else LARGEST_NUMBER
    return {"minimum": max(least, lowest), "maximum": min(most, LARGEST_NUMBER)}
