from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    name = "tinhso.apps.subscriptions"
    label = "subscriptions"
    verbose_name = "Đăng ký nhận sự kiện"
