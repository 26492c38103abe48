"""Accounts for tests, made through the real actions, and a shortcut past the sign-in pages.

`sign_in(client, account)` gives the test client the session that a real sign-in leaves behind.
"""

import itertools
import uuid
from datetime import UTC, date, datetime
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.test import Client

from tinhso.apps.accounts import actions, queries
from tinhso.apps.accounts.data import AccountData, IdentityClaims
from tinhso.apps.accounts.enums import SubjectKind
from tinhso.interfaces.access import sessions
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.clock import now

AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
SINCE = date(2025, 7, 1)
PASSWORD = "Sen-Hong-Mua-Ha-2026"
# A base32 key everybody may know: tests compute the codes of the moment from it.
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

_numbers = itertools.count(1)


def citizen(
    *,
    personal_id: str | None = None,
    full_name: str = "Nguyễn Thị Mẫu",
    level: int = 2,
    at: datetime = AT,
    **facts: Any,
) -> AccountData:
    """A person known through the national identity. Ids are well formed: Quảng Ngãi, female, 1990."""
    claims = IdentityClaims(
        issuer="vneid",
        tech_id=str(uuid.uuid4()),
        personal_id=personal_id or f"051190{next(_numbers):06d}",
        full_name=full_name,
        birth_date=facts.pop("birth_date", date(1990, 1, 2)),
        sex=facts.pop("sex", "female"),
        level=level,
        **facts,
    )
    return actions.register_citizen_login(claims=claims, actor=SYSTEM, at=at)


def enterprise(
    *, organisation_id: str = "4300999012", full_name: str = "Công ty TNHH Mẫu", at: datetime = AT
) -> AccountData:
    """An enterprise known through the national identity."""
    claims = IdentityClaims(
        issuer="vneid",
        subject=SubjectKind.ENTERPRISE,
        tech_id=str(uuid.uuid4()),
        organisation_id=organisation_id,
        full_name=full_name,
        level=2,
    )
    return actions.register_citizen_login(claims=claims, actor=SYSTEM, at=at)


def officer(
    role: str = "",
    unit_id: int | None = None,
    *,
    username: str = "",
    full_name: str = "Trần Văn Mẫu",
    fields: list[str] | None = None,
    staff_id: int | None = None,
    with_totp: bool = True,
    at: datetime = AT,
) -> AccountData:
    """An officer with one role in a unit (none without `role`)."""
    account = actions.create_officer(
        username=username or f"canbo{next(_numbers)}",
        full_name=full_name,
        password=PASSWORD,
        staff_id=staff_id,
        actor=SYSTEM,
        at=at,
    )
    if with_totp:
        actions.enrol_totp(account_id=account.id, secret=TOTP_SECRET, actor=SYSTEM, at=at)
    if role:
        assert unit_id is not None, "a role is held in a unit"
        give_role(account, role, unit_id, fields=fields, at=at)
    return account


def give_role(
    account: AccountData, role: str, unit_id: int, *, fields: list[str] | None = None, at: datetime = AT
) -> None:
    """One more role."""
    actions.assign_role(
        account_id=account.id, role=role, unit_id=unit_id, fields=fields, valid_from=SINCE, actor=SYSTEM, at=at
    )


def actor_of(account: AccountData, *, at: datetime = AT, assurance: int = 2, mandate_id: int | None = None) -> Actor:
    """The actor of an account with the rights it holds at `at`."""
    return queries.get_actor(account.id, at=at, assurance=assurance, mandate_id=mandate_id)


def sign_in(
    client: Client,
    account: AccountData,
    *,
    assurance: int = 2,
    mandate_id: int | None = None,
    has_second_factor: bool = True,
    logout_uri: str = "",
    just_proved: bool = False,
    browser: str = "",
) -> None:
    """Give the client the session (and the owner's cookie) that a real sign-in of this account leaves behind.

    `browser`: the session also stands in the list of the account's sessions, under these words.
    `just_proved`: the password was given a moment ago, which signing asks for; a journey's moment may be days.
    """
    client.force_login(get_user_model().objects.get(pk=account.id))
    request = HttpRequest()
    request.session = client.session
    session_id = listed(account, browser=browser) if browser else None
    sessions.begin(
        request, at=now(), session_id=session_id, assurance=assurance, has_second_factor=has_second_factor,
        logout_uri=logout_uri,
    )  # fmt: skip
    sessions.set_mandate(request, mandate_id)
    if just_proved:
        request.user = get_user_model().objects.get(pk=account.id)
        record_authentication(request, request.user, method="password")
        year = 365 * 86_400
        request.session["account_authentication_methods"][-1]["at"] += year
    request.session.save()
    response = HttpResponse()
    sessions.remember_owner(response, account.id, secure=False)
    client.cookies.update(response.cookies)


def listed(account: AccountData, *, browser: str, source: str = "10.0.0.1", instead_of: int | None = None) -> int:
    """A row of the list of an account's sessions, through the real action."""
    at = now()
    actor = actor_of(account, at=at)
    return actions.record_sign_in(
        account_id=account.id, method="totp" if actor.kind is ActorKind.OFFICER else "national_identity", source=source,
        level=0, browser=browser, ends_at=sessions.ends_at(actor.kind, started=at, at=at), instead_of=instead_of,
        actor=actor, at=at,
    )  # fmt: skip
