from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "tinhso.interfaces.access"
    label = "access"
