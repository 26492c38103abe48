"""Django registration of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Tài khoản, vai trò và quyền."""

    name = "tinhso.apps.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
