import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0002_reconciliation"),
    ]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="received_by",
            field=models.CharField(
                blank=True, default="", help_text="who took the cash, and the paper he showed", max_length=200
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="refund",
            name="shift",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds",
                to="payments.cashshift",
            ),
        ),
    ]
