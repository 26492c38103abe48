"""Câu trả lời gồm nhiều phần (cleaning of addresses, several choices, declarations and files)."""

import re
from collections.abc import Mapping
from typing import Any

from tinhso.lib.forms.answers import AnswerError, Surroundings, lowered
from tinhso.lib.forms.language import Field
from tinhso.lib.forms.texts import read_text

MOST_FILES = 50
ADDRESS_PARTS = ("province_code", "commune_code", "detail", "as_of")
LONGEST_DETAIL = 300
_PROVINCE = re.compile(r"[0-9]{2}")
_COMMUNE = re.compile(r"[0-9]{5}")
_MEDIA_NAMES = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP"}
_MEGABYTE = 1024 * 1024
_LARGEST_ID = 2**63


def clean_several(field: Field, raw: Any, _: Surroundings) -> list[str]:
    if not isinstance(raw, list):
        raise AnswerError(f"{field.label}: câu trả lời này phải là một danh sách.")
    labels = field.option_labels
    if not all(isinstance(item, str) and item in labels for item in raw):
        raise AnswerError(f"Hãy chọn {lowered(field.label)} trong các lựa chọn đã cho.")
    chosen = set(raw)
    if isinstance(field.min, int) and len(chosen) < field.min:
        raise AnswerError(f"Hãy chọn ít nhất {field.min} mục.")
    if isinstance(field.max, int) and len(chosen) > field.max:
        raise AnswerError(f"Chỉ được chọn nhiều nhất {field.max} mục.")
    return [option.value for option in field.options if option.value in chosen]


def clean_declaration(field: Field, raw: Any, _: Surroundings) -> bool:
    if not isinstance(raw, bool):
        raise AnswerError(f"Hãy đánh dấu hoặc để trống: {lowered(field.label)}.")
    return raw


def clean_address(field: Field, raw: Any, surroundings: Surroundings) -> dict[str, str] | None:
    """Địa chỉ: codes must exist on the day the field names; the day is kept, for a code alone tells no period."""
    if not isinstance(raw, Mapping):
        raise AnswerError(f"{field.label} gồm tỉnh, xã và số nhà, thôn.")
    province, commune, detail = (" ".join(read_text(raw.get(part) or "").split()) for part in ADDRESS_PARTS[:3])
    if not (commune or detail):
        # A province alone is what the page offers from the start, not an answer.
        return None
    as_of = surroundings.day(field.as_of)
    if not _PROVINCE.fullmatch(province):
        raise AnswerError("Hãy chọn tỉnh hoặc thành phố.")
    if not _COMMUNE.fullmatch(commune):
        raise AnswerError("Hãy chọn xã, phường hoặc đặc khu.")
    if surroundings.lookup is not None:
        owner = next((owner for code, _, owner in surroundings.lookup.communes(as_of) if code == commune), None)
        if owner is None:
            raise AnswerError(f"Không có xã, phường mang mã {commune} vào ngày {as_of:%d/%m/%Y}.")
        if owner != province:
            raise AnswerError("Xã, phường đã chọn không thuộc tỉnh đã chọn. Hãy chọn lại.")
    if len(detail) > LONGEST_DETAIL:
        raise AnswerError(f"Số nhà, thôn, đường chỉ được nhiều nhất {LONGEST_DETAIL} ký tự.")
    return {"province_code": province, "commune_code": commune, "detail": detail, "as_of": as_of.isoformat()}


def clean_file(field: Field, raw: Any, surroundings: Surroundings) -> list[dict[str, Any]]:
    if not isinstance(raw, list):
        raise AnswerError(f"{field.label}: câu trả lời này phải là danh sách tệp.")
    if len(raw) > min(field.max_files, MOST_FILES):
        raise AnswerError(f"Chỉ được đính kèm nhiều nhất {min(field.max_files, MOST_FILES)} tệp.")
    return [_file(field, item, surroundings) for item in raw]


def _file(field: Field, raw: Any, surroundings: Surroundings) -> dict[str, Any]:
    file_id = _file_id(raw.get("id")) if isinstance(raw, Mapping) else ""
    if not file_id:
        raise AnswerError("Tệp đính kèm không đúng dạng. Hãy tải tệp lên lại.")
    facts: Mapping[str, Any] = raw
    if surroundings.files is not None:
        found = surroundings.files.get(file_id)
        if found is None:
            raise AnswerError("Không tìm thấy tệp đã đính kèm. Hãy tải tệp lên lại.")
        facts = found
    name = " ".join(read_text(facts.get("name") or "").split())[:255]
    media_type, digest = (read_text(facts.get(part) or "")[:100] for part in ("media_type", "sha256"))
    size = facts.get("size")
    size = size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else 0
    if field.accept and media_type not in field.accept:
        names = ", ".join(_MEDIA_NAMES.get(media, media) for media in field.accept)
        raise AnswerError(f"Tệp {name or file_id} không đúng loại. Chỉ nhận: {names}.")
    if size > field.max_megabytes * _MEGABYTE:
        raise AnswerError(f"Tệp {name or file_id} lớn hơn {field.max_megabytes} MB.")
    return {"id": file_id, "name": name, "size": size, "media_type": media_type, "sha256": digest}


def _file_id(value: Any) -> str:
    """The identifier as text; empty if it is none."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LARGEST_ID:
        return str(value)
    return read_text(value).strip()[:100] if isinstance(value, str) else ""
