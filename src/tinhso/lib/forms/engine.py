"""Xét biểu mẫu (the one engine): what is asked, what is computed, what is kept, what is wrong.

1. Every answer is cleaned by its type; what cannot be used counts as not given.
2. Layer by layer (`ordering.py`) conditions decide what is asked; an answer to a question not asked is dropped, and
   later conditions do not see it. Computed values join what later conditions see.
3. Over the result, necessity and rules are judged.

So cleaning cleaned answers changes nothing, and no order of answering gives another outcome.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from tinhso.lib.forms.answers import AnswerError, Surroundings
from tinhso.lib.forms.cel import Context, Expression, ExpressionError
from tinhso.lib.forms.cleaning import clean, clean_computed, is_empty, seen
from tinhso.lib.forms.language import MAX_ROWS, Field, FieldType, Form
from tinhso.lib.forms.sentences import missing, too_few_rows, too_many_rows


@dataclass(frozen=True, slots=True)
class FieldError:
    """Lỗi tại một trường (path as in the answers given: `members.0.birth_date`; empty path: the whole form)."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class State:
    """Trạng thái biểu mẫu (what the page shows), by path of the answers given."""

    visible: Mapping[str, bool]
    required: Mapping[str, bool]
    computed: Mapping[str, Any]
    sections: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Validated:
    """Kết quả kiểm tra: clean answers, errors in the order of the page, and the paths of answers that were dropped."""

    answers: dict[str, Any]
    errors: tuple[FieldError, ...]
    dropped: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.errors


def evaluate(form: Form, answers: Any, *, context: Mapping[str, Any]) -> State:
    """Tính trạng thái (which questions are asked and required, and the computed values), whatever the answers are.

    `context` needs `today`; it may give `applicant`, `channel`, `lookup` (`AddressLookup`) and `files` (`FileLookup`).
    """
    run = _Run(form, answers, Surroundings.of(context))
    return State(run.visible, run.required, run.computed, run.sections)


def validate(form: Form, answers: Any, *, context: Mapping[str, Any], partial: bool = False) -> Validated:
    """Kiểm tra câu trả lời (clean them and find everything wrong). Total: no JSON value makes it raise.

    With `partial`, as for a draft, nothing is required yet; what is given must still be right.
    """
    run = _Run(form, answers, Surroundings.of(context), partial=partial)
    return Validated(run.kept(), tuple(run.errors), tuple(run.dropped))


def expression_variables(form: Form, answers: Mapping[str, Any], *, context: Mapping[str, Any]) -> dict[str, Any]:
    """Biến cho biểu thức ngoài biểu mẫu (fees, limits, documents): clean answers, every unanswered key filled up."""
    surroundings = Surroundings.of(context)
    return {**surroundings.variables, "answers": {f.key: seen(f, answers.get(f.key)) for f in form.fields}}


@dataclass(slots=True)
class _Row:
    """One row of a group: its index in the answers given, its clean values, what was wrong."""

    index: int
    given: Mapping[Any, Any]
    values: dict[str, Any] = attribute(default_factory=dict)

    def is_blank(self, group: Field) -> bool:
        return all(self.values[inner.key] is None for inner in group.fields if not inner.computed)


