"""Vocabularies of the data exchange."""

from django.db.models import TextChoices


class Connection(TextChoices):
    """Hệ thống kết nối với cổng trao đổi bằng cách nào."""

    NETWORK = "network", "Từ mạng nội bộ đã khai báo"
    TOKEN = "token", "Mã truy cập"
    CERTIFICATE = "certificate", "Chứng thư (mTLS)"


class ServiceKind(TextChoices):
    """Dịch vụ được mô tả bằng gì; the words of the wire."""

    REST = "REST", "REST"
    OPENAPI = "OPENAPI", "REST có mô tả OpenAPI"


class KeyUse(TextChoices):
    """Khóa dùng để làm gì."""

    SIGN = "sign", "Ký thông điệp của thành viên"
    SERVER = "server", "Kết nối giữa các máy chủ trao đổi"
    CLIENT = "client", "Kết nối của hệ thống thông tin"
    LOG = "log", "Ký niêm phong nhật ký"


class MessageKind(TextChoices):
    """Dòng nhật ký ghi chiều nào."""

    REQUEST = "request", "Yêu cầu"
    RESPONSE = "response", "Trả lời"


class Refusal(TextChoices):
    """Vì sao không được gọi; the last part of the error's type."""

    UNKNOWN_MEMBER = "UnknownMember", "Không có thành viên này"
    UNKNOWN_SERVICE = "UnknownService", "Không có dịch vụ này"
    ACCESS_DENIED = "AccessDenied", "Chưa được cấp quyền"
    QUOTA = "QuotaExceeded", "Đã hết hạn mức trong ngày"
