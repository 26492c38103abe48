from django.apps import AppConfig


class ReceiptsConfig(AppConfig):
    name = "tinhso.apps.receipts"
    label = "receipts"
    verbose_name = "Biên lai điện tử"
