from django.apps import AppConfig


class ReconciliationConfig(AppConfig):
    name = "tinhso.apps.reconciliation"
    label = "reconciliation"
    verbose_name = "Đồng bộ quốc gia"
