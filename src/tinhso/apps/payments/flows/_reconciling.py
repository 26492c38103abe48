"""The daily reconciliation: ask for the report, mend line by line, compare."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from tinhso.apps.payments import actions, queries
from tinhso.apps.payments.data import ProviderUnavailable, ReportLine
from tinhso.apps.payments.enums import Provider
from tinhso.apps.payments.models import Reconciliation
from tinhso.apps.payments.providers import provider_of
from tinhso.apps.payments.rules import civil_date
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.flows import flow

# Settlements come a day later; what was not complete then is looked at again.
_DAYS_BACK = 4


@flow
def reconcile(
    *, account_key: str, day: date, at: datetime, report: Sequence[ReportLine] | None = None
) -> Reconciliation:
    """Đối soát một ngày của một tài khoản thu. Without `report` the platform is asked; silent, only the bank is compared."""
    account = queries.get_account(account_key)
    if report is None and Provider.PLATFORM in account.providers:
        try:
            report = provider_of(Provider.PLATFORM).report(account, day)
        except ProviderUnavailable:
            report = None
    for line in report or ():
        actions.mend_from_report(account=account.key, line=line, actor=SYSTEM, at=at)
    return actions.reconcile_day(account=account.key, day=day, report=report, actor=SYSTEM, at=at)


@flow
def reconcile_latest(*, at: datetime) -> int:
    """Đối soát những ngày vừa qua của mọi tài khoản thu; returns how many days were compared."""
    today, count = civil_date(at), 0
    for account in queries.collecting_accounts():
        for back in range(1, _DAYS_BACK + 1):
            reconcile(account_key=account.key, day=today - timedelta(days=back), at=at)
            count += 1
    return count
