from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "tinhso.interfaces.ui"
    label = "ui"
