"""Vocabularies of notices."""

from enum import StrEnum

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
    PAYMENT = "payment", "Khoản phải nộp"


class NoticeSubject(models.TextChoices):
    """What a notice leads to."""

    CASE = "case", "Hồ sơ"
    DOCUMENT = "document", "Giấy tờ trong kho"
    PETITION = "petition", "Phản ánh, kiến nghị"
    EXCHANGE = "exchange", "Chia sẻ dữ liệu"
    BILL = "bill", "Khoản phải nộp"


class Channel(models.TextChoices):
    """By which way a person is told outside the portal (kênh nhận thông báo)."""

    ZALO = "zalo", "Zalo"
    EMAIL = "email", "Thư điện tử"
    SMS = "sms", "Tin nhắn SMS"
    PUSH = "push", "Trình duyệt"


class DeliveryState(models.TextChoices):
    """How far one message to one person by one channel is (trạng thái gửi)."""

    QUEUED = "queued", "Chờ gửi"
    SENDING = "sending", "Đang gửi"
    SENT = "sent", "Đã gửi"
    DELIVERED = "delivered", "Đã đến máy người nhận"
    FAILED = "failed", "Không gửi được"
    EXPIRED = "expired", "Quá hạn gửi"
    SKIPPED = "skipped", "Không gửi"


class Topic(models.TextChoices):
    """What notices are about, as a person chooses (nội dung thông báo)."""

    CASES = "cases", "Hồ sơ cần việc của tôi, có kết quả"
    PROGRESS = "progress", "Diễn biến hồ sơ"
    DOCUMENTS = "documents", "Giấy tờ sắp hết hiệu lực"
    PETITIONS = "petitions", "Phản ánh, kiến nghị"
    BILLS = "bills", "Học phí, viện phí phải nộp"
    WORK = "work", "Công việc được giao"


class ReportKind(models.TextChoices):
    """What a provider reports of a message it took (báo cáo gửi)."""

    DELIVERED = "delivered", "Đã đến máy"
    FAILED = "failed", "Không đến được"
    EXPIRED = "expired", "Quá hạn"


class ChatState(models.TextChoices):
    """How far an answer in the chat is (trạng thái trả lời)."""

    QUEUED = "queued", "Chờ gửi"
    SENT = "sent", "Đã gửi"
    FAILED = "failed", "Không gửi được"


class Intent(StrEnum):
    """What somebody who writes in the chat wishes (ý định)."""

    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    LOOK = "look"
    LINK = "link"
    MINE = "mine"
    PAPERS = "papers"
    HELP = "help"
