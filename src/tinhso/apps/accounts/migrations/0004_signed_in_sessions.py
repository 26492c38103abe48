"""One row for each session somebody is signed in with; those of before go on without one until they end."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_officers_by_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignedInSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "method",
                    models.TextField(
                        choices=[
                            ("national_identity", "Định danh điện tử"),
                            ("password", "Mật khẩu"),
                            ("totp", "Mật khẩu và mã xác thực một lần"),
                            ("passkey", "Khóa truy cập"),
                            ("recovery_code", "Mật khẩu và mã khôi phục"),
                        ]
                    ),
                ),
                ("browser", models.TextField(blank=True)),
                ("network", models.TextField(blank=True)),
                ("signed_in_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signed_in_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("method__in", ["national_identity", "password", "totp", "passkey", "recovery_code"])
                        ),
                        name="signed_in_session_method_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gt", models.F("signed_in_at")), ("seen_at__gte", models.F("signed_in_at"))
                        ),
                        name="signed_in_session_ends_after_it_began",
                    ),
                ],
            },
        ),
    ]
