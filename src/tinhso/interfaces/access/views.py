"""Citizens' sign-in, sign-out, lock screen, acting for others, and giving back what was typed."""

from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tinhso.apps.accounts import actions, queries
from tinhso.apps.accounts.adapters import national_identity
from tinhso.apps.accounts.data import MandateData
from tinhso.interfaces.access import kept, sessions
from tinhso.interfaces.access.forms import DeclareMandateForm, UnlockForm
from tinhso.interfaces.access.policy import ActorRequest, citizen, leave_to, public, signed_in
from tinhso.interfaces.ui.errors import csrf_failure as shared_csrf_failure
from tinhso.interfaces.ui.errors import render_error
from tinhso.kernel.actor import ActorKind
from tinhso.kernel.clock import PROVINCE_TIME, now
from tinhso.kernel.errors import Invalid, NotFound
from tinhso.lib.text import whole_number


def _next(request: HttpRequest, default: str = "/") -> str:
    """The page asked for before, when it is one of this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else default


def _actor(request: HttpRequest) -> Any:
    return cast("ActorRequest", request).actor


# --- citizens


@public
@never_cache
@require_safe
def citizen_sign_in(request: HttpRequest) -> HttpResponse:
    """Đăng nhập của công dân: what will happen, then one button."""
    if _actor(request).kind is ActorKind.CITIZEN:
        return redirect(_next(request, settings.CITIZEN_HOME))
    context = {"next": _next(request, ""), "identity": settings.NATIONAL_IDENTITY["name"]}
    return render(request, "access/citizen_sign_in.html", context)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def identity_sign_in(request: HttpRequest) -> HttpResponse:
    """Leave for the identity system; only by the button, so that no other site can start it."""
    if request.method == "GET":
        return redirect(f"{reverse('access:citizen_sign_in')}?{urlencode({'next': _next(request)})}")
    return cast("HttpResponse", national_identity.sign_in(request))


@public
@never_cache
@require_safe
def identity_callback(request: HttpRequest) -> HttpResponse:
    """Back from the identity system."""
    return cast("HttpResponse", national_identity.callback(request))


# --- everybody


@public
@never_cache
@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Đăng xuất; a citizen is signed out of the national identity too (single log-out)."""
    if request.method == "GET":
        return render(request, "access/sign_out.html", {"is_signed_in": request.user.is_authenticated})
    target = "/"
    if request.user.is_authenticated:
        facts, at = sessions.read(request), now()
        actor = queries.actor_of(request.user, at=at)
        if actor.account_id is not None and request.POST.get("everywhere"):
            actions.end_sessions(account_id=actor.account_id, actor=actor, at=at)
        elif actor.account_id is not None:
            actions.record_sign_out(account_id=actor.account_id, session_id=facts.id, actor=actor, at=at)
        target = _sign_out_address(request, facts) if actor.kind is ActorKind.CITIZEN else _next(request, "/")
        logout(request)
    response = HttpResponseRedirect(target)
    response.status_code = 303
    sessions.forget_owner(response)
    response["Clear-Site-Data"] = '"cache"'
    return response


def _sign_out_address(request: HttpRequest, facts: sessions.SessionFacts) -> str:
    """Where the identity system signs the person out. The claim only says that it can; the address is ours."""
    known = str(settings.NATIONAL_IDENTITY["logout_url"])
    if not facts.logout_uri or not known:
        return "/"
    joint = "&" if urlsplit(known).query else "?"
    return f"{known}{joint}{urlencode({'post_logout_redirect_uri': request.build_absolute_uri('/')})}"


@signed_in
@never_cache
@require_safe
def kept_form(request: HttpRequest, key: str) -> HttpResponse:
    """Trả lại những gì đã nhập khi phiên hết hạn: send it again, or copy from it."""
    form = kept.find(request, key, at=now())
    if form is None:
        raise NotFound("Nội dung giữ tạm này không còn. Bản nháp đã lưu, nếu có, vẫn ở trong hồ sơ của bạn.")
    if form.owner is not None and form.owner != _actor(request).account_id:
        kept.forget(request, key)
        raise NotFound("Nội dung giữ tạm này là của một tài khoản khác nên đã được bỏ đi.")
    return render(request, "access/kept_form.html", {"form": form, "shown": _shown(form)})


