from django.apps import AppConfig


class SignaturesConfig(AppConfig):
    name = "tinhso.apps.signatures"
    label = "signatures"
    verbose_name = "Chữ ký số"
