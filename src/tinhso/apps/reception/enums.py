"""Vocabularies of reception."""

from django.db import models


class SlipStatus(models.TextChoices):
    """What became of an offline slip (tình trạng phiếu tiếp nhận tạm)."""

    STORED = "stored", "Đã về máy chủ"
    CONFLICT = "conflict", "Cần cán bộ quyết định"
    CASE = "case", "Đã thành hồ sơ"
    LINKED = "linked", "Thuộc hồ sơ đã có"
    VOID = "void", "Đã hủy"


class ConflictKind(models.TextChoices):
    """Why a slip does not become a case by itself (lý do chưa vào được)."""

    PROCEDURE_CHANGED = "procedure_changed", "Thủ tục đã có bản mới"
    PROCEDURE_ENDED = "procedure_ended", "Thủ tục không còn hiệu lực"
    DUPLICATE = "duplicate", "Trùng người và thủ tục trong ngày"
    RIGHTS_GONE = "rights_gone", "Người tiếp nhận không còn quyền"
    CLOCK_DOUBTED = "clock_doubted", "Giờ trên phiếu không tin được"
    TOO_OLD = "too_old", "Đồng bộ quá muộn"
    CONTENT = "content", "Nội dung còn thiếu hoặc sai"


class SlipChoice(models.TextChoices):
    """What an officer decides on a slip in conflict (cách xử lý)."""

    RECEIVE = "receive", "Tiếp nhận theo giờ trên phiếu"
    RECEIVE_NOW = "receive_now", "Tiếp nhận theo giờ đồng bộ"
    LINK = "link", "Nhập vào hồ sơ đã có"
    VOID = "void", "Hủy phiếu"


class TicketSource(models.TextChoices):
    """How a ticket was taken (nguồn lấy số)."""

    KIOSK = "kiosk", "Máy lấy số"
    ONLINE = "online", "Đặt lịch trực tuyến"


class TicketStatus(models.TextChoices):
    """Where a ticket stands (tình trạng số thứ tự)."""

    WAITING = "waiting", "Đang chờ"
    CALLED = "called", "Đang gọi"
    SERVING = "serving", "Đang phục vụ"
    DONE = "done", "Đã xong"
    ABSENT = "absent", "Không có mặt"
    CANCELLED = "cancelled", "Đã hủy"


class ParcelDirection(models.TextChoices):
    """Which way a parcel goes (chiều bưu gửi)."""

    IN = "in", "Gửi đến"
    OUT = "out", "Gửi đi"
