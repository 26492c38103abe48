"""Mã QR trên thẻ căn cước (the text of the QR code on an identity card)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from tinhso.lib.identifiers.errors import IdentifierError
from tinhso.lib.identifiers.persons import Sex, parse_personal_id

_FIELDS = 7
_LONGEST_INPUT = 2000
_SEXES = {"nam": Sex.MALE, "nữ": Sex.FEMALE}


@dataclass(frozen=True, slots=True)
class CardData:
    """Dữ liệu trên thẻ (what the QR says). It fills a form; it has no signature and proves nothing.

    `birth_date` is None when the card gives only a year, `issue_date` when it gives none. `address` is as printed:
    cards issued before 1 July 2025 name communes that may no longer exist.
    """

    personal_id: str
    old_id: str
    full_name: str
    birth_date: date | None
    sex: Sex
    address: str
    issue_date: date | None


def parse_card_qr(text: str) -> CardData:
    """Đọc mã QR thẻ căn cước (seven or more fields divided by `|`; fields after the seventh are ignored).

    Raises:
        IdentifierError: not the QR of an identity card, or a field in it is impossible.
    """
    line = unicodedata.normalize("NFC", text if len(text) <= _LONGEST_INPUT else "").strip("\ufeff\r\n\t ")
    parts = [" ".join(part.split()) for part in line.split("|")]
    if len(parts) < _FIELDS:
        raise IdentifierError("Đây không phải mã QR của thẻ căn cước. Hãy quét mã ở góc trên bên phải mặt trước thẻ.")
    number, old_id, full_name, born, sex, address, issued = parts[:_FIELDS]
    if not re.fullmatch(r"([0-9]{9}|[0-9]{12})?", old_id):
        raise IdentifierError("Số chứng minh nhân dân cũ trong mã QR không hợp lệ.")
    if not full_name:
        raise IdentifierError("Mã QR không có họ tên. Hãy quét lại hoặc nhập tay.")
    if sex.lower() not in _SEXES:
        raise IdentifierError("Giới tính trong mã QR không đọc được. Hãy quét lại hoặc nhập tay.")
    return CardData(
        personal_id=parse_personal_id(number).value,
        old_id=old_id,
        full_name=full_name,
        birth_date=_card_date(born, "Ngày sinh"),
        sex=_SEXES[sex.lower()],
        address=address,
        issue_date=_card_date(issued, "Ngày cấp"),
    )


def _card_date(text: str, name: str) -> date | None:
    """Read ddMMyyyy; empty, a lone year and 0000yyyy are no full date and give None."""
    if re.fullmatch(r"(0000)?[0-9]{4}|", text):
        return None
    if re.fullmatch(r"[0-9]{8}", text):
        try:
            return date(int(text[4:]), int(text[2:4]), int(text[:2]))
        except ValueError:
            pass
    raise IdentifierError(f"{name} trong mã QR không phải một ngày có thật. Hãy quét lại hoặc nhập tay.")
