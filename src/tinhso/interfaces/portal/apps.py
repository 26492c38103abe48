from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "tinhso.interfaces.portal"
    label = "portal"
