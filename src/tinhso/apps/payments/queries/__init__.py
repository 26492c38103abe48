"""What is asked about money. Everything not named here is private to this package."""

from tinhso.apps.payments.queries._accounts import (
    account_by_number,
    account_of_unit,
    collecting_accounts,
    get_account,
)
from tinhso.apps.payments.queries._bills import Bill, bills_of, transfer_details
from tinhso.apps.payments.queries._finance import (
    PAGE,
    differences_of,
    list_differences,
    list_orders,
    list_reconciliations,
    list_refunds,
    list_shifts,
    list_unmatched,
    open_shift_of,
    shift_payments,
)
from tinhso.apps.payments.queries._ledger import account_balances, balance_of, order_balance
from tinhso.apps.payments.queries._orders import get_order, orders_of, orders_paid

__all__ = [
    "PAGE",
    "Bill",
    "account_balances",
    "account_by_number",
    "account_of_unit",
    "balance_of",
    "bills_of",
    "collecting_accounts",
    "differences_of",
    "get_account",
    "get_order",
    "list_differences",
    "list_orders",
    "list_reconciliations",
    "list_refunds",
    "list_shifts",
    "list_unmatched",
    "open_shift_of",
    "order_balance",
    "orders_of",
    "orders_paid",
    "shift_payments",
    "transfer_details",
]
