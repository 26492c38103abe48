"""Where the next sealer looks from: every row of a transaction before the horizon is sealed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.AddField(model_name="seal", name="horizon", field=models.BigIntegerField(null=True))]
