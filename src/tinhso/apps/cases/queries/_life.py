"""Turns in the life of a case: how often it was opened again, where it is going, the link for its rating."""

from datetime import datetime
from typing import Any

from django.core import signing

from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import rules
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.cases.enums import ResultStatus
from tinhso.apps.cases.events import CaseStopped, CaseWithdrawn
from tinhso.apps.cases.models import Case, Result, SupplementProposal, Transfer

_RATING = "tinhso.cases.rating"


def times_reopened(case_id: int) -> int:
    """How often a case has been opened again (số lần mở lại): its later endings have papers of their own."""
    return len(entries_of(f"case:{case_id}", types=("case.reopened",)))


def ending_told(event: CaseWithdrawn | CaseStopped, *, reason: str, at: datetime) -> dict[str, Any]:
    """What the notice of an end says beside the facts of the case (Thông báo dừng giải quyết hồ sơ, Mẫu 05)."""
    told = {
        "reason": reason,
        "stopped_at": at,
        "settlement": rules.settlement(effect=event.fee_effect, fee_vnd=event.fee_vnd),
    }
    basis = getattr(event, "basis", "")
    return {**told, "basis": basis} if basis else told


def open_transfer(case: Case) -> Transfer | None:
    """The hand-over under way (đang chuyển, chờ nhận), or None."""
    rows = Transfer.objects.filter(case=case, accepted_at__isnull=True, declined_at__isnull=True)
    return rows.select_related("from_unit", "to_unit", "desk").first()


def list_transfers(case: Case) -> list[Transfer]:
    """The hand-overs of a case, oldest first (các lần chuyển cơ quan)."""
    return list(Transfer.objects.filter(case=case).select_related("from_unit", "to_unit", "desk").order_by("id"))


def open_proposal(case: Case) -> SupplementProposal | None:
    """The request for a supplement that waits for the head's word, or None."""
    return SupplementProposal.objects.filter(case=case, decided_at__isnull=True).first()


def correction_of(case: Case) -> Result | None:
    """The correction that waits for the head's signature (bản đính chính chờ ký), or None."""
    return case.results.filter(status=ResultStatus.PROPOSED, replaces__isnull=False).first()


def rating_link(case: Case) -> str:
    """The unguessable end of the address where the case may be rated without signing in."""
    return signing.Signer(salt=_RATING).sign_object(case.pk, compress=False)


def case_of_rating_link(token: str) -> int:
    """The case that a rating link belongs to.

    Raises:
        CaseNotFound: nobody of ours has signed this link.
    """
    try:
        return int(signing.Signer(salt=_RATING).unsign_object(token))
    except (signing.BadSignature, ValueError, TypeError):
        raise CaseNotFound("Địa chỉ đánh giá này không đúng. Mời quét lại mã QR trên phiếu.") from None
