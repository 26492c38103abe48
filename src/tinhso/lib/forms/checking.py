"""Kiểm tra biểu mẫu (the static check): what can be found wrong in a form before anybody has filled it in.

Circles and unknown properties do not get this far: `parse_form` refuses them.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from tinhso.lib.forms.cel import FUNCTIONS, Expression, ExpressionError
from tinhso.lib.forms.cleaning import blank, seen
from tinhso.lib.forms.compounds import ADDRESS_PARTS
from tinhso.lib.forms.language import Field, FieldType, Form
from tinhso.lib.forms.parsing import Problem
from tinhso.lib.forms.prefill import IDENTITY_NAMES
from tinhso.lib.forms.references import ITEM, LOCAL, Path, references_of
from tinhso.lib.forms.tokens import MACROS

# The words of a case's applicant and channel; a test holds them to those of the cases.
APPLICANT_KINDS = ("person", "organisation")
CHANNELS = ("online", "counter", "postal", "national_portal", "kiosk", "api")
MOST_COMBINATIONS = 3000

_BUILT_IN = frozenset(
    {"size", "has", "matches", "contains", "startsWith", "endsWith", "int", "double", "string", "uint", "type", "dyn"}
)
_KNOWN_FUNCTIONS = _BUILT_IN | MACROS | FUNCTIONS.keys()
_APPLICANT = frozenset({"full_name", "personal_id", "kind"})
_FILE_PARTS = frozenset({"id", "name", "size", "media_type", "sha256"})


def check_form(form: Form) -> list[Problem]:
    """Kiểm tra biểu mẫu (unknown names, dead conditions, expressions whose types do not fit, missing texts)."""
    return list(_problems(form))


def check_expression(form: Form, expression: Expression, *, path: str, group: Field | None = None) -> list[Problem]:
    """The same for one expression over a form's answers, also one that stands outside it (fees, limits, documents)."""
    found = list(_name_problems(form, expression, path, group))
    # An unknown name makes everything else about the expression noise.
    return found or [
        *_comparison_problems(form, expression, path, group),
        *_type_problems(form, expression, path, group),
    ]


def check_condition(form: Form, expression: Expression, *, path: str, group: Field | None = None) -> list[Problem]:
    """The same for a condition: it must also be able to hold and able not to hold."""
    found = check_expression(form, expression, path=path, group=group)
    return found or list(_dead_condition(form, expression, path, group))


def _problems(form: Form) -> Iterator[Problem]:
    if not form.title:
        yield Problem("title", "missing_text", "Biểu mẫu chưa có tên.")
    for section in form.sections:
        if not section.title:
            yield Problem(section.key, "missing_text", "Phần này chưa có tên (title).")
        if not section.fields:
            yield Problem(section.key, "empty", "Phần này chưa có trường nào.")
        if section.visible_when:
            yield from check_condition(form, section.visible_when, path=f"{section.key}.visible_when")
        for field in section.fields:
            yield from _field_problems(form, field, f"{section.key}.{field.key}", None)


def _field_problems(form: Form, field: Field, path: str, group: Field | None) -> Iterator[Problem]:
    yield from _text_problems(field, path)
    yield from _sense_problems(field, path)
    for name, condition in (("visible_when", field.visible_when), ("required_when", field.required_when)):
        if condition:
            yield from check_condition(form, condition, path=f"{path}.{name}", group=group)
    if field.computed:
        yield from check_expression(form, field.computed, path=f"{path}.computed", group=group)
    for index, rule in enumerate(field.rules):
        yield from check_condition(form, rule.check, path=f"{path}.rules[{index}].check", group=group)
    for inner in field.fields:
        yield from _field_problems(form, inner, f"{path}.{inner.key}", field)


def _text_problems(field: Field, path: str) -> Iterator[Problem]:
    if not field.label:
        yield Problem(path, "missing_text", "Trường chưa có nhãn (label).")
    for option in field.options:
        if not option.label:
            yield Problem(f"{path}.options.{option.value}", "missing_text", "Lựa chọn chưa có nhãn (label).")
    if field.pattern and not field.message:
        yield Problem(
            f"{path}.message", "missing_text", "Có pattern thì phải có message để người dân biết sửa thế nào."
        )
    if field.type is FieldType.GROUP and field.repeat and not field.item_label:
        yield Problem(
            f"{path}.item_label", "missing_text", "Nhóm lặp chưa có tên cho mỗi dòng (item_label).", "warning"
        )
    if field.type is FieldType.FILE and not field.help:
        yield Problem(f"{path}.help", "missing_text", "Nên nói rõ (help) cần chụp hoặc quét giấy tờ nào.", "warning")


