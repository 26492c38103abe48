"""Who is paid: taken from results of cases, or from a file; their accounts."""

import hashlib
from datetime import date, datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.payouts import permissions, queries, rules
from tinhso.apps.payouts.data import PayoutInvalid, PayoutNotFound
from tinhso.apps.payouts.enums import LineStatus, PayeeStatus
from tinhso.apps.payouts.events import AccountCorrected, PayeeEnrolled, PayeesImported, PayeeStopped
from tinhso.apps.payouts.models import Payee, PayLine
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import FieldError
from tinhso.lib.text import whole_number


@action
def enrol_from_case(*, case_id: int, result_id: int, actor: Actor, at: datetime) -> Payee | None:
    """Đưa người được giải quyết vào danh sách hưởng, đổi mức hoặc thôi chi, as the signed result says. Told twice, once.

    None: the procedure feeds no programme, or its result names no person or amount.
    """
    require(actor.kind is ActorKind.SYSTEM)
    said = queries.case_says(case_id, result_id)
    if said is None or not said["kind"] or not said["personal_id"]:
        return None
    source = f"case:{case_id}"
    known = (
        Payee.objects.select_for_update()
        .filter(unit_id=said["unit_id"], programme=said["programme"], personal_id=said["personal_id"])
        .first()
    )
    if known is not None and known.source == source:
        return known
    if said["kind"] == "stop":
        if known is not None:
            _stop(known, f"Theo kết quả hồ sơ {said['case_code']}", actor=actor, at=at)
        return known
    amount = whole_number(said["amount_vnd"].replace(".", "").replace(" ", ""), digits=15)
    if not amount:
        return None
    made = known or Payee(unit_id=said["unit_id"], programme=said["programme"], personal_id=said["personal_id"])
    first = at.astimezone(PROVINCE_TIME).date().replace(day=1)
    made.full_name, made.amount_vnd, made.status = said["full_name"][:200], amount, PayeeStatus.ACTIVE
    if known is None:
        made.since = queries.month_of(said["from_month"], first)
    number, bank = said["account_number"].replace(" ", ""), rules.bank_bin(said["bank"], queries.rules_now().banks)
    if number and bank and not rules.account_problem(number):
        made.bank_bin, made.account_number, made.account_name = bank, number, said["account_holder"][:200]
        made.note = ""
    elif number:
        made.note = f"Cần xem lại tài khoản: {said['bank']} {number}"[:300]
    made.source = source
    made.save()
    _told(made, actor=actor, at=at)
    return made


@action
def import_payees(*, unit_id: int, programme: str, text: str, since: date, actor: Actor, at: datetime) -> int:
    """Nhập danh sách người hưởng từ tệp CSV: all lines or none. Returns how many payees the list has.

    Raises:
        PayoutInvalid: with every wrong line in words. PayoutNotFound: no such programme.
    """
    require(permissions.can_prepare(actor, unit_id))
    queries.programme_of(programme)
    rows, problems = rules.read_list(text, queries.rules_now().banks)
    if problems:
        raise PayoutInvalid(
            f"Tệp có {len(problems)} chỗ chưa đúng, chưa nhập dòng nào.",
            errors=[FieldError("file", problem) for problem in problems[:200]],
        )
    Payee.objects.bulk_create(
        [
            Payee(
                unit_id=unit_id, programme=programme, full_name=row.full_name, personal_id=row.personal_id,
                amount_vnd=row.amount_vnd, bank_bin=row.bank_bin, account_number=row.account_number,
                account_name=row.full_name if row.account_number else "", since=since.replace(day=1), source="import",
            )
            for row in rows
        ],
        update_conflicts=True, unique_fields=["unit", "programme", "personal_id"],
        update_fields=["full_name", "amount_vnd", "bank_bin", "account_number", "account_name", "status", "source"],
        batch_size=1000,
    )  # fmt: skip
    event = PayeesImported(
        programme=programme, unit_id=unit_id, payees=len(rows), amount_vnd=sum(row.amount_vnd for row in rows),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip
    record(event, subject=f"payees:{unit_id}:{programme}", actor=actor, at=at)
    return len(rows)


@action
def correct_account(
    *, payee_id: int, bank: str, account_number: str, account_name: str, actor: Actor, at: datetime
) -> Payee:
    """Sửa tài khoản nhận tiền; sums the bank has returned may be tried again, in a batch that is approved anew.

    Raises:
        PayoutNotFound: no such payee. PayoutInvalid: an unknown bank or no account number.
    """
    one = _lock(payee_id)
    require(permissions.can_prepare(actor, one.unit_id))
    found = rules.bank_bin(bank, queries.rules_now().banks)
    number = account_number.replace(" ", "").strip()
    if not found:
        raise PayoutInvalid(f"Không biết ngân hàng “{bank[:60]}”.")
    if rules.account_problem(number):
        raise PayoutInvalid("Số tài khoản gồm 5 đến 19 chữ số.")
    one.bank_bin, one.account_number, one.note = found, number, ""
    one.account_name = account_name.strip()[:200] or one.full_name
    one.save()
    waiting = PayLine.objects.select_for_update().filter(
        payee=one, status__in=[LineStatus.RETURNED, LineStatus.PLANNED]
    )
    for line in waiting:
        line.bank_bin, line.account_number, line.account_name = one.bank_bin, one.account_number, one.account_name
        line.status = LineStatus.PLANNED
        line.save()
    event = AccountCorrected(payee_id=one.pk, line_id=waiting[0].pk if waiting else None)
    record(event, subject=f"payee:{one.pk}", actor=actor, at=at)
    return one


@action
def stop_payee(*, payee_id: int, reason: str, actor: Actor, at: datetime) -> Payee:
    """Thôi chi trả cho một người (qua đời, chuyển đi, không còn thuộc diện), có lý do.

    Raises:
        PayoutNotFound: no such payee. PayoutInvalid: no reason.
    """
    one = _lock(payee_id)
    require(permissions.can_prepare(actor, one.unit_id))
    if not reason.strip():
        raise PayoutInvalid("Mời ghi lý do thôi chi trả.")
    _stop(one, reason.strip()[:300], actor=actor, at=at)
    return one


def _stop(one: Payee, reason: str, *, actor: Actor, at: datetime) -> None:
    if one.status == PayeeStatus.STOPPED:
        return
    one.status, one.note = PayeeStatus.STOPPED, reason[:300]
    one.save(update_fields=["status", "note"])
    record(PayeeStopped(payee_id=one.pk, reason=reason), subject=f"payee:{one.pk}", actor=actor, at=at)


def _told(one: Payee, *, actor: Actor, at: datetime) -> None:
    event = PayeeEnrolled(
        payee_id=one.pk, programme=one.programme, unit_id=one.unit_id, amount_vnd=one.amount_vnd, source=one.source
    )
    record(event, subject=f"payee:{one.pk}", actor=actor, at=at)


def _lock(payee_id: int) -> Payee:
    one = Payee.objects.select_for_update().filter(pk=payee_id).first()
    if one is None:
        raise PayoutNotFound
    return one
