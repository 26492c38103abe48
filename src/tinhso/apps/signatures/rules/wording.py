"""What a check says to anybody, in plain Vietnamese."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tinhso.apps.signatures.data import SignatureFact
from tinhso.apps.signatures.enums import VerdictOutcome

if TYPE_CHECKING:
    # Every process words something; checking, and the library for it, is for few.
    from pyhanko.sign.validation.status import PdfSignatureStatus

_PROVINCE_TIME = ZoneInfo("Asia/Ho_Chi_Minh")

HEADLINES = {
    VerdictOutcome.ACCEPTED: "Chữ ký hợp lệ, văn bản còn nguyên vẹn.",
    VerdictOutcome.UNSIGNED: "Tệp này không có chữ ký số nào.",
    VerdictOutcome.CHANGED: "Tệp này đã bị thay đổi sau khi ký, không dùng được.",
    VerdictOutcome.UNDETERMINED: "Chữ ký nguyên vẹn, nhưng còn điều hệ thống chưa kiểm tra được.",
    VerdictOutcome.UNSAFE: "Tệp này chứa thành phần có thể tự thay đổi nên không được chấp nhận.",
    VerdictOutcome.UNTRUSTED: "Chữ ký không được tin cậy.",
    VerdictOutcome.UNREADABLE: "Tệp này không phải PDF hoặc đã hỏng nên không kiểm tra được.",
}
TIME_IS_CLAIMED = "Thời điểm ký do hệ thống của đơn vị ghi, chưa có dấu thời gian của bên thứ ba."
REVOCATION_UNKNOWN = "chưa có danh sách thu hồi của nơi cấp nên chưa biết chứng thư có bị thu hồi hay không"
REVOCATION_STALE = "danh sách thu hồi đang có đã cũ nên chưa biết chứng thư có bị thu hồi hay không"
BROKEN_STAMP = "Dấu thời gian của tệp không còn nguyên vẹn."
DEMO = "Chứng thư của bản trình diễn: văn bản này không có giá trị pháp lý."


def moment(at: datetime) -> str:
    """ "16 giờ 10 phút ngày 22/11/2026", in province time."""
    local = at.astimezone(_PROVINCE_TIME)
    return f"{local:%H} giờ {local:%M} phút ngày {local:%d/%m/%Y}"


def day(at: datetime) -> str:
    """ "22/11/2026", in province time."""
    return f"{at.astimezone(_PROVINCE_TIME):%d/%m/%Y}"


def sentence(words: str) -> str:
    """A finding as a sentence: capital letter, full stop."""
    return f"{words[:1].upper()}{words[1:]}."


def revocation(status: PdfSignatureStatus, *, known: bool, stale: bool) -> str:
    """What is known of the certificate's revocation, for the report."""
    if status.revocation_details is not None:
        return f"đã bị thu hồi từ {moment(status.revocation_details.revocation_date)}"
    if not known:
        return "chưa có thông tin thu hồi"
    return "thông tin thu hồi đã cũ" if stale else "không bị thu hồi"


def with_sentence(fact: SignatureFact) -> SignatureFact:
    """The fact with its sentence: who signed, when, and what holds."""
    when = f" lúc {moment(fact.signed_at)}" if fact.signed_at else ""
    if fact.is_seal:
        who = f"{fact.signer} đóng dấu (ký số){when}"
        good = "từ đó đến nay tệp không bị thay đổi"
    else:
        organisation = f" ({fact.organisation})" if fact.organisation and fact.organisation != fact.signer else ""
        who = f"Văn bản này do {fact.signer}{organisation} ký{when}"
        good = "nội dung không bị sửa sau khi ký"
    return replace(fact, sentence=f"{who}; {good if fact.ok else ', '.join(fact.problems)}.")
