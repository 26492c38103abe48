"""VietQR: the EMVCo text a bank app reads from a QR code (NAPAS 247), and its check digits."""

_GUID = "A000000727"
_TO_ACCOUNT = "QRIBFTTA"
_BIN_LENGTH = 6
_LONGEST_ACCOUNT = 19
_LONGEST_PURPOSE = 25


class VietQrError(ValueError):
    """What cannot be said in a VietQR code."""


def vietqr(*, bank_bin: str, account: str, amount_vnd: int | None = None, purpose: str = "") -> str:
    """The text of the QR code: with an amount a dynamic code, without one a static one that may be used again.

    `purpose` (25 characters of ASCII at most) is what the bank passes on with the money.

    Raises:
        VietQrError: a bank's number that is not six digits, a wrong account or amount, a purpose too long or not ASCII.
    """
    if len(bank_bin) != _BIN_LENGTH or not bank_bin.isdigit():
        raise VietQrError("mã BIN của ngân hàng gồm 6 chữ số")
    if not (account.isascii() and account.isalnum() and len(account) <= _LONGEST_ACCOUNT):
        raise VietQrError("số tài khoản gồm tối đa 19 chữ cái, chữ số")
    if amount_vnd is not None and amount_vnd <= 0:
        raise VietQrError("số tiền phải lớn hơn 0")
    if len(purpose) > _LONGEST_PURPOSE or not (purpose.isascii() and purpose.isprintable()):
        raise VietQrError("nội dung tối đa 25 ký tự không dấu")
    receiver = _tag("00", _GUID) + _tag("01", _tag("00", bank_bin) + _tag("01", account)) + _tag("02", _TO_ACCOUNT)
    text = (
        _tag("00", "01") + _tag("01", "11" if amount_vnd is None else "12") + _tag("38", receiver) + _tag("53", "704")
    )
    text += _tag("54", str(amount_vnd)) if amount_vnd is not None else ""
    text += _tag("58", "VN") + (_tag("62", _tag("08", purpose)) if purpose else "") + "6304"
    return f"{text}{crc16(text.encode('ascii')):04X}"


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 1021, starting with FFFF."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1) ^ 0x1021 if value & 0x8000 else value << 1
        value &= 0xFFFF
    return value


def read_tags(text: str) -> dict[str, str]:
    """The tags of one level of a code, by their two digits.

    Raises:
        VietQrError: a length that does not fit.
    """
    found, place = {}, 0
    while place < len(text):
        head = text[place : place + 4]
        if not head.isdigit() or len(head) < 4:
            raise VietQrError("không phải mã VietQR")
        end = place + 4 + int(head[2:])
        if end > len(text):
            raise VietQrError("mã VietQR thiếu phần cuối")
        found[head[:2]] = text[place + 4 : end]
        place = end
    return found


def _tag(name: str, value: str) -> str:
    return f"{name}{len(value):02d}{value}"
