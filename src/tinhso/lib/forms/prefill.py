"""Điền sẵn (what is offered from the signed-in identity before a person types anything)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tinhso.lib.forms.answers import AnswerError, Surroundings
from tinhso.lib.forms.cleaning import clean
from tinhso.lib.forms.language import Field, FieldType, Form

# What a signed-in identity may tell (`prefill: identity.<name>`).
IDENTITY_NAMES = frozenset(
    {"kind", "full_name", "personal_id", "organisation_id", "birth_date", "sex", "phone", "email", "address"}
)


def initial(form: Form, *, identity: Mapping[str, Any]) -> dict[str, Any]:
    """Câu trả lời điền sẵn (answers to begin with). What an identity tells in an unusable form is left out."""
    return _filled(form.fields, identity)


def _filled(fields: Iterable[Field], identity: Mapping[str, Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    # No limit of a field may refuse what is merely offered: it is judged when it is sent.
    surroundings = Surroundings(today=date.max)
    for field in fields:
        if field.type is FieldType.GROUP and field.repeat is None:
            value: Any = _filled(field.fields, identity) or None
        else:
            root, _, name = field.prefill.partition(".")
            value = identity.get(name) if root == "identity" else None
            value = value.isoformat() if isinstance(value, date) else value
            try:
                value = clean(field, value, surroundings) if field.type is not FieldType.GROUP else None
            except AnswerError:
                value = None
        if value is not None:
            answers[field.key] = value
    return answers
