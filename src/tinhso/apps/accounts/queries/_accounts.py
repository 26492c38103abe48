"""Reading accounts, roles and mandates, and the Actor that all rights are asked of."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q

from tinhso.apps.accounts import permissions, rules
from tinhso.apps.accounts.content import load_roles
from tinhso.apps.accounts.data import (
    AccountData,
    MandateData,
    RoleAssignmentData,
    RoleData,
    TokenScope,
)
from tinhso.apps.accounts.enums import AccountKind, MandateBasis, SubjectKind
from tinhso.apps.accounts.models import Account, ApiToken, Mandate, RoleAssignment
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actions import remember, require
from tinhso.kernel.actor import ANONYMOUS, Actor, ActorKind, Grant
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import NotFound
from tinhso.kernel.prepared import Prepared

_ACCOUNT = Prepared(lambda account_id: Account.objects.filter(pk=account_id), account_id=int)
_TOKEN = Prepared(  # asked with every call of a machine client
    lambda digest, at: ApiToken.objects.filter(
        digest=digest, revoked_at__isnull=True, expires_at__gt=at, account__is_active=True
    ).select_related("account"),
    digest=str, at=datetime,
)  # fmt: skip
_TOKEN_UNITS = Prepared(
    lambda token_id: (
        ApiToken.units.through.objects.filter(apitoken_id=token_id)
        .order_by("unit_id")
        .values_list("unit_id", flat=True)
    ),
    token_id=int,
)
_HELD = Prepared(
    lambda account_id, day: RoleAssignment.objects.filter(account_id=account_id).valid_on(day).order_by("pk"),
    account_id=int, day=date,
)  # fmt: skip
_ACTOR_KINDS = {AccountKind.CITIZEN: ActorKind.CITIZEN, AccountKind.OFFICER: ActorKind.OFFICER}


# --- roles


@lru_cache(maxsize=4)
def _roles(folder: Path) -> dict[str, RoleData]:
    return load_roles(folder)


def roles() -> dict[str, RoleData]:
    """Every role by code, as `content/roles` says. Public reference data."""
    return _roles(Path(settings.CONTENT_DIR) / "roles")


def get_role(code: str) -> RoleData:
    """One role.

    Raises:
        NotFound: there is no such role.
    """
    if code not in roles():
        raise NotFound(f"Không có vai trò {code}.")
    return roles()[code]


# --- the actor


def get_actor(account_id: int, *, at: datetime, assurance: int = 0, mandate_id: int | None = None) -> Actor:
    """The actor of an account with the rights that hold at `at`; `ANONYMOUS` when it is locked, gone or a machine's.

    `assurance` is the identity level of the session (citizens only). A mandate that no longer holds is left out, so
    the person acts for herself.
    """
    account = _ACCOUNT.first(account_id=account_id)
    return actor_of(account, at=at, assurance=assurance, mandate_id=mandate_id) if account else ANONYMOUS


def actor_of(account: Any, *, at: datetime, assurance: int = 0, mandate_id: int | None = None) -> Actor:
    """`get_actor` of an account already read (the web session's)."""
    kind = _ACTOR_KINDS.get(account.kind)
    if kind is None or not account.is_active:
        return ANONYMOUS
    day = at.astimezone(PROVINCE_TIME).date()
    if kind is ActorKind.CITIZEN:
        return Actor(
            kind=kind, account_id=account.pk, name=account.full_name, personal_id=account.personal_id,
            assurance=min(assurance, account.identity_level), mandate_id=_held_mandate(account, mandate_id, day),
        )  # fmt: skip
    assignments = _held_on(account.pk, day)
    grants = _grants(assignments, day)
    if account.staff_id is not None:
        grants += _lent_grants(account.staff_id, day)
    return Actor(
        kind=kind, account_id=account.pk, name=account.full_name, grants=grants,
        unit_id=assignments[0].unit_id if assignments else None,
    )  # fmt: skip


def _held_on(account_id: int, day: date) -> list[RoleAssignment]:
    """What an officer holds on a day, read once for a page that only shows."""
    return remember(("assignments", account_id, day), lambda: _HELD.all(account_id=account_id, day=day), lasting=True)


def latest_role(account_id: int, *, on: date) -> tuple[str, int] | None:
    """The name of the role an officer took up last among those held on a day, and its unit."""
    held = _held_on(account_id, on)
    if not held:
        return None
    latest = min(held, key=lambda one: (-one.valid_from.toordinal(), one.pk))
    role = roles().get(latest.role)
    return (role.name if role else latest.role), latest.unit_id


def _held_mandate(account: Account, mandate_id: int | None, day: date) -> int | None:
    if mandate_id is None or not account.personal_id:
        return None
    held = Mandate.objects.valid_on(day).filter(pk=mandate_id, representative_personal_id=account.personal_id)
    return mandate_id if held.exists() else None


def _grants(assignments: Iterable[RoleAssignment], day: date) -> tuple[Grant, ...]:
    known = roles()
    grants: list[Grant] = []
    for assignment in assignments:
        # A role whose file was taken away gives nothing; `tinhso content check` and the security page name it.
        if assignment.role not in known:
            continue
        units = frozenset(directory.subtree_ids(assignment.unit_id, day))
        fields = frozenset(assignment.fields) if assignment.fields is not None else None
        grants += [Grant(permission, units, fields) for permission in known[assignment.role].permissions]
    return tuple(grants)


def _lent_grants(staff_id: int, day: date) -> tuple[Grant, ...]:
    """What written delegations lend for the day: the rights of the lending post's holder in that post's unit, for the
    fields of the delegation. A delegation by a post nobody holds lends nothing."""
    grants: list[Grant] = []
    for delegation in directory.delegations_to(staff_id, day):
        lenders = {holding.staff.id for holding in directory.holders_of(delegation.from_post.id, day)}
        held = RoleAssignment.objects.valid_on(day).filter(
            account__staff_id__in=lenders, account__is_active=True, unit_id=delegation.from_post.unit_id
        )
        lent = frozenset(delegation.fields) if delegation.fields else None
        for grant in _grants(held.order_by("pk"), day):
            fields = grant.fields if lent is None else lent if grant.fields is None else grant.fields & lent
            if fields is None or fields:
                grants.append(Grant(grant.permission, grant.unit_ids, fields))
    return tuple(grants)


def token_scope(text: str, *, at: datetime) -> TokenScope | None:
    """What a machine client's token allows now, or None: unknown, expired, revoked, or its account locked."""
    if not text.startswith(rules.TOKEN_PREFIX):
        return None
    token = _TOKEN.first(digest=rules.token_digest(text), at=at)
    return _scope(token, at=at) if token else None


def _scope(token: ApiToken, *, at: datetime) -> TokenScope:
    day = at.astimezone(PROVINCE_TIME).date()
    roots = _TOKEN_UNITS.all(token_id=token.pk)
    units = frozenset().union(*(directory.subtree_ids(unit_id, day) for unit_id in roots))
    actor = Actor(
        kind=ActorKind.MACHINE, account_id=token.account_id, name=token.account.full_name,
        unit_id=roots[0] if len(roots) == 1 else None,
        grants=tuple(Grant(permission, units) for permission in token.permissions),
    )  # fmt: skip
    procedures = frozenset(token.procedures) if token.procedures is not None else None
    return TokenScope(token_id=token.pk, actor=actor, procedures=procedures)


def live_scopes(account_id: int, *, at: datetime) -> list[TokenScope]:
    """What each token of a machine client that holds now allows; none when its account is locked."""
    rows = ApiToken.objects.filter(
        account_id=account_id, revoked_at__isnull=True, expires_at__gt=at, account__is_active=True
    )
    return [_scope(token, at=at) for token in rows.select_related("account").order_by("pk")]


def actor_for_token(text: str, *, at: datetime) -> Actor | None:
    """The machine actor of a token, or None. Callers that reach procedures also ask `token_scope` which ones."""
    scope = token_scope(text, at=at)
    return scope.actor if scope else None


# --- accounts


def account_data(account: Account) -> AccountData:
    """The values of an account."""
    return AccountData(**{name: getattr(account, name) for name in AccountData.__slots__})


def get_account(account_id: int) -> AccountData:
    """One account; the caller has checked the right to see it.

    Raises:
        NotFound: there is none.
    """
    account = _ACCOUNT.first(account_id=account_id)
    if account is None:
        raise NotFound("Không tìm thấy tài khoản này.")
    return account_data(account)


def find_account(username: str) -> AccountData | None:
    """The account of a sign-in name, or None."""
    account = Account.objects.filter(username=username.strip().lower()).first()
    return account_data(account) if account else None


def account_names(account_ids: Iterable[int]) -> dict[int, str]:
    """Names by account number, for pages that say who did something."""
    return dict(Account.objects.filter(pk__in=set(account_ids)).values_list("pk", "full_name"))


def identity_of(account_id: int) -> dict[str, Any]:
    """The signed-in person's or organisation's facts as forms prefill them (`identity.full_name` ...).

    Keys: kind, full_name, personal_id, organisation_id, birth_date (ISO or empty), sex, phone, email, address.
    """
    account = get_account(account_id)
    return {
        "kind": account.subject,
        "full_name": account.full_name,
        "personal_id": account.personal_id,
        "organisation_id": account.organisation_id,
        "birth_date": account.birth_date.isoformat() if account.birth_date else "",
        "sex": account.sex,
        "phone": account.phone,
        "email": account.email,
        "address": account.address,
    }


def accounts_named(identifier: str, *, organisation: bool = False) -> list[int]:
    """The accounts of a person by personal id, or of an organisation by its number: whom to tell of their papers."""
    held = Q(organisation_id=identifier) if organisation else Q(personal_id=identifier)
    found = Account.objects.filter(held, kind=AccountKind.CITIZEN, is_active=True)
    return list(found.order_by("pk").values_list("pk", flat=True)) if identifier else []


def offices_of(account_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """(role, unit) by account number, by the latest role each was given; for those shown who looked at their papers."""
    held = (
        RoleAssignment.objects.filter(account_id__in=set(account_ids))
        .select_related("unit")
        .order_by("valid_from", "pk")
    )
    known = roles()
    return {one.account_id: (known[one.role].name if one.role in known else one.role, one.unit.name) for one in held}


def list_officers(*, actor: Actor, at: datetime, unit_id: int | None = None) -> list[AccountData]:
    """Officers by name whom the actor manages: those with a role in the actor's units, and those without any role.

    With `unit_id`, only those with a role there.
    """
    require(permissions.can_manage_accounts(actor))
    day = at.astimezone(PROVINCE_TIME).date()
    held = RoleAssignment.objects.valid_on(day)
    officers = Account.objects.filter(kind=AccountKind.OFFICER)
    if unit_id is not None:
        require(permissions.can_manage_accounts(actor, unit_id=unit_id))
        officers = officers.filter(pk__in=held.filter(unit_id=unit_id).values("account_id"))
    elif actor.kind is not ActorKind.SYSTEM:
        mine = held.filter(unit_id__in=actor.unit_ids_for(permissions.AccountPermission.MANAGE))
        officers = officers.filter(Q(pk__in=mine.values("account_id")) | ~Q(pk__in=held.values("account_id")))
    return [account_data(officer) for officer in officers.order_by("full_name", "pk")]


def officers_holding(permission: str, *, unit_id: int, at: datetime, field: str | None = None) -> list[AccountData]:
    """Active officers who hold a permission in a unit (for a procedure field), by name: whom a case may be given to."""
    day = at.astimezone(PROVINCE_TIME).date()
    codes = [role.code for role in roles().values() if permission in role.permissions]
    units = {unit_id} | {unit.id for unit in directory.ancestors_of(unit_id)}
    held = RoleAssignment.objects.valid_on(day).filter(role__in=codes, unit_id__in=units)
    wanted = {a.account_id for a in held if field is None or a.fields is None or field in a.fields}
    officers = Account.objects.filter(pk__in=wanted, is_active=True).order_by("full_name", "pk")
    return [account_data(officer) for officer in officers]


def officers_of(unit_ids: Iterable[int], *, at: datetime, permissions_any: Iterable[str] = ()) -> list[AccountData]:
    """Active officers whose role is given at one of these very units, by name; with `permissions_any` only roles that
    hold one of them. Neither units above nor below are looked at."""
    wanted = set(permissions_any)
    codes = [role.code for role in roles().values() if not wanted or wanted & set(role.permissions)]
    day = at.astimezone(PROVINCE_TIME).date()
    held = RoleAssignment.objects.valid_on(day).filter(role__in=codes, unit_id__in=set(unit_ids))
    officers = Account.objects.filter(pk__in=held.values("account_id"), is_active=True).order_by("full_name", "pk")
    return [account_data(officer) for officer in officers]


def staff_holding(role_codes: Iterable[str], *, on: date) -> list[tuple[str, int, int]]:
    """(role, unit, staff member) of every active officer who holds one of these roles on a day."""
    held = RoleAssignment.objects.valid_on(on).filter(
        role__in=set(role_codes), account__is_active=True, account__staff_id__isnull=False
    )
    return list(held.order_by("pk").values_list("role", "unit_id", "account__staff_id"))


def accounts_of_staff(staff_ids: Iterable[int]) -> dict[int, tuple[int, bool]]:
    """(account, whether it may sign in) by staff number, of officers."""
    rows = Account.objects.filter(kind=AccountKind.OFFICER, staff_id__in=set(staff_ids)).order_by("pk")
    return {staff_id: (pk, active) for staff_id, pk, active in rows.values_list("staff_id", "pk", "is_active")}


def list_assignments(account_id: int, *, on: date | None = None) -> list[RoleAssignmentData]:
    """Roles of an officer, those in force on a day or all; the caller has checked the right to see them."""
    held = RoleAssignment.objects.filter(account_id=account_id).select_related("account")
    if on is not None:
        held = held.valid_on(on)
    return [assignment_data(assignment) for assignment in held.order_by("-valid_from", "pk")]


def assignments_of(account_ids: Iterable[int], *, on: date) -> dict[int, list[RoleAssignmentData]]:
    """Roles that officers hold on a day, by account number; the caller has checked the right to see them."""
    held = RoleAssignment.objects.valid_on(on).filter(account_id__in=set(account_ids)).select_related("account")
    found: dict[int, list[RoleAssignmentData]] = {}
    for assignment in held.order_by("-valid_from", "pk"):
        found.setdefault(assignment.account_id, []).append(assignment_data(assignment))
    return found


def manages(actor: Actor, account_id: int, *, at: datetime) -> bool:
    """Whether the actor manages this officer's account: in every unit where a role is held, or in some where none is."""
    if not permissions.can_manage_accounts(actor):
        return False
    held = assignments_of([account_id], on=at.astimezone(PROVINCE_TIME).date()).get(account_id, [])
    return all(permissions.can_manage_accounts(actor, unit_id=one.unit_id) for one in held)


def assignment_data(assignment: RoleAssignment) -> RoleAssignmentData:
    """The values of a role assignment."""
    role = roles().get(assignment.role)
    return RoleAssignmentData(
        id=assignment.pk, account_id=assignment.account_id, account_name=assignment.account.full_name,
        role=assignment.role, role_name=role.name if role else assignment.role, unit_id=assignment.unit_id,
        fields=tuple(assignment.fields) if assignment.fields is not None else None,
        valid_from=assignment.valid_from, valid_to=assignment.valid_to,
    )  # fmt: skip


# --- mandates


def mandate_data(mandate: Mandate) -> MandateData:
    """The values of a mandate."""
    names = [name for name in MandateData.__slots__ if name not in {"representative_account_id", "verified"}]
    return MandateData(
        **{name: getattr(mandate, name) for name in names},
        representative_account_id=mandate.representative_id,
        verified=mandate.basis != MandateBasis.DECLARED,
    )


def find_mandates(*, actor: Actor, personal_id: str) -> list[MandateData]:
    """Every mandate in which a person stands on either side, newest first, for who records them (văn bản đại diện).

    Raises:
        Forbidden: the actor records no mandates.
    """
    require(permissions.can_record_mandate(actor))
    wanted = personal_id.strip().replace(" ", "")
    rows = Mandate.objects.filter(Q(principal_id=wanted) | Q(representative_personal_id=wanted)).order_by("-id")
    return [mandate_data(mandate) for mandate in rows[:50]] if wanted else []


def mandates_given_by(personal_id: str) -> list[int]:
    """The mandates a person has given, ended ones too: what was filed under them is filed for her."""
    rows = Mandate.objects.filter(principal_subject=SubjectKind.PERSON, principal_id=personal_id)
    return list(rows.values_list("pk", flat=True)) if personal_id else []


def get_mandate(mandate_id: int) -> MandateData:
    """One mandate; the caller has checked the right to see it (a case shows the one it was submitted under).

    Raises:
        NotFound: there is none.
    """
    mandate = Mandate.objects.filter(pk=mandate_id).first()
    if mandate is None:
        raise NotFound("Không tìm thấy văn bản đại diện này.")
    return mandate_data(mandate)


def list_mandates(*, actor: Actor, at: datetime) -> list[MandateData]:
    """Mandates in force under which the signed-in person may act for others, newest first."""
    if actor.kind is not ActorKind.CITIZEN or not actor.personal_id:
        return []
    held = Mandate.objects.valid_on(at.astimezone(PROVINCE_TIME).date()).filter(
        representative_personal_id=actor.personal_id
    )
    return [mandate_data(mandate) for mandate in held.order_by("-valid_from", "-pk")]


def list_mandates_given(*, actor: Actor, at: datetime) -> list[MandateData]:
    """Mandates in force that let others act for the signed-in person or organisation, newest first."""
    if actor.kind is not ActorKind.CITIZEN or actor.account_id is None:
        return []
    account = get_account(actor.account_id)
    own = {account.personal_id, account.organisation_id} - {""}
    given = Mandate.objects.valid_on(at.astimezone(PROVINCE_TIME).date()).filter(principal_id__in=own)
    return [mandate_data(mandate) for mandate in given.order_by("-valid_from", "-pk")]
