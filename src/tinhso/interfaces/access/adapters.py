"""How the sign-in library asks us: lock-out, passwords, whom a sign-in belongs to, and what a session begins with.

The library keeps its own tables and views; everything it does that matters is recorded through our actions.
"""

import time
from datetime import datetime
from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from requests import RequestException

from tinhso.apps.accounts import actions, queries
from tinhso.apps.accounts.adapters.national_identity import PROVIDER_ID
from tinhso.apps.accounts.data import IdentityClaims
from tinhso.apps.accounts.enums import AccountKind, FailureReason, SignInMethod
from tinhso.interfaces.access import sessions
from tinhso.interfaces.access.addresses import source_of
from tinhso.interfaces.ui.formats import format_time
from tinhso.kernel.actor import ANONYMOUS, SYSTEM
from tinhso.kernel.clock import now
from tinhso.kernel.errors import DomainError
from tinhso.lib.browsers import describe_browser

_METHODS = {
    "totp": SignInMethod.TOTP,
    "webauthn": SignInMethod.PASSKEY,
    "recovery_codes": SignInMethod.RECOVERY_CODE,
}


def refuse_when_locked_out(request: HttpRequest, username: str, *, at: datetime) -> None:
    """Raise a form error while the name or the source has to wait, and log the attempt.

    Raises:
        ValidationError: with the time from which signing in works again.
    """
    source = source_of(request)
    lockout = queries.lockout_of(username, source=source, at=at)
    if lockout.until is None:
        return
    actions.record_sign_in_failure(
        username=username, source=source, reason=FailureReason.LOCKED_OUT, actor=ANONYMOUS, at=at
    )
    raise ValidationError(
        f"Đã sai quá nhiều lần. Vì an toàn, mời bạn thử lại sau {format_time(lockout.until)}.",
        code="too_many_login_attempts",
    )


