"""`content/payments/accounts.yaml`: the bank accounts fees are collected on, for which units, by which ways."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.payments.data import CollectingAccount
from tinhso.apps.payments.enums import Provider
from tinhso.lib.schemas import breaches

FILE = Path("payments/accounts.yaml")
ONLINE = (Provider.PLATFORM, Provider.VIETQR, Provider.DEMO)
_WORDS = {"type": "string", "minLength": 1}


class PaymentContentError(ValueError):
    """The file is wrong; the message names every problem."""


def schemas() -> dict[str, Any]:
    """JSON Schema of the file, for editors and for the check."""
    account = {
        "type": "object",
        "additionalProperties": False,
        "required": ["key", "name", "bank_bin", "bank_code", "bank_name", "number", "partner", "providers", "units"],
        "properties": {
            "key": {"type": "string", "pattern": "^[a-z][a-z0-9_-]{0,40}$"},
            "name": _WORDS,
            "bank_bin": {"type": "string", "pattern": r"^\d{6}$"},
            "bank_code": _WORDS,
            "bank_name": _WORDS,
            "number": {"type": "string", "pattern": "^[A-Za-z0-9]{1,19}$"},
            "partner": _WORDS,
            "providers": {"type": "array", "uniqueItems": True, "items": {"enum": [str(one) for one in ONLINE]}},
            "units": {"type": "array", "minItems": 1, "items": _WORDS},
            "assumed": {"type": "boolean"},
        },
    }
    return {
        "payment-accounts.schema.json": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Tài khoản thu phí, lệ phí",
            "type": "object",
            "additionalProperties": False,
            "required": ["version", "accounts"],
            "properties": {"version": {"const": 1}, "accounts": {"type": "array", "items": account}},
        }
    }


def load_accounts(root: Path) -> tuple[CollectingAccount, ...]:
    """The accounts, in the file's order; none where there is no file.

    Raises:
        PaymentContentError: with all problems found.
    """
    if not (root / FILE).exists():
        return ()
    try:
        value = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise PaymentContentError(f"không đọc được: {error}") from error
    problems = breaches(schemas()["payment-accounts.schema.json"], value)
    if not problems:
        keys = [one["key"] for one in value["accounts"]]
        problems = [f"{key}: khai hai lần" for key in sorted({key for key in keys if keys.count(key) > 1})]
    if problems:
        raise PaymentContentError("; ".join(problems))
    return tuple(
        CollectingAccount(
            key=one["key"], name=one["name"], bank_bin=one["bank_bin"], bank_code=one["bank_code"],
            bank_name=one["bank_name"], number=one["number"], partner=one["partner"], providers=tuple(one["providers"]),
            units=tuple(one["units"]),
        )
        for one in value["accounts"]
    )  # fmt: skip


@lru_cache(maxsize=4)
def known_accounts(root: Path) -> tuple[CollectingAccount, ...]:
    """`load_accounts`, read once."""
    return load_accounts(root)


def account_for(accounts: tuple[CollectingAccount, ...], path: str) -> CollectingAccount | None:
    """The account of a unit by its place in the directory: named itself, or an ancestor is, or `*` for all others."""
    parts = path.split("/")
    for part in reversed(parts):
        for account in accounts:
            if part in account.units:
                return account
    return next((account for account in accounts if "*" in account.units), None)
