"""What the bank tells: one transfer at a time, or a day's statement."""

import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.conf import settings

from tinhso.apps.payments import actions, queries, rules
from tinhso.apps.payments.data import CollectingAccount, StatementLine
from tinhso.apps.payments.rules import read_statement
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import Forbidden, Invalid
from tinhso.kernel.flows import flow


@flow
def take_bank_message(*, raw: bytes, signature: str, at: datetime) -> str:
    """Nhận báo có của ngân hàng (webhook): `{id, account, amount, content, at, payer, payer_account}`.

    `signature` is HMAC-SHA256 of the body under the bank's secret, in hexadecimal. Told twice it counts once.

    Raises:
        Forbidden: a wrong signature, or no secret is configured.
        Invalid: unreadable, or an account that is none of ours.
    """
    secret = settings.BANK_SECRET
    wanted = hmac.new(secret.encode(), raw, sha256).hexdigest()
    if not secret or not hmac.compare_digest(wanted.encode(), signature.lower().encode()):
        raise Forbidden("Sai chữ ký của ngân hàng.")
    try:
        line, number = rules.read_transfer(raw)
    except ValueError as error:
        raise Invalid("Không đọc được bản tin của ngân hàng.") from error
    account = queries.account_by_number(number)
    if account is None or not line.external_id or line.at.tzinfo is None:
        raise Invalid("Bản tin thiếu số giao dịch, giờ, hoặc không phải tài khoản thu phí.")
    return actions.take_bank_line(account=account.key, line=line, actor=SYSTEM, at=at)


@flow
def take_statement(*, account: CollectingAccount, lines: Sequence[StatementLine], at: datetime) -> dict[str, int]:
    """Đưa sao kê của một tài khoản vào sổ, line by line; how many lines were what. Brought in again nothing is new."""
    counts: dict[str, int] = {}
    for line in lines:
        found = actions.take_bank_line(account=account.key, line=line, actor=SYSTEM, at=at)
        counts[found] = counts.get(found, 0) + 1
    return counts


@flow
def take_statement_file(*, account_key: str, content: bytes, at: datetime) -> dict[str, int]:
    """Đọc tệp sao kê CSV rồi đưa vào sổ.

    Raises:
        Invalid: a line cannot be read; nothing of the file is taken.
    """
    try:
        lines = read_statement(content)
    except ValueError as error:
        raise Invalid(f"Không đọc được sao kê: {error}") from error
    return take_statement(account=queries.get_account(account_key), lines=lines, at=at)
