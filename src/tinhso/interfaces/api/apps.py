from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "tinhso.interfaces.api"
    label = "api"
