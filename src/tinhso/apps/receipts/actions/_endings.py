"""Cancelling and replacing an issued receipt: one person asks, another decides; the old one stays, marked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tinhso.apps.audit.actions import record
from tinhso.apps.receipts import permissions, queries
from tinhso.apps.receipts.actions._receipts import begin, stream
from tinhso.apps.receipts.data import NotBySamePerson, ReceiptInvalid, ReceiptMoved, ReceiptNotFound
from tinhso.apps.receipts.enums import EndingKind, EndingReason, EndingStatus, ReceiptStatus
from tinhso.apps.receipts.events import ReceiptCancelled, ReceiptEndingProposed, ReceiptEndingRefused
from tinhso.apps.receipts.models import Receipt, ReceiptEnding
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind

_CORRECTABLE = ("payer_name", "payer_id", "payer_address", "lines")


@action
def propose_ending(
    *, receipt_id: int, kind: str, reason_code: str, reason: str, corrections: Mapping[str, Any], actor: Actor,
    at: datetime,
) -> ReceiptEnding:  # fmt: skip
    """Đề nghị hủy hoặc thay thế một biên lai đã lập, có lý do. `corrections`: what the new one says otherwise.

    The amount of a replacement is that of the payment: what was paid cannot be changed by a paper.

    Raises:
        ReceiptNotFound: there is none. ReceiptMoved: it does not hold any more, or a proposal waits already.
        ReceiptInvalid: no reason, nothing corrected, or items that do not make the sum paid.
    """
    one = _lock(receipt_id)
    require(permissions.can_propose_ending(actor, one))
    if one.status != ReceiptStatus.ISSUED or one.endings.filter(status=EndingStatus.PROPOSED).exists():
        raise ReceiptMoved
    if kind not in EndingKind.values or reason_code not in EndingReason.values or not reason.strip():
        raise ReceiptInvalid("Mời chọn hình thức, lý do và ghi rõ lý do.")
    changed = {key: corrections[key] for key in _CORRECTABLE if corrections.get(key)}
    changed = {key: value for key, value in changed.items() if value != getattr(one, key)}
    if kind == EndingKind.REPLACE:
        _check_correction(one, changed)
    made = ReceiptEnding.objects.create(
        receipt=one, kind=kind, reason_code=reason_code, reason=reason.strip()[:500],
        corrections=changed if kind == EndingKind.REPLACE else {}, proposed_by_id=actor.account_id,
        proposed_by=actor.name, proposed_at=at,
    )  # fmt: skip
    event = ReceiptEndingProposed(receipt_id=one.pk, ending_id=made.pk, kind=kind, reason=made.reason)
    record(event, subject=stream(one), actor=actor, at=at)
    return made


@action
def approve_ending(*, ending_id: int, actor: Actor, at: datetime) -> Receipt:
    """Duyệt đề nghị hủy, thay thế biên lai. A cancelled one ends at once; a replaced one when the new one is issued.

    Returns the receipt that was cancelled, or the new one that is being made.

    Raises:
        ReceiptNotFound: no such proposal. ReceiptMoved: it is decided already. NotBySamePerson: proposed by the actor.
    """
    ending, one = _lock_ending(ending_id)
    require(permissions.can_approve_ending(actor, one))
    _decide(ending, one, EndingStatus.APPROVED, "", actor=actor, at=at)
    one.ended_by, one.end_reason = actor.name[:200], _reason_words(ending)
    if ending.kind == EndingKind.CANCEL:
        _cancel(one, actor=actor, at=at)
        return one
    one.save(update_fields=["ended_by", "end_reason"])
    return begin(
        queries.corrected(one, ending.corrections), unit_id=one.unit_id, payment_key=one.payment_key,
        subject=one.subject, case_code=one.case_code, method=one.method, paid_at=one.paid_at, replaces=one,
        actor=actor, at=at,
    )  # fmt: skip


@action
def refuse_ending(*, ending_id: int, reason: str, actor: Actor, at: datetime) -> ReceiptEnding:
    """Không duyệt đề nghị hủy, thay thế; the receipt holds as before.

    Raises:
        ReceiptNotFound, ReceiptMoved, NotBySamePerson: as `approve_ending`. ReceiptInvalid: no reason.
    """
    ending, one = _lock_ending(ending_id)
    require(permissions.can_approve_ending(actor, one))
    if not reason.strip():
        raise ReceiptInvalid("Mời ghi lý do không duyệt.")
    _decide(ending, one, EndingStatus.REFUSED, reason.strip()[:500], actor=actor, at=at)
    event = ReceiptEndingRefused(receipt_id=one.pk, ending_id=ending.pk, reason=ending.decision)
    record(event, subject=stream(one), actor=actor, at=at)
    return ending


@action
def cancel_refunded_receipt(*, payment_key: str, actor: Actor, at: datetime) -> Receipt | None:
    """Hủy biên lai của khoản đã hoàn trả hết; the refund itself was decided by two people. None: no receipt holds."""
    require(actor.kind is ActorKind.SYSTEM)
    rows = Receipt.objects.select_for_update(of=("self",)).filter(payment_key=payment_key, status=ReceiptStatus.ISSUED)
    one = rows.order_by("-pk").first()
    if one is None:
        return None
    # What waited for a decision has nothing left to decide about.
    one.endings.filter(status=EndingStatus.PROPOSED).update(
        status=EndingStatus.REFUSED, decided_by="Hệ thống", decided_at=at, decision="Khoản thu đã được hoàn trả."
    )
    one.ended_by, one.end_reason = "Hệ thống", EndingReason.REFUNDED.label
    _cancel(one, actor=actor, at=at)
    return one


def _cancel(one: Receipt, *, actor: Actor, at: datetime) -> None:
    one.status, one.ended_at = ReceiptStatus.CANCELLED, at
    one.save(update_fields=["status", "ended_at", "ended_by", "end_reason"])
    event = ReceiptCancelled(
        receipt_id=one.pk, payment_key=one.payment_key, subject=one.subject, number=queries.label(one),
        reason=one.end_reason,
    )  # fmt: skip
    record(event, subject=one.subject or stream(one), actor=actor, at=at)


def _decide(
    ending: ReceiptEnding, one: Receipt, status: EndingStatus, decision: str, *, actor: Actor, at: datetime
) -> None:
    if ending.status != EndingStatus.PROPOSED or one.status != ReceiptStatus.ISSUED:
        raise ReceiptMoved
    if ending.proposed_by_id == actor.account_id:
        raise NotBySamePerson
    ending.status, ending.decided_by_id, ending.decided_by = status, actor.account_id, actor.name[:200]
    ending.decided_at, ending.decision = at, decision
    ending.save()


def _reason_words(ending: ReceiptEnding) -> str:
    return f"{EndingReason(ending.reason_code).label}: {ending.reason}"[:500]


def _check_correction(one: Receipt, changed: Mapping[str, Any]) -> None:
    if not changed:
        raise ReceiptInvalid("Biên lai mới giống hệt biên lai cũ: mời sửa điều cần sửa.")
    lines = changed.get("lines", one.lines)
    if sum(line["amount_vnd"] for line in lines) != one.amount_vnd:
        raise ReceiptInvalid("Tổng các khoản phải bằng số tiền đã nộp.")


def _lock(receipt_id: int) -> Receipt:
    one = Receipt.objects.select_for_update(of=("self",)).filter(pk=receipt_id).first()
    if one is None:
        raise ReceiptNotFound
    return one


def _lock_ending(ending_id: int) -> tuple[ReceiptEnding, Receipt]:
    receipt_id = ReceiptEnding.objects.filter(pk=ending_id).values_list("receipt_id", flat=True).first()
    if receipt_id is None:
        raise ReceiptNotFound
    one = _lock(receipt_id)
    return ReceiptEnding.objects.select_for_update().get(pk=ending_id), one
