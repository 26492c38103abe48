"""Archives of closed boxes; the mail servers see a box until it is emptied, and admit the system to it while it is archived."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

_STORE = """
    CREATE OR REPLACE VIEW mail_store AS
    SELECT a.address, m.id AS box, m.quota_mb FROM mailboxes_mailbox m
      JOIN mailboxes_mailaddress a ON a.mailbox_id = m.id AND a.is_main
     WHERE m.state IN ({states})
"""
# App passwords that hold now; and of a box past its term the one-time password with which it is archived.
_LOGIN = """
    CREATE OR REPLACE VIEW mail_login AS
    SELECT l.address AS login, p.digest, b.address AS username FROM mailboxes_apppassword p
      JOIN mailboxes_boxholder h ON h.mailbox_id = p.mailbox_id AND h.staff_id = p.staff_id AND NOT h.is_blocked
      JOIN mail_box b ON b.box = p.mailbox_id JOIN mail_live l ON l.mailbox_id = b.box
     WHERE p.revoked_at IS NULL
"""
_ARCHIVING = """
    UNION ALL
    SELECT a.address, r.digest::varchar(64), a.address FROM mailboxes_mailarchive r
      JOIN mailboxes_mailbox m ON m.id = r.mailbox_id AND m.state IN ('closed', 'archived')
      JOIN mailboxes_mailaddress a ON a.mailbox_id = m.id AND a.is_main
     WHERE r.digest <> '' AND r.digest_until > now()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0001_initial"),
        ("documents", "0003_disposal_lists"),
        ("mailboxes", "0002_views_of_the_mail_servers"),
    ]

    accepted = {
        "ban-drop-constraint": "made anew in the same transaction, one state wider: who writes the states of before still may"
    }

    operations = [
        migrations.CreateModel(
            name="MailArchive",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.TextField(blank=True)),
                ("digest_until", models.DateTimeField(null=True)),
                ("tried_at", models.DateTimeField()),
                (
                    "problem",
                    models.TextField(blank=True, help_text="why it could not be done the latest time, as a sentence"),
                ),
                ("archived_at", models.DateTimeField(null=True)),
                (
                    "file",
                    models.ForeignKey(
                        help_text="none of an empty box",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.storedfile",
                    ),
                ),
                (
                    "mailbox",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="archive", to="mailboxes.mailbox"
                    ),
                ),
                ("messages", models.PositiveIntegerField(null=True)),
                ("mail_bytes", models.BigIntegerField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name="mailarchive",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("archived_at__isnull", True), ("file__isnull", True), ("messages__isnull", True)),
                    models.Q(("archived_at__isnull", False), ("file__isnull", False), ("messages__gt", 0)),
                    models.Q(("archived_at__isnull", False), ("file__isnull", True), ("messages", 0)),
                    _connector="OR",
                ),
                name="mail_archive_is_of_something_or_of_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailarchive",
            constraint=models.CheckConstraint(
                condition=models.Q(("removed_at__isnull", True), ("archived_at__isnull", False), _connector="OR"),
                name="mail_archive_before_removing",
            ),
        ),
        migrations.AlterField(
            model_name="mailbox",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Đang dùng"),
                    ("closed", "Đã đóng"),
                    ("archived", "Đã lưu trữ, chờ xóa thư"),
                    ("removed", "Đã xóa thư"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint(model_name="mailbox", name="mailbox_state_known"),
        AddConstraintNotValid(
            model_name="mailbox",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "closed", "archived", "removed"])), name="mailbox_state_known"
            ),
        ),
        migrations.RunSQL(
            _STORE.format(states="'open', 'closed', 'archived'"), _STORE.format(states="'open', 'closed'")
        ),
        migrations.RunSQL(_LOGIN + _ARCHIVING, _LOGIN),
    ]
