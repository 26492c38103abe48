from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "tinhso.apps.notifications"
    label = "notifications"
    verbose_name = "Thông báo"
