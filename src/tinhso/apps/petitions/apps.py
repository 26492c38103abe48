from django.apps import AppConfig


class PetitionsConfig(AppConfig):
    name = "tinhso.apps.petitions"
    label = "petitions"
    verbose_name = "Phản ánh, kiến nghị"
