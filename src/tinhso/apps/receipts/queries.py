"""Reading receipts: lists, one receipt, what anybody may check, the month's use, what does not agree."""

import calendar
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from tinhso.apps.directory import queries as directory
from tinhso.apps.documents import queries as documents
from tinhso.apps.payments import queries as payments
from tinhso.apps.receipts import content, permissions, rules
from tinhso.apps.receipts.data import (
    OWN,
    CheckedReceipt,
    Difference,
    Issuer,
    ReceiptFacts,
    ReceiptLine,
    ReceiptNotFound,
    ReceiptRules,
    SeriesUse,
    UsedNumber,
)
from tinhso.apps.receipts.enums import EndingStatus, ReceiptStatus
from tinhso.apps.receipts.models import Receipt, ReceiptEnding
from tinhso.apps.signatures import queries as signatures
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.amounts import dong, dong_in_words
from tinhso.lib.text import whole_number

PAGE = 50


def rules_now() -> ReceiptRules:
    """The rules of content/receipts."""
    return content.load(Path(settings.CONTENT_DIR))


def issuer_of(unit_id: int) -> Issuer:
    """Who issues for a unit: its own entry, that of the nearest unit above, or the default."""
    book = rules_now()
    for unit in (directory.get_unit(unit_id), *directory.ancestors_of(unit_id)):
        if unit.code in book.issuers:
            return book.issuers[unit.code]
    return book.default_issuer


def label(receipt: Receipt) -> str:
    """Series and number as they are printed: "AA-26E 0000017"; empty while there is no number."""
    if receipt.number is None:
        return ""
    return f"{receipt.series} {rules.spelled(receipt.number, rules_now().digits)}"


def list_receipts(
    *, actor: Actor, unit_id: int = 0, status: str = "", words: str = "", before: int = 0
) -> tuple[list[Receipt], int]:
    """Receipts of the actor's units, newest first, and where the next page begins (0: there is none)."""
    rows = _seen(actor)
    if unit_id:
        rows = rows.filter(unit_id__in=directory.subtree_ids(unit_id))
    if status:
        rows = rows.filter(status=status)
    if before:
        rows = rows.filter(pk__lt=before)
    for word in words.split()[:6]:
        figure = whole_number(word, digits=9)
        number = Q() if figure is None else Q(number=figure)
        rows = rows.filter(Q(payer_name__icontains=word) | Q(case_code__icontains=word) | number | Q(series=word))
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else 0


def get_receipt(*, actor: Actor, receipt_id: int) -> Receipt:
    """One receipt of the actor's units.

    Raises:
        ReceiptNotFound: there is none the actor may see.
    """
    found = _seen(actor).select_related("replaces", "replaced_by").filter(pk=receipt_id).first()
    if found is None:
        raise ReceiptNotFound
    return found


def endings_of(receipt: Receipt) -> list[ReceiptEnding]:
    """The proposals about a receipt, latest first."""
    return list(receipt.endings.order_by("-pk"))


def count_waiting(actor: Actor) -> int:
    """Proposals that wait for the actor's decision."""
    units = actor.unit_ids_for(permissions.ReceiptPermission.APPROVE_ENDING)
    if not units:
        return 0
    waiting = ReceiptEnding.objects.filter(status=EndingStatus.PROPOSED, receipt__unit_id__in=units)
    return waiting.exclude(proposed_by_id=actor.account_id).count()


def receipts_of(subject: str) -> list[Receipt]:
    """Finished receipts of what a stream names, newest first. The caller has checked the right to the subject."""
    return list(Receipt.objects.filter(subject=subject, file__isnull=False).order_by("-pk"))


def receipt_of(receipt_id: int, *, subject: str) -> Receipt:
    """One finished receipt of a subject. The caller has checked the right to the subject.

    Raises:
        ReceiptNotFound: no finished receipt of that subject.
    """
    found = Receipt.objects.filter(pk=receipt_id, subject=subject, file__isnull=False).first()
    if found is None:
        raise ReceiptNotFound
    return found


def file_name(receipt: Receipt) -> str:
    """What the files of a receipt are called, without ending."""
    return f"bien-lai-{receipt.series}-{receipt.number}"


