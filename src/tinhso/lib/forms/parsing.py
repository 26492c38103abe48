"""Đọc biểu mẫu (from plain data, as YAML gives it, to a `Form`). Every problem is listed, not only the first."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tinhso.lib.forms.cel import Expression, ExpressionError, compile_expression
from tinhso.lib.forms.celmodule import cel
from tinhso.lib.forms.language import MAX_ROWS, Field, FieldType, Form, Option, Repeat, Rule, Section
from tinhso.lib.forms.ordering import CycleError, order_group, order_sections
from tinhso.lib.forms.properties import Kind, properties_of
from tinhso.lib.forms.references import references_of

_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
MEDIA_TYPES = {"pdf": ("application/pdf",), "image": ("image/jpeg", "image/png", "image/webp")}


@dataclass(frozen=True, slots=True)
class Problem:
    """Một lỗi trong biểu mẫu (something wrong in the form itself). `severity`: `error` or `warning`."""

    path: str
    code: str
    message: str
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class FormError(ValueError):
    """Biểu mẫu không đọc được (the data is no form); `problems` lists everything found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


def parse_form(data: Any) -> Form:
    """Đọc biểu mẫu (build a form from plain data).

    Raises:
        FormError: unknown or ill-typed properties, keys used twice, expressions that are no CEL, circles of conditions.
    """
    parser = _Parser()
    form = parser.form(data)
    if parser.problems:
        raise FormError(parser.problems)
    return form


