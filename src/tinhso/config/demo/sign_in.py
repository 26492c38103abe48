"""The shown citizens of `content/demo/people.yaml`, signed in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tinhso.apps.accounts.actions import register_citizen_login
from tinhso.apps.accounts.data import AccountData, IdentityClaims
from tinhso.kernel.actor import SYSTEM


def sign_in(person: Mapping[str, Any], *, at: datetime) -> AccountData:
    """The account of a shown citizen, as the national identity tells of her."""
    claims = IdentityClaims(
        issuer="vneid", personal_id=person["personal_id"], full_name=person["full_name"],
        birth_date=person["birth_date"], sex=person["sex"], phone=person["phone"], email=person["email"],
        address=person["address"], level=person["level"],
    )  # fmt: skip
    return register_citizen_login(claims=claims, actor=SYSTEM, at=at)
