"""Các thuộc tính của trường (every property a field may have): what it holds, which types take it, what it means.

`docs/reference/forms.md` prints this table, the parser obeys it, and a test compares the two.
"""

from dataclasses import dataclass
from enum import StrEnum

from tinhso.lib.forms.language import FieldType as T


class Kind(StrEnum):
    """What is written after the colon."""

    TEXT = "text"
    FLAG = "true or false"
    COUNT = "whole number"
    EXPRESSION = "CEL"
    NUMBER_LIMIT = "number"
    COUNT_LIMIT = "whole number, 0 or more"
    DATE_LIMIT = "ISO date, or `today`"
    NAMES = "list of texts"
    OPTIONS = "list of `{value, label, help}`"
    RULES = "list of `{check, message}`"
    REPEAT = "`{min, max}`"
    FIELDS = "list of fields"


@dataclass(frozen=True, slots=True)
class Property:
    """One property; empty `types` means every type."""

    name: str
    kind: Kind
    meaning: str
    types: frozenset[T] = frozenset()


ANSWERED = frozenset(T) - {T.GROUP}
TEXTS = frozenset({T.TEXT, T.PERSON_NAME})
QUANTITIES = frozenset({T.NUMBER, T.MONEY})
DATES = frozenset({T.DATE, T.PARTIAL_DATE})
CHOICES = frozenset({T.CHOICE, T.SEVERAL})

TYPE_MEANINGS = {
    T.TEXT: "free text; control characters are removed, spaces collapsed, NFC",
    T.PERSON_NAME: "a person's name: letters of any Latin alphabet with marks, spaces, apostrophe, hyphen, full stop",
    T.PERSONAL_ID: "số định danh cá nhân, 12 digits (`identifiers.md`)",
    T.TAX_CODE: "mã số thuế, 10, 13 or 12 digits",
    T.DATE: "a day that exists; typed as 02/01/1990, 2-1-1990 or 1990-01-02",
    T.PARTIAL_DATE: "a day, a month or a year: 02/01/1957, 01/1957, 1957",
    T.ADDRESS: "province, commune and detail, as of a day; names come from the directory",
    T.PHONE: "a Vietnamese phone number",
    T.EMAIL: "an e-mail address",
    T.MONEY: "whole đồng; 1.250.000 as typed",
    T.NUMBER: "a number; 1.250,5 as typed; with `integer: true` a whole one",
    T.CHOICE: "one of the options",
    T.SEVERAL: "any of the options; `min` and `max` count them",
    T.DECLARATION: "a statement the person confirms; required means it must be confirmed",
    T.FILE: "stored files, by reference",
    T.GROUP: "fields answered together: once without `repeat`, as rows with it",
}
TYPE_VALUES = {
    T.TEXT: "string",
    T.PERSON_NAME: "string",
    T.PERSONAL_ID: "string, `051090000001`",
    T.TAX_CODE: "string, `0100047516-001`",
    T.DATE: "string, `1990-01-02`",
    T.PARTIAL_DATE: "string, `1957`, `1957-01` or `1957-01-02`",
    T.ADDRESS: "`{province_code, commune_code, detail, as_of}`",
    T.PHONE: "string, `+84912345678`",
    T.EMAIL: "string",
    T.MONEY: "integer",
    T.NUMBER: "integer with `integer: true`, else a number",
    T.CHOICE: "string",
    T.SEVERAL: "list of strings, in the order of the options",
    T.DECLARATION: "`true` or `false`",
    T.FILE: "list of `{id, name, size, media_type, sha256}`",
    T.GROUP: "an object, or with `repeat` a list of objects",
}

PROPERTIES = (
    Property("key", Kind.TEXT, "name in answers and expressions: English, snake_case, unique in its form or group"),
    Property("type", Kind.TEXT, "one of the types above"),
    Property("label", Kind.TEXT, "the question, in words a person uses"),
    Property("help", Kind.TEXT, "one or two sentences below the label: where to find it, what it is for"),
    Property("example", Kind.TEXT, "shown as “Ví dụ: …”", ANSWERED),
    Property("legal_name", Kind.TEXT, "the term of the official form, shown small"),
    Property("required", Kind.FLAG, "must be answered whenever it is visible", ANSWERED),
    Property(
        "visible_when", Kind.EXPRESSION, "asked only when this holds; an answer to a question not asked is dropped"
    ),
    Property("required_when", Kind.EXPRESSION, "must be answered when this holds", ANSWERED),
    Property("computed", Kind.EXPRESSION, "not asked: the server computes it", ANSWERED - {T.FILE, T.ADDRESS}),
    Property("rules", Kind.RULES, "checks over all answers; `message` is shown beside this field when one is false"),
    Property("prefill", Kind.TEXT, "`identity.<name>`: offered from the signed-in identity, can be changed", ANSWERED),
    Property("options", Kind.OPTIONS, "what can be chosen", CHOICES),
    Property("min", Kind.NUMBER_LIMIT, "smallest value", QUANTITIES),
    Property("max", Kind.NUMBER_LIMIT, "largest value", QUANTITIES),
    Property("min", Kind.DATE_LIMIT, "earliest day", DATES),
    Property("max", Kind.DATE_LIMIT, "latest day", DATES),
    Property("min", Kind.COUNT_LIMIT, "fewest options", frozenset({T.SEVERAL})),
    Property("max", Kind.COUNT_LIMIT, "most options", frozenset({T.SEVERAL})),
    Property("integer", Kind.FLAG, "whole numbers only", frozenset({T.NUMBER})),
    Property("decimals", Kind.COUNT, "digits after the comma at most, 2 unless told", frozenset({T.NUMBER})),
    Property("unit", Kind.TEXT, "shown inside the field: m², tầng", frozenset({T.NUMBER})),
    Property("max_length", Kind.COUNT, "most characters: 500 unless told, 5000 if multiline, 100 for names", TEXTS),
    Property("multiline", Kind.FLAG, "several lines", frozenset({T.TEXT})),
    Property(
        "pattern", Kind.TEXT, "regular expression for the whole text, evaluated in linear time", frozenset({T.TEXT})
    ),
    Property("message", Kind.TEXT, "the sentence shown when `pattern` does not fit", frozenset({T.TEXT})),
    Property("landline", Kind.FLAG, "landlines are taken too", frozenset({T.PHONE})),
    Property(
        "accept", Kind.NAMES, "media types taken, `pdf` and `image` for short; any unless told", frozenset({T.FILE})
    ),
    Property("max_files", Kind.COUNT, "most files, 1 unless told", frozenset({T.FILE})),
    Property("max_megabytes", Kind.COUNT, "largest file, 20 unless told", frozenset({T.FILE})),
    Property("as_of", Kind.DATE_LIMIT, "the day whose provinces and communes are offered", frozenset({T.ADDRESS})),
    Property("repeat", Kind.REPEAT, "rows: fewest and most (100 at the very most)", frozenset({T.GROUP})),
    Property("item_label", Kind.TEXT, "what one row is called: Thành viên", frozenset({T.GROUP})),
    Property("fields", Kind.FIELDS, "the fields of a row; a group holds no group", frozenset({T.GROUP})),
)


def properties_of(field_type: T) -> dict[str, Property]:
    """The properties a type takes, by name."""
    return {item.name: item for item in PROPERTIES if not item.types or field_type in item.types}
