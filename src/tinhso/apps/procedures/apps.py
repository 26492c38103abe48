"""The catalogue of administrative procedures (thủ tục hành chính): facts, packages, search."""

from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "tinhso.apps.procedures"
    label = "procedures"
    verbose_name = "Thủ tục hành chính"
    default_auto_field = "django.db.models.BigAutoField"