def _shown(form: kept.KeptForm) -> list[tuple[str, str]]:
    rows = [(name, "\n".join(texts)) for name, texts in form.values]
    return [(name, text) for name, text in rows if text.strip()]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid mark of its page. When it came from a page of ours, what was typed is given back."""
    came_from = urlsplit(request.headers.get("Origin") or request.headers.get("Referer") or "")
    if came_from.netloc != request.get_host():
        return shared_csrf_failure(request, reason)
    actor = _actor(request)
    if actor.is_authenticated:
        address = kept.keep(request, at=now(), owner=actor.account_id)
        return leave_to(request, address) if address else shared_csrf_failure(request, reason)
    officer_page = request.path.startswith("/can-bo/")
    target = reverse("access:officer_sign_in" if officer_page else "access:citizen_sign_in")
    address = kept.sign_in_address(request, target=target, at=now())
    return leave_to(request, address) if "tiep-tuc" in address else shared_csrf_failure(request, reason)


# --- officers


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def lock_screen(request: HttpRequest) -> HttpResponse:
    """Màn hình khóa: the session waits; the password opens it on the same page."""
    if not request.user.is_authenticated:
        return redirect(f"{reverse('access:officer_sign_in')}?{urlencode({'next': _next(request)})}")
    if not cast("ActorRequest", request).is_locked:
        return redirect(_next(request))
    form = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _opens(request, form):
        sessions.unlock(request, at=now())
        return redirect(_next(request))
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "next": _next(request), "name": request.user.get_full_name()}
    return render(request, "access/lock_screen.html", context, status=status)


def _opens(request: HttpRequest, form: UnlockForm) -> bool:
    try:
        if get_adapter(request).reauthenticate(request.user, form.cleaned_data["password"]):
            return True
        form.add_error("password", "Mật khẩu chưa đúng.")
    except ValidationError as error:
        form.add_error("password", error)
    return False


@signed_in
@require_POST
def lock_now(request: HttpRequest) -> HttpResponse:
    """Khóa màn hình ngay, when leaving the desk."""
    if _actor(request).kind is not ActorKind.OFFICER:
        return redirect("/")
    sessions.lock(request)
    return redirect(f"{reverse('access:lock_screen')}?{urlencode({'next': kept.page_of(request)})}")


@signed_in
@never_cache
@require_POST
def still_here(request: HttpRequest) -> HttpResponse:
    """The browser saw somebody at work: the middleware has noted it already."""
    return HttpResponse(status=204)


# --- acting for others


@citizen(level=2)
@never_cache
@require_http_methods(["GET", "POST"])
def represent(request: HttpRequest) -> HttpResponse:
    """Làm thay người khác: choose a mandate to go on under, or go on for oneself."""
    actor, at = _actor(request), now()
    if request.method == "POST":
        chosen = whole_number(request.POST.get("mandate", ""))
        if chosen is not None:
            actions.start_representation(mandate_id=chosen, actor=actor, at=at)
        sessions.set_mandate(request, chosen)
        return redirect(_next(request, settings.CITIZEN_HOME))
    mandates = queries.list_mandates(actor=actor, at=at)
    context = {
        "mandates": mandates,
        "given": queries.list_mandates_given(actor=actor, at=at),
        "current": _current(mandates, actor.mandate_id),
        "next": _next(request, ""),
    }
    return render(request, "access/represent.html", context)


def _current(mandates: list[MandateData], mandate_id: int | None) -> MandateData | None:
    return next((mandate for mandate in mandates if mandate.id == mandate_id), None)


@citizen(level=2)
@never_cache
@require_http_methods(["GET", "POST"])
def declare_mandate(request: HttpRequest) -> HttpResponse:
    """Khai một người hoặc tổ chức mà mình làm thay; reception checks the paper."""
    form = DeclareMandateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at = now()
        try:
            mandate = actions.declare_mandate(
                **form.cleaned_data, valid_from=at.astimezone(PROVINCE_TIME).date(), actor=_actor(request), at=at
            )
        except Invalid as error:
            for problem in error.errors:
                form.add_error(problem.path if problem.path in form.fields else None, problem.message)
        else:
            actions.start_representation(mandate_id=mandate.id, actor=_actor(request), at=at)
            sessions.set_mandate(request, mandate.id)
            return redirect(_next(request, settings.CITIZEN_HOME))
    status = 422 if request.method == "POST" else 200
    return render(request, "access/declare_mandate.html", {"form": form, "next": _next(request, "")}, status=status)


@citizen(level=2)
@require_POST
def revoke_mandate(request: HttpRequest) -> HttpResponse:
    """Chấm dứt đại diện, by either side; the representative's rights on the cases filed under it end with it."""
    chosen = whole_number(request.POST.get("mandate", ""))
    if chosen is None:
        raise NotFound("Không tìm thấy văn bản đại diện này.")
    actions.revoke_mandate(mandate_id=chosen, reason=request.POST.get("reason", ""), actor=_actor(request), at=now())
    if sessions.read(request).mandate_id == chosen:
        sessions.set_mandate(request, None)
    messages.success(request, "Đã chấm dứt việc đại diện. Người đại diện không còn xem, không còn xử lý được hồ sơ.")
    return redirect("access:represent")


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The sign-in library's answer to a flood."""
    return render_error(request, 429)
