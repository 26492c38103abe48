"""A strict reader of YAML and JSON: takes the expected keys, remembers every problem, refuses what is left over."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from tinhso.apps.procedures.data import Problem
from tinhso.kernel.errors import FieldError, Invalid
from tinhso.lib.worktime import Limit

E = TypeVar("E", bound=Enum)
T = TypeVar("T")

KEY = re.compile(r"[a-z][a-z0-9_]*")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class ContentError(Invalid):
    """Nội dung có lỗi."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        errors = [FieldError(f"{problem.file}:{problem.path}", problem.message) for problem in self.problems]
        super().__init__("\n".join(str(problem) for problem in self.problems), errors=errors)


class _Loader(yaml.CSafeLoader):
    """YAML with duplicate keys refused: the second one would silently win."""


def _mapping(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"khóa “{key}” viết hai lần", key_node.start_mark)
        seen.add(key)
    return dict(loader.construct_pairs(node, deep=True))


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_yaml(path: Path, *, root: Path, problems: list[Problem]) -> Any:
    """The YAML value of a file, dates as ISO text; None (and a problem) when it cannot be read."""
    name = path.relative_to(root).as_posix()
    try:
        return plain(yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader))  # noqa: S506 - a safe loader's subclass
    except FileNotFoundError:
        problems.append(Problem(name, "", "không có tệp này"))
    except UnicodeDecodeError:
        problems.append(Problem(name, "", "tệp phải là văn bản UTF-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"dòng {mark.line + 1}: " if mark else ""
        problems.append(Problem(name, "", f"{line}YAML không đọc được ({getattr(error, 'problem', None) or error})"))
    return None


def plain(value: Any) -> Any:
    """The value as JSON has it: dates and instants become ISO text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


class Reader:
    """One mapping of a file. Each `take` consumes a key; `close` reports the keys nobody took."""

    def __init__(self, value: Any, *, file: str, path: str, problems: list[Problem]) -> None:
        self.file, self.path, self.problems = file, path, problems
        self._values: dict[str, Any] = {}
        if isinstance(value, Mapping):
            self._values = dict(value)
        elif value is not None:
            self.problem("", "phải là một nhóm khóa: giá trị")

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else key or self.path

    def problem(self, key: str, message: str) -> None:
        self.problems.append(Problem(self.file, self.at(key), message))

    def has(self, key: str) -> bool:
        """Whether the key has a value; an empty one (`code: null`) is as good as none, and counts as read."""
        present = self._values.get(key) is not None
        if not present:
            self._values.pop(key, None)
        return present

    def raw(self, key: str) -> Any:
        return self._values.pop(key, None)

    def text(self, key: str, *, required: bool = False, default: str = "") -> str:
        value = self._take(key, required=required)
        if value is None:
            return default
        if not isinstance(value, str):
            self.problem(key, f"phải là chữ, đang là {value!r}; hãy đặt trong dấu nháy")
            return default
        return value.strip()

    def key(self, key: str = "key") -> str:
        value = self.text(key, required=True)
        if value and not KEY.fullmatch(value):
            self.problem(key, f"“{value}” phải viết bằng chữ thường a-z, số và gạch dưới")
        return value

    def slug(self, key: str = "key") -> str:
        """A key that stands in an address: `co-con-nho`."""
        value = self.text(key, required=True)
        if value and not SLUG.fullmatch(value):
            self.problem(key, f"“{value}” phải viết bằng chữ thường a-z, số và gạch nối")
        return value

    def integer(self, key: str, *, default: int | None = None, minimum: int = 0) -> int | None:
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            self.problem(key, f"phải là số nguyên từ {minimum}, đang là {value!r}")
            return default
        return value

    def decimal(self, key: str) -> Decimal | None:
        return self._decimal(key, self._take(key))

    def _decimal(self, key: str, value: Any) -> Decimal | None:
        if value is None:
            return None
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(value, bool) or not number.is_finite() or number < 0:
            self.problem(key, f"phải là số không âm, đang là {value!r}")
            return None
        return number

    def decimals(self, key: str) -> dict[str, Decimal]:
        """One number (under the key "") or a number per name."""
        value = self._take(key)
        if value is None:
            return {}
        pairs = value.items() if isinstance(value, Mapping) else [("", value)]
        numbers = {str(name): self._decimal(f"{key}.{name}" if name else key, inner) for name, inner in pairs}
        return {name: number for name, number in numbers.items() if number is not None}

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.problem(key, f"phải là true hoặc false, đang là {value!r}")
            return default
        return value

    def day(self, key: str, *, required: bool = False) -> date | None:
        value = self._take(key, required=required)
        if value is None:
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.problem(key, f"phải là ngày dạng 2026-05-18, đang là {value!r}")
            return None

    def choice(self, key: str, kind: type[E], *, default: E, required: bool = False) -> E:
        value = self._take(key, required=required)
        if value is None:
            return default
        try:
            return kind(value)
        except ValueError:
            known = ", ".join(str(member.value) for member in kind)
            self.problem(key, f"“{value}” không có trong danh sách: {known}")
            return default

    def limit(self, key: str) -> Limit | None:
        value = self.text(key)
        if not value:
            return None
        try:
            return Limit.parse(value)
        except ValueError as error:
            self.problem(key, f"thời hạn “{value}” không đọc được: {error}")
            return None

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        value = self._take(key, required=required)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.problem(key, "phải là danh sách chữ")
            return ()
        return tuple(item.strip() for item in value)

    def group(self, key: str) -> "Reader":
        return Reader(self._take(key), file=self.file, path=self.at(key), problems=self.problems)

    def each(self, key: str, *, required: bool = False) -> Iterator["Reader"]:
        value = self._take(key, required=required)
        if value is None:
            return
        if not isinstance(value, list):
            self.problem(key, "phải là danh sách")
            return
        for position, item in enumerate(value):
            yield Reader(item, file=self.file, path=f"{self.at(key)}[{position}]", problems=self.problems)

    def many(self, key: str, parse: Callable[["Reader"], T], *, required: bool = False) -> tuple[T, ...]:
        """Every item of a list through `parse`; required means at least one."""
        items = tuple(parse(item) for item in self.each(key, required=required))
        if required and self._seen_empty(items, key):
            self.problem(key, "phải có ít nhất một mục")
        return items

    def _seen_empty(self, items: tuple[object, ...], key: str) -> bool:
        return not items and not any(problem.path.startswith(self.at(key)) for problem in self.problems)

    def rest(self) -> dict[str, Any]:
        """Everything nobody has taken yet, without taking it."""
        return dict(self._values)

    def close(self) -> None:
        for key in self._values:
            self.problem(str(key), "không có khóa này trong ngôn ngữ của gói; xem lại chính tả")

    def _take(self, key: str, *, required: bool = False) -> Any:
        value = self._values.pop(key, None)
        if required and value in (None, ""):
            self.problem(key, "bắt buộc phải có")
            return None
        return value