def count_failure(request: HttpRequest, username: str, reason: FailureReason, *, at: datetime) -> None:
    """Log and count one failure."""
    actions.record_sign_in_failure(username=username, source=source_of(request), reason=reason, actor=ANONYMOUS, at=at)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Officers' sign-in by password, and the beginning of every session."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "Tài khoản này đang bị khóa.",
        "enter_current_password": "Mật khẩu hiện tại chưa đúng.",
        "incorrect_code": "Mã xác thực chưa đúng hoặc đã dùng rồi. Hãy chờ mã mới.",
        "incorrect_password": "Mật khẩu chưa đúng.",
        "invalid_login": "Không đăng nhập được bằng thông tin này.",
        "rate_limited": "Bạn thao tác quá nhanh, mời chờ ít phút.",
        "too_many_login_attempts": "Đã sai quá nhiều lần, mời thử lại sau 15 phút.",
        "username_password_mismatch": "Tên đăng nhập hoặc mật khẩu chưa đúng.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: citizens come through the national identity, officers are created."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """As everywhere else: the library counts by it, too."""
        return source_of(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        refuse_when_locked_out(request, credentials.get("username", ""), at=now())

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        count_failure(request, credentials.get("username", ""), FailureReason.WRONG_PASSWORD, at=now())

    def clean_password(self, password: str, user: Any = None) -> str:
        names = {"username": user.username, "full_name": user.full_name} if user else {"username": ""}
        problem = queries.password_problem(password, **names)
        if problem:
            raise ValidationError(problem)
        return password

    def set_password(self, user: Any, password: str) -> None:
        at = now()
        actions.set_password(
            account_id=user.pk, password=password, actor=queries.actor_of(user, at=at), at=at,
            keep_session=sessions.read(self.request).id,
        )  # fmt: skip
        user.refresh_from_db()

    def is_reauthentication_required(self, app: str = "") -> bool:
        """Changing second factors asks for the password again, unless the officer proved herself minutes ago."""
        records = get_authentication_records(self.request, self.request.user)
        return not any(time.time() - record["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for record in records)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Notices about accounts are the notification centre's; the library sends none."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The library's flash messages are in English and say what the page says already."""

    def is_safe_url(self, url: str) -> bool:
        """Only pages of this site: a redirect after sign-in must not lead anywhere else."""
        return url.startswith("/") and bool(
            url_has_allowed_host_and_scheme(url, allowed_hosts={self.request.get_host()})
        )

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return settings.OFFICER_HOME if request.user.kind == AccountKind.OFFICER else settings.CITIZEN_HOME  # type: ignore[union-attr]  # signed in

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        count_failure(request, user.username, FailureReason.ACCOUNT_LOCKED, at=now())
        return render(request, "access/account_locked.html", status=403)

    def login(self, request: HttpRequest, user: Any) -> None:
        # What the browser was signed in with before ends here; the library throws the session's data away.
        before = sessions.read(request).id
        super().login(request, user)
        sessions.follows(request, before)

    def logout(self, request: HttpRequest) -> None:
        before = sessions.read(request).id
        super().logout(request)
        sessions.follows(request, before)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        at = now()
        signal = kwargs.get("signal_kwargs") or {}
        claims = _claims(signal.get("sociallogin"))
        level, logout_uri, has_second_factor = 0, "", False
        if claims is not None:
            level = queries.session_level(asked=int(str(settings.NATIONAL_IDENTITY["level"])), returned=claims.level)
            method, logout_uri = SignInMethod.NATIONAL_IDENTITY, claims.logout_uri
        else:
            method = _method(request, user)
            has_second_factor = method is not SignInMethod.PASSWORD
        actor = queries.actor_of(user, at=at, assurance=level)
        session_id = actions.record_sign_in(
            account_id=user.pk, method=method, source=source_of(request), level=level, at=at, actor=actor,
            browser=describe_browser(request.headers.get("User-Agent", "")),
            ends_at=sessions.ends_at(actor.kind, started=at, at=at), instead_of=sessions.read(request).id,
        )  # fmt: skip
        sessions.begin(
            request, at=at, session_id=session_id, assurance=level, has_second_factor=has_second_factor,
            logout_uri=logout_uri,
        )  # fmt: skip
        response: HttpResponse = super().post_login(request, user, **kwargs)
        sessions.remember_owner(response, user.pk, secure=settings.SESSION_COOKIE_SECURE)
        return response


def _method(request: HttpRequest, user: Any) -> SignInMethod:
    proofs = [record for record in get_authentication_records(request, user) if record["method"] == "mfa"]
    return _METHODS[proofs[-1]["type"]] if proofs else SignInMethod.PASSWORD


def _claims(sociallogin: SocialLogin | None) -> IdentityClaims | None:
    return IdentityClaims.from_json(sociallogin.account.extra_data) if sociallogin is not None else None


class IdentityAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # the library has no types
    """The national identity: one provider from settings; the account is ours to find or make."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The one configured provider. Rows of the library's own table are never asked."""
        identity = settings.NATIONAL_IDENTITY
        if provider not in {None, PROVIDER_ID, identity["issuer_key"]}:
            return []
        return [
            SocialApp(
                provider=PROVIDER_ID,
                provider_id=identity["issuer_key"],
                name=identity["name"],
                client_id=identity["client_id"],
                secret=identity["secret"],
                settings=identity,
            )
        ]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find or make the account before the library goes on; a refusal ends the sign-in with its sentence."""
        claims = _claims(sociallogin)
        assert claims is not None  # noqa: S101 - the library always passes the login
        try:
            account = actions.register_citizen_login(claims=claims, actor=SYSTEM, at=now())
        except DomainError as error:
            _refuse(request, error.message, status=error.status)
        # Ours alone decides who this is: the library's own link tables stay empty.
        sociallogin.user = get_user_model().objects.get(pk=account.id)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        if error == AuthError.CANCELLED:
            _refuse(request, "Bạn đã hủy đăng nhập. Chưa có gì thay đổi.", status=200)
        if isinstance(exception, RequestException):
            _refuse(
                request,
                "Hệ thống định danh điện tử chưa trả lời. Mời bạn thử lại sau ít phút.",
                status=503,
            )
        if exception is None:
            _refuse(
                request,
                "Lần đăng nhập này không còn hiệu lực: có thể trang đã mở quá lâu, hoặc được mở ở trình duyệt khác. "
                "Mời bạn bắt đầu lại.",
                status=400,
            )
        _refuse(request, "Hệ thống định danh điện tử trả lời không đúng nên chưa thể cho bạn đăng nhập.", status=502)


def _refuse(request: HttpRequest, sentence: str, *, status: int) -> NoReturn:
    raise ImmediateHttpResponse(render(request, "access/identity_problem.html", {"sentence": sentence}, status=status))
