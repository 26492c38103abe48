"""What people type and scan, and the small languages of addresses and headers."""

from datetime import UTC, datetime
from typing import Any

from tests.fuzz.targets.target import Target, text
from tinhso.apps.signatures.rules import papercode
from tinhso.kernel.errors import DomainError
from tinhso.kernel.keyset import decode_cursor
from tinhso.lib import vietqr
from tinhso.lib.forms.cel import ExpressionError, compile_expression
from tinhso.lib.identifiers import IdentifierError, parse_card_qr, parse_personal_id, parse_phone
from tinhso.lib.plainpdf.values import NotPlain
from tinhso.lib.plainpdf.values import parse as parse_pdf_value
from tinhso.lib.xroad import identifiers as xroad

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def _expression(data: bytes) -> Any:
    return compile_expression(data.decode("utf-8", "replace")).evaluate({"answers": {"a": 1}, "today": "2026-11-23"})


_CARD = "051090000001|212345678|Nguyễn Văn Mẫu|01011990|Nam|Tổ dân phố 7, Quảng Ngãi|01012022".encode()
_XROAD = b"/r1/QN/GOV/H48/dvc/danh-muc/v1?x=1"

CODES: dict[str, Target] = {
    "vietqr": Target(
        text(vietqr.read_tags), (b"00020101021138570010A00000072701270006970403", b"0002016304ABCD"), (vietqr.VietQrError,)
    ),
    "card": Target(text(parse_card_qr), (_CARD,), (IdentifierError,)),
    "personal-id": Target(text(parse_personal_id), (b"051090000001",), (IdentifierError,)),
    "phone": Target(text(parse_phone), (b"0900000007", b"+84 900 000 007"), (IdentifierError,)),
    "paper-code": Target(lambda data: papercode.read("A" * 20, data.decode("latin-1"), public_key=b"\0" * 32), (b"A" * 200,)),
    "expression": Target(
        _expression, (b"answers.a == 1 && today > '2026'", b"[1,2].size() > 0 ? 'a' : 'b'"), (ExpressionError,)
    ),
    "exchange-path": Target(text(xroad.parse_target), (_XROAD,), (xroad.IdentifierError,)),
    "exchange-client": Target(text(xroad.parse_client), (b"QN/GOV/H48/dvc",), (xroad.IdentifierError,)),
    "cursor": Target(text(decode_cursor), (b"MjAyNi0xMS0yM1QwMDowMDowMCswMDowMHw3",), (DomainError, ValueError)),
    "pdf-value": Target(lambda data: parse_pdf_value(data, 0), (b"<< /A [1 2 (x) <41>] /B 3 0 R >>",), (NotPlain,)),
}  # fmt: skip
