from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "tinhso.apps.exchange"
    label = "exchange"
    verbose_name = "Chia sẻ dữ liệu"