class _Run:
    def __init__(self, form: Form, given: Any, surroundings: Surroundings, *, partial: bool = False) -> None:
        self.form, self.surroundings, self.partial = form, surroundings, partial
        self.visible: dict[str, bool] = {}
        self.required: dict[str, bool] = {}
        self.computed: dict[str, Any] = {}
        self.sections: dict[str, bool] = {}
        self.errors: list[FieldError] = []
        self.dropped: list[str] = []
        self.bad: dict[str, str] = {}
        self.values: dict[str, Any] = {}
        self.rows: dict[str, list[_Row]] = {}
        self.given: Mapping[Any, Any] = given if isinstance(given, Mapping) else {}
        if not isinstance(given, Mapping):
            self.errors.append(FieldError("", "Dữ liệu gửi lên không đúng dạng. Hãy tải lại trang và thử lại."))
        self._clean_all()
        self.context = Context({**surroundings.variables, "item": {}})
        self._decide_all()
        self._judge_all()

    # -- 1: clean

    def _clean_all(self) -> None:
        fields = {field.key: field for field in self.form.fields}
        self.dropped.extend(_shown(key) for key in self.given if key not in fields)
        for key, field in fields.items():
            if field.type is FieldType.GROUP:
                self.rows[key] = self._clean_rows(field, self.given.get(key))
                self.values[key] = None
            else:
                self.values[key] = self._clean_one(field, self.given.get(key), key)

    def _clean_one(self, field: Field, given: Any, path: str) -> Any:
        if field.computed:
            return None
        try:
            return clean(field, given, self.surroundings)
        except AnswerError as error:
            self.bad[path] = str(error)
            return None

    def _clean_rows(self, group: Field, given: Any) -> list[_Row]:
        if group.repeat is None:
            return [self._clean_row(group, given, 0, group.key)]
        if is_empty(given):
            return []
        if not isinstance(given, list):
            self.bad[group.key] = "Câu trả lời này phải là một danh sách."
            return []
        if len(given) > group.repeat.max:
            self.bad[group.key] = too_many_rows(group)
        return [self._clean_row(group, item, i, f"{group.key}.{i}") for i, item in enumerate(given[:MAX_ROWS])]

    def _clean_row(self, group: Field, given: Any, index: int, path: str) -> _Row:
        row = _Row(index, given if isinstance(given, Mapping) else {})
        if not isinstance(given, Mapping) and not is_empty(given):
            self.bad[path] = "Phần này không đúng dạng. Hãy nhập lại."
        keys = {inner.key for inner in group.fields}
        self.dropped.extend(f"{path}.{_shown(key)}" for key in row.given if key not in keys)
        for inner in group.fields:
            row.values[inner.key] = self._clean_one(inner, row.given.get(inner.key), f"{path}.{inner.key}")
        return row

    # -- 2: decide

    def _decide_all(self) -> None:
        fields = {field.key: field for field in self.form.fields}
        homes = {field.key: section for section in self.form.sections for field in section.fields}
        for layer in self.form.layers:
            self._show_answers()
            for key in layer:
                home = homes[key]
                if home.key not in self.sections:
                    self.sections[home.key] = self._holds(home.visible_when)
                self._decide(fields[key], asked=self.sections[home.key])
        self._show_answers()
        for section in self.form.sections:
            self.sections.setdefault(section.key, self._holds(section.visible_when))

    def _show_answers(self) -> None:
        self.context.set("answers", {f.key: seen(f, self.values[f.key]) for f in self.form.fields})

    def _holds(self, condition: Expression | None) -> bool:
        return condition is None or condition.holds(self.context)

    def _decide(self, field: Field, *, asked: bool) -> None:
        key = field.key
        self.visible[key] = asked and self._holds(field.visible_when)
        if not self.visible[key]:
            self._drop(field, key, self.given.get(key))
            self.values[key] = None
            self.rows.pop(key, None)
        elif field.computed:
            self.values[key] = self._compute(field, field.computed, key, self.given.get(key))
        elif field.type is FieldType.GROUP:
            for row in self.rows[key]:
                self._decide_row(field, row)
            filled = [row.values for row in self.rows[key] if not row.is_blank(field)]
            self.values[key] = filled if field.repeat else self.rows[key][0].values

    def _decide_row(self, group: Field, row: _Row) -> None:
        fields = {inner.key: inner for inner in group.fields}
        path = _row_path(group, row)
        for layer in group.layers:
            self.context.set("item", {key: seen(inner, row.values[key]) for key, inner in fields.items()})
            for key in layer:
                inner, place = fields[key], f"{path}.{key}"
                self.visible[place] = self._holds(inner.visible_when)
                if not self.visible[place]:
                    self._drop(inner, place, row.given.get(key))
                    row.values[key] = None
                elif inner.computed:
                    row.values[key] = self._compute(inner, inner.computed, place, row.given.get(key))

    def _compute(self, field: Field, expression: Expression, path: str, given: Any) -> Any:
        if not is_empty(given):
            self.dropped.append(path)
        value = None
        try:
            value = clean_computed(field, expression.evaluate(self.context), self.surroundings)
        except AnswerError as error:
            self.bad[path] = str(error)
        except ExpressionError:
            # An answer it needs is still missing; if the value is required, that is said where it is judged.
            pass
        self.computed[path] = value
        return value

    def _drop(self, field: Field, path: str, given: Any) -> None:
        if not is_empty(given):
            self.dropped.append(path)
        self.bad.pop(path, None)
        if field.type is FieldType.GROUP:
            for place in [place for place in self.bad if place.startswith(f"{path}.")]:
                del self.bad[place]

    def _is_bad(self, group: Field, path: str) -> bool:
        return path in self.bad or any(f"{path}.{inner.key}" in self.bad for inner in group.fields)

    # -- 3: judge

    def _judge_all(self) -> None:
        for field in self.form.fields:
            if not self.visible[field.key]:
                continue
            if field.type is FieldType.GROUP:
                self._judge_group(field)
            else:
                self._judge(field, field.key, self.values[field.key])

    def _judge_group(self, group: Field) -> None:
        before = len(self.errors)
        if group.key in self.bad:
            self.errors.append(FieldError(group.key, self.bad[group.key]))
        elif group.repeat and not self.partial and len(self.values[group.key]) < group.repeat.min:
            self.errors.append(FieldError(group.key, too_few_rows(group)))
        for row in self.rows[group.key]:
            path = _row_path(group, row)
            if group.repeat and row.is_blank(group) and not self._is_bad(group, path):
                continue
            if path in self.bad and path != group.key:
                self.errors.append(FieldError(path, self.bad[path]))
            self.context.set("item", {inner.key: seen(inner, row.values[inner.key]) for inner in group.fields})
            for inner in group.fields:
                if self.visible[f"{path}.{inner.key}"]:
                    self._judge(inner, f"{path}.{inner.key}", row.values[inner.key])
        self.context.set("item", {})
        if len(self.errors) == before:
            self._apply_rules(group, group.key)

    def _judge(self, field: Field, path: str, value: Any) -> None:
        required = field.required or (field.required_when is not None and field.required_when.holds(self.context))
        self.required[path] = required
        unanswered = value is None or (field.type is FieldType.DECLARATION and value is False)
        if path in self.bad:
            self.errors.append(FieldError(path, self.bad[path]))
        elif unanswered and required and not self.partial:
            self.errors.append(FieldError(path, missing(field)))
        elif not unanswered:
            self._apply_rules(field, path)

    def _apply_rules(self, field: Field, path: str) -> None:
        for rule in field.rules:
            try:
                broken = rule.check.evaluate(self.context) is False
            except ExpressionError:
                # It speaks of an answer that is missing: nothing to hold against this one.
                broken = False
            if broken:
                self.errors.append(FieldError(path, rule.message))
                return

    def kept(self) -> dict[str, Any]:
        """The clean answers, in the order of the page, without what was not answered."""
        answers: dict[str, Any] = {}
        for field in self.form.fields:
            value = self.values[field.key]
            if field.type is FieldType.GROUP and value is not None:
                value = [_without_blanks(row) for row in value] if field.repeat else _without_blanks(value)
            if not is_empty(value) and value != {}:
                answers[field.key] = value
        return answers


def _without_blanks(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not None}


def _row_path(group: Field, row: _Row) -> str:
    return f"{group.key}.{row.index}" if group.repeat else group.key


def _shown(key: Any) -> str:
    return str(key)[:64]
