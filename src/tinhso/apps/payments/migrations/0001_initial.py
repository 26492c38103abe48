import django.db.models.deletion
from django.db import migrations, models

from tinhso.kernel.models import append_only_sql

# The sides of an entry sum to zero when the transaction commits, whoever wrote them.
_BALANCE = """
CREATE FUNCTION payments_check_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(amount_vnd) FROM payments_ledgerposting WHERE entry_id = NEW.entry_id) <> 0 THEN
    RAISE EXCEPTION 'entry % is off balance', NEW.entry_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_balance AFTER INSERT ON payments_ledgerposting
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_check_balance();
"""
_NO_BALANCE = """
DROP TRIGGER payments_balance ON payments_ledgerposting;
DROP FUNCTION payments_check_balance();
"""
_ONLY_ADDED = ("payments_ledgerentry", "payments_ledgerposting", "payments_providermessage")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("directory", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CashShift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("officer_id", models.BigIntegerField()),
                ("officer_name", models.CharField(max_length=200)),
                ("float_vnd", models.BigIntegerField(help_text="change in the drawer when it was opened")),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("expected_vnd", models.BigIntegerField(null=True)),
                ("counted_vnd", models.BigIntegerField(null=True)),
                ("card_expected_vnd", models.BigIntegerField(null=True)),
                ("card_counted_vnd", models.BigIntegerField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Đang thu"),
                            ("closed", "Đã chốt, chờ duyệt chênh lệch"),
                            ("approved", "Đã chốt"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("approved_by", models.CharField(blank=True, max_length=200)),
                ("approved_at", models.DateTimeField(null=True)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="directory.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("order", "Ghi khoản phải nộp"),
                            ("cancel", "Hủy khoản phải nộp"),
                            ("payment", "Tiền về"),
                            ("match", "Ghép tiền với khoản phải nộp"),
                            ("refund", "Duyệt hoàn trả"),
                            ("refund_paid", "Chi hoàn trả"),
                            ("shift", "Ca thu tiền"),
                            ("settlement", "Ngân hàng chuyển tiền quyết toán"),
                            ("correction", "Điều chỉnh khi đối soát"),
                            ("payout", "Chi trả theo danh sách"),
                        ],
                        max_length=16,
                    ),
                ),
                ("day", models.DateField(help_text="the day in the province to which it belongs")),
                ("at", models.DateTimeField()),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="directory.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PaymentOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=60)),
                ("case_code", models.CharField(help_text="stands in every transfer's text", max_length=40)),
                (
                    "occasion",
                    models.CharField(
                        choices=[
                            ("fees", "Phí, lệ phí của hồ sơ"),
                            ("assessed", "Khoản thu do cơ quan xác định sau"),
                            ("duty", "Nghĩa vụ tài chính"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "number",
                    models.PositiveSmallIntegerField(help_text="of the orders of the same kind for the same subject"),
                ),
                ("account", models.CharField(blank=True, help_text="key of the collecting account", max_length=60)),
                ("procedure_code", models.CharField(blank=True, max_length=40)),
                ("procedure_name", models.CharField(blank=True, max_length=500)),
                ("lines", models.JSONField(default=list)),
                ("amount_vnd", models.BigIntegerField()),
                ("paid_vnd", models.BigIntegerField(default=0)),
                ("refunded_vnd", models.BigIntegerField(default=0)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("due", "Chờ nộp"),
                            ("partly_paid", "Đã nộp một phần"),
                            ("paid", "Đã nộp đủ"),
                            ("cancelled", "Đã hủy khoản thu"),
                        ],
                        default="due",
                        max_length=12,
                    ),
                ),
                ("payer_name", models.CharField(max_length=200)),
                ("payer_personal_id", models.CharField(blank=True, max_length=20)),
                ("payer_address", models.CharField(blank=True, max_length=300)),
                (
                    "account_id",
                    models.BigIntegerField(help_text="the citizen's account, who may pay it on line", null=True),
                ),
                ("attempts_made", models.PositiveSmallIntegerField(default=0)),
                ("raised_at", models.DateTimeField()),
                ("paid_at", models.DateTimeField(help_text="when it was first paid in full; told once", null=True)),
                (
                    "paid_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("platform", "Nền tảng thanh toán quốc gia"),
                            ("vietqr", "Chuyển khoản bằng mã QR"),
                            ("cash", "Tiền mặt tại quầy"),
                            ("card", "Máy thẻ tại quầy"),
                            ("demo", "Thanh toán thử"),
                        ],
                        max_length=12,
                    ),
                ),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="directory.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PaymentAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "provider",
                    models.CharField(
                        choices=[
                            ("platform", "Nền tảng thanh toán quốc gia"),
                            ("vietqr", "Chuyển khoản bằng mã QR"),
                            ("cash", "Tiền mặt tại quầy"),
                            ("card", "Máy thẻ tại quầy"),
                            ("demo", "Thanh toán thử"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reference", models.CharField(max_length=60, unique=True)),
                ("amount_vnd", models.BigIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("intended", "Đang mở trang thanh toán"),
                            ("pending", "Đang chờ ngân hàng xác nhận"),
                            ("confirmed", "Ngân hàng đã xác nhận"),
                            ("failed", "Không thành công"),
                            ("lapsed", "Hết thời gian chờ"),
                        ],
                        default="intended",
                        max_length=10,
                    ),
                ),
                ("pay_url", models.CharField(blank=True, max_length=600)),
                (
                    "returned_at",
                    models.DateTimeField(help_text="the browser came back; it says nothing about money", null=True),
                ),
                ("opened_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField(help_text="when the provider was last asked", null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="payments.paymentorder"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "provider",
                    models.CharField(
                        choices=[
                            ("platform", "Nền tảng thanh toán quốc gia"),
                            ("vietqr", "Chuyển khoản bằng mã QR"),
                            ("cash", "Tiền mặt tại quầy"),
                            ("card", "Máy thẻ tại quầy"),
                            ("demo", "Thanh toán thử"),
                        ],
                        max_length=12,
                    ),
                ),
                ("external_id", models.CharField(help_text="the provider's number of the transaction", max_length=100)),
                ("account", models.CharField(blank=True, max_length=60)),
                ("amount_vnd", models.BigIntegerField()),
                ("paid_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField()),
                ("text", models.CharField(blank=True, help_text="what the payer's bank passed on", max_length=300)),
                ("payer", models.CharField(blank=True, max_length=200)),
                ("payer_account", models.CharField(blank=True, max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("matched", "Đã ghép với khoản phải nộp"),
                            ("unmatched", "Chưa rõ của hồ sơ nào"),
                            ("returned", "Đang hoặc đã trả lại"),
                            ("corrected", "Đã ghi hủy vì ngân hàng không có"),
                        ],
                        max_length=10,
                    ),
                ),
                ("settled_day", models.DateField(help_text="when the bank had the platform's money", null=True)),
                (
                    "shift",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="payments.cashshift",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="directory.unit"
                    ),
                ),
                (
                    "attempt",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.paymentattempt",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="payments.paymentorder",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LedgerPosting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=80)),
                ("amount_vnd", models.BigIntegerField()),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="postings", to="payments.ledgerentry"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="payments.paymentorder",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProviderMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "provider",
                    models.CharField(
                        choices=[
                            ("platform", "Nền tảng thanh toán quốc gia"),
                            ("vietqr", "Chuyển khoản bằng mã QR"),
                            ("cash", "Tiền mặt tại quầy"),
                            ("card", "Máy thẻ tại quầy"),
                            ("demo", "Thanh toán thử"),
                        ],
                        max_length=12,
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("external_id", models.CharField(blank=True, max_length=100)),
                ("amount_vnd", models.BigIntegerField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("accepted", "Đã ghi nhận"),
                            ("repeated", "Trùng bản tin đã ghi nhận"),
                            ("wrong_checksum", "Sai mã xác thực"),
                            ("wrong_sum", "Sai số tiền"),
                            ("unknown_reference", "Không có mã tham chiếu này"),
                            ("disagrees", "Trái với điều đã ghi nhận"),
                            ("malformed", "Không đọc được"),
                        ],
                        max_length=20,
                    ),
                ),
                ("digest", models.CharField(help_text="SHA-256 of the message as it came", max_length=64)),
            ],
            options={
                "indexes": [models.Index(fields=["reference"], name="payments_message_reference")],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        help_text="why it exists; the same cause never proposes twice", max_length=120, unique=True
                    ),
                ),
                ("account", models.CharField(blank=True, max_length=60)),
                ("amount_vnd", models.BigIntegerField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("withdrawn", "Rút hoặc dừng hồ sơ"),
                            ("overpaid", "Nộp thừa"),
                            ("unknown_transfer", "Chuyển nhầm, không rõ hồ sơ"),
                            ("exempted", "Được miễn, giảm sau khi nộp"),
                        ],
                        max_length=20,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
                ("to_name", models.CharField(max_length=200)),
                ("to_account", models.CharField(blank=True, max_length=60)),
                ("to_bank", models.CharField(blank=True, max_length=60)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Chờ kiểm tra"),
                            ("checked", "Chờ duyệt"),
                            ("approved", "Đã duyệt, chờ chi"),
                            ("paid", "Đã trả lại"),
                            ("refused", "Không duyệt"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("proposed_by", models.CharField(max_length=200)),
                ("checked_by_id", models.BigIntegerField(null=True)),
                ("checked_by", models.CharField(blank=True, max_length=200)),
                ("approved_by_id", models.BigIntegerField(null=True)),
                ("approved_by", models.CharField(blank=True, max_length=200)),
                ("ended_at", models.DateTimeField(null=True)),
                ("method", models.CharField(blank=True, max_length=12)),
                ("reference", models.CharField(blank=True, max_length=100)),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="payments.paymentorder",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="payments.payment",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="directory.unit"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="cashshift",
            index=models.Index(fields=["unit", "-id"], name="payments_shift_list"),
        ),
        migrations.AddConstraint(
            model_name="cashshift",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")), fields=("officer_id",), name="payments_one_open_shift"
            ),
        ),
        migrations.AddConstraint(
            model_name="cashshift",
            constraint=models.CheckConstraint(condition=models.Q(("float_vnd__gte", 0)), name="payments_shift_float"),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["day", "kind"], name="payments_entry_day"),
        ),
        migrations.AddIndex(
            model_name="paymentorder",
            index=models.Index(fields=["subject"], name="payments_order_subject"),
        ),
        migrations.AddIndex(
            model_name="paymentorder",
            index=models.Index(fields=["case_code"], name="payments_order_code"),
        ),
        migrations.AddIndex(
            model_name="paymentorder",
            index=models.Index(fields=["unit", "status", "-id"], name="payments_order_list"),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.UniqueConstraint(
                fields=("subject", "occasion", "number"), name="payments_order_raised_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_vnd__gt", 0)), name="payments_order_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.CheckConstraint(condition=models.Q(("paid_vnd__gte", 0)), name="payments_order_paid"),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("refunded_vnd__gte", 0), ("refunded_vnd__lte", models.F("paid_vnd"))),
                name="payments_order_refunded",
            ),
        ),
        migrations.AddIndex(
            model_name="paymentattempt",
            index=models.Index(
                condition=models.Q(("status__in", ["intended", "pending"])),
                fields=["opened_at"],
                name="payments_attempt_waits",
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["account", "paid_at"], name="payments_money_day"),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(condition=models.Q(("state", "unmatched")), fields=["-id"], name="payments_money_open"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(fields=("provider", "external_id"), name="payments_money_once"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(condition=models.Q(("amount_vnd__gte", 0)), name="payments_money_sum"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "matched"), _negated=True), ("order__isnull", False), _connector="OR"
                ),
                name="payments_matched_has_order",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerposting",
            index=models.Index(fields=["account", "entry"], name="payments_posting_account"),
        ),
        migrations.AddIndex(
            model_name="ledgerposting",
            index=models.Index(
                condition=models.Q(("order__isnull", False)), fields=["order"], name="payments_posting_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerposting",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_vnd", 0), _negated=True), name="payments_posting_of_something"
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(fields=["unit", "status", "-id"], name="payments_refund_list"),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_vnd__gt", 0)), name="payments_refund_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by_id__isnull", True),
                    models.Q(("approved_by_id", models.F("checked_by_id")), _negated=True),
                    _connector="OR",
                ),
                name="payments_refund_two_persons",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["approved", "paid"]), _negated=True),
                    models.Q(("approved_by_id__isnull", False), ("checked_by_id__isnull", False)),
                    _connector="OR",
                ),
                name="payments_refund_approved_by_two",
            ),
        ),
        *[migrations.RunSQL(*append_only_sql(table)) for table in _ONLY_ADDED],
        migrations.RunSQL(_BALANCE, _NO_BALANCE),
    ]
