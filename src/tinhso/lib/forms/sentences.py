"""Câu báo lỗi chung (sentences that several types share)."""

from tinhso.lib.forms.answers import lowered
from tinhso.lib.forms.language import Field, FieldType

_CHOSEN = {FieldType.CHOICE, FieldType.SEVERAL}


def missing(field: Field) -> str:
    """What is said beside a required question without an answer."""
    name = lowered(field.label).rstrip(" .:")
    if field.computed:
        return f"Chưa tính được {name}. Hãy trả lời các câu hỏi liên quan."
    if name.endswith("?"):
        return f"Hãy trả lời: {field.label}"
    if field.type is FieldType.DECLARATION:
        return f"Hãy đánh dấu để xác nhận: {name}."
    if field.type is FieldType.FILE:
        return f"Hãy đính kèm {name}."
    return f"Hãy {'chọn' if field.type in _CHOSEN else 'nhập'} {name}."


def too_few_rows(group: Field) -> str:
    """What is said beside a group with fewer rows than it must have."""
    least = group.repeat.min if group.repeat else 1
    return f"Hãy thêm ít nhất {least} {row_name(group)}."


def too_many_rows(group: Field) -> str:
    """What is said beside a group with more rows than it may have."""
    most = group.repeat.max if group.repeat else 1
    return f"Chỉ được nhập nhiều nhất {most} {row_name(group)}."


def row_name(group: Field) -> str:
    """What one row is called inside a sentence."""
    return lowered(group.item_label) or "dòng"
