"""Collecting accounts, from content."""

from pathlib import Path

from django.conf import settings

from tinhso.apps.directory import queries as directory
from tinhso.apps.payments import content
from tinhso.apps.payments.data import CollectingAccount, NoCollectingAccount


def collecting_accounts() -> tuple[CollectingAccount, ...]:
    """Every account fees are collected on (các tài khoản thu phí)."""
    return content.known_accounts(Path(settings.CONTENT_DIR))


def account_of_unit(unit_id: int) -> CollectingAccount | None:
    """The account that collects for a unit, None where it has none (tài khoản thu của đơn vị)."""
    return content.account_for(collecting_accounts(), directory.get_unit(unit_id).path)


def get_account(key: str) -> CollectingAccount:
    """A collecting account by its key.

    Raises:
        NoCollectingAccount: there is none.
    """
    for account in collecting_accounts():
        if account.key == key:
            return account
    raise NoCollectingAccount


def account_by_number(number: str) -> CollectingAccount | None:
    """The collecting account with this number at its bank, None when it is none of ours."""
    return next((account for account in collecting_accounts() if account.number == number), None)
