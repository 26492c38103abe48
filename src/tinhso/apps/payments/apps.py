from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "tinhso.apps.payments"
    label = "payments"
    verbose_name = "Thu phí, lệ phí"
