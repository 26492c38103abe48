"""Giving and ending roles."""

from datetime import date, datetime

from django.db.models import Q

from tinhso.apps.accounts import permissions
from tinhso.apps.accounts.actions._accounts import locked
from tinhso.apps.accounts.data import RoleAssignmentData
from tinhso.apps.accounts.enums import AccountKind
from tinhso.apps.accounts.events import RoleAssigned, RoleEnded
from tinhso.apps.accounts.models import RoleAssignment
from tinhso.apps.accounts.queries import assignment_data, get_role, roles
from tinhso.apps.audit.actions import record
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Conflict, FieldError, Invalid, NotFound


class RolesConflict(Conflict):
    """Vai trò này không được giữ cùng vai trò đang có."""


@action
def assign_role(
    *, account_id: int, role: str, unit_id: int, valid_from: date, actor: Actor, at: datetime,
    valid_to: date | None = None, fields: list[str] | None = None,
) -> RoleAssignmentData:  # fmt: skip
    """Giao vai trò cho cán bộ, in a unit and everything under it, for some procedure fields (None: all).

    Nobody gives a role to themselves, and nobody gives a permission outside the units where they manage accounts.

    Raises:
        NotFound: no such role or account.
        RolesConflict: the roles may not be held together.
        Conflict: the officer holds the role in this unit already.
        Invalid: the account is no officer's, or the dates are the wrong way round.
    """
    account = locked(account_id)
    require(permissions.can_manage_accounts(actor, unit_id=unit_id))
    require(actor.account_id != account_id, "Không ai tự giao vai trò cho mình.")
    given = get_role(role)
    if account.kind != AccountKind.OFFICER:
        raise Invalid("Vai trò chỉ giao cho tài khoản cán bộ.")
    if valid_to is not None and valid_to < valid_from:
        raise Invalid(errors=[FieldError("valid_to", "Ngày kết thúc phải sau ngày bắt đầu.")])
    if fields is not None and not fields:
        raise Invalid(errors=[FieldError("fields", "Hãy chọn ít nhất một lĩnh vực, hoặc chọn tất cả.")])
    _refuse_conflicts(account_id, role, given.incompatible_with, unit_id, valid_from, valid_to)
    assignment = RoleAssignment(
        account=account, role=role, unit_id=unit_id, fields=sorted(set(fields)) if fields else None,
        valid_from=valid_from, valid_to=valid_to, created_at=at,
    )  # fmt: skip
    assignment.save(force_insert=True)
    event = RoleAssigned(
        account_id=account_id, assignment_id=assignment.pk, role=role, unit_id=unit_id, fields=assignment.fields,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    record(event, subject=account, actor=actor, at=at)
    return assignment_data(assignment)


def _refuse_conflicts(
    account_id: int, role: str, incompatible: tuple[str, ...], unit_id: int, start: date, end: date | None
) -> None:
    overlapping = RoleAssignment.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=start), account_id=account_id
    ).order_by("pk")
    if end is not None:
        overlapping = overlapping.filter(valid_from__lte=end)
    for other in overlapping:
        if other.role in incompatible:
            names = roles()
            raise RolesConflict(f"{names[role].name} không được giữ cùng {names[other.role].name}.")
        if other.role == role and other.unit_id == unit_id:
            raise Conflict("Cán bộ này đang giữ vai trò đó ở đơn vị này rồi.")


@action
def end_role(*, assignment_id: int, valid_to: date, reason: str, actor: Actor, at: datetime) -> None:
    """Kết thúc vai trò: `valid_to` is its last day (yesterday ends it at once).

    Raises:
        NotFound: no such assignment.
        Conflict: it has ended before that day already.
    """
    account_id = RoleAssignment.objects.filter(pk=assignment_id).values_list("account_id", flat=True).first()
    if account_id is None:
        raise NotFound("Không tìm thấy lần giao vai trò này.")
    account = locked(account_id)
    assignment = RoleAssignment.objects.select_for_update(of=("self",)).get(pk=assignment_id)
    require(permissions.can_manage_accounts(actor, unit_id=assignment.unit_id))
    require(actor.kind is ActorKind.SYSTEM or actor.account_id != account_id, "Không ai tự kết thúc vai trò của mình.")
    if assignment.valid_to is not None and assignment.valid_to <= valid_to:
        raise Conflict("Vai trò này đã kết thúc trước ngày đó.")
    # A role that never began leaves an empty period behind: its one day is the first.
    assignment.valid_to = max(valid_to, assignment.valid_from)
    assignment.save(update_fields=["valid_to"])
    event = RoleEnded(
        account_id=account_id, assignment_id=assignment_id, role=assignment.role, valid_to=assignment.valid_to,
        reason=reason.strip(),
    )  # fmt: skip
    record(event, subject=account, actor=actor, at=at)
