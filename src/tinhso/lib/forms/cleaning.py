"""Làm sạch câu trả lời (from a raw answer to a value of the field's type): one cleaner for each type."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tinhso.lib.forms.answers import AnswerError, Surroundings
from tinhso.lib.forms.compounds import clean_address, clean_declaration, clean_file, clean_several
from tinhso.lib.forms.days import clean_date, clean_partial_date
from tinhso.lib.forms.language import Field, FieldType
from tinhso.lib.forms.quantities import clean_money, clean_number
from tinhso.lib.forms.texts import (
    clean_choice,
    clean_email,
    clean_person_name,
    clean_personal_id,
    clean_phone,
    clean_tax_code,
    clean_text,
)

Cleaner = Callable[[Field, Any, Surroundings], Any]

CLEANERS: Mapping[FieldType, Cleaner] = {
    FieldType.TEXT: clean_text,
    FieldType.PERSON_NAME: clean_person_name,
    FieldType.PERSONAL_ID: clean_personal_id,
    FieldType.TAX_CODE: clean_tax_code,
    FieldType.DATE: clean_date,
    FieldType.PARTIAL_DATE: clean_partial_date,
    FieldType.ADDRESS: clean_address,
    FieldType.PHONE: clean_phone,
    FieldType.EMAIL: clean_email,
    FieldType.MONEY: clean_money,
    FieldType.NUMBER: clean_number,
    FieldType.CHOICE: clean_choice,
    FieldType.SEVERAL: clean_several,
    FieldType.DECLARATION: clean_declaration,
    FieldType.FILE: clean_file,
}


def clean(field: Field, raw: Any, surroundings: Surroundings) -> Any:
    """The value of one answer, None if nothing was answered.

    Raises:
        AnswerError: with the sentence to show.
    """
    if is_empty(raw):
        return None
    value = CLEANERS[field.type](field, raw, surroundings)
    return None if is_empty(value) else value


def clean_computed(field: Field, value: Any, surroundings: Surroundings) -> Any:
    """The same for a value the server computed: whole đồng and allowed decimals are rounded, halves upwards.

    Raises:
        AnswerError: the value breaks a limit of its field.
    """
    if field.type in {FieldType.MONEY, FieldType.NUMBER} and isinstance(value, float):
        places = field.decimals if field.type is FieldType.NUMBER and not field.integer else 0
        try:
            value = float(Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
        except ArithmeticError:
            raise AnswerError(f"{field.label} lớn quá mức có thể.") from None
    return clean(field, value, surroundings)


def is_empty(value: Any) -> bool:
    """Nothing answered: null, no text, an empty list."""
    return value is None or (isinstance(value, str | list) and not value)


def blank(field: Field) -> Any:
    """What expressions see of an unanswered field."""
    if field.type in {FieldType.SEVERAL, FieldType.FILE}:
        return []
    if field.type is FieldType.DECLARATION:
        return False
    if field.type is FieldType.GROUP:
        return [] if field.repeat else {inner.key: blank(inner) for inner in field.fields}
    return None


def seen(field: Field, value: Any) -> Any:
    """What expressions see of a clean value; unanswered parts of groups are filled up."""
    if value is None:
        return blank(field)
    if field.type is FieldType.GROUP:
        rows = value if isinstance(value, list) else [value]
        filled = [{inner.key: seen(inner, row.get(inner.key)) for inner in field.fields} for row in rows]
        return filled if field.repeat else filled[0]
    if field.type is FieldType.NUMBER and not field.integer:
        # JSON may bring 120.0 back as 120, and CEL does not multiply a whole number by a decimal one.
        return float(value)
    return value