def receipt_of_payment(payment_key: str) -> Receipt | None:
    """The receipt that holds for a payment, or is being made; None where there is none."""
    rows = Receipt.objects.filter(payment_key=payment_key, status__in=[ReceiptStatus.DRAFT, ReceiptStatus.ISSUED])
    return rows.order_by("-pk").first()


def keys_with_receipt(keys: Iterable[str]) -> set[str]:
    """Those of the payments that have a receipt, whatever became of it."""
    return set(Receipt.objects.filter(payment_key__in=list(keys)).values_list("payment_key", flat=True))


def drafts_to_make(*, limit: int = 200) -> list[int]:
    """Receipts that have been begun and are not made yet, oldest first."""
    return list(Receipt.objects.filter(status=ReceiptStatus.DRAFT).order_by("pk").values_list("pk", flat=True)[:limit])


def facts_of(receipt_id: int) -> ReceiptFacts:
    """Everything a receipt says."""
    one = Receipt.objects.select_related("replaces").get(pk=receipt_id)
    unit, old = directory.get_unit(one.unit_id), one.replaces
    above = next((u.agency_name for u in directory.ancestors_of(unit.id) if u.kind.is_administrative), "")
    place = next((u.short_name for u in (unit, *directory.ancestors_of(unit.id)) if u.kind.is_administrative), "")
    book = rules_now()
    return ReceiptFacts(
        uuid=str(one.uuid), template_code=one.template_code, template_name=book.template_name, series=one.series,
        number=rules.spelled(one.number, book.digits) if one.number is not None else "", issued_on=_day(one.begun_at),
        agency=unit.agency_name, agency_parent=above, place=place, tax_code=issuer_of(unit.id).tax_code,
        payer_name=one.payer_name, payer_id=one.payer_id, payer_address=one.payer_address,
        lines=tuple(ReceiptLine(**line) for line in one.lines), amount_vnd=one.amount_vnd,
        amount_words=dong_in_words(one.amount_vnd), method=one.method, paid_at=one.paid_at.astimezone(PROVINCE_TIME),
        case_code=one.case_code, check_code=one.check_code, replaces=label(old) if old else "",
        replaces_on=_day(old.begun_at) if old else None, reason=old.end_reason if old else "",
    )  # fmt: skip


def receipt_pdf(facts: ReceiptFacts, *, xml_sha256: str) -> bytes:
    """The receipt as PDF/A-2b, ready to be sealed; it prints the digest of its XML, so that the seal answers for both.

    Raises:
        PaperNotTypeset: the template fails.
    """
    base = settings.BASE_URL
    claim = signatures.paper_claim(
        code=facts.check_code, kind=facts.template_name, number=f"{facts.series} {facts.number}",
        issued_on=facts.issued_on, issuer=facts.agency, holder=facts.payer_name,
    )  # fmt: skip
    data = {
        "agency": {"parent": facts.agency_parent, "name": facts.agency}, "place": facts.place,
        "number": facts.number, "series": facts.series, "template": facts.template_code, "title": facts.template_name,
        "issued_on": facts.issued_on.isoformat(), "tax_code": facts.tax_code,
        "payer": {"name": facts.payer_name, "id": facts.payer_id, "address": facts.payer_address},
        "lines": [
            {"name": line.name, "kind": "Lệ phí" if line.kind == "charge" else "Phí", "amount": line.amount_vnd}
            for line in facts.lines
        ],
        "amount": facts.amount_vnd, "words": facts.amount_words, "method": facts.method,
        "paid_at": facts.paid_at.strftime("%Y-%m-%dT%H:%M"), "case_code": facts.case_code, "xml_sha256": xml_sha256,
        "replaced": {"label": facts.replaces, "date": facts.replaces_on.isoformat(), "reason": facts.reason}
        if facts.replaces_on else None,
        "code": facts.check_code, "check_url": f"{base}/kiem-tra/{facts.check_code}",
        "qr_text": signatures.paper_address(claim, base_url=base), "assumed": bool(settings.DEMO),
    }  # fmt: skip
    return documents.typeset_paper(rules_now().typst, data)


