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
    UNDETERMINED = "undetermined", "Còn điều chưa kiểm tra được"
    UNSAFE = "unsafe", "Có thành phần tự thay đổi được"
    UNTRUSTED = "untrusted", "Chữ ký không được tin cậy"
    UNREADABLE = "unreadable", "Không đọc được tệp"


class ServiceKind(models.TextChoices):
    """Which interface a signing service speaks (loại dịch vụ ký số)."""

    PKCS12 = "pkcs12", "Tệp khóa PKCS#12 trên máy chủ"
    PKCS11 = "pkcs11", "Thiết bị HSM, USB token (PKCS#11)"
    SMARTCA = "smartca", "VNPT SmartCA"
    MYSIGN = "mysign", "Viettel MySign"
    CSC1 = "csc1", "Ký số từ xa theo CSC bản 1"
    CSC2 = "csc2", "Ký số từ xa theo CSC bản 2"
    PLUGIN = "plugin", "Phần mềm ký của Ban Cơ yếu trên máy người ký"


class AnswerState(models.TextChoices):
    """How far a request to sign is (trạng thái yêu cầu ký)."""

    WAITING = "waiting", "Chờ người ký xác nhận"
    SIGNED = "signed", "Đã ký"
    REFUSED = "refused", "Người ký từ chối"
    EXPIRED = "expired", "Hết thời gian xác nhận"
    FAILED = "failed", "Dịch vụ không ký được"


class RequestStatus(models.TextChoices):
    """How far one paper is with its signer (trạng thái ký của một văn bản)."""

    CHOSEN = "chosen", "Đã chọn nơi ký"
    PREPARED = "prepared", "Chuẩn bị gửi người ký"
    WAITING = "waiting", "Chờ người ký xác nhận"
    SIGNED = "signed", "Đã ký"
    REFUSED = "refused", "Người ký từ chối"
    EXPIRED = "expired", "Hết thời gian xác nhận"
    FAILED = "failed", "Không ký được"
    CANCELLED = "cancelled", "Đã thôi"


class LinkPurpose(models.TextChoices):
    """What a one-time link of the desktop plug-in is for (liên kết dùng một lần)."""

    FETCH = "fetch", "Tải văn bản về máy để ký"
    RETURN = "return", "Gửi lại văn bản đã ký"


class PaperLevel(models.IntegerChoices):
    """How long a signed paper proves itself (mức bằng chứng của chữ ký, PAdES)."""

    SIGNED = 0, "Đã ký, đóng dấu (B-B)"
    STAMPED = 1, "Có dấu thời gian (B-T)"
    EVIDENCED = 2, "Có bằng chứng chứng thư còn hiệu lực (B-LT)"
    ARCHIVED = 3, "Có dấu thời gian lưu trữ (B-LTA)"


OPEN_REQUESTS = (RequestStatus.CHOSEN, RequestStatus.PREPARED, RequestStatus.WAITING)
