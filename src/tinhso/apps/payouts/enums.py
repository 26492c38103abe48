"""Vocabularies of pay-outs."""

from django.db import models


class PayeeStatus(models.TextChoices):
    """Whether a payee is paid (tình trạng hưởng)."""

    ACTIVE = "active", "Đang hưởng"
    STOPPED = "stopped", "Thôi hưởng"


class RunStatus(models.TextChoices):
    """How far a month's list is (tình trạng kỳ chi trả)."""

    BUILDING = "building", "Đang lập danh sách"
    PAUSED = "paused", "Tạm dừng lập"
    READY = "ready", "Đã lập danh sách"


class BatchStatus(models.TextChoices):
    """How far a batch is (tình trạng đợt chi)."""

    SUBMITTED = "submitted", "Chờ kiểm tra"
    CHECKED = "checked", "Chờ duyệt"
    APPROVED = "approved", "Đã duyệt, chờ ngân hàng"
    ANSWERED = "answered", "Đã có kết quả"
    REFUSED = "refused", "Trả lại"


class LineStatus(models.TextChoices):
    """Where a payee's money of the month is (tình trạng dòng chi)."""

    PLANNED = "planned", "Chưa chi"
    IN_BATCH = "in_batch", "Trong đợt chờ duyệt"
    SENT = "sent", "Đã gửi ngân hàng"
    PAID = "paid", "Đã vào tài khoản"
    RETURNED = "returned", "Ngân hàng trả lại"
    CASH = "cash", "Chờ nhận tiền mặt"
    CASH_PAID = "cash_paid", "Đã nhận tiền mặt"
