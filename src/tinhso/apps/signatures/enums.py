"""Vocabularies of digital signatures."""

from django.db import models


class OwnerKind(models.TextChoices):
    """Whose key it is (chủ thể chứng thư)."""

    PERSON = "person", "Cá nhân có thẩm quyền"
    AGENCY = "agency", "Cơ quan, tổ chức"


class VerdictOutcome(models.TextChoices):
    """What checking a file came to (kết quả kiểm tra văn bản)."""

    ACCEPTED = "accepted", "Chữ ký hợp lệ"
    UNSIGNED = "unsigned", "Không có chữ ký số"
    CHANGED = "changed", "Đã bị thay đổi sau khi ký"
    UNTRUSTED = "untrusted", "Chữ ký không được tin cậy"
    UNREADABLE = "unreadable", "Không đọc được tệp"
