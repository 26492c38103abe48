"""Django registration of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Tài khoản, vai trò và quyền."""

    name = "tinhso.apps.accounts"
    label = "accounts"
    verbose_name = "Tài khoản và quyền"

    def ready(self) -> None:
        """Make the national identity known to the sign-in library, which needs its models loaded first."""
        from allauth.socialaccount.providers import registry

        from tinhso.apps.accounts.adapters.national_identity import NationalIdentityProvider

        registry.register(NationalIdentityProvider)
