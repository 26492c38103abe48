"""Django registration of the directory."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Đơn vị, chức danh, ủy quyền."""

    name = "tinhso.apps.directory"
    label = "directory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let each web request look at the stamp of the unit tree once (see `queries._tree`)."""
        from django.core.signals import request_finished, request_started

        from tinhso.apps.directory.queries import begin_request, end_request

        request_started.connect(begin_request, dispatch_uid="directory.begin_request")
        request_finished.connect(end_request, dispatch_uid="directory.end_request")
