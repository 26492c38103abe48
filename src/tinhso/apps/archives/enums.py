"""Vocabularies of the archive."""

from django.db import models


class ListStatus(models.TextChoices):
    """How far a submission list is (tình trạng danh mục hồ sơ nộp lưu)."""

    DRAFT = "draft", "Đang lập"
    SUBMITTED = "submitted", "Chờ duyệt"
    APPROVED = "approved", "Đã duyệt, đang đóng gói"
    READY = "ready", "Đã đóng gói, chờ tiếp nhận"
    ACCEPTED = "accepted", "Đã tiếp nhận vào lưu trữ"


class FileStatus(models.TextChoices):
    """How far one archival file is (tình trạng hồ sơ lưu trữ)."""

    LISTED = "listed", "Trong danh mục"
    PACKED = "packed", "Đã có gói nộp lưu"
    FAILED = "failed", "Chưa đóng gói được"
    ACCEPTED = "accepted", "Đã tiếp nhận, đang lập gói lưu trữ"
    KEPT = "kept", "Đã lưu trữ"


class Maintenance(models.TextChoices):
    """Thời hạn lưu trữ, by the codes of TT 05/2025/TT-BNV."""

    PERMANENT = "01", "Vĩnh viễn"
    YEARS_70 = "02", "70 năm"
    YEARS_50 = "03", "50 năm"
    YEARS_30 = "04", "30 năm"
    YEARS_20 = "05", "20 năm"
    YEARS_10 = "06", "10 năm"
    OTHER = "07", "Khác"


class AccessMode(models.TextChoices):
    """Chế độ sử dụng, by the codes of TT 05/2025/TT-BNV."""

    PUBLIC = "01", "Công khai"
    CONDITIONAL = "02", "Sử dụng có điều kiện"
    SECRET = "03", "Mật"
