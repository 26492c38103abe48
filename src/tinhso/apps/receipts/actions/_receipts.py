"""A receipt's way from the payment to the sealed paper."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from tinhso.apps.audit.actions import record
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import issue_number, reserve_number
from tinhso.apps.documents.queries import get_file
from tinhso.apps.receipts import queries
from tinhso.apps.receipts.data import OWN, ProviderAnswer, ProviderRefused, ReceiptInvalid, ReceiptRequest
from tinhso.apps.receipts.enums import ReceiptStatus
from tinhso.apps.receipts.events import (
    ReceiptBegun,
    ReceiptFailed,
    ReceiptIssued,
    ReceiptNumbered,
    ReceiptReplaced,
    ReceiptsReconciled,
)
from tinhso.apps.receipts.models import Receipt
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.prepared import Prepared

# Twenty characters that are not taken for each other: 100 random bits, as on every other paper of the province.
_CHECK_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

_FIRST = Prepared(
    lambda payment_key: Receipt.objects.filter(payment_key=payment_key, replaces__isnull=True).order_by("pk")[:1],
    payment_key=str,
)
_LOCKED = Prepared(lambda receipt_id: Receipt.objects.select_for_update().filter(pk=receipt_id), receipt_id=int)


@action
def begin_receipt(*, request: ReceiptRequest, actor: Actor, at: datetime) -> Receipt | None:
    """Lập biên lai cho một khoản đã thu: its number is taken at once and never given back. Told twice, it is one receipt.

    None: on that day the unit still gives receipts on paper (content/receipts).

    Raises:
        ReceiptInvalid: no payer, no item, or an amount that is no positive whole number.
    """
    require(actor.kind is ActorKind.SYSTEM)
    known = _FIRST.first(payment_key=request.payment_key)
    if known is not None:
        return known
    unit = directory.get_unit(request.unit_id)
    if not queries.rules_now().is_electronic(unit.code, at.astimezone(PROVINCE_TIME).date()):
        return None
    _check(request)
    return begin(
        {
            "payer_name": request.payer_name, "payer_id": request.payer_id, "payer_address": request.payer_address,
            "lines": [asdict(line) for line in request.lines],
        },
        unit_id=request.unit_id, payment_key=request.payment_key, subject=request.subject, case_code=request.case_code,
        method=request.method, paid_at=request.paid_at, replaces=None, actor=actor, at=at,
    )  # fmt: skip


def begin(
    said: Mapping[str, Any], *, unit_id: int, payment_key: str, subject: str, case_code: str, method: str,
    paid_at: datetime, replaces: Receipt | None, actor: Actor, at: datetime,
) -> Receipt:  # fmt: skip
    """Write a draft with its number and tell the log; inside an action."""
    book, issuer = queries.rules_now(), queries.issuer_of(unit_id)
    year = at.astimezone(PROVINCE_TIME).year
    made = Receipt(
        unit_id=unit_id, payment_key=payment_key, subject=subject, case_code=case_code, provider=issuer.provider,
        template_code=book.template_code, check_code="".join(secrets.choice(_CHECK_ALPHABET) for _ in range(20)),
        payer_name=said["payer_name"], payer_id=said["payer_id"], payer_address=said["payer_address"],
        lines=said["lines"], amount_vnd=sum(line["amount_vnd"] for line in said["lines"]), method=method[:60],
        paid_at=paid_at, begun_at=at, replaces=replaces,
    )  # fmt: skip
    if issuer.provider == OWN:
        made.series = book.series_of(issuer, year)
        entry = reserve_number(
            unit_id=unit_id, book=f"{book.template_code} {made.series}", year=year, subject=subject or payment_key,
            actor=actor, at=at,
        )  # fmt: skip
        made.number, made.book_entry_id = entry.number, entry.id
    made.save(force_insert=True)
    event = ReceiptBegun(
        receipt_id=made.pk, payment_key=payment_key, subject=subject, unit_id=unit_id, amount_vnd=made.amount_vnd
    )
    record(event, subject=stream(made), actor=actor, at=at)
    return made


@action
def record_provider_number(*, receipt_id: int, answer: ProviderAnswer, actor: Actor, at: datetime) -> Receipt:
    """Ghi số nhà cung cấp đã cấp cho biên lai. Told twice, it happens once.

    Raises:
        ProviderRefused: the number belongs to another receipt, or the provider speaks of another amount.
    """
    require(actor.kind is ActorKind.SYSTEM)
    one = Receipt.objects.select_for_update().get(pk=receipt_id)
    if one.number is not None:
        return one
    if answer.amount_vnd is not None and answer.amount_vnd != one.amount_vnd:
        raise ProviderRefused(f"Nhà cung cấp lập {answer.amount_vnd} đồng, khoản thu là {one.amount_vnd} đồng.")
    taken = Receipt.objects.filter(
        unit_id=one.unit_id, template_code=one.template_code, series=answer.series, number=answer.number
    )
    if taken.exists():
        raise ProviderRefused(f"Nhà cung cấp trả số {answer.series} {answer.number} đã dùng cho biên lai khác.")
    one.series, one.number, one.provider_reference = answer.series, answer.number, answer.reference[:80]
    one.save(update_fields=["series", "number", "provider_reference"])
    event = ReceiptNumbered(receipt_id=one.pk, provider=one.provider, series=one.series, number=answer.number)
    record(event, subject=stream(one), actor=actor, at=at)
    return one


@action
def record_issued(*, receipt_id: int, file_id: int, xml: str, actor: Actor, at: datetime) -> Receipt:
    """Ghi nhận biên lai đã lập, đóng dấu; one it replaces gives way in the same moment. Told twice, it happens once."""
    require(actor.kind is ActorKind.SYSTEM)
    one = _LOCKED.first(receipt_id=receipt_id)
    if one is None:
        raise Receipt.DoesNotExist(f"no receipt {receipt_id}")
    if one.status != ReceiptStatus.DRAFT:
        return one
    one.status, one.file_id, one.issued_at, one.failure = ReceiptStatus.ISSUED, file_id, at, ""
    one.xml, one.xml_sha256 = xml, hashlib.sha256(xml.encode()).hexdigest()
    one.save()
    if one.book_entry_id is not None:
        issue_number(entry_id=one.book_entry_id, actor=actor, at=at)
    number = queries.label(one)
    issued = ReceiptIssued(
        receipt_id=one.pk, payment_key=one.payment_key, subject=one.subject, number=number, amount_vnd=one.amount_vnd,
        file_id=file_id, sha256=get_file(file_id).sha256,
    )  # fmt: skip
    record(issued, subject=one.subject or stream(one), actor=actor, at=at)
    if one.replaces_id is not None:
        _give_way(one, one.replaces_id, number, actor=actor, at=at)
    return one


def _give_way(new: Receipt, old_id: int, number: str, *, actor: Actor, at: datetime) -> None:
    old = Receipt.objects.select_for_update().get(pk=old_id)
    old.status, old.ended_at = ReceiptStatus.REPLACED, at
    old.save(update_fields=["status", "ended_at"])
    event = ReceiptReplaced(
        receipt_id=old.pk, by_receipt_id=new.pk, payment_key=old.payment_key, subject=old.subject,
        number=queries.label(old), by_number=number, reason=old.end_reason,
    )  # fmt: skip
    record(event, subject=old.subject or stream(old), actor=actor, at=at)


@action
def record_receipt_failed(*, receipt_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Ghi nhận chưa lập được biên lai: it keeps its number, and the next round tries again."""
    require(actor.kind is ActorKind.SYSTEM)
    one = Receipt.objects.select_for_update().get(pk=receipt_id)
    if one.status != ReceiptStatus.DRAFT:
        return
    told = one.failure != reason[:500]
    one.failure, one.attempts = reason[:500], min(one.attempts + 1, 30_000)
    one.save(update_fields=["failure", "attempts"])
    if told:  # the same trouble every five minutes is one line in the log
        record(ReceiptFailed(receipt_id=one.pk, reason=one.failure), subject=stream(one), actor=actor, at=at)


@action
def record_reconciled(
    *, unit_id: int, month: date, provider: str, compared: int, differences: Sequence[str], actor: Actor, at: datetime
) -> None:
    """Ghi kết quả đối soát biên lai của một tháng với nhà cung cấp."""
    require(actor.kind is ActorKind.SYSTEM)
    event = ReceiptsReconciled(
        unit_id=unit_id, month=f"{month:%Y-%m}", provider=provider, compared=compared, differences=list(differences)
    )
    record(event, subject=f"receipts:{unit_id}:{month:%Y-%m}", actor=actor, at=at)


def stream(receipt: Receipt) -> str:
    """The stream of a receipt."""
    return f"receipt:{receipt.pk}"


def _check(request: ReceiptRequest) -> None:
    if not request.payer_name.strip():
        raise ReceiptInvalid("Biên lai phải có tên người nộp.")
    if not request.lines:
        raise ReceiptInvalid("Biên lai phải có khoản thu.")
    if any(not line.name.strip() or line.amount_vnd <= 0 for line in request.lines):
        raise ReceiptInvalid("Mỗi khoản thu phải có tên và số tiền lớn hơn 0.")
