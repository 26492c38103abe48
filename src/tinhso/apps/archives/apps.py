from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    name = "tinhso.apps.archives"
    label = "archives"
    verbose_name = "Lưu trữ hồ sơ"

    def ready(self) -> None:
        """Tell documents which files belong to cases that the archive does not keep yet."""
        from tinhso.apps.archives.queries import files_not_archived
        from tinhso.apps.documents.queries import answer_for

        answer_for(files_not_archived)
