"""Signing in and out, as the log tells it, and the citizen's account that the national identity vouches for."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection

from tinhso.apps.accounts import rules
from tinhso.apps.accounts.actions._accounts import locked
from tinhso.apps.accounts.actions._sessions import begin_session
from tinhso.apps.accounts.data import AccountData, IdentityClaims
from tinhso.apps.accounts.enums import AccountKind, SubjectKind
from tinhso.apps.accounts.events import (
    AccountCreated,
    IdentityChanged,
    SecondFactorChanged,
    SignedIn,
    SignedOut,
    SignInFailed,
)
from tinhso.apps.accounts.models import Account, IdentityLink, SignedInSession, SignInFailure
from tinhso.apps.accounts.queries import account_data
from tinhso.apps.audit.actions import record
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Conflict, Forbidden, Invalid
from tinhso.lib.addresses import network_of
from tinhso.lib.identifiers import IdentifierError, check_tax_code, parse_personal_id


class IdentityIncomplete(Invalid):
    """Hệ thống định danh không cho biết bạn là ai: thiếu cả số định danh lẫn mã tài khoản."""


class IdentityWrong(Invalid):
    """Hệ thống định danh trả về số định danh không đúng cấu trúc; chúng tôi chưa thể cho bạn đăng nhập."""


class IdentityConflict(Conflict):
    """Tài khoản định danh này đang gắn với một người khác; mời đến Bộ phận Một cửa để được đối chiếu."""


class AccountIsLocked(Forbidden):
    """Tài khoản này đang bị khóa; mời liên hệ đơn vị quản lý để được mở lại."""


_FACTS = ("full_name", "birth_date", "sex", "phone", "email", "address")


@action
def register_citizen_login(*, claims: IdentityClaims, actor: Actor, at: datetime) -> AccountData:
    """Nhận thông tin danh tính của người vừa đăng nhập: find the account or make it, and take the stated facts over.

    Matched by personal id (people) or by enterprise or tax code (organisations); (issuer, TechID) is the second key.
    What the claims leave out stays as it was. A citizen's account never gets any right here.

    Raises:
        IdentityIncomplete: nothing in the claims names the subject.
        IdentityWrong: the personal id or the tax code is not of the right structure.
        IdentityConflict: the two keys lead to two different people.
        AccountIsLocked: the account is locked.
    """
    require(actor.kind is ActorKind.SYSTEM)
    _check_keys(claims)
    _one_at_a_time(claims)
    account = _find(claims)
    if account is None:
        account = _create(claims, at)
        record(AccountCreated(account_id=account.pk, kind=account.kind), subject=account, actor=actor, at=at)
    else:
        if not account.is_active:
            raise AccountIsLocked
        if changed := _take_over(account, claims):
            event = IdentityChanged(account_id=account.pk, fields=sorted(changed))
            record(event, subject=account, actor=actor, at=at)
    if claims.tech_id:
        IdentityLink.objects.get_or_create(
            issuer=claims.issuer, tech_id=claims.tech_id, defaults={"account": account, "created_at": at}
        )
    return account_data(account)


def _check_keys(claims: IdentityClaims) -> None:
    try:
        if claims.personal_id:
            parse_personal_id(claims.personal_id)
        if claims.organisation_id:
            check_tax_code(claims.organisation_id)
    except IdentifierError as error:
        raise IdentityWrong from error
    if not (_strong_key(claims)[1] or claims.tech_id):
        raise IdentityIncomplete


def _strong_key(claims: IdentityClaims) -> tuple[str, str]:
    """The column and value that name the subject (an enterprise's claims also name a person, who is not it)."""
    if claims.subject is SubjectKind.PERSON:
        return "personal_id", claims.personal_id
    return "organisation_id", claims.organisation_id


def _one_at_a_time(claims: IdentityClaims) -> None:
    # Two first sign-ins of one person at once would both find no account.
    for key in sorted({_strong_key(claims)[1], f"{claims.issuer}|{claims.tech_id}"}):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [key])


