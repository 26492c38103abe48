"""Django app of the shared look."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, template tags and browser files of every audience (giao diện chung)."""

    name = "tinhso.interfaces.ui"
    label = "ui"
    verbose_name = "Giao diện chung"
