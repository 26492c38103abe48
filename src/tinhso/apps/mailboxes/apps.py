from django.apps import AppConfig


class MailboxesConfig(AppConfig):
    name = "tinhso.apps.mailboxes"
    label = "mailboxes"
    verbose_name = "Thư điện tử công vụ"

    def ready(self) -> None:
        """Tell documents which archives of boxes still have to stay."""
        from tinhso.apps.documents.queries import answer_for
        from tinhso.apps.mailboxes.queries import archives_in_work

        answer_for(archives_in_work, tables=["mailboxes.MailArchive"])