def _sense_problems(field: Field, path: str) -> Iterator[Problem]:
    if field.computed and (field.prefill or field.required_when):
        yield Problem(path, "contradiction", "Trường được tính tự động thì không điền sẵn, không cần required_when.")
    if field.required and field.required_when:
        yield Problem(
            f"{path}.required_when", "dead_condition", "Trường đã luôn bắt buộc: required_when không có tác dụng."
        )
    if field.prefill:
        root, _, name = field.prefill.partition(".")
        if root != "identity" or name not in IDENTITY_NAMES:
            known = ", ".join(sorted(IDENTITY_NAMES))
            yield Problem(
                f"{path}.prefill", "unknown_name", f"Chỉ điền sẵn được từ identity.<tên>, tên là một trong: {known}."
            )
    if isinstance(field.min, int | float) and isinstance(field.max, int | float) and field.min > field.max:
        yield Problem(f"{path}.min", "contradiction", "min lớn hơn max: không giá trị nào hợp lệ.")


def _name_problems(form: Form, expression: Expression, path: str, group: Field | None) -> Iterator[Problem]:
    references = references_of(expression.source)
    for function in sorted(references.functions - _KNOWN_FUNCTIONS):
        yield Problem(path, "unknown_name", f"Không có hàm “{function}”.")
    if "has" in references.functions:
        yield Problem(
            path, "unknown_name", "Đừng dùng has(): câu chưa trả lời là null, hãy viết answers.<khóa> != null."
        )
    for named in sorted(references.paths):
        if not _exists(form, named, group):
            yield Problem(path, "unknown_name", f"Không có “{'.'.join(named)}” trong biểu mẫu.")


def _exists(form: Form, path: Path, group: Field | None) -> bool:
    root, *members = path
    if root in {"today", "channel"}:
        return not members
    if root == "applicant":
        return len(members) == 1 and members[0] in _APPLICANT
    if root == LOCAL:
        return True
    return _resolve(form, path, group) is not None


def _resolve(form: Form, path: Path, group: Field | None) -> Field | None:
    """The field a path leads to, also when it goes on into parts of an address or a file."""
    root, *members = path
    if not members or root not in {"answers", "item"} or (root == "item" and group is None):
        return None
    fields: Iterable[Field] = form.fields if root == "answers" else group.fields if group else ()
    field = next((candidate for candidate in fields if candidate.key == members[0]), None)
    rest = members[1:]
    if field is None or not rest:
        return field
    if field.type is FieldType.GROUP:
        rest = rest[1:] if field.repeat and rest[0] == ITEM else rest if not field.repeat else ["?"]
        if not rest:
            return field
        inner = next((candidate for candidate in field.fields if candidate.key == rest[0]), None)
        return inner if inner and _has_parts(inner, rest[1:]) else None
    return field if _has_parts(field, rest) else None


def _has_parts(field: Field, parts: list[str]) -> bool:
    if field.type is FieldType.ADDRESS:
        return not parts or (len(parts) == 1 and parts[0] in ADDRESS_PARTS)
    if field.type is FieldType.FILE:
        return not parts or parts == [ITEM] or (len(parts) == 2 and parts[0] == ITEM and parts[1] in _FILE_PARTS)
    if field.type is FieldType.SEVERAL:
        return not parts or parts == [ITEM]
    return not parts


def _comparison_problems(form: Form, expression: Expression, path: str, group: Field | None) -> Iterator[Problem]:
    for comparison in references_of(expression.source).comparisons:
        name = ".".join(comparison.path)
        values = _possible_texts(form, comparison.path, group)
        if values is not None and comparison.value not in values:
            known = ", ".join(values) or "không có giá trị chữ nào"
            yield Problem(
                path, "dead_condition", f"“{name}” không bao giờ là “{comparison.value}” (có thể là: {known})."
            )


def _possible_texts(form: Form, path: Path, group: Field | None) -> tuple[str, ...] | None:
    """The texts a path can have, None when there are too many to say."""
    if path == ("channel",):
        return CHANNELS
    if path == ("applicant", "kind"):
        return APPLICANT_KINDS
    field = _resolve(form, path, group)
    if field is None:
        return None
    if field.type in {FieldType.CHOICE, FieldType.SEVERAL}:
        return tuple(field.option_labels)
    if field.type in {FieldType.DECLARATION, FieldType.NUMBER, FieldType.MONEY}:
        return ()
    return None


