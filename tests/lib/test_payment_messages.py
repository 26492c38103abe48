"""Check codes and QR codes against messages worked out elsewhere."""

import json
from pathlib import Path

import pytest

from tinhso.lib import paymentplatform
from tinhso.lib.vietqr import VietQrError, crc16, read_tags, vietqr

# Computed by hand once with a dummy secret: the values of a QUERY, joined and hashed.
_QUERY = {"LoaiBanTin": "QUERY", "PhienBan": "1.0.6", "MaDoiTac": "DEMO", "MaThamChieu": "H99.12-261001-0007-01",
          "ThoiGianGD": "20261001150000"}  # fmt: skip


def test_query_has_the_code_worked_out_elsewhere() -> None:
    code = paymentplatform.check_code("QUERY", _QUERY, "dummy-payment-secret")
    assert code == "05b9be146abddb6c1b417aac7a7d0907e81b2616b5bd9583dff4b0d4511711d9"


def test_worked_messages_have_their_codes(shared_data: Path) -> None:
    worked = json.loads((shared_data / "interop" / "dvcqg-payment-messages.json").read_text())
    for kind in ("INIT", "NOTIFY", "QUERY"):
        message = worked[f"{kind.lower()}_request"]
        assert paymentplatform.is_authentic(kind, message, worked["_secret"])
        assert not paymentplatform.is_authentic(kind, {**message, "MaThamChieu": "x"}, worked["_secret"])


def test_nothing_is_authentic_under_an_empty_secret() -> None:
    assert not paymentplatform.is_authentic("QUERY", paymentplatform.with_code("QUERY", _QUERY, ""), "")


def test_vietqr_is_the_text_other_generators_write() -> None:
    given = {"bank_bin": "970400", "account": "000000000000"}
    static = "00020101021138560010A0000007270126000697040001120000000000000208QRIBFTTA53037045802VN63047BB6"
    dynamic = (
        "00020101021238560010A0000007270126000697040001120000000000000208QRIBFTTA530370454055000058"
        "02VN62220818H99.12-261001-0007630467AE"
    )
    assert vietqr(**given) == static
    assert vietqr(**given, amount_vnd=50_000, purpose="H99.12-261001-0007") == dynamic
    tags = read_tags(dynamic)
    assert (tags["54"], read_tags(tags["62"])["08"], tags["53"]) == ("50000", "H99.12-261001-0007", "704")


def test_check_value_of_the_crc() -> None:
    assert crc16(b"123456789") == 0x29B1


@pytest.mark.parametrize(
    "wrong",
    [
        {"bank_bin": "97040"},
        {"account": "1" * 20},
        {"account": "12 3"},
        {"amount_vnd": 0},
        {"purpose": "Phí"},
        {"purpose": "x" * 26},
    ],
)
def test_what_cannot_be_said_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(VietQrError):
        vietqr(**{"bank_bin": "970400", "account": "123", "amount_vnd": 1000, "purpose": "x", **wrong})  # type: ignore[arg-type]


def test_a_code_cut_short_is_not_read() -> None:
    for text in ("00020", "000201010"):
        with pytest.raises(VietQrError):
            read_tags(text)
