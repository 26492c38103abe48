"""Turns in the life of a case: how often it was opened again, where it is going, the link for its rating."""

from datetime import datetime
from typing import Any

from django.core import signing

from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import permissions, rules
from tinhso.apps.cases.data import AvailableAction, CaseNotFound
from tinhso.apps.cases.enums import OPEN_STATUSES, CaseStatus, ResultStatus
from tinhso.apps.cases.events import CaseStopped, CaseWithdrawn
from tinhso.apps.cases.models import Case, Result, SupplementProposal, Transfer
from tinhso.apps.procedures.enums import StepKind
from tinhso.kernel.actor import Actor, ActorKind

_AT_WORK = (CaseStatus.RECEIVED, CaseStatus.PROCESSING)
_ENDED = (CaseStatus.INTAKE_REFUSED, CaseStatus.WITHDRAWN, CaseStatus.STOPPED)
_WITH_RESULT = (CaseStatus.RESOLVED, CaseStatus.DELIVERED)
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


def is_travelling(case: Case) -> bool:
    """Whether the case waits for another agency to take it (đang chuyển, chờ nhận); asked of the table only if it may."""
    may = case.step_kind == StepKind.RECEPTION and case.status in _AT_WORK
    return may and open_transfer(case) is not None


def life_actions(*, actor: Actor, case: Case) -> list[AvailableAction]:
    """What this actor may do about the turns of a case: take it over, send it on, stop, open again, correct, revoke."""
    if actor.kind is not ActorKind.OFFICER or case.status == CaseStatus.DRAFT:
        return []
    if is_travelling(case):
        return _at_the_desk(actor, case)
    return [*_at_work(actor, case), *_at_the_end(actor, case)]


def _at_the_desk(actor: Actor, case: Case) -> list[AvailableAction]:
    if not permissions.can_take_over(actor, case):
        return []
    return [
        AvailableAction("accept-handover", "Nhận hồ sơ chuyển đến", "A", primary=True),
        AvailableAction("decline-handover", "Không nhận, trả nơi chuyển", "L"),
    ]


def _at_work(actor: Actor, case: Case) -> list[AvailableAction]:
    found: list[AvailableAction] = []
    decided = any(result.status in {ResultStatus.APPROVED, ResultStatus.SIGNED} for result in case.results.all())
    if decided or case.parent_id is not None:
        return found
    if case.status in _AT_WORK:
        may_sign = case.step_kind == StepKind.APPRAISAL and permissions.can_let_supplement_go(actor, case)
        if may_sign and open_proposal(case) is not None:
            found.append(AvailableAction("decide-supplement", "Ký phiếu yêu cầu bổ sung", "K"))
        if permissions.can_transfer(actor, case):
            found.append(AvailableAction("transfer", "Chuyển cơ quan khác", "C"))
    if case.status in OPEN_STATUSES and permissions.can_stop(actor, case):
        found.append(AvailableAction("stop", "Dừng giải quyết", "D"))
    return found


def _at_the_end(actor: Actor, case: Case) -> list[AvailableAction]:
    found: list[AvailableAction] = []
    states = {result.status for result in case.results.all()}
    pending = states & {ResultStatus.PROPOSED, ResultStatus.APPROVED}
    with_result = case.status in _WITH_RESULT
    reopenable = case.status in _ENDED or (with_result and not states & {ResultStatus.SIGNED} and not pending)
    if reopenable and case.parent_id is None and permissions.can_reopen(actor, case):
        found.append(AvailableAction("reopen", "Mở lại hồ sơ", "M"))
    if not with_result or ResultStatus.SIGNED not in states:
        return found
    if ResultStatus.PROPOSED in states and permissions.can_approve_correction(actor, case):
        found.append(AvailableAction("approve-correction", "Ký bản đính chính", "K"))
        found.append(AvailableAction("drop-correction", "Không đính chính", "L"))
    if not pending and permissions.can_correct_result(actor, case):
        found.append(AvailableAction("correct", "Đính chính kết quả", "Đ"))
    if not pending and permissions.can_revoke_result(actor, case):
        found.append(AvailableAction("revoke", "Hủy bỏ, thu hồi kết quả", "H"))
    return found


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
