from django.db import migrations, models

from tinhso.kernel.models import append_only_sql


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CalendarVersion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=60)),
                ("number", models.PositiveIntegerField()),
                ("digest", models.CharField(help_text="SHA-256 of the canonical document", max_length=64)),
                ("title", models.CharField(max_length=200)),
                ("document", models.JSONField()),
                ("published_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key", "number"), name="calendars_version_number"),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="calendars_version_number_from_one"
                    ),
                ],
            },
        ),
        migrations.RunSQL(*append_only_sql("calendars_calendarversion")),
    ]
