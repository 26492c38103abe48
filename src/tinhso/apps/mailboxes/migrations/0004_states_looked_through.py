"""The states of all boxes looked through, without holding anybody up (0003 made the condition for new rows only)."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("mailboxes", "0003_archives_of_closed_boxes")]

    operations = [ValidateConstraint(model_name="mailbox", name="mailbox_state_known")]
