"""Chữ (cleaning of written answers): texts, names, phones, e-mail, codes."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from tinhso.lib.forms.answers import LONGEST_RAW_TEXT, AnswerError, Surroundings, lowered
from tinhso.lib.forms.celmodule import cel
from tinhso.lib.forms.language import Field
from tinhso.lib.forms.parsing import whole
from tinhso.lib.identifiers import IdentifierError, check_tax_code, parse_personal_id, parse_phone

DEFAULT_LENGTH = 500
DEFAULT_MULTILINE_LENGTH = 5000
DEFAULT_NAME_LENGTH = 100
_MULTILINE_SPACES = re.compile(r"[^\S\n]+")
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u02b9\u0060\u00b4\u2032\uff07", "'"))
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013", "-"))
# Words of letters; between or inside them one apostrophe, hyphen or full stop at a time: Y Hoa, H'Hen Niê, Nguyễn-Lê.
_NAME_SHAPE = re.compile(r"'?L+(?:[ .'-]{1,2}L+)*[.']?")
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_LONGEST_EMAIL = 254


def read_text(raw: Any) -> str:
    """A string without characters that cannot be seen or stored, in NFC.

    Raises:
        AnswerError: no string, or far too long.
    """
    if not isinstance(raw, str):
        raise AnswerError("Câu trả lời này phải là chữ.")
    if len(raw) > LONGEST_RAW_TEXT:
        raise AnswerError("Nội dung quá dài. Hãy viết ngắn lại.")
    return unicodedata.normalize("NFC", "".join(_visible(char) for char in raw))


def _visible(char: str) -> str:
    if char in "\n\t\r":
        return char
    category = unicodedata.category(char)
    # Controls (NUL breaks storage), lone surrogates, and marks that turn the direction of the text around.
    if category in {"Cc", "Cs"} or char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff":
        return ""
    return char


def max_length(field: Field) -> int:
    """The most characters a text field takes."""
    if field.max_length is not None:
        return field.max_length
    return DEFAULT_MULTILINE_LENGTH if field.multiline else DEFAULT_LENGTH


def clean_text(field: Field, raw: Any, _: Surroundings) -> str:
    text = read_text(raw)
    if field.multiline:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        text = "\n".join(_MULTILINE_SPACES.sub(" ", line).strip() for line in lines).strip()
    else:
        text = " ".join(text.split())
    limit = max_length(field)
    if len(text) > limit:
        raise AnswerError(f"Nội dung dài {len(text)} ký tự, nhiều nhất được {limit} ký tự. Hãy viết ngắn lại.")
    if field.pattern and text and not matches(field.pattern, text):
        raise AnswerError(field.message or f"{field.label} không đúng dạng yêu cầu.")
    return text


def matches(pattern: str, text: str) -> bool:
    """Whether a whole text fits a pattern, in time linear in the text (patterns come from content files)."""
    return cel.evaluate("text.matches(pattern)", {"text": text, "pattern": whole(pattern)}) is True


def clean_person_name(field: Field, raw: Any, _: Surroundings) -> str:
    """Họ và tên: Vietnamese names, names of every people of the country, names of foreigners in Latin letters."""
    name = " ".join(read_text(raw).split()).translate(_APOSTROPHES).translate(_HYPHENS)
    limit = field.max_length or DEFAULT_NAME_LENGTH
    if len(name) > limit:
        raise AnswerError(f"{field.label} dài {len(name)} ký tự, nhiều nhất được {limit} ký tự.")
    strange = sorted({char for char in name if not _is_name_char(char)})
    if strange:
        shown = " ".join(strange[:5])
        raise AnswerError(f"{field.label} chỉ gồm chữ cái và khoảng trắng. Hãy bỏ: {shown}")
    if name and not _NAME_SHAPE.fullmatch("".join(_shape(char) for char in name)):
        raise AnswerError(f"{field.label} chưa đúng. Hãy viết như trên giấy tờ, ví dụ: Phạm Thị Mẫu.")
    return name


def _is_name_char(char: str) -> bool:
    return char in " .'-" or _shape(char) == "L"


def _shape(char: str) -> str:
    """`L` for a Latin letter or a mark upon one, else the character itself."""
    # Some alphabets of the Highlands have letters without a composed form, such as o with horn and breve.
    if "\u0300" <= char <= "\u036f":
        return "L"
    return "L" if char.isalpha() and unicodedata.name(char, "").startswith("LATIN ") else char


def clean_personal_id(_: Field, raw: Any, surroundings: Surroundings) -> str:
    text = read_text(raw).strip()
    return _identified(lambda: parse_personal_id(text, on=surroundings.today).value) if text else ""


def clean_tax_code(_: Field, raw: Any, __: Surroundings) -> str:
    text = read_text(raw).strip()
    return _identified(lambda: check_tax_code(text)) if text else ""


def clean_phone(field: Field, raw: Any, _: Surroundings) -> str:
    text = read_text(raw).strip()
    return _identified(lambda: parse_phone(text, landline=field.landline)) if text else ""


def clean_email(_: Field, raw: Any, __: Surroundings) -> str:
    text = read_text(raw).strip()
    if text and (len(text) > _LONGEST_EMAIL or not _EMAIL.fullmatch(text)):
        raise AnswerError("Địa chỉ thư điện tử chưa đúng. Ví dụ: ten@example.vn.")
    return text


def clean_choice(field: Field, raw: Any, _: Surroundings) -> str:
    value = read_text(raw).strip()
    if value and value not in field.option_labels:
        raise AnswerError(f"Hãy chọn {lowered(field.label)} trong các lựa chọn đã cho.")
    return value


def _identified(read: Callable[[], str]) -> str:
    try:
        return read()
    except IdentifierError as error:
        raise AnswerError(str(error)) from error
