from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "tinhso.apps.vault"
    label = "vault"
    verbose_name = "Kho giấy tờ"

    def ready(self) -> None:
        """Tell documents which files lie in somebody's vault."""
        from tinhso.apps.documents.queries import answer_for
        from tinhso.apps.vault.queries import files_held

        answer_for(files_held, tables=["vault.Document"])
