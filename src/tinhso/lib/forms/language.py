"""Biểu mẫu điện tử như dữ liệu (a form as data): the parts of the language, as frozen values.

A form is sections, a section is fields, a field has a type and properties (`properties.py` lists them all). Answers are
one flat mapping from field key to value: sections order the page and do not nest the data; a group nests once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tinhso.lib.forms.cel import Expression

# No group may hold more rows than this, whatever its form says: lists bound the cost of expressions.
MAX_ROWS = 100


class FieldType(StrEnum):
    """Kiểu trường thông tin (what kind of answer a field takes)."""

    TEXT = "text"
    PERSON_NAME = "person_name"
    PERSONAL_ID = "personal_id"
    TAX_CODE = "tax_code"
    DATE = "date"
    PARTIAL_DATE = "partial_date"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    MONEY = "money"
    NUMBER = "number"
    CHOICE = "choice"
    SEVERAL = "several"
    DECLARATION = "declaration"
    FILE = "file"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Option:
    """Một lựa chọn (one option of a choice)."""

    value: str
    label: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Số lần lặp (how many rows a repeating group takes)."""

    min: int = 0
    max: int = 20


@dataclass(frozen=True, slots=True)
class Rule:
    """Điều kiện kiểm tra (a check over answers; `message` is shown when it is false)."""

    check: Expression
    message: str


@dataclass(frozen=True, slots=True)
class Field:
    """Trường thông tin (one question). Properties a type does not take keep their defaults."""

    key: str
    type: FieldType
    label: str = ""
    help: str = ""
    example: str = ""
    legal_name: str = ""
    required: bool = False
    visible_when: Expression | None = None
    required_when: Expression | None = None
    computed: Expression | None = None
    rules: tuple[Rule, ...] = ()
    prefill: str = ""
    options: tuple[Option, ...] = ()
    min: int | float | str | None = None
    max: int | float | str | None = None
    integer: bool = False
    decimals: int = 2
    unit: str = ""
    max_length: int | None = None
    multiline: bool = False
    pattern: str = ""
    message: str = ""
    landline: bool = False
    accept: tuple[str, ...] = ()
    max_files: int = 1
    max_megabytes: int = 20
    as_of: str = "today"
    repeat: Repeat | None = None
    item_label: str = ""
    fields: tuple["Field", ...] = ()
    # Of a group: keys of its fields in the order their conditions must be evaluated (`ordering.py`).
    layers: tuple[tuple[str, ...], ...] = ()

    @property
    def is_conditional(self) -> bool:
        """True when the field may be absent from the page or its necessity depends on answers."""
        return self.visible_when is not None or self.required_when is not None

    @property
    def option_labels(self) -> dict[str, str]:
        return {option.value: option.label for option in self.options}


@dataclass(frozen=True, slots=True)
class Section:
    """Phần của biểu mẫu (one block of the page)."""

    key: str
    title: str
    help: str = ""
    visible_when: Expression | None = None
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """Biểu mẫu điện tử (a whole form); made by `parse_form`."""

    version: int
    title: str
    help: str = ""
    sections: tuple[Section, ...] = ()
    # Field keys in the order their conditions must be evaluated (`ordering.py`).
    layers: tuple[tuple[str, ...], ...] = ()

    @property
    def fields(self) -> Iterator[Field]:
        """Every field of every section, in the order of the page (fields inside groups not counted)."""
        for section in self.sections:
            yield from section.fields

    def field(self, path: str) -> Field | None:
        """The field at a path of answers: `kind`, `members.0.full_name`, `husband.full_name`; None if there is none."""
        keys = [part for part in path.split(".") if not part.isdigit()]
        found: Field | None = None
        fields: Iterator[Field] | tuple[Field, ...] = self.fields
        for key in keys:
            found = next((candidate for candidate in fields if candidate.key == key), None)
            if found is None:
                return None
            fields = found.fields
        return found

    def section(self, key: str) -> Section | None:
        return next((section for section in self.sections if section.key == key), None)