def check_receipt(check_code: str) -> CheckedReceipt | None:
    """What the register says of the receipt with this code, the payer's name masked; None: no receipt has it. Public."""
    wanted = check_code.strip().lower().replace(" ", "").replace("-", "")
    return _checked(_finished().filter(check_code=wanted).first())


def find_receipt_by_digest(sha256: str) -> CheckedReceipt | None:
    """The receipt whose stored PDF or XML has exactly this content, or None. Public."""
    return _checked(_finished().filter(Q(file__sha256=sha256) | Q(xml_sha256=sha256)).first())


def _finished() -> QuerySet[Receipt]:
    return Receipt.objects.select_related("replaces", "replaced_by", "file").filter(file__isnull=False)


def _checked(one: Receipt | None) -> CheckedReceipt | None:
    if one is None or one.number is None or one.file is None:
        return None
    later = getattr(one, "replaced_by", None)
    return CheckedReceipt(
        title=rules_now().template_name, template_code=one.template_code, series=one.series,
        number=rules.spelled(one.number, rules_now().digits), unit_name=directory.get_unit(one.unit_id).agency_name,
        payer=rules.masked(one.payer_name), amount_vnd=one.amount_vnd, issued_on=_day(one.begun_at),
        case_code=one.case_code, status=one.get_status_display(), valid=one.status == ReceiptStatus.ISSUED,
        ended_at=one.ended_at, end_reason=one.end_reason,
        replaced_by=label(later) if later is not None and one.status == ReceiptStatus.REPLACED else "",
        replaces=label(one.replaces) if one.replaces else "", sha256=one.file.sha256,
    )  # fmt: skip


def month_bounds(month: date) -> tuple[datetime, datetime]:
    """The first instant of a month in the province and of the one after."""
    start = datetime(month.year, month.month, 1, tzinfo=PROVINCE_TIME)
    days = calendar.monthrange(month.year, month.month)[1]
    end = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=PROVINCE_TIME)
    assert (end.date() - start.date()).days == days  # noqa: S101 - the calendar itself
    return start, end


def month_use(*, actor: Actor, month: date) -> list[SeriesUse]:
    """The use of receipts in a month, one line a unit and series (báo cáo tình hình sử dụng biên lai).

    A receipt belongs to the month its number was taken; what became of it since is told as it is now.
    """
    start, end = month_bounds(month)
    rows = _seen(actor).filter(begun_at__gte=start, begun_at__lt=end, number__isnull=False)
    held: dict[tuple[int, str, str], list[Receipt]] = {}
    for one in rows.order_by("unit_id", "template_code", "series", "number"):
        held.setdefault((one.unit_id, one.template_code, one.series), []).append(one)
    return [_use(key, found) for key, found in held.items()]


def _use(key: tuple[int, str, str], found: list[Receipt]) -> SeriesUse:
    unit_id, template, series = key
    digits = rules_now().digits
    numbers = [one.number or 0 for one in found]
    by = {status: sum(one.status == status for one in found) for status in ReceiptStatus}
    missing = sorted(set(range(numbers[0], numbers[-1] + 1)) - set(numbers))
    return SeriesUse(
        unit_name=directory.get_unit(unit_id).agency_name, template_code=template, series=series,
        first=rules.spelled(numbers[0], digits), last=rules.spelled(numbers[-1], digits), used=len(found),
        issued=by[ReceiptStatus.ISSUED], cancelled=by[ReceiptStatus.CANCELLED], replaced=by[ReceiptStatus.REPLACED],
        drafts=by[ReceiptStatus.DRAFT],
        amount_vnd=sum(one.amount_vnd for one in found if one.status == ReceiptStatus.ISSUED),
        unused=tuple(rules.spelled(number, digits) for number in missing),
    )  # fmt: skip


