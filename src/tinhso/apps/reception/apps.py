from django.apps import AppConfig


class ReceptionConfig(AppConfig):
    name = "tinhso.apps.reception"
    label = "reception"
    verbose_name = "Tiếp đón, tiếp nhận"
