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
)
from tinhso.apps.payments.queries._ledger import account_balances, balance_of, order_balance
from tinhso.apps.payments.queries._orders import get_order, money_of, orders_by_id, orders_of, orders_paid
from tinhso.apps.payments.queries._sheets import (
    OrderSheet,
    ShiftSheet,
    cash_list_pdf,
    has_bill,
    order_sheet,
    refunds_to_hand_back,
    sheet_of,
    shift_sheet,
)

__all__ = [
    "PAGE",
    "Bill",
    "OrderSheet",
    "ShiftSheet",
    "account_balances",
    "account_by_number",
    "account_of_unit",
    "balance_of",
    "bills_of",
    "cash_list_pdf",
    "collecting_accounts",
    "differences_of",
    "get_account",
    "get_order",
    "has_bill",
    "list_differences",
    "list_orders",
    "list_reconciliations",
    "list_refunds",
    "list_shifts",
    "list_unmatched",
    "money_of",
    "open_shift_of",
    "order_balance",
    "order_sheet",
    "orders_by_id",
    "orders_of",
    "orders_paid",
    "refunds_to_hand_back",
    "sheet_of",
    "shift_sheet",
    "transfer_details",
]
