"""Reading the book."""

from django.db import connection
from django.db.models import Sum

from tinhso.apps.payments.models import LedgerPosting


def balance_of(account: str) -> int:
    """The balance of one account in đồng: debits less credits (số dư)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(amount_vnd), 0) FROM payments_ledgerposting WHERE account = %s", [account])
        return int(cursor.fetchone()[0])


def account_balances() -> dict[str, int]:
    """The balance of every account; over all of them it is zero (bảng cân đối)."""
    rows = LedgerPosting.objects.values("account").annotate(total=Sum("amount_vnd")).order_by("account")
    return {row["account"]: row["total"] for row in rows}


def order_balance(order_id: int) -> dict[str, int]:
    """What the book says of one order, by account (sổ chi tiết của một khoản)."""
    rows = (
        LedgerPosting.objects.filter(order_id=order_id).values("account").annotate(total=Sum("amount_vnd"))
        .order_by("account")
    )  # fmt: skip
    return {row["account"]: row["total"] for row in rows}