class _Parser:
    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, path: str, code: str, message: str) -> None:
        self.problems.append(Problem(path, code, message))

    def form(self, data: Any) -> Form:
        values = self.mapping(data, "", allowed={"version", "title", "help", "sections"})
        sections = tuple(
            self.section(item, f"sections[{index}]")
            for index, item in enumerate(self.items(values.get("sections"), "sections"))
        )
        self.unique([(section.key, f"sections.{section.key}") for section in sections])
        self.unique([(field.key, f"{section.key}.{field.key}") for section in sections for field in section.fields])
        if not sections:
            self.problem("sections", "empty", "Biểu mẫu phải có ít nhất một phần.")
        form = Form(
            version=self.count(values.get("version", 1), "version"),
            title=self.text(values.get("title", ""), "title"),
            help=self.text(values.get("help", ""), "help"),
            sections=sections,
        )
        try:
            return replace(form, layers=order_sections(sections))
        except CycleError as error:
            self.problem("", "cycle", str(error))
            return form

    def section(self, data: Any, path: str) -> Section:
        values = self.mapping(data, path, allowed={"key", "title", "help", "visible_when", "fields"})
        key = self.key(values.get("key"), path)
        path = key or path
        condition = values.get("visible_when")
        return Section(
            key=key,
            title=self.text(values.get("title", ""), f"{path}.title"),
            help=self.text(values.get("help", ""), f"{path}.help"),
            visible_when=None if condition is None else self.expression(condition, f"{path}.visible_when"),
            fields=tuple(
                self.field(item, f"{path}[{index}]", parent=path)
                for index, item in enumerate(self.items(values.get("fields"), f"{path}.fields"))
            ),
        )

    def field(self, data: Any, path: str, *, parent: str, in_group: bool = False) -> Field:
        values = self.mapping(data, path)
        key = self.key(values.get("key"), path)
        path = f"{parent}.{key}" if key else path
        try:
            field_type = FieldType(values.get("type", ""))
        except ValueError:
            self.problem(path, "unknown_type", f"Không có kiểu trường “{_short(values.get('type'))}”.")
            return Field(key=key, type=FieldType.TEXT)
        if in_group and field_type is FieldType.GROUP:
            self.problem(path, "nested_group", "Nhóm không được chứa nhóm khác.")
        taken = properties_of(field_type)
        read: dict[str, Any] = {}
        for name, value in values.items():
            if name not in taken:
                self.problem(path, "unknown_property", f"Kiểu {field_type} không có thuộc tính “{_short(name)}”.")
            elif name not in {"key", "type"} and value is not None:
                read[name] = self.value(taken[name].kind, value, f"{path}.{name}")
        field = Field(key=key, type=field_type, **read)
        return self.finished(field, path)

    def finished(self, field: Field, path: str) -> Field:
        """What can only be judged when all properties of a field are known."""
        if field.type in {FieldType.CHOICE, FieldType.SEVERAL} and not field.options:
            self.problem(path, "no_options", "Trường lựa chọn phải có ít nhất một lựa chọn.")
        self.unique([(option.value, f"{path}.options.{option.value}") for option in field.options])
        if field.pattern:
            self.pattern(field.pattern, f"{path}.pattern")
        if field.accept:
            field = replace(field, accept=tuple(media for name in field.accept for media in _media_types(name)))
        if field.type is not FieldType.GROUP:
            return field
        if not field.fields:
            self.problem(path, "empty", "Nhóm phải có ít nhất một trường.")
        self.unique([(inner.key, f"{path}.{inner.key}") for inner in field.fields])
        try:
            return replace(field, layers=order_group(field.fields))
        except CycleError as error:
            self.problem(path, "cycle", str(error))
            return field

    def value(self, kind: Kind, value: Any, path: str) -> Any:
        readers: dict[Kind, Callable[[Any, str], Any]] = {
            Kind.TEXT: self.text,
            Kind.FLAG: self.flag,
            Kind.COUNT: self.count,
            Kind.COUNT_LIMIT: self.count,
            Kind.NUMBER_LIMIT: self.number,
            Kind.DATE_LIMIT: self.day,
            Kind.EXPRESSION: self.expression,
            Kind.NAMES: self.names,
            Kind.OPTIONS: self.options,
            Kind.RULES: self.rules,
            Kind.REPEAT: self.repeat,
            Kind.FIELDS: self.fields,
        }
        return readers[kind](value, path)

    # -- one reader per kind of value; each gives a usable value even after a problem, so that all problems are found

    def mapping(self, value: Any, path: str, allowed: set[str] | None = None) -> Mapping[Any, Any]:
        if not isinstance(value, Mapping):
            self.problem(path, "not_mapping", "Chỗ này phải là các cặp tên: giá trị.")
            return {}
        if allowed is not None:
            for name in value:
                if name not in allowed:
                    self.problem(path, "unknown_property", f"Không có thuộc tính “{_short(name)}” ở đây.")
        return value

    def items(self, value: Any, path: str) -> list[Any]:
        if isinstance(value, list):
            return value
        self.problem(path, "not_list", "Chỗ này phải là một danh sách.")
        return []

    def key(self, value: Any, path: str) -> str:
        if isinstance(value, str) and _KEY.fullmatch(value):
            return value
        self.problem(path, "bad_key", "Khóa phải viết thường không dấu, kiểu snake_case, bắt đầu bằng chữ cái.")
        return ""

    def text(self, value: Any, path: str) -> str:
        if isinstance(value, str):
            return value.strip()
        self.problem(path, "not_text", "Giá trị phải là chữ (đặt trong dấu nháy nếu là số).")
        return ""

    def flag(self, value: Any, path: str) -> bool:
        if not isinstance(value, bool):
            self.problem(path, "not_flag", "Giá trị phải là true hoặc false.")
        return bool(value)

    def count(self, value: Any, path: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.problem(path, "not_count", "Giá trị phải là số nguyên không âm.")
        return 0

    def number(self, value: Any, path: str) -> int | float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        self.problem(path, "not_number", "Giá trị phải là số.")
        return 0

    def day(self, value: Any, path: str) -> str:
        # YAML reads an unquoted 1900-01-01 as a date.
        text = value.isoformat() if isinstance(value, date) else value
        try:
            if text == "today" or (isinstance(text, str) and date.fromisoformat(text)):
                return text
        except ValueError:
            pass
        self.problem(path, "not_date", "Giá trị phải là ngày dạng 1990-01-31 hoặc today.")
        return "today"

    def names(self, value: Any, path: str) -> tuple[str, ...]:
        return tuple(self.text(item, path) for item in self.items(value, path))

    def options(self, value: Any, path: str) -> tuple[Option, ...]:
        found = []
        for index, item in enumerate(self.items(value, path)):
            place = f"{path}[{index}]"
            values = self.mapping(item, place, allowed={"value", "label", "help"})
            texts = {name: self.text(values.get(name, ""), f"{place}.{name}") for name in ("value", "label", "help")}
            if not texts["value"]:
                self.problem(place, "no_value", "Lựa chọn phải có value.")
            found.append(Option(**texts))
        return tuple(found)

    def rules(self, value: Any, path: str) -> tuple[Rule, ...]:
        found = []
        for index, item in enumerate(self.items(value, path)):
            place = f"{path}[{index}]"
            values = self.mapping(item, place, allowed={"check", "message"})
            check = self.expression(values.get("check", ""), f"{place}.check")
            message = self.text(values.get("message", ""), f"{place}.message")
            if not message:
                self.problem(place, "no_message", "Điều kiện kiểm tra phải có message để người dân hiểu.")
            found.append(Rule(check=check, message=message))
        return tuple(found)

    def repeat(self, value: Any, path: str) -> Repeat:
        values = self.mapping(value, path, allowed={"min", "max"})
        repeat = Repeat(
            min=self.count(values.get("min", 0), f"{path}.min"),
            max=self.count(values.get("max", 20), f"{path}.max"),
        )
        if not repeat.min <= repeat.max <= MAX_ROWS or repeat.max == 0:
            self.problem(path, "bad_repeat", f"Số dòng phải có min ≤ max, max từ 1 đến {MAX_ROWS}.")
        return repeat

    def fields(self, value: Any, path: str) -> tuple[Field, ...]:
        parent = path.removesuffix(".fields")
        return tuple(
            self.field(item, f"{path}[{index}]", parent=parent, in_group=True)
            for index, item in enumerate(self.items(value, path))
        )

    def expression(self, value: Any, path: str) -> Expression:
        try:
            expression = compile_expression(self.text(value, path))
        except ExpressionError as error:
            self.problem(path, "bad_expression", str(error))
            return compile_expression("false")
        for root in ("answers", "item"):
            if references_of(expression.source).uses_whole(root):
                message = f"Hãy nêu rõ {root}.<khóa>: không dùng cả {root} hay khóa tính được trong biểu thức."
                self.problem(path, "whole_answers", message)
        return expression

    def pattern(self, pattern: str, path: str) -> None:
        """A pattern must be understood here (linear-time engine) and by JSON Schema readers alike."""
        try:
            re.compile(pattern)
            cel.evaluate("'' .matches(pattern)", {"pattern": whole(pattern)})
        except (re.error, ValueError, RuntimeError) as error:
            self.problem(path, "bad_pattern", f"Mẫu chữ không hợp lệ: {error}")

    def unique(self, keys: list[tuple[str, str]]) -> None:
        seen: set[str] = set()
        for key, path in keys:
            if key and key in seen:
                self.problem(path, "duplicate", f"“{key}” được dùng hai lần.")
            seen.add(key)


def whole(pattern: str) -> str:
    """The pattern for a whole text."""
    return f"^(?:{pattern})$"


def _media_types(name: str) -> tuple[str, ...]:
    return MEDIA_TYPES.get(name, (name,))


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
