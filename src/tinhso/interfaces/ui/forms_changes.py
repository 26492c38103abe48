"""Trả lời tự lưu (the answer to an autosave): only what must change on a page someone is typing on.

Inputs in use are never replaced. A wrapper is sent when its question appears or goes, a computed value when there is one,
an error's place when the error comes or goes, a list of communes when the province changed, a group when a row was added
or removed. Everything is swapped out of band, by id.
"""

from dataclasses import replace

from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from tinhso.interfaces.ui.forms import BoundField, BoundForm
from tinhso.interfaces.ui.forms_post import row_action
from tinhso.lib.forms import FieldType
from tinhso.lib.forms.sentences import missing


def render_changes(bound: BoundForm, data: QueryDict) -> SafeString:
    """Những gì thay đổi trên trang (fragments for an autosave; `bound` with the errors of a partial validation).

    `data` is what the page posted: it tells what the page shows now.
    """
    before = frozenset(data.get("_shown", "").split())
    wrong = frozenset(data.get("_wrong", "").split())
    changed = row_action(data)
    fragments: list[str] = []
    for section in bound.sections:
        if section.visible != any(_top(path) in {field.path for field in section.fields} for path in before):
            if section.fields:
                fragments.append(_render("_section", section=section, swap=True))
            continue
        for field in section.fields:
            fragments += _field_changes(field, data, before, wrong, changed)
    fragments.append(_render("_marks", bound=bound, swap=True, wrong=_still_wrong(bound, data, wrong)))
    return mark_safe("".join(fragments))  # noqa: S308 - joined from rendered templates only


def _field_changes(
    field: BoundField, data: QueryDict, before: frozenset[str], wrong: frozenset[str], changed: str
) -> list[str]:
    if field.visible != (field.path in before) or (field.visible and _is_redrawn(field, data, changed)):
        return [_render("_field", field=field, swap=True)]
    if not field.visible:
        return []
    fragments = []
    if field.error or field.path in wrong:
        # A page sent with gaps keeps saying so beside each gap until it is filled.
        gap = missing(field.field) if _is_gap(field, data) else ""
        fragments.append(_render("_error", field=replace(field, error=field.error or gap), swap=True))
    if field.field.required_when and field.field.type is not FieldType.DECLARATION:
        fragments.append(_render("_optional", field=field, swap=True))
    if field.address is not None and data.get(f"{field.path}._offered", "") != field.address.offered:
        fragments.append(_render("_communes", field=field, swap=True))
    for inner in (inner for row in field.rows for inner in row.fields):
        fragments += _field_changes(inner, data, before, wrong, changed)
    return fragments


def _is_redrawn(field: BoundField, data: QueryDict, changed: str) -> bool:
    if field.field.type is FieldType.FILE:
        # A file just stored or removed: the input must not send it again.
        return [file.id for file in field.files] != data.getlist(field.path)
    return bool(field.field.computed) or field.path == changed


def _is_gap(field: BoundField, data: QueryDict) -> bool:
    return field.required and not _is_answered(field, data)


def _is_answered(field: BoundField, data: QueryDict) -> bool:
    if field.field.type is FieldType.ADDRESS:
        return bool(data.get(f"{field.path}.commune_code") or data.get(f"{field.path}.detail"))
    return bool(field.rows or any(text.strip() for text in data.getlist(field.path)))


def _still_wrong(bound: BoundForm, data: QueryDict, wrong: frozenset[str]) -> str:
    fields = [field for field in bound.walk() if field.visible]
    return " ".join(field.path for field in fields if field.error or (field.path in wrong and _is_gap(field, data)))


def _top(path: str) -> str:
    return path.split(".", 1)[0]


def _render(name: str, **context: object) -> str:
    return render_to_string(f"ui/forms/{name}.html", context)
