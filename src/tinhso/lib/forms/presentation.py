"""Trình bày câu trả lời (answers as people read them): for the review page, papers and officers' case page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from tinhso.lib.forms.answers import AddressLookup, remembered
from tinhso.lib.forms.days import format_partial_date
from tinhso.lib.forms.language import Field, FieldType, Form
from tinhso.lib.forms.quantities import format_number
from tinhso.lib.identifiers import format_phone


class SummaryRow(NamedTuple):
    """Một dòng (label, value as text)."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class SummarySection:
    """Một phần của bản tóm tắt (only sections with answers are there); `paths` are the answers' paths, row by row."""

    title: str
    rows: tuple[SummaryRow, ...]
    key: str = ""
    paths: tuple[str, ...] = ()


def summary(
    form: Form, answers: Mapping[str, Any], *, context: Mapping[str, Any] | None = None
) -> list[SummarySection]:
    """Tóm tắt câu trả lời (clean answers in words, section by section). `lookup` in `context` gives communes names."""
    lookup = remembered((context or {}).get("lookup"))
    sections = []
    for section in form.sections:
        pairs = [pair for field in section.fields for pair in _rows(field, answers.get(field.key), lookup)]
        if pairs:
            paths, rows = zip(*pairs, strict=True)
            sections.append(SummarySection(section.title, rows, section.key, paths))
    return sections


def display(field: Field, value: Any, *, lookup: AddressLookup | None = None) -> str:
    """Một câu trả lời thành chữ (one clean value as text; empty if there is none)."""
    if value is None:
        return ""
    match field.type:
        case FieldType.DATE | FieldType.PARTIAL_DATE:
            return format_partial_date(str(value))
        case FieldType.MONEY:
            return f"{format_number(value)} ₫"
        case FieldType.NUMBER:
            return f"{format_number(value, field.decimals)} {field.unit}".strip()
        case FieldType.CHOICE:
            return field.option_labels.get(str(value), str(value))
        case FieldType.SEVERAL:
            return "; ".join(field.option_labels.get(item, item) for item in value)
        case FieldType.DECLARATION:
            return "Có" if value else "Không"
        case FieldType.PHONE:
            return format_phone(value)
        case FieldType.ADDRESS:
            return display_address(value, lookup=lookup)
        case FieldType.FILE:
            return "; ".join(item["name"] or item["id"] for item in value)
        case FieldType.GROUP:
            rows = value if isinstance(value, list) else [value]
            return "; ".join(", ".join(row.value for _, row in _inner_rows(field, item, lookup)) for item in rows)
        case _:
            return str(value)


def display_address(value: Mapping[str, str], *, lookup: AddressLookup | None = None) -> str:
    """`Số 1 đường Mẫu, Xã Mẫu, Tỉnh Mẫu`; codes stand where no look-up knows the names."""
    commune, province = value["commune_code"], value["province_code"]
    if lookup is not None:
        as_of = date.fromisoformat(value["as_of"])
        commune = next((name for code, name, _ in lookup.communes(as_of) if code == commune), commune)
        province = next((name for code, name in lookup.provinces(as_of) if code == province), province)
    return ", ".join(part for part in (value["detail"], commune, province) if part)


def _rows(field: Field, value: Any, lookup: AddressLookup | None) -> list[tuple[str, SummaryRow]]:
    if value is None:
        return []
    if field.type is not FieldType.GROUP:
        return [(field.key, SummaryRow(field.label, display(field, value, lookup=lookup)))]
    if field.repeat is None:
        return [(f"{field.key}.{key}", row) for key, row in _inner_rows(field, value, lookup)]
    name = field.item_label or field.label
    return [
        (f"{field.key}.{index}.{key}", SummaryRow(f"{name} {index + 1} – {row.label}", row.value))
        for index, item in enumerate(value)
        for key, row in _inner_rows(field, item, lookup)
    ]


def _inner_rows(group: Field, item: Mapping[str, Any], lookup: AddressLookup | None) -> list[tuple[str, SummaryRow]]:
    return [
        (inner.key, SummaryRow(inner.label, display(inner, item[inner.key], lookup=lookup)))
        for inner in group.fields
        if item.get(inner.key) is not None
    ]
