from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    name = "tinhso.apps.archives"
    label = "archives"
    verbose_name = "Lưu trữ hồ sơ"
