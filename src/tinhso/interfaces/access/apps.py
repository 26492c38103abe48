"""Django registration of access: sign-in, actor, idle lock."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Đăng nhập và kiểm soát truy cập."""

    name = "tinhso.interfaces.access"
    label = "access"
    verbose_name = "Đăng nhập"

    def ready(self) -> None:
        """Listen to the sign-in library."""
        from tinhso.interfaces.access import signals  # noqa: F401 - the receivers register on import
