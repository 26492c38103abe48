from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "tinhso.apps.cases"
    label = "cases"
    verbose_name = "Hồ sơ thủ tục hành chính"
