"""Officers' accounts: who there is, a new one, what may be done with one (tài khoản cán bộ)."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tinhso.apps.accounts import actions, queries
from tinhso.apps.accounts.permissions import AccountPermission, can_manage_accounts
from tinhso.apps.directory import queries as directory
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, parse_day
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, FieldError, Forbidden, Invalid, NotFound
from tinhso.lib.text import fold, sort_key, whole_number

_MOST_SHOWN = 100
_TYPED = ("code", "full_name", "username", "email", "phone", "post", "role", "since", "decision")
# Read aloud and typed in by somebody else: no letters or figures that look alike.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@officer(AccountPermission.MANAGE)
@require_safe
def officers(request: HttpRequest) -> HttpResponse:
    """The officers whom the manager manages, with their roles; found by name, user name, without diacritics too."""
    actor, words = actor_of(request), request.GET.get("q", "").strip()[:100]
    found = queries.list_officers(actor=actor, at=clock.now())
    wanted = fold(words)
    found = [one for one in found if wanted in fold(f"{one.full_name} {one.username}")]
    found.sort(key=lambda one: sort_key(one.full_name))
    shown = found[:_MOST_SHOWN]
    held = queries.assignments_of([one.id for one in shown], on=clock.today())
    rows = [
        (one, [(role, directory.name_with_agency(directory.get_unit(role.unit_id))) for role in held.get(one.id, [])])
        for one in shown
    ]
    context = {"rows": rows, "q": words, "more": len(found) - len(shown)}
    return page(request, "workspace/staff/list.html", context, place="staff")


@officer(AccountPermission.MANAGE)
@never_cache
@require_http_methods(["GET", "POST"])
def take_on(request: HttpRequest) -> HttpResponse:
    """Take somebody on in a unit; the first password is shown once, on the page that answers."""
    sent = request.POST if request.method == "POST" else request.GET
    typed = {name: str(sent.get(name, "")).strip()[:200] for name in _TYPED}
    unit = _unit(request, str(sent.get("don-vi", "")))
    if request.method == "GET":
        return _form(request, unit, {**typed, "since": f"{clock.today():%d/%m/%Y}"})
    password = _password()
    try:
        made = actions.take_on_officer(
            code=typed["code"], full_name=typed["full_name"], username=typed["username"], password=password,
            unit_id=unit.id, role=_role(typed["role"]), valid_from=_since(typed["since"]), email=typed["email"],
            phone=typed["phone"], post_id=whole_number(typed["post"]),
            decision=typed["decision"], actor=actor_of(request), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        return _form(request, unit, typed, refusal=refusal, status=refusal.status)
    return page(
        request, "workspace/staff/password.html", {"account": made, "password": password, "is_new": True}, place="staff"
    )


@officer(AccountPermission.MANAGE)
@require_safe
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """One officer: posts, roles, and what may be done with the account."""
    return _account_page(request, account_id)


@officer(AccountPermission.MANAGE)
@never_cache
@require_POST
def act(request: HttpRequest, account_id: int, slug: str) -> HttpResponse:
    """End a role, lock, unlock, give a new password, take the second factor off."""
    handler = _HANDLERS.get(slug)
    if handler is None:
        raise Http404
    found = _managed(request, account_id)
    try:
        if slug == "mat-khau":
            password = _password()
            actions.set_password(account_id=account_id, password=password, actor=actor_of(request), at=clock.now())
            context = {"account": found, "password": password, "is_new": False}
            return page(request, "workspace/staff/password.html", context, place="staff")
        messages.success(request, handler(request, account_id))
    except DomainError as refusal:
        return _account_page(request, account_id, refusal=refusal)
    return redirect("workspace:staff:account", account_id)


def _end_role(request: HttpRequest, account_id: int) -> str:
    number = whole_number(request.POST.get("assignment", ""))
    own = {one.id for one in queries.list_assignments(account_id)}
    if number is None or number not in own:
        raise Invalid("Không có lần giao vai trò này.")
    # The day before the last one typed is empty: a role ends with today's yesterday, so at once.
    until = (
        _day(request.POST.get("until", "")) if request.POST.get("until", "").strip() else clock.today() - timedelta(1)
    )
    actions.end_role(
        assignment_id=number, valid_to=until, reason=request.POST.get("reason", "")[:300], actor=actor_of(request),
        at=clock.now(),
    )  # fmt: skip
    return "Đã kết thúc vai trò."


def _lock(request: HttpRequest, account_id: int) -> str:
    reason = request.POST.get("reason", "")[:300]
    actions.lock_account(account_id=account_id, reason=reason, actor=actor_of(request), at=clock.now())
    return "Đã khóa tài khoản; các phiên đang mở dừng ngay."


def _unlock(request: HttpRequest, account_id: int) -> str:
    reason = request.POST.get("reason", "")[:300]
    actions.unlock_account(account_id=account_id, reason=reason, actor=actor_of(request), at=clock.now())
    return "Đã mở khóa tài khoản."


def _reset(request: HttpRequest, account_id: int) -> str:
    actions.reset_second_factor(account_id=account_id, actor=actor_of(request), at=clock.now())
    return "Đã gỡ mã xác thực; lần đăng nhập tới sẽ yêu cầu gắn mã mới."


def _sign_out(request: HttpRequest, account_id: int) -> str:
    actions.end_sessions(account_id=account_id, actor=actor_of(request), at=clock.now())
    return "Đã kết thúc mọi phiên đang mở của tài khoản này."


_HANDLERS: dict[str, Callable[[HttpRequest, int], str]] = {
    "ket-thuc-vai-tro": _end_role, "khoa": _lock, "mo-khoa": _unlock, "go-ma-xac-thuc": _reset, "mat-khau": _reset,
    "dang-xuat": _sign_out,
}  # fmt: skip


def _account_page(request: HttpRequest, account_id: int, *, refusal: DomainError | None = None) -> HttpResponse:
    found, today = _managed(request, account_id), clock.today()
    roles = [(one, directory.get_unit(one.unit_id)) for one in queries.list_assignments(account_id)]
    posts = directory.holdings_of(found.staff_id, today) if found.staff_id else []
    context = {
        "account": found,
        "is_self": actor_of(request).account_id == account_id,
        "roles": [(one, unit, one.valid_to is None or one.valid_to >= today) for one, unit in roles],
        "posts": [(one, directory.get_unit(one.post.unit_id)) for one in posts],
        "error": _told(refusal),
    }
    return page(
        request, "workspace/staff/account.html", context, place="staff", status=refusal.status if refusal else 200
    )


def _form(
    request: HttpRequest, unit: Any, typed: dict[str, str], *, refusal: DomainError | None = None, status: int = 200
) -> HttpResponse:
    wrong = {error.path: error.message for error in refusal.errors} if isinstance(refusal, Invalid) else {}
    names = {"valid_from": "since", "post_id": "post"}
    context = {
        "unit": unit,
        "typed": typed,
        "wrong": {name: wrong.get(next((k for k, v in names.items() if v == name), name), "") for name in _TYPED},
        "error": "" if wrong else _told(refusal),
        "posts": directory.list_posts(unit.id),
        "roles": sorted(queries.roles().values(), key=lambda role: role.name),
    }
    return page(request, "workspace/staff/take_on.html", context, place="staff", status=status)


def _managed(request: HttpRequest, account_id: int) -> Any:
    """The account, if the manager manages it; to others it is not there."""
    found = queries.get_account(account_id)
    if found.kind != "officer" or not queries.manages(actor_of(request), account_id, at=clock.now()):
        raise NotFound("Không tìm thấy tài khoản này.")  # word for word as where there is none
    return found


def _unit(request: HttpRequest, text: str) -> Any:
    """The unit asked for, else the highest one that the manager manages.

    Raises:
        Forbidden: not one of the manager's.
    """
    actor = actor_of(request)
    if (unit_id := whole_number(text)) is not None:
        if not can_manage_accounts(actor, unit_id=unit_id):
            raise Forbidden
        return directory.get_unit(unit_id)
    units = [directory.get_unit(one) for one in actor.unit_ids_for(AccountPermission.MANAGE)]
    return min(units, key=lambda one: (one.path.count("/"), one.path))


def _role(code: str) -> str:
    if code not in queries.roles():
        raise Invalid(errors=[FieldError("role", "Chọn vai trò.")])
    return code


def _since(text: str) -> Any:
    try:
        return parse_day(text)
    except ValueError:
        raise Invalid(errors=[FieldError("since", "Ngày viết theo dạng ngày/tháng/năm, ví dụ 15/06/2026.")]) from None


def _day(text: str) -> Any:
    try:
        return parse_day(text)
    except ValueError:
        raise Invalid("Ngày viết theo dạng ngày/tháng/năm, ví dụ 15/06/2026.") from None


def _password() -> str:
    """Sixteen letters and figures in groups of four, easy to read aloud."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def _told(refusal: DomainError | None) -> str:
    if refusal is None:
        return ""
    return refusal.errors[0].message if isinstance(refusal, Invalid) and refusal.errors else refusal.message