_SAMPLES: Mapping[FieldType, Any] = {
    FieldType.TEXT: "mẫu",
    FieldType.PERSON_NAME: "Phạm Thị Mẫu",
    FieldType.PERSONAL_ID: "051190000002",
    FieldType.TAX_CODE: "1234567893",
    FieldType.DATE: "1990-01-02",
    FieldType.PARTIAL_DATE: "1957",
    FieldType.ADDRESS: {"province_code": "51", "commune_code": "21001", "detail": "Thôn Mẫu", "as_of": "2026-01-01"},
    FieldType.PHONE: "+84912345678",
    FieldType.EMAIL: "mau@example.vn",
    FieldType.MONEY: 1_000_000,
    FieldType.DECLARATION: True,
    FieldType.FILE: [{"id": "1", "name": "mau.pdf", "size": 1, "media_type": "application/pdf", "sha256": ""}],
}


def sample(field: Field) -> Any:
    """Một câu trả lời mẫu (a plausible answer of a field's type, for checks and for forms shown empty in editors)."""
    if field.type is FieldType.NUMBER:
        least = field.min if isinstance(field.min, int | float) else 1
        return int(max(least, 1)) if field.integer else float(max(least, 1))
    if field.type is FieldType.CHOICE:
        return field.options[0].value
    if field.type is FieldType.SEVERAL:
        return [option.value for option in field.options]
    if field.type is FieldType.GROUP:
        row = {inner.key: sample(inner) for inner in field.fields}
        return [row] if field.repeat else row
    return _SAMPLES[field.type]


def _sample_variables(form: Form, group: Field | None) -> dict[str, Any]:
    answers = {field.key: seen(field, sample(field)) for field in form.fields}
    item = {inner.key: seen(inner, sample(inner)) for inner in group.fields} if group else {}
    applicant = {"full_name": "Phạm Thị Mẫu", "personal_id": "051190000002", "kind": "person"}
    return {"answers": answers, "item": item, "applicant": applicant, "channel": "online", "today": "2026-01-02"}


def _type_problems(form: Form, expression: Expression, path: str, group: Field | None) -> Iterator[Problem]:
    """With every question answered an expression has to come to a value; if it does not, types do not fit."""
    try:
        expression.evaluate(_sample_variables(form, group))
    except ExpressionError as error:
        # Division by zero and the like depend on the very sample; they are no fault of the expression.
        if not isinstance(error.__cause__, ArithmeticError | IndexError):
            yield Problem(path, "bad_types", str(error))


def _dead_condition(form: Form, expression: Expression, path: str, group: Field | None) -> Iterator[Problem]:
    """Try every combination of what the condition names, when they can be counted."""
    domains: dict[Path, list[Any]] = {}
    for named in references_of(expression.source).paths:
        values = _domain(form, named, group)
        if values is None:
            return
        domains[named] = values
    count = 1
    for values in domains.values():
        count *= len(values)
    if count > MOST_COMBINATIONS:
        return
    variables = _sample_variables(form, group)
    outcomes = set()
    for combination in product(*domains.values()):
        for named, value in zip(domains, combination, strict=True):
            _assign(variables, named, value)
        outcomes.add(expression.holds(variables))
    if outcomes == {True}:
        yield Problem(path, "dead_condition", "Điều kiện này lúc nào cũng đúng, với mọi câu trả lời.")
    if outcomes == {False}:
        yield Problem(path, "dead_condition", "Điều kiện này không bao giờ đúng, với mọi câu trả lời.")


def _domain(form: Form, path: Path, group: Field | None) -> list[Any] | None:
    if path == ("channel",):
        return list(CHANNELS)
    if path == ("applicant", "kind"):
        return list(APPLICANT_KINDS)
    field = _resolve(form, path, group)
    if field is None or ITEM in path:
        return None
    if field.type is FieldType.CHOICE:
        return [*field.option_labels, blank(field)]
    if field.type is FieldType.DECLARATION:
        return [True, False]
    return None


def _assign(variables: dict[str, Any], path: Path, value: Any) -> None:
    *parents, last = path
    place = variables
    for name in parents:
        place = place[name]
    place[last] = value
