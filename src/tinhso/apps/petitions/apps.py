from django.apps import AppConfig


class PetitionsConfig(AppConfig):
    name = "tinhso.apps.petitions"
    label = "petitions"
    verbose_name = "Phản ánh, kiến nghị"

    def ready(self) -> None:
        """Tell documents which files petitions still need."""
        from tinhso.apps.documents.queries import answer_for
        from tinhso.apps.petitions.queries import files_of_open_petitions

        answer_for(files_of_open_petitions, tables=["petitions.Attachment"])
