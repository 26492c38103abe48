"""Reading rows of YAML with every problem noted at its place instead of stopping at the first."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from tinhso.kernel.errors import FieldError, Invalid

E = TypeVar("E", bound=Enum)

FORMAT_VERSION = 1


class UnitsInvalid(Invalid):
    """Danh mục đơn vị có chỗ chưa đúng."""


class Problems(list[FieldError]):
    """What is wrong so far; `path` is the file and the row, such as `communes.yaml: communes[3]`."""

    def note(self, where: str, message: str) -> None:
        """Add one problem; the text is a Vietnamese sentence for the person who edits the file."""
        self.append(FieldError(where, message))

    def refuse(self) -> None:
        """Raise `UnitsInvalid` when anything was noted."""
        if self:
            shown = "; ".join(f"{p.path}: {p.message}" for p in self[:5])
            more = f" (và {len(self) - 5} chỗ khác)" if len(self) > 5 else ""
            raise UnitsInvalid(f"Danh mục đơn vị có {len(self)} chỗ chưa đúng. {shown}{more}", errors=list(self))


class Row:
    """One mapping of a file: typed access by key, and at the end `done()` notes the keys nobody asked for."""

    def __init__(self, problems: Problems, where: str, values: Any, defaults: dict[str, Any] | None = None) -> None:
        self.where = where
        self._problems = problems
        if not isinstance(values, dict):
            problems.note(where, "cần là một nhóm khóa và giá trị.")
            values = {}
        self._values: dict[str, Any] = {**(defaults or {}), **values}
        self._asked: set[str] = set()

    def note(self, message: str) -> None:
        """Note a problem of this row."""
        self._problems.note(self.where, message)

    def raw(self, key: str) -> Any:
        """The value as YAML gave it, None when absent."""
        self._asked.add(key)
        return self._values.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; required without a default. Codes must be quoted, or YAML would drop their zeros."""
        value = self.raw(key)
        if value is None:
            if default is None:
                self.note(f"thiếu `{key}`.")
            return default or ""
        if not isinstance(value, str):
            self.note(f"`{key}` cần là chữ; mã số phải đặt trong dấu nháy.")
            return str(value)
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when absent."""
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.note(f"`{key}` cần là danh sách chữ; mã số phải đặt trong dấu nháy.")
            return ()
        return tuple(item.strip() for item in value)

    def day(self, key: str, default: date | None = None) -> date | None:
        """A date written 2025-07-01, or the default."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, date):
            self.note(f"`{key}` cần là ngày, viết như 2025-07-01.")
            return default
        return value

    def choice(self, key: str, enum: type[E], default: E | None = None) -> E | None:
        """A member of an enum by its value, or by its lower-case name for numbered ones."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        for member in enum:
            if value == member.value or value == member.name.lower():
                return member
        self.note(f"`{key}: {value}` không có trong các giá trị cho phép: {', '.join(_names(enum))}.")
        return default

    def flag(self, key: str) -> bool:
        """True or false; false when absent."""
        value = self.raw(key)
        if value not in (None, True, False):
            self.note(f"`{key}` cần là true hoặc false.")
        return value is True

    def number(self, key: str) -> Decimal | None:
        """A number that is not negative, or None."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            self.note(f"`{key}` cần là số không âm.")
            return None
        return Decimal(str(value))

    def rows(self, key: str, defaults: dict[str, Any] | None = None) -> list["Row"]:
        """A list of rows; empty when absent."""
        value = self.raw(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.note(f"`{key}` cần là danh sách.")
            return []
        where = f"{self.where} {key}" if self.where.endswith(":") else f"{self.where}.{key}"
        return [Row(self._problems, f"{where}[{n}]", item, defaults) for n, item in enumerate(value)]

    def mapping(self, key: str) -> dict[str, Any]:
        """A nested group as it is; empty when absent."""
        value = self.raw(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.note(f"`{key}` cần là một nhóm khóa và giá trị.")
            return {}
        return value

    def done(self) -> None:
        """Note keys that mean nothing here: usually a slip of the pen."""
        for key in self._values.keys() - self._asked:
            self.note(f"không hiểu khóa `{key}`.")


def _names(enum: type[Enum]) -> Iterable[str]:
    return [str(member.value) if isinstance(member.value, str) else member.name.lower() for member in enum]


def read_file(problems: Problems, path: Path, *, required: bool = True) -> Row | None:
    """The top of a YAML file, checked for its version; None when it is absent."""
    if not path.exists():
        if required:
            problems.note(path.name, f"không có tệp {path}.")
        return None
    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        problems.note(path.name, f"không đọc được YAML: {error}")
        return None
    row = Row(problems, f"{path.name}:", values)
    if row.raw("version") != FORMAT_VERSION:
        row.note(f"cần `version: {FORMAT_VERSION}`.")
    return row
