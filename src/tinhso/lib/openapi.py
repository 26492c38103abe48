"""Reading an OpenAPI 3.1 description: its operations, examples to ask with, and how an answer differs from it.

Differences name places and kinds, never a value of the answer: an answer may be about somebody.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing.exceptions import Unresolvable

from tinhso.lib.jsontext import read_json

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_MOST = 20
_KINDS = {
    "object": "đối tượng", "array": "danh sách", "string": "chữ", "integer": "số nguyên", "number": "số",
    "boolean": "đúng/sai", "null": "rỗng",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter or field as people read it (tham số, trường)."""

    name: str
    place: str
    kind: str
    is_required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Response:
    """One described answer (trả lời)."""

    status: str
    text: str
    fields: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation (thao tác): what is given, what comes back, an example to ask with when the description has one."""

    method: str
    path: str
    title: str
    text: str
    parameters: tuple[Parameter, ...]
    body: tuple[Parameter, ...]
    media_type: str
    responses: tuple[Response, ...]
    example_path: str
    example_body: str


def operations(document: Any) -> list[Operation]:
    """Every operation in the order of the description; what cannot be read is left out."""
    found = []
    for path, item in _mapping(_mapping(document).get("paths")).items():
        shared = _list(_mapping(item).get("parameters"))
        found += [
            _operation(document, method.upper(), str(path), shared, item[method])
            for method in METHODS
            if isinstance(_mapping(item).get(method), Mapping)
        ]
    return found


def covers(template: str, path: str) -> bool:
    """Whether a path template (`/people/{id}`) covers a concrete path."""
    wanted, given = template.strip("/").split("/"), path.strip("/").split("/")
    return len(wanted) == len(given) and all(
        one == other or (one.startswith("{") and one.endswith("}") and other != "")
        for one, other in zip(wanted, given, strict=True)
    )


def differences(document: Any, *, method: str, path: str, status: int, media_type: str, body: bytes) -> list[str]:
    """How an answer differs from its description, each in one line; nothing: it is as described."""
    item = next(
        (one for name, one in _mapping(_mapping(document).get("paths")).items() if covers(str(name), path)), None
    )
    operation = _mapping(item).get(method.lower())
    if not isinstance(operation, Mapping):
        return [f"Mô tả không có {method} {path}."]
    responses = _mapping(operation.get("responses"))
    described = responses.get(str(status), responses.get(f"{status // 100}XX", responses.get("default")))
    if described is None:
        return [f"Mô tả không có mã trả lời {status}."]
    content = _mapping(_resolved(document, described).get("content"))
    if not content:
        return []
    plain = media_type.split(";")[0].strip().lower()
    if plain not in {str(name).lower() for name in content}:
        return [f"Kiểu nội dung là «{plain or 'không ghi'}», mô tả ghi «{', '.join(map(str, content))}»."]
    schema = _mapping(content.get(plain)).get("schema")
    if schema is None or "json" not in plain:
        return []
    try:
        value = read_json(body)
    except ValueError:
        return ["Nội dung không phải JSON."]
    whole = {**_mapping(schema), "components": _mapping(document).get("components", {})}
    try:
        errors = sorted(
            Draft202012Validator(whole).iter_errors(value), key=lambda one: list(map(str, one.absolute_path))
        )
    except Unresolvable:
        return ["Mô tả dẫn tới một khuôn mẫu không có."]
    told: dict[str, None] = {}
    for error in errors:
        told.update(dict.fromkeys(_told(error)))
    return list(told)[:_MOST]


def _told(error: ValidationError) -> Iterator[str]:
    place = "$" + "".join("[]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    if error.validator == "required":
        wanted = error.validator_value if isinstance(error.validator_value, list) else []
        yield from (f"{place}: thiếu «{name}»." for name in wanted if name not in _mapping(error.instance))
    elif error.validator == "type":
        kinds = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        yield f"{place}: phải là {' hoặc '.join(_KINDS.get(str(one), str(one)) for one in kinds)}."
    elif error.validator in {"enum", "const"}:
        yield f"{place}: giá trị không có trong danh mục của mô tả."
    elif error.validator == "additionalProperties":
        yield f"{place}: có trường mà mô tả không có."
    else:
        yield f"{place}: không đúng điều kiện «{error.validator}»."


def _operation(document: Any, method: str, path: str, shared: list[Any], value: Mapping[str, Any]) -> Operation:
    parameters = [_resolved(document, one) for one in [*shared, *_list(value.get("parameters"))]]
    content = _mapping(_resolved(document, value.get("requestBody") or {}).get("content"))
    media_type = str(next(iter(content), ""))
    described = _mapping(content.get(media_type))
    example = _example(document, described)
    return Operation(
        method=method, path=path, title=str(value.get("summary") or value.get("operationId") or f"{method} {path}"),
        text=str(value.get("description") or ""), parameters=tuple(_parameter(document, one) for one in parameters),
        body=tuple(_fields(document, described.get("schema"))), media_type=media_type,
        responses=tuple(_response(document, status, one) for status, one in _mapping(value.get("responses")).items()),
        example_path=_example_path(path, parameters),
        example_body=_written(example, media_type),
    )  # fmt: skip


def _written(example: Any, media_type: str) -> str:
    """An example of a body as it is sent."""
    if example is None:
        return ""
    if isinstance(example, str) and "json" not in media_type:
        return example
    if isinstance(example, Mapping) and media_type == "application/x-www-form-urlencoded":
        return urlencode(example)
    return json.dumps(example, ensure_ascii=False, indent=2)


def _parameter(document: Any, value: Mapping[str, Any]) -> Parameter:
    schema = _resolved(document, value.get("schema") or {})
    place = {"path": "đường dẫn", "query": "câu hỏi", "header": "tiêu đề"}.get(str(value.get("in")), "")
    return Parameter(
        str(value.get("name", "")),
        place,
        _kind(schema),
        bool(value.get("required")),
        str(value.get("description") or ""),
    )


def _response(document: Any, status: Any, value: Any) -> Response:
    described = _resolved(document, value)
    content = _mapping(described.get("content"))
    schema = _mapping(next(iter(content.values()), None)).get("schema")
    return Response(str(status), str(described.get("description") or ""), tuple(_fields(document, schema)))


def _fields(document: Any, schema: Any, prefix: str = "", depth: int = 0) -> Iterator[Parameter]:
    """The fields of a schema, nested ones with their path; as deep as a person reads."""
    found = _resolved(document, schema or {})
    if found.get("type") == "array":
        yield from _fields(document, found.get("items"), f"{prefix}[]" if prefix else "[]", depth)
        return
    required = _list(found.get("required"))
    for name, value in _mapping(found.get("properties")).items():
        inner = _resolved(document, value)
        whole = f"{prefix}.{name}" if prefix else str(name)
        yield Parameter(whole, "", _kind(inner), name in required, str(inner.get("description") or ""))
        if depth < 3:
            yield from _fields(document, inner, whole, depth + 1)


def _kind(schema: Mapping[str, Any]) -> str:
    kinds = schema.get("type")
    named = kinds if isinstance(kinds, list) else [kinds] if kinds else []
    told = " hoặc ".join(_KINDS.get(str(one), str(one)) for one in named)
    if schema.get("format"):
        told = f"{told} ({schema['format']})"
    if schema.get("enum"):
        told = f"{told}: {', '.join(map(str, _list(schema['enum'])[:12]))}"
    return told


def _example(document: Any, described: Mapping[str, Any]) -> Any:
    """An example of a body: given as such, or the first of several, or in the schema."""
    if "example" in described:
        return described["example"]
    for one in _mapping(described.get("examples")).values():
        return _resolved(document, one).get("value")
    schema = _resolved(document, described.get("schema") or {})
    return schema.get("example", next(iter(_list(schema.get("examples"))), None))


def _example_path(path: str, parameters: list[Mapping[str, Any]]) -> str:
    """The path with examples in it; empty when a required value has none."""
    query = []
    for one in parameters:
        example = one.get("example", _mapping(one.get("schema")).get("example"))
        if one.get("in") == "path":
            if example is None:
                return ""
            path = path.replace(f"{{{one.get('name')}}}", quote(str(example), safe=""))
        elif one.get("in") == "query" and (one.get("required") or example is not None):
            if example is None:
                return ""
            query.append((str(one.get("name")), str(example)))
    return f"{path}?{urlencode(query)}" if query else path


def _resolved(document: Any, value: Any) -> Mapping[str, Any]:
    """What a `$ref` within the description leads to; a few steps at most, so that a circle ends."""
    for _ in range(5):
        reference = _mapping(value).get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        value = document
        for step in reference[2:].split("/"):
            value = _mapping(value).get(step.replace("~1", "/").replace("~0", "~"))
    return _mapping(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
