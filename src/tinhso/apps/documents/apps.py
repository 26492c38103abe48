from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "tinhso.apps.documents"
    label = "documents"
    verbose_name = "Tài liệu"
