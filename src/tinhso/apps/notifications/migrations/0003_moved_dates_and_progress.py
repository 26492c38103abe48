"""Two more kinds of notices."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0002_documents_expiring"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("supplement", "Cần bổ sung"),
                    ("extended", "Hẹn lại"),
                    ("rescheduled", "Đổi ngày hẹn"),
                    ("overdue", "Quá hạn"),
                    ("result", "Có kết quả"),
                    ("progress", "Diễn biến"),
                    ("assigned", "Được giao việc"),
                    ("reminder", "Nhắc hạn"),
                    ("message", "Tin nhắn"),
                    ("petition", "Phản ánh, kiến nghị"),
                    ("expiring", "Sắp hết hiệu lực"),
                ],
                max_length=12,
            ),
        ),
    ]
