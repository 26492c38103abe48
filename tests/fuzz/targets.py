"""Every reader of what comes from outside, with beginnings that it understands and the refusals it declares."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tinhso.apps.signatures.rules import papercode
from tinhso.kernel.errors import DomainError
from tinhso.kernel.keyset import decode_cursor
from tinhso.lib import edxml, spreadsheet, vietqr, vxp
from tinhso.lib.eark import checker
from tinhso.lib.forms.cel import ExpressionError, compile_expression
from tinhso.lib.identifiers import IdentifierError, parse_card_qr, parse_personal_id, parse_phone
from tinhso.lib.plainpdf.values import NotPlain
from tinhso.lib.plainpdf.values import parse as parse_pdf_value
from tinhso.lib.xroad import identifiers as xroad

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Target:
    """A reader: what it is given, what it may raise."""

    read: Callable[[bytes], Any]
    seeds: tuple[bytes, ...]
    refusals: tuple[type[Exception], ...] = ()


def _text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    return lambda data: read(data.decode("utf-8", "replace"))


def _headers(data: bytes) -> Any:
    lines = (line.partition(":") for line in data.decode("latin-1").splitlines())
    return vxp.read_headers({name: value for name, _, value in lines}, secrets={"a": "b"}, at=AT)


def _expression(data: bytes) -> Any:
    return compile_expression(data.decode("utf-8", "replace")).evaluate({"answers": {"a": 1}, "today": "2026-11-23"})


def _workbook() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        spreadsheet.write_xlsx(path, title="a", header=["Tên", "Số"], rows=[["Nguyễn Văn Mẫu", 1], ["=1+1", 2]])
        return path.read_bytes()


_EDXML = b"""<?xml version="1.0" encoding="utf-8"?><edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">
<edXML:edXMLHeader><edXML:MessageHeader><edXML:From><edXML:OrganId>H48</edXML:OrganId></edXML:From></edXML:MessageHeader>
</edXML:edXMLHeader><edXML:edXMLBody/></edXML:edXMLEnvelope>"""
_CARD = "051090000001|212345678|Nguyễn Văn Mẫu|01011990|Nam|Tổ dân phố 7, Quảng Ngãi|01012022".encode()
_XROAD = b"/r1/QN/GOV/H48/dvc/danh-muc/v1?x=1"

TARGETS: dict[str, Target] = {
    "edxml": Target(edxml.read_envelope, (_EDXML,), (edxml.PacketError,)),
    "vietqr": Target(
        _text(vietqr.read_tags), (b"00020101021138570010A00000072701270006970403", b"0002016304ABCD"), (vietqr.VietQrError,)
    ),
    "card": Target(_text(parse_card_qr), (_CARD,), (IdentifierError,)),
    "personal-id": Target(_text(parse_personal_id), (b"051090000001",), (IdentifierError,)),
    "phone": Target(_text(parse_phone), (b"0900000007", b"+84 900 000 007"), (IdentifierError,)),
    "paper-code": Target(lambda data: papercode.read("A" * 20, data.decode("latin-1"), public_key=b"\0" * 32), (b"A" * 200,)),
    "expression": Target(
        _expression, (b"answers.a == 1 && today > '2026'", b"[1,2].size() > 0 ? 'a' : 'b'"), (ExpressionError,)
    ),
    "xlsx": Target(
        lambda data: spreadsheet.read_xlsx(data, most_rows=100, most_columns=20), (_workbook(),),
        (spreadsheet.SheetError,),
    ),
    "package": Target(lambda data: checker.check_package(BytesIO(data)), (b"PK\x05\x06" + b"\0" * 18, _workbook())),
    "hub-headers": Target(_headers, (b"Authorization: a\nX-Date: 1", b""), (vxp.SignatureError,)),
    "exchange-path": Target(_text(xroad.parse_target), (_XROAD,), (xroad.IdentifierError,)),
    "exchange-client": Target(_text(xroad.parse_client), (b"QN/GOV/H48/dvc",), (xroad.IdentifierError,)),
    "cursor": Target(_text(decode_cursor), (b"MjAyNi0xMS0yM1QwMDowMDowMCswMDowMHw3",), (DomainError, ValueError)),
    "pdf-value": Target(lambda data: parse_pdf_value(data, 0), (b"<< /A [1 2 (x) <41>] /B 3 0 R >>",), (NotPlain,)),
}  # fmt: skip
