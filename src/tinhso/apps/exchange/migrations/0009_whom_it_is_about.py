from django.db import migrations, models

_COLUMN = """
ALTER TABLE exchange_message ADD COLUMN subject bytea CHECK (length(subject) = 16);
CREATE INDEX exchange_message_subject ON exchange_message (subject, id) WHERE subject IS NOT NULL;
"""


class Migration(migrations.Migration):
    """The log gains a keyed hash of whom a call was about; lines from before have none and stay sealed as they are."""

    dependencies = [
        ("exchange", "0008_message_bodies"),
    ]

    operations = [
        migrations.AddField(
            model_name="endpoint",
            name="subject",
            field=models.JSONField(help_text="where a question carries the number of whom it is about", null=True),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(_COLUMN, "ALTER TABLE exchange_message DROP COLUMN subject"),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="message",
                    name="subject",
                    field=models.BinaryField(help_text="keyed hash of the number of whom it is about", null=True),
                ),
            ],
        ),
    ]
