"""Scans made into papers: the digitised component, and the certified electronic copy."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tinhso.apps.cases.models import Result, Scan
from tinhso.apps.cases.queries._scans import sheets_of_scan
from tinhso.apps.documents import queries as documents
from tinhso.apps.documents.data import PaperNotTypeset
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.plainpdf import Bound, NotPlain, bind

_MARK = "letters/digitised-mark.typ"


def digitised_pdf(scan: Scan) -> bytes:
    """The digitised paper as PDF/A-2b with a place for the officer's signature; the same scan gives the same bytes.

    Raises:
        ScanUnreadable, FileHeld. PaperNotTypeset: the mark does not compile.
    """
    at = scan.confirmed_at or scan.taken_at
    local = at.astimezone(PROVINCE_TIME)
    lines = ["BẢN SỐ HÓA TỪ BẢN GIẤY", scan.code or "", f"{scan.by_name}, {local.isoformat(timespec='seconds')}"]
    mark = {"lines": lines, "place": True, "issued_on": local.date().isoformat()}
    return _bound(scan, mark=mark, letter=b"", title=f"{scan.name} ({scan.code})", author=scan.by_name, at=local)


def certified_copy(scan: Scan, result: Result, *, letter: bytes, agency: str, data: Mapping[str, Any]) -> bytes:
    """The scanned original with the text of certification behind it, ready to be signed and sealed.

    The block of an electronic copy stands in the upper right corner of the first page: kind of copy, agency, number, time
    (NĐ 30/2020/NĐ-CP, Phụ lục I), with the code under which anybody can check the file.

    Raises:
        ScanUnreadable, FileHeld. PaperNotTypeset: the mark does not compile.
    """
    local = (result.approved_at or result.proposed_at).astimezone(PROVINCE_TIME)
    number = f"Số chứng thực {result.number}" if result.number else "DỰ THẢO"
    lines = ["BẢN SAO CHỨNG THỰC ĐIỆN TỬ", agency, number, local.isoformat(timespec="seconds")]
    mark = {
        "lines": [*lines, f"Mã kiểm tra: {result.check_code}"], "qr_svg": data["qr_svg"],
        "issued_on": local.date().isoformat(),
    }  # fmt: skip
    title = f"Bản sao chứng thực điện tử {result.number}".strip()
    return _bound(scan, mark=mark, letter=letter, title=title, author=agency, at=local)


def _bound(scan: Scan, *, mark: Mapping[str, Any], letter: bytes, title: str, author: str, at: datetime) -> bytes:
    sheets = [
        Bound(sheet.jpeg, sheet.width, sheet.height, sheet.dpi, sheet.is_gray)
        for _, _, sheet in sheets_of_scan(scan, with_pictures=True)
    ]
    drawn = documents.typeset_paper(_MARK, mark)
    try:
        return bind(sheets, mark=drawn, letter=letter, title=title, author=author, at=at)
    except NotPlain as error:
        raise PaperNotTypeset("Chưa ghép được trang quét thành văn bản, mời quét lại.") from error
