"""Vocabularies of the data exchange."""

from django.db.models import TextChoices


class Connection(TextChoices):
    """Hệ thống kết nối với cổng trao đổi bằng cách nào."""

    NETWORK = "network", "Từ mạng nội bộ đã khai báo"
    TOKEN = "token", "Mã truy cập"
    CERTIFICATE = "certificate", "Chứng thư (mTLS)"
    SERVER = "server", "Qua máy chủ trao đổi của tổ chức khác"


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
    EVENTS = "events", "Ký sự kiện gửi đến hệ thống khác"


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


class SourceKind(TextChoices):
    """Hỏi nguồn dữ liệu để làm gì: compare what is declared, or learn what is held."""

    VERIFY = "verify", "Xác thực: nguồn chỉ trả lời khớp hay không khớp"
    LOOK_UP = "look_up", "Tra cứu: nguồn trả lời dữ liệu"


class SubjectOf(TextChoices):
    """Hỏi về ai."""

    PERSON = "person", "Cá nhân"
    ORGANISATION = "organisation", "Tổ chức, hộ kinh doanh"


class SubjectAt(TextChoices):
    """Số định danh của người được hỏi nằm ở đâu trong câu hỏi."""

    PATH = "path", "Địa chỉ"
    QUERY = "query", "Tham số"
    HEADER = "header", "Tiêu đề"
    BODY = "body", "Nội dung JSON"
    XML = "xml", "Nội dung XML"


class Outcome(TextChoices):
    """Nguồn dữ liệu đã trả lời thế nào."""

    ASKED = "asked", "Chưa có trả lời"
    FOUND = "found", "Có dữ liệu"
    NOT_FOUND = "not_found", "Nguồn không có dữ liệu khớp"
    MATCH = "match", "Khớp"
    MISMATCH = "mismatch", "Không khớp"
    FAILED = "failed", "Nguồn không trả lời được"
    UNANSWERED = "unanswered", "Không trả lời"


class Dialect(TextChoices):
    """Nguồn nói giao thức nào."""

    JSON = "json", "JSON"
    POPULATION = "population", "SOAP của Cơ sở dữ liệu quốc gia về dân cư"


class LookupPurpose(TextChoices):
    """Mục đích cán bộ hỏi dữ liệu; stands in the log and on the page of whom it concerns."""

    CHECK = "check", "Đối chiếu nội dung khai trong hồ sơ"
    CONDITION = "condition", "Kiểm tra điều kiện giải quyết hồ sơ"
    INSTEAD = "instead", "Thay giấy tờ mà người dân không phải nộp"


class OutboxStatus(TextChoices):
    """Thông điệp gửi đi đang ở đâu."""

    WAITING = "waiting", "Chờ gửi"
    SENDING = "sending", "Đang gửi"
    DELIVERED = "delivered", "Đã gửi"
    DEAD = "dead", "Không gửi được"
    SKIPPED = "skipped", "Đã bỏ qua"


class RequestKind(TextChoices):
    """Đề nghị khai thác thuộc loại nào (công văn 4856/BCA-TTDLQG)."""

    AUTOMATIC = "automatic", "Tự động (danh mục chia sẻ bắt buộc)"
    ON_DEMAND = "on_demand", "Theo yêu cầu"
    SPECIAL = "special", "Đặc thù (dữ liệu chi tiết đã ẩn danh)"


class RequestStatus(TextChoices):
    """Đề nghị khai thác đang ở đâu."""

    SUBMITTED = "submitted", "Chờ quyết định"
    APPROVED = "approved", "Đã chấp thuận"
    REFUSED = "refused", "Không chấp thuận"
    WITHDRAWN = "withdrawn", "Đã rút"


class Grain(TextChoices):
    """Lưu lượng đếm theo khoảng nào."""

    SLOT = "slot", "Năm phút"
    HOUR = "hour", "Giờ"
    DAY = "day", "Ngày"


class AlarmKind(TextChoices):
    """Cảnh báo về điều gì."""

    ERRORS = "errors", "Nhiều lượt lỗi"
    LATENCY = "latency", "Trả lời chậm"
    DEAD = "dead", "Dịch vụ không trả lời"
    CERTIFICATE = "certificate", "Chứng thư sắp hết hạn"
    UNSEALED = "unsealed", "Nhật ký chậm niêm phong"
    UNSTAMPED = "unstamped", "Niêm phong chậm có dấu thời gian"
    QUOTA = "quota", "Sắp hết hạn mức"
    CONTRACT = "contract", "Trả lời khác mô tả"


class PacketKind(TextChoices):
    """Gói trên trục liên thông văn bản là gì; the words of the wire."""

    DOCUMENT = "edoc", "Văn bản"
    STATUS = "status", "Trạng thái văn bản"


class PacketTransport(TextChoices):
    """Việc lấy gói đến đâu. Says nothing of the document: what became of it travels as packets of its own."""

    WAITING = "initial", "Chờ lấy"
    FETCHING = "processing", "Đang lấy"
    DONE = "done", "Đã lấy"
    FAILED = "fail", "Lấy không thành"
