from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "tinhso.apps.audit"
    label = "audit"
    verbose_name = "Nhật ký sự kiện"
