"""Comparing a day: platform's report and bank's statement with the book; every difference is explained, most mend."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, Sum

from tinhso.apps.audit.actions import record
from tinhso.apps.payments import permissions, rules
from tinhso.apps.payments.actions._money import correct_payment, take
from tinhso.apps.payments.data import Money, ReportLine
from tinhso.apps.payments.enums import DifferenceKind, DifferenceStatus, PaymentState, Provider, Verdict
from tinhso.apps.payments.events import DayReconciled, DifferenceClosed
from tinhso.apps.payments.models import BankLine, Difference, Payment, Reconciliation
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind


@dataclass(frozen=True, slots=True)
class Found:
    """One difference as it is found, and what was done about it."""

    kind: DifferenceKind
    external_id: str
    theirs_vnd: int
    ours_vnd: int
    status: DifferenceStatus
    explanation: str
    payment_id: int | None = None
    order_id: int | None = None


@action
def mend_from_report(*, account: str, line: ReportLine, actor: Actor, at: datetime) -> bool:
    """Ghi bù hoặc điều chỉnh một giao dịch theo báo cáo của nền tảng; returns whether anything had to be mended.

    What the platform took and we never heard of is taken now; another sum than we booked becomes the platform's.
    """
    require(actor.kind is ActorKind.SYSTEM)
    payment = Payment.objects.filter(provider=Provider.PLATFORM, external_id=line.external_id).first()
    if payment is None:
        money = Money(
            provider=Provider.PLATFORM, external_id=line.external_id, account=account, amount_vnd=line.amount_vnd,
            paid_at=line.paid_at, reference=line.reference,
        )  # fmt: skip
        taken = take(money, actor=actor, at=at)
        order_known = taken.order_id is not None
        text = "Bản tin bị mất; đã ghi nhận theo báo cáo" if order_known else "Đã ghi vào tiền chưa rõ theo báo cáo"
        found = Found(
            DifferenceKind.MISSING_HERE, line.external_id, line.amount_vnd, 0, DifferenceStatus.MENDED, text,
            taken.payment_id, taken.order_id,
        )  # fmt: skip
        assert taken.verdict == Verdict.ACCEPTED  # noqa: S101 - it was not there under the same lock
    elif payment.amount_vnd != line.amount_vnd:
        ours = payment.amount_vnd
        reason = "Điều chỉnh theo báo cáo của nền tảng"
        correct_payment(payment_id=payment.pk, amount_vnd=line.amount_vnd, reason=reason, actor=actor, at=at)
        found = Found(
            DifferenceKind.SUM_DIFFERS, line.external_id, line.amount_vnd, ours, DifferenceStatus.MENDED, reason,
            payment.pk, payment.order_id,
        )  # fmt: skip
    else:
        return False
    _note(account, rules.civil_date(line.paid_at), found, at=at)
    return True


@action
def reconcile_day(
    *, account: str, day: date, report: Sequence[ReportLine] | None, actor: Actor, at: datetime
) -> Reconciliation:
    """Đối soát một ngày của một tài khoản thu, after what could be mended has been; `report` None: the platform is silent.

    Run again, differences that are gone are closed and nothing is said twice.
    """
    require(actor.kind is ActorKind.SYSTEM or permissions.can_reconcile(actor))
    ours = _payments_of(account, day)
    differences = [] if report is None else _against_report(ours, report)
    differences += _against_bank(account, day, ours)
    for found in differences:
        _note(account, day, found, at=at)
    still = {(found.kind, found.external_id) for found in differences}
    for row in Difference.objects.filter(account=account, day=day).exclude(status=DifferenceStatus.MENDED):
        if (DifferenceKind(row.kind), row.external_id) not in still:
            row.status, row.mended_at = DifferenceStatus.MENDED, at
            row.explanation = f"{row.explanation}; đã khớp"[:300]
            row.save(update_fields=["status", "mended_at", "explanation"])
    lines = BankLine.objects.filter(account=account, day=day, amount_vnd__gt=0)
    stated = lines.aggregate(total=Sum("amount_vnd"))["total"] or 0
    compared, _ = Reconciliation.objects.update_or_create(
        account=account, day=day,
        defaults={
            "run_at": at, "platform_count": len(report or ()), "platform_vnd": sum(one.amount_vnd for one in report or ()),
            "bank_count": lines.count(), "bank_vnd": stated, "book_count": len(ours),
            "book_vnd": sum(one.amount_vnd for one in ours), "is_complete": report is not None and lines.exists(),
        },
    )  # fmt: skip
    open_count = Difference.objects.filter(account=account, day=day, status=DifferenceStatus.OPEN).count()
    event = DayReconciled(account=account, day=day, differences=len(differences), open=open_count)
    record(event, subject=f"reconciliation:{account}", actor=actor, at=at)
    return compared


@action
def close_difference(*, difference_id: int, explanation: str, undo: bool, actor: Actor, at: datetime) -> None:
    """Giải thích, xử lý một chênh lệch máy không tự sửa được; `undo` takes money back that the platform does not have.

    Raises:
        Difference.DoesNotExist: there is none.
    """
    require(permissions.can_reconcile(actor))
    row = Difference.objects.select_for_update(of=("self",)).get(pk=difference_id)
    if undo and row.kind == DifferenceKind.MISSING_THERE and row.payment_id is not None:
        correct_payment(payment_id=row.payment_id, amount_vnd=0, reason=explanation[:200], actor=actor, at=at)
    row.status, row.mended_at, row.explanation = DifferenceStatus.MENDED, at, explanation.strip()[:300]
    row.save(update_fields=["status", "mended_at", "explanation"])
    event = DifferenceClosed(difference_id=row.pk, explanation=row.explanation, undone=undo)
    record(event, subject=f"reconciliation:{row.account}", actor=actor, at=at)


def _payments_of(account: str, day: date) -> list[Payment]:
    start = datetime.combine(day, datetime.min.time(), rules.PROVINCE)
    rows = Payment.objects.filter(account=account, paid_at__gte=start, paid_at__lt=start + rules.DAY)
    return list(rows.filter(provider__in=[Provider.PLATFORM, Provider.VIETQR]).exclude(state=PaymentState.CORRECTED))


def _against_report(ours: list[Payment], report: Sequence[ReportLine]) -> list[Found]:
    theirs = {line.external_id for line in report}
    return [
        Found(
            DifferenceKind.MISSING_THERE, payment.external_id, 0, payment.amount_vnd, DifferenceStatus.OPEN,
            "Nền tảng không có giao dịch này; cần hỏi nền tảng rồi giữ hoặc ghi hủy", payment.pk, payment.order_id,
        )
        for payment in ours
        if payment.provider == Provider.PLATFORM and payment.external_id not in theirs
    ]  # fmt: skip


def _against_bank(account: str, day: date, ours: list[Payment]) -> list[Found]:
    lines = dict(BankLine.objects.filter(account=account, day=day).values_list("external_id", "amount_vnd"))
    found = [
        Found(
            DifferenceKind.MISSING_THERE, payment.external_id, 0, payment.amount_vnd, DifferenceStatus.WAITING,
            "Ngân hàng đã báo có nhưng sao kê trong ngày chưa có dòng này", payment.pk, payment.order_id,
        )
        for payment in ours
        if payment.provider == Provider.VIETQR and payment.external_id not in lines
    ]  # fmt: skip
    found += [
        Found(
            DifferenceKind.UNKNOWN_TRANSFER, payment.external_id, payment.amount_vnd, payment.amount_vnd,
            DifferenceStatus.WAITING, "Tiền đã ghi sổ, chưa rõ của hồ sơ nào; chờ ghép hoặc trả lại", payment.pk,
        )
        for payment in ours
        if payment.state == PaymentState.UNMATCHED
    ]  # fmt: skip
    owed = sum(payment.amount_vnd for payment in ours if payment.provider == Provider.PLATFORM)
    settled = (
        BankLine.objects.filter(account=account, used_as="settlement", text__contains=f"{day:%Y%m%d}")
        .filter(Q(amount_vnd__gt=0)).aggregate(total=Sum("amount_vnd"))["total"] or 0
    )  # fmt: skip
    if owed and not settled:
        found.append(Found(
            DifferenceKind.NOT_SETTLED, f"{day:%Y%m%d}", 0, owed, DifferenceStatus.WAITING,
            "Nền tảng chưa chuyển tiền của ngày này về ngân hàng",
        ))  # fmt: skip
    elif owed != settled:
        found.append(Found(
            DifferenceKind.SETTLED_SHORT, f"{day:%Y%m%d}", settled, owed, DifferenceStatus.OPEN,
            "Tiền quyết toán khác tổng giao dịch của ngày",
        ))  # fmt: skip
    return found


def _note(account: str, day: date, found: Found, *, at: datetime) -> None:
    values = {
        "day": day, "theirs_vnd": found.theirs_vnd, "ours_vnd": found.ours_vnd, "status": found.status,
        "explanation": found.explanation[:300], "payment_id": found.payment_id, "order_id": found.order_id,
        "mended_at": at if found.status == DifferenceStatus.MENDED else None,
    }  # fmt: skip
    key = {"account": account, "kind": found.kind, "external_id": found.external_id}
    row, fresh = Difference.objects.get_or_create(**key, defaults={**values, "found_at": at})
    # What an officer has closed with his own words stays closed.
    if not fresh and row.status != DifferenceStatus.MENDED:
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
