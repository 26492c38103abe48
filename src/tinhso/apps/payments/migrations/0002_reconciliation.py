import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0001_initial"),
        ("payments", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BankLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=60)),
                ("external_id", models.CharField(max_length=100)),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                ("amount_vnd", models.BigIntegerField()),
                ("text", models.CharField(blank=True, max_length=300)),
                ("counterparty", models.CharField(blank=True, max_length=200)),
                ("counterparty_account", models.CharField(blank=True, max_length=60)),
                (
                    "used_as",
                    models.CharField(
                        blank=True, help_text="transfer, settlement, refund; empty: not explained", max_length=20
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Difference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=60)),
                ("day", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("missing_here", "Bên thu hộ có, sổ chưa có"),
                            ("missing_there", "Sổ có, bên thu hộ không có"),
                            ("sum_differs", "Khác số tiền"),
                            ("paid_twice", "Nộp hai lần"),
                            ("not_settled", "Ngân hàng chưa nhận tiền quyết toán"),
                            ("settled_short", "Tiền quyết toán khác tổng giao dịch"),
                            ("unknown_transfer", "Tiền về không rõ hồ sơ"),
                        ],
                        max_length=20,
                    ),
                ),
                ("external_id", models.CharField(max_length=100)),
                ("theirs_vnd", models.BigIntegerField()),
                ("ours_vnd", models.BigIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Cần xử lý"),
                            ("waiting", "Đã giải thích, chờ ngày sau"),
                            ("mended", "Đã xử lý"),
                        ],
                        max_length=10,
                    ),
                ),
                ("explanation", models.CharField(max_length=300)),
                ("found_at", models.DateTimeField()),
                ("mended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=60)),
                ("day", models.DateField()),
                ("run_at", models.DateTimeField()),
                ("platform_count", models.PositiveIntegerField(default=0)),
                ("platform_vnd", models.BigIntegerField(default=0)),
                ("bank_count", models.PositiveIntegerField(default=0)),
                ("bank_vnd", models.BigIntegerField(default=0)),
                ("book_count", models.PositiveIntegerField(default=0)),
                ("book_vnd", models.BigIntegerField(default=0)),
                (
                    "is_complete",
                    models.BooleanField(
                        default=False, help_text="platform's report and the bank's statement were there"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="paymentorder",
            name="desk",
            field=models.ForeignKey(
                help_text="whose counter takes it too",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="directory.unit",
            ),
        ),
        migrations.AddField(
            model_name="paymentorder",
            name="match_code",
            field=models.CharField(
                default="", help_text="the code as banks leave it: letters and digits", max_length=40
            ),
        ),
        migrations.AddIndex(
            model_name="paymentorder",
            index=models.Index(fields=["match_code"], name="payments_order_match"),
        ),
        migrations.AddIndex(
            model_name="bankline",
            index=models.Index(fields=["account", "day"], name="payments_bank_line_day"),
        ),
        migrations.AddConstraint(
            model_name="bankline",
            constraint=models.UniqueConstraint(fields=("account", "external_id"), name="payments_bank_line_once"),
        ),
        migrations.AddField(
            model_name="difference",
            name="order",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.paymentorder"
            ),
        ),
        migrations.AddField(
            model_name="difference",
            name="payment",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.payment"
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliation",
            constraint=models.UniqueConstraint(fields=("account", "day"), name="payments_reconciled_day"),
        ),
        migrations.AddIndex(
            model_name="difference",
            index=models.Index(fields=["status", "-id"], name="payments_difference_list"),
        ),
        migrations.AddConstraint(
            model_name="difference",
            constraint=models.UniqueConstraint(
                fields=("account", "kind", "external_id"), name="payments_difference_once"
            ),
        ),
    ]
