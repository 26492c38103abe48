"""The end of a case: handed over, rated, withdrawn, stopped."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions
from tinhso.apps.cases.actions._clock import close_pauses
from tinhso.apps.cases.actions._common import lock_case
from tinhso.apps.cases.actions._linked_end import deliver_legs, refuse_alone, withdraw_legs
from tinhso.apps.cases.actions._steps import close_steps
from tinhso.apps.cases.data import CaseNotAwaitingSupplement, CaseNotDeliverable, CaseNotRateable, CaseNotWithdrawable
from tinhso.apps.cases.enums import (
    AWAITING_APPLICANT,
    INTAKE_STATUSES,
    OPEN_STATUSES,
    CaseStatus,
    ResultStatus,
    Satisfaction,
    StepOutcome,
)
from tinhso.apps.cases.events import CaseStopped, CaseWithdrawn, ResultDelivered, ServiceRated
from tinhso.apps.cases.models import Case, Rating
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid


@action
def deliver_result(*, case_id: int, to_name: str, method: str, actor: Actor, at: datetime) -> Case:
    """Trả kết quả: who took it and how.

    The one-stop unit hands over at the `counter` or by `postal` service, against a signature in the book (Mẫu 07, TT
    03/2025/TT-VPCP); the applicant takes it `online` by downloading, and nobody can say that for her.

    Raises:
        CaseNotDeliverable: no result yet, or already handed over.
        Invalid: no such way, or not this actor's to record.
    """
    case = lock_case(case_id)
    require(permissions.can_deliver(actor, case) or permissions.is_applicant(actor, case))
    refuse_alone(case)
    if case.status != CaseStatus.RESOLVED:
        raise CaseNotDeliverable
    _check_way(method, takes_herself=permissions.is_applicant(actor, case))
    case.status, case.delivered_at, case.closed_at = CaseStatus.DELIVERED, at, at
    ended = ("status", "delivered_at", "closed_at")
    close_steps(case, actor=actor, at=at, note="", outcome=StepOutcome.DELIVERED, changed=ended)
    event = ResultDelivered(case_id=case.pk, to_name=to_name.strip() or case.applicant_name, method=method)
    record(event, subject=case, actor=actor, at=at)
    deliver_legs(case, to_name=to_name.strip(), method=method, actor=actor, at=at)
    return case


def _check_way(method: str, *, takes_herself: bool) -> None:
    if method not in {"counter", "postal", "online"}:
        raise Invalid("Mời chọn cách trả kết quả.")
    if takes_herself and method != "online":
        raise Invalid("Trả tại quầy và qua bưu chính do Bộ phận Một cửa ghi nhận, có ký nhận.")
    if not takes_herself and method == "online":
        raise Invalid("Nhận trực tuyến do chính người nộp thực hiện khi tải kết quả.")


@action
def rate_service(*, case_id: int, satisfaction: str, comment: str, actor: Actor, at: datetime) -> Rating:
    """Đánh giá mức độ hài lòng về việc giải quyết hồ sơ: once, when there is an outcome.

    Raises:
        CaseNotRateable: no outcome yet, or rated already.
    """
    case = lock_case(case_id)
    require(permissions.can_rate(actor, case))
    if case.status not in {CaseStatus.RESOLVED, CaseStatus.DELIVERED} or Rating.objects.filter(case=case).exists():
        raise CaseNotRateable
    if satisfaction not in Satisfaction.values:
        raise Invalid("Mời chọn một mức hài lòng.")
    if len(comment) > 2000:
        raise Invalid("Ý kiến dài quá 2.000 ký tự.")
    rating = Rating.objects.create(case=case, satisfaction=satisfaction, comment=comment.strip(), rated_at=at)
    event = ServiceRated(case_id=case.pk, satisfaction=satisfaction, has_comment=bool(comment.strip()))
    record(event, subject=case, actor=actor, at=at)
    return rating


@action
def withdraw_case(*, case_id: int, reason: str, actor: Actor, at: datetime) -> Case:
    """Rút hồ sơ theo yêu cầu của người nộp, while nothing is decided (Điều 21 Nghị định 118/2025/NĐ-CP, Mẫu 05).

    Raises:
        CaseNotWithdrawable: a decision is taken, or the case has ended.
    """
    case = lock_case(case_id)
    require(permissions.can_withdraw(actor, case))
    refuse_alone(case)
    decided = case.results.filter(status__in=[ResultStatus.APPROVED, ResultStatus.SIGNED]).exists()
    if case.status not in {*INTAKE_STATUSES, *OPEN_STATUSES} or decided:
        raise CaseNotWithdrawable
    withdraw_legs(case, reason=reason.strip(), actor=actor, at=at)
    _end(case, CaseStatus.WITHDRAWN, actor=actor, at=at, note="Người nộp rút hồ sơ")
    record(CaseWithdrawn(case_id=case.pk, reason=reason.strip()), subject=case, actor=actor, at=at)
    return case


@action
def stop_case(*, case_id: int, actor: Actor, at: datetime) -> Case:
    """Dừng giải quyết vì quá hạn bổ sung. The nightly job asks; an answer that came first wins.

    Raises:
        CaseNotAwaitingSupplement: it was answered, or the time is not up.
    """
    case = lock_case(case_id)
    require(actor.kind is ActorKind.SYSTEM)
    supplement = case.supplements.filter(answered_at__isnull=True, answer_until__lt=at).first()
    if case.status not in AWAITING_APPLICANT or supplement is None:
        raise CaseNotAwaitingSupplement
    reason = f"Quá hạn bổ sung {supplement.answer_until:%d/%m/%Y} mà không nhận được hồ sơ bổ sung."
    _end(case, CaseStatus.STOPPED, actor=actor, at=at, note=reason)
    record(CaseStopped(case_id=case.pk, reason=reason), subject=case, actor=actor, at=at)
    return case


def _end(case: Case, status: CaseStatus, *, actor: Actor, at: datetime, note: str) -> None:
    case.results.filter(status=ResultStatus.PROPOSED).update(status=ResultStatus.CANCELLED)
    case.status, case.closed_at = status, at
    case.paused_since, case.pause_reason = None, ""
    close_pauses(case, actor=actor, at=at)
    ended = ("status", "closed_at", "paused_since", "pause_reason")
    close_steps(case, actor=actor, at=at, note=note, changed=ended)
