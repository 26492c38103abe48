"""The end of a case: handed over, rated, withdrawn, stopped."""

from collections.abc import Sequence
from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions, queries, rules
from tinhso.apps.cases.actions._clock import close_pauses
from tinhso.apps.cases.actions._common import lock_case
from tinhso.apps.cases.actions._linked_end import deliver_legs, refuse_alone, withdraw_legs
from tinhso.apps.cases.actions._steps import close_steps
from tinhso.apps.cases.actions._transfers import end_transfer
from tinhso.apps.cases.data import (
    CaseNotAwaitingSupplement,
    CaseNotDeliverable,
    CaseNotRateable,
    CaseNotStoppable,
    CaseNotWithdrawable,
)
from tinhso.apps.cases.enums import (
    AWAITING_APPLICANT,
    INTAKE_STATUSES,
    OPEN_STATUSES,
    CaseStatus,
    FeeEffect,
    ResultStatus,
    Satisfaction,
    ServiceFault,
    StepOutcome,
)
from tinhso.apps.cases.events import CaseStopped, CaseWithdrawn, ResultDelivered, ServiceRated
from tinhso.apps.cases.models import Case, Rating, Result
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid
from tinhso.kernel.prepared import Prepared

_REVOKED = Prepared(
    lambda case_id: Result.objects.filter(case_id=case_id, status=ResultStatus.REVOKED).values_list("pk", flat=True)[
        :1
    ],
    case_id=int,
)


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
    revoked = _REVOKED.first(case_id=case.pk) is not None and not _is_decided(case)
    if case.status != CaseStatus.RESOLVED or revoked:
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
def rate_service(
    *, case_id: int, satisfaction: str, comment: str, faults: Sequence[str] = (), actor: Actor, at: datetime
) -> Rating:
    """Đánh giá mức độ hài lòng về việc giải quyết hồ sơ: once, when there is an outcome.

    `faults` are the points somebody is not satisfied with (`ServiceFault`).

    Raises:
        CaseNotRateable: no outcome yet, or rated already.
        Invalid: no such level or point, or too many words.
    """
    case = lock_case(case_id)
    require(permissions.can_rate(actor, case))
    return _rate(case, satisfaction, comment, faults, by_link=False, actor=actor, at=at)


@action
def rate_by_link(
    *, token: str, satisfaction: str, comment: str, faults: Sequence[str] = (), actor: Actor, at: datetime
) -> Rating:
    """Đánh giá bằng mã QR trên phiếu trả kết quả: who holds the link may rate, once, without signing in.

    Raises:
        CaseNotFound: the link is not one of ours.
        CaseNotRateable: no outcome yet, or rated already.
        Invalid: no such level or point, or too many words.
    """
    case = lock_case(queries.case_of_rating_link(token))
    return _rate(case, satisfaction, comment, faults, by_link=True, actor=actor, at=at)


def _rate(
    case: Case, satisfaction: str, comment: str, faults: Sequence[str], *, by_link: bool, actor: Actor, at: datetime
) -> Rating:
    if case.status not in {CaseStatus.RESOLVED, CaseStatus.DELIVERED} or Rating.objects.filter(case=case).exists():
        raise CaseNotRateable
    if satisfaction not in Satisfaction.values:
        raise Invalid("Mời chọn một mức hài lòng.")
    if not set(faults) <= set(ServiceFault.values):
        raise Invalid("Mời chọn điều chưa hài lòng trong danh sách.")
    if len(comment) > 2000:
        raise Invalid("Ý kiến dài quá 2.000 ký tự.")
    chosen = [fault for fault in ServiceFault.values if fault in faults]
    rating = Rating.objects.create(
        case=case, satisfaction=satisfaction, faults=chosen, comment=comment.strip(), rated_at=at
    )
    event = ServiceRated(
        case_id=case.pk, satisfaction=satisfaction, has_comment=bool(comment.strip()), faults=chosen, by_link=by_link
    )
    record(event, subject=case, actor=actor, at=at)
    return rating


