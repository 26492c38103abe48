"""Vocabularies of subscriptions."""

from django.db.models import TextChoices


class SubscriptionStatus(TextChoices):
    """Đăng ký đang ở trạng thái nào."""

    ACTIVE = "active", "Đang gửi"
    PAUSED = "paused", "Tạm dừng"
    ENDED = "ended", "Đã kết thúc"


class Sink(TextChoices):
    """Sự kiện được gửi đến đâu."""

    WEBHOOK = "webhook", "Địa chỉ HTTP của hệ thống nhận"
    JETSTREAM = "jetstream", "NATS JetStream của tỉnh"
