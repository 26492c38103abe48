"""Vocabularies of official mail."""

from django.db import models


class BoxKind(models.TextChoices):
    """Whose a mailbox is (loại hộp thư)."""

    PERSON = "person", "Cá nhân"
    SHARED = "shared", "Dùng chung"


class BoxState(models.TextChoices):
    """How far a mailbox has lived (tình trạng hộp thư)."""

    OPEN = "open", "Đang dùng"
    CLOSED = "closed", "Đã đóng"
    ARCHIVED = "archived", "Đã lưu trữ, chờ xóa thư"
    REMOVED = "removed", "Đã xóa thư"


class SenderRule(models.TextChoices):
    """Who may write to a list (ai được gửi tới danh sách)."""

    MEMBERS = "members", "Người trong danh sách, văn thư, lãnh đạo"
    LEADERS = "leaders", "Lãnh đạo, văn thư của cơ quan"
    OFFICIALS = "officials", "Mọi hộp thư công vụ của tỉnh"
    ANYONE = "anyone", "Ai cũng được"


class ForwardState(models.TextChoices):
    """Where a wish to forward stands (tình trạng chuyển tiếp)."""

    ASKED = "asked", "Chờ duyệt"
    ACTIVE = "active", "Đang chuyển tiếp"
    REFUSED = "refused", "Không duyệt"
    ENDED = "ended", "Đã thôi"


class DifferenceKind(models.TextChoices):
    """What does not agree (loại khác biệt)."""

    BOX_MISSING = "box_missing", "Thiếu hộp thư"
    BOX_TOO_MANY = "box_too_many", "Hộp thư của người đã thôi giữ chức danh"
    ADDRESS = "address", "Địa chỉ của cơ quan cũ"
    NAME = "name", "Tên hiển thị"
    HOLDERS = "holders", "Người mở hộp thư"
    MEMBERS = "members", "Thành viên danh sách"
    LIST_MISSING = "list_missing", "Thiếu danh sách"
    LIST_TOO_MANY = "list_too_many", "Danh sách của đơn vị đã thôi hoạt động"
    SERVER_LACKS = "server_lacks", "Máy chủ thư không thấy hộp thư"
    SERVER_EXTRA = "server_extra", "Máy chủ thư có hộp thư lạ"
    SERVER_SILENT = "server_silent", "Không hỏi được máy chủ thư"
