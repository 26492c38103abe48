from django.apps import AppConfig


class CollectionsConfig(AppConfig):
    name = "tinhso.apps.collections"
    label = "collections"
    verbose_name = "Thu theo danh sách"