def differences(*, actor: Actor, month: date, now: datetime) -> list[Difference]:
    """What does not agree in the receipts of a month: gaps, receipts that are not made, providers that say otherwise."""
    told = [
        Difference(f"{use.unit_name}, {use.series}: thiếu số {', '.join(use.unused[:10])}.")
        for use in month_use(actor=actor, month=month)
        if use.unused
    ]
    start, end = month_bounds(month)
    for one in _seen(actor).filter(begun_at__gte=start, begun_at__lt=end, status=ReceiptStatus.DRAFT).order_by("pk"):
        if (now - one.begun_at).total_seconds() > 600 or one.failure:
            what = f"Biên lai {label(one) or 'chưa có số'} của {one.payer_name} chưa lập xong. {one.failure}"
            told.append(Difference(what.strip(), one.pk))
    return told + _against_payments(actor, start, end, now)


def _against_payments(actor: Actor, start: datetime, end: datetime, now: datetime) -> list[Difference]:
    """Payments of a month without a receipt that holds, and receipts whose payment is no longer there."""
    units = permissions.units_seen(actor)
    held = {
        int(one.payment_key.partition(":")[2]): one
        for one in _seen(actor).filter(begun_at__gte=start, begun_at__lt=end, status=ReceiptStatus.ISSUED)
        if one.payment_key.startswith("order:") and one.payment_key[6:].isdecimal()
    }
    orders = {one.id: one for one in payments.orders_paid(unit_ids=units, since=start, until=end, also=list(held))}
    known = keys_with_receipt(f"order:{order_id}" for order_id in orders)
    told = []
    for order in orders.values():
        kept = order.paid_vnd - order.refunded_vnd
        electronic = order.paid_at is not None and rules_now().is_electronic(
            directory.get_unit(order.unit_id).code, _day(order.paid_at)
        )
        late = order.paid_at is not None and (now - order.paid_at).total_seconds() > 600
        if f"order:{order.id}" not in known and kept > 0 and electronic and late:
            told.append(Difference(f"Khoản của hồ sơ {order.case_code} đã nộp {dong(kept)}, chưa có biên lai."))
        receipt = held.get(order.id)
        if receipt is not None and kept < receipt.amount_vnd:
            what = f"Biên lai {label(receipt)} ghi {dong(receipt.amount_vnd)}, sổ thu còn giữ {dong(kept)}."
            told.append(Difference(what, receipt.pk))
    return told + [
        Difference(f"Biên lai {label(one)} không có khoản thu tương ứng.", one.pk)
        for order_id, one in held.items()
        if order_id not in orders
    ]


def used_numbers(*, unit_id: int, provider: str, start: datetime, end: datetime) -> list[UsedNumber]:
    """Our receipts through an outside provider in a span, to be compared with its own list."""
    rows = Receipt.objects.filter(
        unit_id=unit_id, provider=provider, number__isnull=False, begun_at__gte=start, begun_at__lt=end
    )
    return [
        UsedNumber(
            str(one.uuid), one.series, one.number or 0, one.amount_vnd, one.status == ReceiptStatus.CANCELLED
        )
        for one in rows.order_by("number")
    ]  # fmt: skip


def provider_units(*, start: datetime, end: datetime) -> list[tuple[int, str]]:
    """Units with receipts of outside providers in a span."""
    rows = Receipt.objects.exclude(provider=OWN).filter(begun_at__gte=start, begun_at__lt=end)
    return sorted(set(rows.values_list("unit_id", "provider")))


def corrected(receipt: Receipt, corrections: dict[str, object]) -> dict[str, object]:
    """What the receipt that takes the place of another one says."""
    kept: dict[str, object] = {
        "payer_name": receipt.payer_name, "payer_id": receipt.payer_id, "payer_address": receipt.payer_address,
        "lines": receipt.lines,
    }  # fmt: skip
    return kept | {key: value for key, value in corrections.items() if key in kept and value}


def with_number(facts: ReceiptFacts, *, series: str, number: int) -> ReceiptFacts:
    """The same receipt with the series and number a provider has given."""
    return replace(facts, series=series, number=rules.spelled(number, rules_now().digits))


def _seen(actor: Actor) -> QuerySet[Receipt]:
    if actor.kind is ActorKind.SYSTEM:
        return Receipt.objects.all()
    return Receipt.objects.filter(unit_id__in=permissions.units_seen(actor))


def _day(at: datetime) -> date:
    return at.astimezone(PROVINCE_TIME).date()
