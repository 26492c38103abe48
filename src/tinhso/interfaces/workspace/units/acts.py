"""What a manager does with the people of a unit: appoint, end, delegate, give a role (bổ nhiệm, ủy quyền, giao vai trò)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest

from tinhso.apps.accounts import actions as accounts
from tinhso.apps.accounts import queries as known
from tinhso.apps.directory import actions, queries
from tinhso.interfaces.workspace.requests import actor_of, parse_day
from tinhso.kernel import clock
from tinhso.kernel.errors import Invalid
from tinhso.lib.text import whole_number

_NO_DAY = "Ngày viết theo dạng ngày/tháng/năm, ví dụ 15/06/2026."


def appoint(request: HttpRequest, unit_id: int) -> str:
    """A person of the directory, named by staff code, holds a post of the unit from a day on."""
    staff = queries.find_staff(_text(request, "code", 30))
    if staff is None:
        raise Invalid("Không có cán bộ nào mang mã này; người mới thì bấm «Nhận cán bộ mới».")
    actions.appoint_staff(
        post_id=_one_of(request, "post", {post.id for post in queries.list_posts(unit_id)}, "Chọn chức danh."),
        staff_id=staff.id, valid_from=_day(request, "since"), valid_to=_day_if_any(request, "until"),
        decision=_text(request, "decision", 200), actor=actor_of(request), at=clock.now(),
    )  # fmt: skip
    return f"Đã giao chức danh cho {staff.full_name}."


def end_appointment(request: HttpRequest, unit_id: int) -> str:
    """A person leaves a post; the day typed is the last one in it."""
    held = queries.list_staff(actor=actor_of(request), unit_id=unit_id, on=clock.today())
    number = _one_of(request, "holding", {one.id for one in held}, "Người này không còn giữ chức danh ấy.")
    actions.end_appointment(holding_id=number, valid_to=_day(request, "until"), actor=actor_of(request), at=clock.now())
    return "Đã ghi ngày thôi giữ chức danh."


def delegate(request: HttpRequest, unit_id: int) -> str:
    """One post of the unit lends its authority to another in the unit or below it."""
    givers = {post.id for post in queries.list_posts(unit_id)}
    takers = {post.id for post in queries.list_posts_of(queries.subtree_ids(unit_id, clock.today()))}
    actions.delegate_authority(
        from_post_id=_one_of(request, "from_post", givers, "Chọn chức danh ủy quyền."),
        to_post_id=_one_of(request, "to_post", takers, "Chọn chức danh nhận ủy quyền."),
        document=_text(request, "document", 200), valid_from=_day(request, "since"), valid_to=_day_if_any(request, "until"),
        fields=_fields(request, unit_id) or (), actor=actor_of(request), at=clock.now(),
    )  # fmt: skip
    return "Đã ghi ủy quyền."


def end_delegation(request: HttpRequest, unit_id: int) -> str:
    """A delegation ends; the day typed is the last one it holds."""
    given = queries.list_delegations(actor=actor_of(request), unit_id=unit_id, on=clock.today())
    number = _one_of(request, "delegation", {one.id for one in given}, "Ủy quyền này không còn hiệu lực.")
    actions.end_delegation(
        delegation_id=number, valid_to=_day(request, "until"), actor=actor_of(request), at=clock.now()
    )
    return "Đã ghi ngày chấm dứt ủy quyền."


def assign_role(request: HttpRequest, unit_id: int) -> str:
    """An officer who has an account is given a role in the unit, for every procedure field or some."""
    account = known.find_account(_text(request, "username", 150))
    if account is None:
        raise Invalid("Không có tài khoản nào mang tên đăng nhập này.")
    role = _text(request, "role", 60)
    if role not in known.roles():
        raise Invalid("Chọn vai trò.")
    accounts.assign_role(
        account_id=account.id, role=role, unit_id=unit_id, valid_from=_day(request, "since"),
        valid_to=_day_if_any(request, "until"), fields=_fields(request, unit_id), actor=actor_of(request), at=clock.now(),
    )  # fmt: skip
    return f"Đã giao vai trò cho {account.full_name}."


HANDLERS: dict[str, Callable[[HttpRequest, int], str]] = {
    "bo-nhiem": appoint,
    "thoi-giu": end_appointment,
    "uy-quyen": delegate,
    "cham-dut-uy-quyen": end_delegation,
    "giao-vai-tro": assign_role,
}


def managing(actor: Any, unit: Any, on: date) -> dict[str, Any]:
    """What the forms of the unit's page offer."""
    below = queries.list_units(on=on, parent_id=unit.id)
    names = {one.id: one.name for one in [unit, *below]}
    return {
        "givers": queries.list_posts(unit.id),
        "takers": [(post, names[post.unit_id]) for post in queries.list_posts_of(names)],
        "roles_on_offer": sorted(known.roles().values(), key=lambda role: role.name),
    }


def _text(request: HttpRequest, name: str, most: int) -> str:
    return request.POST.get(name, "").strip()[:most]


def _one_of(request: HttpRequest, name: str, ids: set[int], refusal: str) -> int:
    chosen = whole_number(request.POST.get(name, ""))
    if chosen is None or chosen not in ids:
        raise Invalid(refusal)
    return chosen


def _day(request: HttpRequest, name: str) -> date:
    try:
        return parse_day(request.POST.get(name, ""))
    except ValueError:
        raise Invalid(_NO_DAY) from None


def _day_if_any(request: HttpRequest, name: str) -> date | None:
    return _day(request, name) if request.POST.get(name, "").strip() else None


def _fields(request: HttpRequest, unit_id: int) -> list[str] | None:
    """The fields ticked among those the unit handles; None when none is: every field."""
    offered = set(queries.fields_of(unit_id, clock.today()))
    return sorted(set(request.POST.getlist("fields")) & offered) or None
