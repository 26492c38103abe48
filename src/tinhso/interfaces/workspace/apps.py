from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "tinhso.interfaces.workspace"
    label = "workspace"
