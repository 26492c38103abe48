"""Officers' sign-in and security pages: the library's views under our addresses, templates and declarations."""

from typing import TYPE_CHECKING, Any, cast

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkey
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from tinhso.interfaces.access.policy import officer, public

if TYPE_CHECKING:
    from tinhso.apps.accounts.models import Account


class _OurSite:
    """The library's entrance pages put a `site` of their own into the template, over ours."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        data: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # the view comes next in line
        data.pop("site", None)
        return data


class SignIn(_OurSite, account.LoginView):  # type: ignore[misc]  # the library has no types
    """Đăng nhập của cán bộ."""


class Authenticate(_OurSite, second_factor.AuthenticateView):  # type: ignore[misc]  # the library has no types
    """Bước hai: mã xác thực hoặc khóa truy cập."""


def _change_password(request: HttpRequest) -> HttpResponseBase:
    """Đổi mật khẩu; whose account has none is told so, instead of a page that cannot be."""
    if not cast("Account", request.user).has_usable_password():
        messages.info(request, "Tài khoản này chưa có mật khẩu: quản trị tài khoản của đơn vị cấp mật khẩu lần đầu.")
        return redirect("mfa_index")
    answer: HttpResponseBase = account.password_change(request)
    return answer


sign_in = public(SignIn.as_view())
authenticate = public(Authenticate.as_view())
sign_in_with_passkey = public(passkey.login_webauthn)

security = officer()(never_cache(second_factor.index))
change_password = officer()(never_cache(_change_password))
confirm_password = officer()(never_cache(account.reauthenticate))
confirm_code = officer()(never_cache(second_factor.reauthenticate))
confirm_passkey = officer()(never_cache(passkey.reauthenticate_webauthn))
activate_totp = officer()(never_cache(totp.activate_totp))
deactivate_totp = officer()(never_cache(totp.deactivate_totp))
list_passkeys = officer()(never_cache(passkey.list_webauthn))
add_passkey = officer()(never_cache(passkey.add_webauthn))
edit_passkey = officer()(never_cache(passkey.edit_webauthn))
remove_passkey = officer()(never_cache(passkey.remove_webauthn))
view_recovery_codes = officer()(never_cache(recovery_codes.view_recovery_codes))
generate_recovery_codes = officer()(never_cache(recovery_codes.generate_recovery_codes))
download_recovery_codes = officer()(never_cache(recovery_codes.download_recovery_codes))
