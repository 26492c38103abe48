"""The second factor as the sign-in library stores and shows it."""

import base64
import hashlib
from io import BytesIO
from typing import Any

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes

_PURPOSE = b"tinhso.second-factor.v1:"


def _cipher() -> MultiFernet:
    keys = [force_bytes(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(_PURPOSE + key).digest())) for key in keys])


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the library has no types
    """Secrets are encrypted at rest; names and messages are Vietnamese."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": "Mỗi cán bộ phải giữ ít nhất một yếu tố xác thực thứ hai.",
        "cannot_generate_recovery_codes": "Hãy thêm ứng dụng xác thực hoặc khóa truy cập trước.",
        "incorrect_code": "Mã xác thực chưa đúng hoặc đã dùng rồi. Hãy chờ mã mới.",
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return "Tỉnh Số"

    def build_totp_svg(self, url: str) -> str:
        buffer = BytesIO()
        segno.make(url, error="m").save(buffer, kind="svg", scale=5, border=4, xmldecl=False)
        return buffer.getvalue().decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """The last second factor stays: an officer without one could not work."""
        others = type(authenticator).objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        return bool(others.exclude(type="recovery_codes").exists())

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return f"Khóa {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"
