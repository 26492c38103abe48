"""Tokens of machine clients."""

from datetime import datetime, timedelta

from tinhso.apps.accounts import permissions, rules
from tinhso.apps.accounts.actions._accounts import locked
from tinhso.apps.accounts.data import IssuedToken
from tinhso.apps.accounts.enums import AccountKind
from tinhso.apps.accounts.events import ApiTokenIssued, ApiTokenRevoked
from tinhso.apps.accounts.models import ApiToken
from tinhso.apps.audit.actions import record
from tinhso.kernel import permissions as known
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Conflict, FieldError, Invalid, NotFound

LONGEST_LIFE = timedelta(days=366)


@action
def issue_api_token(
    *, account_id: int, name: str, unit_ids: list[int], granted: list[str], expires_at: datetime, actor: Actor,
    at: datetime, procedures: list[str] | None = None,
) -> IssuedToken:  # fmt: skip
    """Cấp mã truy cập cho một hệ thống khác: `granted` permissions, in these units and all under them, for these
    procedures (None: all), until `expires_at` (at most a year). Its text is known now and never again.

    Raises:
        Invalid: no unit, an unknown permission, an expiry past or too far, or the account is no machine's.
    """
    account = locked(account_id)
    require(permissions.can_manage_tokens(actor))
    if account.kind != AccountKind.MACHINE:
        raise Invalid("Mã truy cập chỉ cấp cho tài khoản của hệ thống khác.")
    problems = []
    if not unit_ids:
        problems.append(FieldError("unit_ids", "Hãy chọn ít nhất một đơn vị."))
    problems += [FieldError("granted", f"Không có quyền {p}.") for p in granted if p not in known.registry]
    if not granted:
        problems.append(FieldError("granted", "Hãy chọn ít nhất một quyền."))
    if not at < expires_at <= at + LONGEST_LIFE:
        problems.append(FieldError("expires_at", "Mã truy cập phải hết hạn trong vòng một năm."))
    if problems:
        raise Invalid(errors=problems)
    text = rules.new_token()
    token = ApiToken(
        account=account, name=name.strip(), digest=rules.token_digest(text), permissions=sorted(set(granted)),
        procedures=sorted(set(procedures)) if procedures is not None else None, created_at=at, expires_at=expires_at,
    )  # fmt: skip
    token.save(force_insert=True)
    token.units.set(unit_ids)
    event = ApiTokenIssued(
        account_id=account_id, token_id=token.pk, permissions=token.permissions, unit_ids=sorted(unit_ids),
        procedures=token.procedures, expires_at=expires_at,
    )  # fmt: skip
    record(event, subject=account, actor=actor, at=at)
    return IssuedToken(id=token.pk, text=text, expires_at=expires_at)


@action
def revoke_api_token(*, token_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Thu hồi mã truy cập; it stops working at once.

    Raises:
        NotFound: no such token.
        Conflict: it was revoked before.
    """
    account_id = ApiToken.objects.filter(pk=token_id).values_list("account_id", flat=True).first()
    if account_id is None:
        raise NotFound("Không tìm thấy mã truy cập này.")
    account = locked(account_id)
    require(permissions.can_manage_tokens(actor))
    token = ApiToken.objects.select_for_update(of=("self",)).get(pk=token_id)
    if token.revoked_at is not None:
        raise Conflict("Mã truy cập này đã bị thu hồi.")
    token.revoked_at, token.revoked_reason = at, reason.strip()[:300]
    token.save(update_fields=["revoked_at", "revoked_reason"])
    event = ApiTokenRevoked(account_id=account_id, token_id=token_id, reason=token.revoked_reason)
    record(event, subject=account, actor=actor, at=at)
