"""Refusals of an hour, counted until the log is told."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_signed_in_sessions"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessRefusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("route", models.TextField(blank=True)),
                ("method", models.TextField(blank=True)),
                ("status", models.PositiveBigIntegerField()),
                ("times", models.PositiveBigIntegerField(default=1)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["hour"], name="access_refusal_hour")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "hour", "route", "method", "status"),
                        name="access_refusal_one_per_address_and_hour",
                    )
                ],
            },
        ),
    ]
