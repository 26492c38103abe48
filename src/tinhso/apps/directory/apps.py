"""Django registration of the directory."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Đơn vị, chức danh, ủy quyền."""

    name = "tinhso.apps.directory"
    label = "directory"
    default_auto_field = "django.db.models.BigAutoField"
