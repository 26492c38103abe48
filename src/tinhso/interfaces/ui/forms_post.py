"""Đọc biểu mẫu gửi lên (from a posted page back to raw answers). Shape only: `lib.forms.validate` judges.

What was not on the page (`_shown`) keeps its earlier answer, so a page may show one section, and a hidden question gets
its answer back when it is asked again. Files are referred to by what is already in `previous`: a page cannot name
another person's file.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from tinhso.lib.forms import Field, FieldType, Form
from tinhso.lib.forms.language import MAX_ROWS
from tinhso.lib.text import whole_number

UPLOAD_SUFFIX = ".upload"
_ADD, _REMOVE, _REFRESH = "_add:", "_remove:", "_refresh"
# Beyond this a text is no answer; it is cut so that a draft stays storable. The limit of each field is judged later.
_LONGEST_KEPT = 20_000


def parse_post(form: Form, data: QueryDict, *, previous: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Đọc câu trả lời từ trang (raw answers of a form; buttons that add or remove a row or a file are carried out).

    `previous`: the raw answers kept so far (the draft).
    """
    return _Reader(data, previous or {}).read(form)


def row_action(data: QueryDict) -> str:
    """The group or file field whose row was added or removed by a button, empty when the form itself was sent.

    The page is then shown again, without judging what is not answered yet. The button that lists the communes of another
    province counts as such (without JavaScript nothing else can).
    """
    for name in data:
        if name == _REFRESH:
            return name
        if name.startswith((_ADD, _REMOVE)):
            return name.split(":")[1]
    return ""


def added_row(form: Form, data: QueryDict, answers: Mapping[str, Any]) -> str:
    """Path of the first input of a row just added (for `autofocus`), empty if none was."""
    key = next((name.removeprefix(_ADD) for name in data if name.startswith(_ADD)), "")
    group = form.field(key)
    rows = answers.get(key)
    if group is None or not isinstance(rows, list) or not rows:
        return ""
    return f"{key}.{len(rows) - 1}.{group.fields[0].key}"


def uploads(form: Form, files: "MultiValueDict[str, UploadedFile[Any]]") -> "dict[str, list[UploadedFile[Any]]]":
    """Tệp gửi lên (uploaded files by path of their field, only of fields the form has)."""
    found: dict[str, list[UploadedFile[Any]]] = {}
    for name in files:
        path = name.removesuffix(UPLOAD_SUFFIX)
        field = form.field(path)
        if name != path and field is not None and field.type is FieldType.FILE:
            found[path] = [item for item in files.getlist(name) if item]
    return found


def attach(answers: dict[str, Any], path: str, references: Iterable[Mapping[str, Any]]) -> None:
    """Ghi nhận tệp đã lưu (add references of stored files to raw answers, in place).

    `references`: {id, name, size, media_type, sha256} of each file. A path that leads nowhere is ignored.
    """
    *parents, key = path.split(".")
    place: Any = answers
    for part in parents:
        if (number := whole_number(part)) is not None:
            place = place[number] if isinstance(place, list) and number < len(place) else None
        else:
            place = place.setdefault(part, {}) if isinstance(place, dict) else None
    if isinstance(place, dict):
        kept = place.get(key)
        place[key] = [*(kept if isinstance(kept, list) else []), *(dict(item) for item in references)]


class _Reader:
    def __init__(self, data: QueryDict, previous: Mapping[str, Any]) -> None:
        self.data, self.previous = data, previous
        self.shown = frozenset(data.get("_shown", "").split()) if "_shown" in data else None

    def read(self, form: Form) -> dict[str, Any]:
        answers = {}
        for field in form.fields:
            value = self._kept_or_read(field, field.key, self.previous.get(field.key))
            if value is not None:
                answers[field.key] = value
        return answers

    def _kept_or_read(self, field: Field, path: str, before: Any) -> Any:
        if field.computed:
            return None
        if self.shown is not None and path not in self.shown:
            return before
        if field.type is FieldType.GROUP:
            return self._group(field, path, before)
        return self._value(field, path, before)

    def _value(self, field: Field, path: str, before: Any) -> Any:
        match field.type:
            case FieldType.SEVERAL:
                return [_clean(item) for item in self.data.getlist(path)][: 2 * len(field.options)]
            case FieldType.DECLARATION:
                return True if path in self.data else None
            case FieldType.ADDRESS:
                parts = ("province_code", "commune_code", "detail")
                return {part: _clean(self.data.get(f"{path}.{part}", "")) for part in parts}
            case FieldType.FILE:
                return self._files(path, before)
            case _:
                if path in self.data:
                    return _clean(str(self.data[path]))
                return before if self.shown is None else None

    def _files(self, path: str, before: Any) -> list[Any]:
        known = before if isinstance(before, list) else []
        removed = {name.split(":")[-1] for name in self.data if name.startswith(f"{_REMOVE}{path}:")}
        kept = set(self.data.getlist(path)) - removed
        return [item for item in known if isinstance(item, Mapping) and str(item.get("id")) in kept]

    def _group(self, group: Field, path: str, before: Any) -> Any:
        if group.repeat is None:
            return self._row(group, path, before)
        rows = before if isinstance(before, list) else []
        removed = {name for name in self.data if name.startswith(f"{_REMOVE}{path}:")}
        found = [
            self._row(group, f"{path}.{index}", rows[index] if index < len(rows) else None)
            for index in self._indices(path)
            if f"{_REMOVE}{path}:{index}" not in removed
        ]
        most = min(group.repeat.max, MAX_ROWS)
        if f"{_ADD}{path}" in self.data and len(found) < most:
            found.append({})
        return found

    def _row(self, group: Field, path: str, before: Any) -> dict[str, Any]:
        kept = before if isinstance(before, Mapping) else {}
        row = {
            inner.key: self._kept_or_read(inner, f"{path}.{inner.key}", kept.get(inner.key)) for inner in group.fields
        }
        return {key: value for key, value in row.items() if value is not None}

    def _indices(self, path: str) -> list[int]:
        """Which rows were on the page: each carries a marker, so that a row with nothing ticked is still a row."""
        pattern = re.compile(rf"{re.escape(path)}\.([0-9]{{1,3}})\.[a-z0-9_.]+")
        marked = {int(text) for text in self.data.getlist(path) if re.fullmatch(r"[0-9]{1,3}", text)}
        named = {int(match[1]) for name in self.data if (match := pattern.fullmatch(name))}
        return sorted(marked | named)[:MAX_ROWS]


def _clean(text: str) -> str:
    """Without NUL, which no database stores; the rest is for the cleaners."""
    return text[:_LONGEST_KEPT].replace("\x00", "")
