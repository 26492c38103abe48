"""Vocabularies of notices."""

from django.db import models


class NoticeKind(models.TextChoices):
    """What a notice is about (loại thông báo)."""

    SUPPLEMENT = "supplement", "Cần bổ sung"
    EXTENDED = "extended", "Hẹn lại"
    RESCHEDULED = "rescheduled", "Đổi ngày hẹn"
    OVERDUE = "overdue", "Quá hạn"
    RESULT = "result", "Có kết quả"
    PROGRESS = "progress", "Diễn biến"
    ASSIGNED = "assigned", "Được giao việc"
    REMINDER = "reminder", "Nhắc hạn"
    MESSAGE = "message", "Tin nhắn"
    PETITION = "petition", "Phản ánh, kiến nghị"
    EXPIRING = "expiring", "Sắp hết hiệu lực"
    ACCESS = "access", "Khai thác dữ liệu"
    MAINTENANCE = "maintenance", "Bảo trì dịch vụ"
    ALARM = "alarm", "Cảnh báo"


class NoticeSubject(models.TextChoices):
    """What a notice leads to."""

    CASE = "case", "Hồ sơ"
    DOCUMENT = "document", "Giấy tờ trong kho"
    PETITION = "petition", "Phản ánh, kiến nghị"
    EXCHANGE = "exchange", "Chia sẻ dữ liệu"
