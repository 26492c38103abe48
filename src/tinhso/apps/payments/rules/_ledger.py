"""The accounts of the book and the one law of it: what is debited is credited.

An account's name says what kind it is and whose: `receivable:12` of unit 12, `bank:capxa` of a collecting account,
`cash:7` of shift 7.
"""

from collections.abc import Sequence

from tinhso.apps.payments.data import Posting


def check_balance(postings: Sequence[Posting]) -> None:
    """Refuse sides that do not sum to zero.

    Raises:
        ValueError: they do not, or an amount is not a whole number.
    """
    if any(isinstance(side.amount_vnd, bool) or not isinstance(side.amount_vnd, int) for side in postings):
        raise ValueError("money is whole đồng")
    total = sum(side.amount_vnd for side in postings)
    if total:
        raise ValueError(f"an entry is off balance by {total} đồng")


_WORDS = {
    "receivable": "Phải thu", "revenue": "Số thu", "excess": "Nộp thừa", "suspense": "Tiền chưa rõ",
    "platform": "Phải thu bên thu hộ", "bank": "Tiền gửi ngân hàng", "cash": "Tiền mặt của ca", "card": "Thẻ của ca",
    "card-clearing": "Phải thu ngân hàng về thẻ", "vault": "Quỹ tiền mặt", "float": "Tiền lẻ ứng cho ca",
    "difference": "Thừa, thiếu quỹ", "refund-due": "Phải hoàn trả",
}  # fmt: skip


def account_words(account: str) -> str:
    """What an account of the book is called, from its name: `receivable:12` is "Phải thu"; others keep their name."""
    return _WORDS.get(account.partition(":")[0], account)


def receivable(unit_id: int) -> str:
    """Phải thu: what people owe a unit."""
    return f"receivable:{unit_id}"


def revenue(unit_id: int) -> str:
    """Số thu: fees and charges a unit has raised."""
    return f"revenue:{unit_id}"


def excess(unit_id: int) -> str:
    """Nộp thừa: what was paid beyond an order, owed to the payer."""
    return f"excess:{unit_id}"


def suspense(account: str) -> str:
    """Tiền chưa rõ: what came to a collecting account and belongs to nobody known."""
    return f"suspense:{account}"


def platform(account: str) -> str:
    """Phải thu bên thu hộ: paid on the platform, not yet at the bank."""
    return f"platform:{account}"


def bank(account: str) -> str:
    """Tiền gửi: what lies at the bank."""
    return f"bank:{account}"


def cash(shift_id: int) -> str:
    """Tiền mặt trong ngăn kéo of a shift."""
    return f"cash:{shift_id}"


def card(shift_id: int) -> str:
    """Thẻ đã quẹt trong ca of a shift."""
    return f"card:{shift_id}"


def card_clearing(unit_id: int) -> str:
    """Phải thu ngân hàng về thẻ: what the terminals of closed shifts owe."""
    return f"card-clearing:{unit_id}"


def vault(unit_id: int) -> str:
    """Tiền mặt nộp quỹ: what closed shifts handed in."""
    return f"vault:{unit_id}"


def float_of(unit_id: int) -> str:
    """Tiền lẻ ứng cho ca: change lent to shifts."""
    return f"float:{unit_id}"


def difference(unit_id: int) -> str:
    """Thừa, thiếu quỹ: what counting found beside the book."""
    return f"difference:{unit_id}"


def refund_due(unit_id: int) -> str:
    """Phải hoàn trả: approved refunds that have not left yet."""
    return f"refund-due:{unit_id}"
