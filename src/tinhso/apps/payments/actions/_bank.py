"""Lines of bank statements: transfers, the platform's settlements, refunds that have left."""

from datetime import date, datetime

from django.db import connection

from tinhso.apps.payments import rules
from tinhso.apps.payments.actions._ledger import post
from tinhso.apps.payments.actions._money import take
from tinhso.apps.payments.actions._refunds import pay_refund
from tinhso.apps.payments.data import Money, Posting, StatementLine
from tinhso.apps.payments.enums import EntryKind, Provider, RefundStatus
from tinhso.apps.payments.models import BankLine, Payment, Refund
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind


@action
def take_bank_line(*, account: str, line: StatementLine, actor: Actor, at: datetime) -> str:
    """Ghi một dòng sao kê; returns what it is: `transfer`, `settlement`, `refund`, `known`, or `unexplained`.

    Told by the bank's message first and by the statement later, it is one line. Money in is a transfer or what the
    platform hands over for a day; money out is a refund when it names one that is approved with the same sum.
    """
    require(actor.kind is ActorKind.SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [f"line:{account}:{line.external_id}"])
    if BankLine.objects.filter(account=account, external_id=line.external_id).exists():
        return "known"
    used_as = _use(account, line, actor=actor, at=at)
    BankLine.objects.create(
        account=account, external_id=line.external_id, day=rules.civil_date(line.at), at=line.at,
        amount_vnd=line.amount_vnd, text=line.text[:300], counterparty=line.counterparty[:200],
        counterparty_account=line.counterparty_account[:60], used_as=used_as,
    )  # fmt: skip
    return used_as or "unexplained"


def _use(account: str, line: StatementLine, *, actor: Actor, at: datetime) -> str:
    if line.amount_vnd < 0:
        return _refund(line, actor=actor, at=at)
    settled = rules.settlement_day(line.text)
    if settled:
        _settle(account, line, datetime.strptime(settled, "%Y%m%d").date(), actor=actor, at=at)  # noqa: DTZ007 - a day
        return "settlement"
    money = Money(
        provider=Provider.VIETQR, external_id=line.external_id, account=account, amount_vnd=line.amount_vnd,
        paid_at=line.at, text=line.text, payer=line.counterparty, payer_account=line.counterparty_account,
    )  # fmt: skip
    take(money, actor=actor, at=at)
    return "transfer"


def _settle(account: str, line: StatementLine, day: date, *, actor: Actor, at: datetime) -> None:
    """The platform's money of a day is at the bank: what it owed us lies there now."""
    post(
        key=f"settlement:{account}:{line.external_id}", kind=EntryKind.SETTLEMENT, unit_id=None, note=f"{day:%d/%m/%Y}",
        postings=[Posting(rules.bank(account), line.amount_vnd), Posting(rules.platform(account), -line.amount_vnd)],
        actor=actor, at=at,
    )  # fmt: skip
    start = datetime.combine(day, datetime.min.time(), rules.PROVINCE)
    Payment.objects.filter(
        provider=Provider.PLATFORM, account=account, paid_at__gte=start, paid_at__lt=start + rules.DAY
    ).update(settled_day=rules.civil_date(line.at))


def _refund(line: StatementLine, *, actor: Actor, at: datetime) -> str:
    for number in rules.refund_numbers(line.text):
        refund = Refund.objects.filter(pk=number, status=RefundStatus.APPROVED, amount_vnd=-line.amount_vnd).first()
        if refund is not None:
            pay_refund(refund_id=refund.pk, method="bank", reference=line.external_id, actor=actor, at=at)
            return "refund"
    return ""
