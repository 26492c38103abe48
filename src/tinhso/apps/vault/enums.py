"""Vocabularies of the vault."""

from django.db.models import TextChoices


class HolderKind(TextChoices):
    """Chủ giấy tờ: cá nhân hay tổ chức."""

    PERSON = "person", "Cá nhân"
    ORGANISATION = "organisation", "Tổ chức"


class Origin(TextChoices):
    """Giấy tờ vào kho từ đâu."""

    RESULT = "result", "Kết quả giải quyết"
    COMPONENT = "component", "Thành phần hồ sơ đã kiểm tra"


class Standing(TextChoices):
    """Giấy tờ còn đứng hay đã kết thúc; the passing of its date is not an act and is not stored."""

    HELD = "held", "Còn lưu hành"
    REPLACED = "replaced", "Đã được thay thế"
    REVOKED = "revoked", "Đã bị thu hồi"


class DocumentState(TextChoices):
    """Hiệu lực của giấy tờ vào một ngày."""

    VALID = "valid", "Còn hiệu lực"
    EXPIRED = "expired", "Hết hiệu lực"
    REPLACED = "replaced", "Đã được thay thế"
    REVOKED = "revoked", "Đã bị thu hồi"


class ExportStatus(TextChoices):
    """Gói tải về đang ở đâu."""

    WAITING = "waiting", "Đang chờ"
    MAKING = "making", "Đang đóng gói"
    READY = "ready", "Sẵn sàng tải"
    FAILED = "failed", "Không đóng gói được"
    REMOVED = "removed", "Đã xóa khỏi máy chủ"


class Purpose(TextChoices):
    """Vì sao cán bộ xem kho của một người; every reading names one."""

    COMPARE = "compare", "Đối chiếu giấy tờ trong hồ sơ đang giải quyết"
    SPARE = "spare", "Tìm giấy tờ đã có để người dân không phải nộp lại"
    APPRAISE = "appraise", "Thẩm định điều kiện giải quyết hồ sơ"
