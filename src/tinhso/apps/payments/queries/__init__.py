"""What is asked about money. Everything not named here is private to this package."""

from tinhso.apps.payments.queries._accounts import (
    account_by_number,
    account_of_unit,
    collecting_accounts,
    get_account,
)
from tinhso.apps.payments.queries._ledger import account_balances, balance_of, order_balance
from tinhso.apps.payments.queries._orders import get_order, orders_of

__all__ = [
    "account_balances",
    "account_by_number",
    "account_of_unit",
    "balance_of",
    "collecting_accounts",
    "get_account",
    "get_order",
    "order_balance",
    "orders_of",
]
