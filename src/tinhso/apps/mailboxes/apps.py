from django.apps import AppConfig


class MailboxesConfig(AppConfig):
    name = "tinhso.apps.mailboxes"
    label = "mailboxes"
    verbose_name = "Thư điện tử công vụ"
