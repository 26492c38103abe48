from django.apps import AppConfig


class PayoutsConfig(AppConfig):
    name = "tinhso.apps.payouts"
    label = "payouts"
    verbose_name = "Chi trả"
