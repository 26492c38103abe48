"""Vocabularies of keeping step with the national portal."""

from django.db.models import TextChoices


class ArrivalStatus(TextChoices):
    """Hồ sơ nộp trên Cổng Dịch vụ công quốc gia đã vào đây chưa."""

    SEEN = "seen", "Đang nhận"
    HELD = "held", "Chưa nhận được"
    TAKEN = "taken", "Đã thành hồ sơ"
    DISMISSED = "dismissed", "Không nhận, có lý do"


class DifferenceKind(TextChoices):
    """Hai bên khác nhau ở chỗ nào."""

    MISSING_THERE = "missing_there", "Cổng quốc gia chưa có hồ sơ này"
    MISSING_HERE = "missing_here", "Ở đây chưa có hồ sơ này"
    STATUS = "status", "Trạng thái khác nhau"
    DATES = "dates", "Ngày giờ khác nhau"


class DifferenceState(TextChoices):
    """Chỗ khác nhau đã được xử lý chưa."""

    OPEN = "open", "Chờ xử lý"
    MENDED = "mended", "Đã sửa, chờ lần đối soát sau xác nhận"
    EXPLAINED = "explained", "Giữ nguyên, có lý do"
    GONE = "gone", "Đã khớp"


class Mend(TextChoices):
    """Cách xử lý một chỗ khác nhau."""

    RESEND = "resend", "Gửi lại của mình"
    TAKE = "take", "Nhận của Cổng quốc gia"
    EXPLAIN = "explain", "Giữ nguyên"
