"""What is wrong with scanned pages, in words; what a digitised paper is called."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tinhso.lib.text import fold

# The least that TT 02/2019/TT-BNV has digitised papers scanned with, as far as its text is known: assumed.
LEAST_DPI = 200
_LEANS = 2.0  # degrees: from here on lines visibly climb, and recognition of letters suffers
_BLANK_INK = 0.0008
_BLANK_CONTRAST = 30
_DARK = 140
_PALE = 70
_LONGEST_NAME = 60


def page_problems(figures: Mapping[str, Any]) -> list[str]:
    """What an officer should see before he signs for a page: blank, too dark, pale, leaning, too coarse."""
    problems: list[str] = []
    is_dark = figures["light"] < _DARK
    if figures["ink"] < _BLANK_INK or (figures["contrast"] < _BLANK_CONTRAST and not is_dark):
        problems.append("Trang trắng: có thể quét nhầm mặt sau hoặc thừa tờ.")
    elif is_dark:
        problems.append("Trang quá tối: tăng độ sáng của máy quét, hoặc chụp nơi đủ sáng.")
    elif figures["contrast"] < _PALE:
        problems.append("Chữ quá nhạt so với nền: tăng độ tương phản rồi quét lại.")
    if abs(figures["lean"]) >= _LEANS:
        lean = f"{abs(figures['lean']):.1f}".rstrip("0").rstrip(".").replace(".", ",")
        problems.append(f"Trang nghiêng khoảng {lean}°: đặt giấy thẳng mép rồi quét lại.")
    if figures["dpi"] < LEAST_DPI:
        problems.append(f"Độ phân giải {figures['dpi']} dpi, cần từ {LEAST_DPI} dpi.")
    return problems


# What of a file stays behind when its pages are drawn, by the notes of its inspection: the officer answers for the rest.
_LEFT_BEHIND = {
    "form": "có ô điền được: bản số hóa chỉ giữ chữ đang hiện trong ô",
    "layers": "có lớp nội dung ẩn, hiện được: bản số hóa chỉ giữ các lớp đang hiện",
    "markup": "có ghi chú, dấu vẽ đè lên trang: bản số hóa giữ như đang hiện",
    "embedded": "có tệp khác đính bên trong: tệp đính không vào bản số hóa",
    "script": "có mã lệnh bên trong: bản số hóa không giữ mã lệnh",
    "launch": "có lệnh mở chương trình: bản số hóa không giữ lệnh",
    "xfa": "dùng biểu mẫu động (XFA): nội dung hiện trong phần mềm khác có thể không giống trang được vẽ",
    "damaged": "có chỗ hỏng: có thể thiếu nội dung",
}


def file_problems(name: str, notes: Sequence[str]) -> list[str]:
    """What an officer should look at before pages of a file that is not a plain scan become the digitised paper."""
    return [f"Tệp “{name}” {_LEFT_BEHIND[note]}; mời xem kỹ từng trang." for note in notes if note in _LEFT_BEHIND]


def signed_source_refusal(name: str) -> str:
    """Why a file that bears a digital signature is not taken for the scan of a paper."""
    return (
        f"Tệp “{name}” đã được ký số: đó là văn bản điện tử, không phải bản quét của bản giấy, và vẽ lại thì mất chữ ký. "
        "Mời nộp thẳng tệp ấy làm thành phần hồ sơ; chứng thực bản sao điện tử chỉ làm từ bản chính giấy."
    )


def count_problem(*, found: int, declared: int | None) -> str:
    """Whether all pages are there; empty when they are, or when nobody has said how many there should be."""
    if declared is None or found == declared:
        return ""
    verb = "thiếu" if found < declared else "thừa"
    return f"Quét được {found} trang, bản giấy có {declared} trang: {verb} {abs(declared - found)} trang."


def field_letters(field: str) -> str:
    """The letters of a field of procedures in a document's number: "Hoạt động xây dựng" → "HDXD"."""
    words = re.findall(r"[a-z0-9]+", fold(field))
    return "".join(word[0] for word in words)[:8].upper() or "TTHC"


def document_code(*, organisation: str, field: str, number: int, version: int) -> str:
    """Mã tài liệu số hóa MCQ_LV_STT_PB: organisation, field, running number, version."""
    return f"{organisation}_{field_letters(field)}_{number:06d}_V{version}"


def digitised_name(*, code: str, on: date, about: str) -> str:
    """The file's name: CODE_YYYYMMDD_DESC.pdf, without diacritics."""
    words = "-".join(re.findall(r"[a-z0-9]+", fold(about)))[:_LONGEST_NAME].strip("-")
    return f"{code}_{on:%Y%m%d}_{words or 'tai-lieu'}.pdf"


def digitised_metadata(
    *, code: str, type_name: str, organisation: str, subject: str, issued_on: date, pages: int, signer: str,
    case_code: str, keywords: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """The description that goes with a digitised paper, under the names and lengths of the exchange format."""
    return {
        "DocCode": code[:30], "TypeName": type_name[:100], "CodeNumber": code.split("_")[-2][:11],
        "CodeNotation": case_code[:30], "IssuedDate": issued_on.isoformat(), "OrganName": organisation[:200],
        "Subject": subject[:500], "Language": "vi", "PageAmount": pages, "InforSign": signer[:200],
        "Keyword": ", ".join(keywords)[:200], "Mode": "02", "Format": "PDF/A-2b", "ConfidenceLevel": "Số hóa từ bản giấy",
    }  # fmt: skip