def _find(claims: IdentityClaims) -> Account | None:
    column, key = _strong_key(claims)
    accounts = Account.objects.select_for_update(of=("self",)).filter(kind=AccountKind.CITIZEN)
    by_key = accounts.filter(**{column: key}).first() if key else None
    by_link = None
    if claims.tech_id:
        links = IdentityLink.objects.filter(issuer=claims.issuer, tech_id=claims.tech_id)
        by_link = accounts.filter(pk__in=links.values("account_id")).first()
    if by_key and by_link and by_key.pk != by_link.pk:
        raise IdentityConflict
    if by_link and not by_key and key and getattr(by_link, column):
        raise IdentityConflict
    return by_key or by_link


def _create(claims: IdentityClaims, at: datetime) -> Account:
    column, key = _strong_key(claims)
    account = Account(
        kind=AccountKind.CITIZEN, username=f"cd-{uuid4()}", subject=claims.subject, identity_level=claims.level,
        created_at=at, **{column: key}, **{name: getattr(claims, name) for name in _FACTS},
    )  # fmt: skip
    account.full_name = account.full_name or "Chưa có họ tên"
    account.set_unusable_password()
    account.save(force_insert=True)
    return account


def _take_over(account: Account, claims: IdentityClaims) -> set[str]:
    column, key = _strong_key(claims)
    stated = {column: key, "identity_level": claims.level} | {name: getattr(claims, name) for name in _FACTS}
    changed = {name for name, value in stated.items() if value and value != getattr(account, name)}
    for name in changed:
        setattr(account, name, stated[name])
    if changed:
        account.save(update_fields=sorted(changed))
    return changed


@action
def record_sign_in(
    *, account_id: int, method: str, source: str, level: int, browser: str, ends_at: datetime, actor: Actor, at: datetime,
    instead_of: int | None = None,
) -> int:  # fmt: skip
    """Ghi một lần đăng nhập thành công; the failures counted against the name are forgotten. Returns the session's id.

    `instead_of` is the session that the same browser had until now.
    """
    account = locked(account_id)
    require(actor.account_id == account_id)
    SignInFailure.objects.filter(username_key=rules.username_key(account.username)).delete()
    session_id = begin_session(
        account, method=method, source=source, browser=browser, ends_at=ends_at, instead_of=instead_of, at=at
    )
    event = SignedIn(account_id=account_id, method=method, source=source, level=level)
    record(event, subject=account, actor=actor, at=at)
    return session_id


@action
def record_sign_out(*, account_id: int, actor: Actor, at: datetime, session_id: int | None = None) -> None:
    """Ghi một lần đăng xuất; the session is no longer among those of the account."""
    account = locked(account_id)
    require(actor.account_id == account_id)
    SignedInSession.objects.visible_to(actor).filter(pk=session_id or 0).delete()
    record(SignedOut(account_id=account_id), subject=account, actor=actor, at=at)


@action
def record_sign_in_failure(*, username: str, source: str, reason: str, actor: Actor, at: datetime) -> None:
    """Ghi một lần đăng nhập không thành, counted against the name and against the source.

    A refusal because of a lock-out is logged but not counted, so that trying on does not prolong it for ever.
    """
    require(actor.kind in {ActorKind.ANONYMOUS, ActorKind.SYSTEM, ActorKind.OFFICER})
    key = rules.username_key(username)
    account = Account.objects.select_for_update(of=("self",)).filter(username=username.strip().lower()).first()
    if reason != "locked_out":
        SignInFailure.objects.create(username_key=key, source=network_of(source), reason=reason, at=at)
    event = SignInFailed(account_id=account.pk if account else None, reason=reason, source=source)
    if account is None:
        stream = f"sign_in:{key[:16]}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [stream])
        record(event, subject=stream, actor=actor, at=at)
    else:
        record(event, subject=account, actor=actor, at=at)


@action
def record_second_factor_change(*, account_id: int, factor: str, change: str, actor: Actor, at: datetime) -> None:
    """Ghi việc thêm, bỏ hoặc làm mới yếu tố xác thực, done on the sign-in library's own pages."""
    account = locked(account_id)
    require(actor.account_id == account_id)
    event = SecondFactorChanged(account_id=account_id, factor=factor, change=change)
    record(event, subject=account, actor=actor, at=at)


@action
def forget_sign_in_failures(*, actor: Actor, at: datetime) -> int:
    """Xóa số đếm đăng nhập không thành cũ hơn một ngày (the log keeps the events). Returns how many."""
    require(actor.kind is ActorKind.SYSTEM)
    deleted, _ = SignInFailure.objects.filter(at__lt=at - timedelta(days=1)).delete()
    return deleted
