from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "tinhso.apps.vault"
    label = "vault"
    verbose_name = "Kho giấy tờ"
