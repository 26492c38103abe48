"""The library's forms in Vietnamese, counting every wrong second factor like a wrong password."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from tinhso.apps.accounts.enums import FailureReason
from tinhso.interfaces.access.adapters import count_failure, refuse_when_locked_out
from tinhso.kernel.clock import now


def _plain(form: forms.Form) -> None:
    """Our look: labels above, no placeholders, which vanish when one types."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
        if not field.widget.is_hidden and not isinstance(field.widget, forms.CheckboxInput):
            field.widget.attrs["class"] = "form-control"


class SignInForm(LoginForm):  # type: ignore[misc]  # the library has no types
    """Tên đăng nhập và mật khẩu."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)
        self.fields["login"].label = "Tên đăng nhập"
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
        self.fields["password"].label = "Mật khẩu"
        self.fields["password"].help_text = ""


class _CountedCode:
    """A code form whose failures are counted against the account's name."""

    user: Any
    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def _label(self) -> None:
        _plain(self)  # type: ignore[arg-type]  # mixed into forms only
        self.fields["code"].label = "Mã xác thực"
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autofocus": True}

    def clean_code(self) -> str:
        at, request = now(), context.request
        refuse_when_locked_out(request, self.user.username, at=at)
        code = self.cleaned_data["code"]
        try:
            return str(super().clean_code())  # type: ignore[misc]  # the library's form comes next in line
        except ValidationError:
            if self._is_repeated_in_demo(code):
                return str(code)
            count_failure(request, self.user.username, FailureReason.WRONG_SECOND_FACTOR, at=at)
            raise

    def _is_repeated_in_demo(self, code: str) -> bool:
        """A demo's accounts are shared and public: two visitors may sign in with one code in the same half minute."""
        if not settings.DEMO:
            return False
        for authenticator in self.user.authenticator_set.filter(type="totp"):
            if validate_totp_code(decrypt(authenticator.data["secret"]), code):
                authenticator.user = self.user
                self.authenticator = authenticator
                return True
        return False


class SecondFactorForm(_CountedCode, AuthenticateForm):  # type: ignore[misc]  # the library has no types
    """Mã xác thực khi đăng nhập."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._label()


class ConfirmCodeForm(_CountedCode, ReauthenticateCodeForm):  # type: ignore[misc]  # the library has no types
    """Mã xác thực để xác nhận lại trước khi thay đổi bảo mật."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._label()


class ConfirmPasswordForm(ReauthenticateForm):  # type: ignore[misc]  # the library has no types
    """Mật khẩu để xác nhận lại trước khi thay đổi bảo mật."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)
        self.fields["password"].label = "Mật khẩu hiện tại"


class EnrolCodeForm(ActivateTOTPForm):  # type: ignore[misc]  # the library has no types
    """Mã đầu tiên của ứng dụng xác thực vừa gắn."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)
        self.fields["code"].label = "Mã ứng dụng đang hiện"
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class EnrolPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # the library has no types
    """Tên của khóa truy cập mới."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)
        self.fields["name"].label = "Tên gọi của khóa"
        if "passwordless" in self.fields:
            self.fields["passwordless"].label = "Dùng khóa này để đăng nhập không cần mật khẩu"
            self.fields["passwordless"].help_text = "Thiết bị sẽ hỏi vân tay, khuôn mặt hoặc mã PIN."
            self.fields["passwordless"].widget.attrs["class"] = "form-check-input"


class RenamePasskeyForm(EditWebAuthnForm):  # type: ignore[misc]  # the library has no types
    """Đổi tên khóa truy cập."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)
        self.fields["name"].label = "Tên gọi của khóa"


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]  # the library has no types
    """Đổi mật khẩu."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self)
        for name, label in [
            ("oldpassword", "Mật khẩu hiện tại"),
            ("password1", "Mật khẩu mới"),
            ("password2", "Nhập lại mật khẩu mới"),
        ]:
            self.fields[name].label = label
            self.fields[name].help_text = ""
        self.fields["password1"].help_text = "Ít nhất 8 ký tự, không chỉ gồm chữ số, không chứa tên đăng nhập."


class UnlockForm(forms.Form):
    """Mật khẩu để mở màn hình khóa."""

    password = forms.CharField(
        label="Mật khẩu",
        strip=False,
        widget=forms.PasswordInput(
            attrs={"class": "form-control", "autocomplete": "current-password", "autofocus": True}
        ),
    )


class DeclareMandateForm(forms.Form):
    """Khai nộp hồ sơ thay người khác. Shape only; the action checks the law."""

    principal_subject = forms.ChoiceField(
        label="Bạn làm thay",
        choices=[("person", "Một người"), ("enterprise", "Một doanh nghiệp"), ("organisation", "Một tổ chức khác")],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    principal_id = forms.CharField(
        label="Số định danh của người đó, hoặc mã số thuế của tổ chức",
        max_length=20,
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "numeric", "autocomplete": "off"}),
    )
    principal_name = forms.CharField(
        label="Họ tên người đó, hoặc tên tổ chức",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    document = forms.CharField(
        label="Văn bản ủy quyền hoặc giấy tờ chứng minh quan hệ",
        help_text="Số, ngày và nơi chứng thực; ví dụ: số 12/2026 ngày 03/03/2026, UBND xã Mộ Đức.",
        max_length=500,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
    )
    valid_to = forms.DateField(
        label="Hết hạn ngày (bỏ trống nếu không ghi)",
        required=False,
        widget=forms.DateInput(attrs={"class": "form-control", "type": "date"}, format="%Y-%m-%d"),
    )