@action
def withdraw_case(*, case_id: int, reason: str, fee_effect: str = "", actor: Actor, at: datetime) -> Case:
    """Rút hồ sơ theo yêu cầu của người nộp, while nothing is decided (Điều 21 Nghị định 118/2025/NĐ-CP, Mẫu 05).

    What becomes of the fees is said by the officer; the applicant's own withdrawal takes what the rule says.

    Raises:
        CaseNotWithdrawable: a decision is taken, or the case has ended.
    """
    case = lock_case(case_id)
    require(permissions.can_withdraw(actor, case))
    refuse_alone(case)
    if case.status not in {*INTAKE_STATUSES, *OPEN_STATUSES} or _is_decided(case):
        raise CaseNotWithdrawable
    effect = _fee_effect(case, "" if permissions.is_applicant(actor, case) else fee_effect)
    withdraw_legs(case, reason=reason.strip(), actor=actor, at=at)
    _end(case, CaseStatus.WITHDRAWN, actor=actor, at=at, note="Người nộp rút hồ sơ")
    event = CaseWithdrawn(
        case_id=case.pk, reason=reason.strip(), fee_effect=effect, fee_vnd=case.fee_vnd,
        occasion=queries.times_reopened(case.pk),
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    return case


@action
def stop_case(*, case_id: int, reason: str, basis: str, fee_effect: str = "", actor: Actor, at: datetime) -> Case:
    """Dừng giải quyết hồ sơ, by the head of the agency, with the reason and the article (Mẫu 05).

    Raises:
        CaseNotStoppable: not in work, or a decision is taken.
        Invalid: no reason or no article.
    """
    case = lock_case(case_id)
    require(permissions.can_stop(actor, case))
    refuse_alone(case)
    if case.status not in OPEN_STATUSES or _is_decided(case):
        raise CaseNotStoppable
    if not reason.strip() or not basis.strip():
        raise Invalid("Mời ghi lý do dừng giải quyết và điều khoản làm căn cứ.")
    effect = _fee_effect(case, fee_effect)
    withdraw_legs(case, reason=reason.strip(), actor=actor, at=at)
    _stop(case, reason.strip(), basis=basis.strip(), effect=effect, actor=actor, at=at)
    return case


@action
def stop_unanswered_case(*, case_id: int, actor: Actor, at: datetime) -> Case:
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
    _stop(case, reason, basis=supplement.basis, effect=_fee_effect(case, ""), actor=actor, at=at)
    return case


def _stop(case: Case, reason: str, *, basis: str, effect: FeeEffect, actor: Actor, at: datetime) -> None:
    _end(case, CaseStatus.STOPPED, actor=actor, at=at, note=reason)
    event = CaseStopped(
        case_id=case.pk, reason=reason, basis=basis, fee_effect=effect, fee_vnd=case.fee_vnd,
        occasion=queries.times_reopened(case.pk),
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)


def _is_decided(case: Case) -> bool:
    return case.results.filter(status__in=[ResultStatus.APPROVED, ResultStatus.SIGNED]).exists()


def _fee_effect(case: Case, chosen: str) -> FeeEffect:
    usual = rules.fee_effect_of_ending(fee_vnd=case.fee_vnd, received=case.received_at is not None)
    if not chosen or usual == FeeEffect.NONE:
        return usual
    if chosen not in {FeeEffect.KEPT, FeeEffect.REFUND}:
        raise Invalid("Mời chọn hoàn hay không hoàn phí, lệ phí đã nộp.")
    return FeeEffect(chosen)


def _end(case: Case, status: CaseStatus, *, actor: Actor, at: datetime, note: str) -> None:
    case.results.filter(status=ResultStatus.PROPOSED).update(status=ResultStatus.CANCELLED)
    case.status, case.closed_at = status, at
    case.paused_since, case.pause_reason = None, ""
    close_pauses(case, actor=actor, at=at)
    end_transfer(case, actor=actor, at=at)
    ended = ("status", "closed_at", "paused_since", "pause_reason")
    close_steps(case, actor=actor, at=at, note=note, changed=ended)
