"""Vocabularies of a case."""

from django.db.models import TextChoices


class CaseStatus(TextChoices):
    """Trạng thái nội bộ của hồ sơ. One table maps it to the ten national codes, another to the words people see."""

    DRAFT = "draft", "Đang soạn"
    SUBMITTED = "submitted", "Chờ tiếp nhận"
    INTAKE_SUPPLEMENT = "intake_supplement", "Chờ bổ sung trước khi tiếp nhận"
    RECEIVED = "received", "Đã tiếp nhận"
    PROCESSING = "processing", "Đang xử lý"
    SUPPLEMENT = "supplement", "Chờ bổ sung"
    FINANCIAL_DUTY = "financial_duty", "Chờ nghĩa vụ tài chính"
    RESOLVED = "resolved", "Đã có kết quả"
    DELIVERED = "delivered", "Đã trả"
    INTAKE_REFUSED = "intake_refused", "Từ chối tiếp nhận"
    WITHDRAWN = "withdrawn", "Đã rút"
    STOPPED = "stopped", "Dừng"


class PublicState(TextChoices):
    """Trạng thái hiển thị cho người dân: few words, never the fine states."""

    DRAFT = "draft", "Đang soạn"
    WAITING = "waiting", "Chờ tiếp nhận"
    PROCESSING = "processing", "Đang xử lý"
    SUPPLEMENT = "supplement", "Chờ bổ sung"
    FEE = "fee", "Chờ nộp phí"
    READY = "ready", "Đã có kết quả"
    DELIVERED = "delivered", "Đã trả"
    REFUSED = "refused", "Từ chối"
    WITHDRAWN = "withdrawn", "Đã rút"
    STOPPED = "stopped", "Dừng"


PUBLIC_STATE: dict[str, PublicState] = {
    CaseStatus.DRAFT: PublicState.DRAFT,
    CaseStatus.SUBMITTED: PublicState.WAITING,
    CaseStatus.INTAKE_SUPPLEMENT: PublicState.SUPPLEMENT,
    CaseStatus.RECEIVED: PublicState.PROCESSING,
    CaseStatus.PROCESSING: PublicState.PROCESSING,
    CaseStatus.SUPPLEMENT: PublicState.SUPPLEMENT,
    CaseStatus.FINANCIAL_DUTY: PublicState.FEE,
    CaseStatus.RESOLVED: PublicState.READY,
    CaseStatus.DELIVERED: PublicState.DELIVERED,
    CaseStatus.INTAKE_REFUSED: PublicState.REFUSED,
    CaseStatus.WITHDRAWN: PublicState.WITHDRAWN,
    CaseStatus.STOPPED: PublicState.STOPPED,
}

# TrangThaiHoSo of the national portal (Cổng Dịch vụ công quốc gia), codes 1 to 10. A draft is not told to the nation.
NATIONAL_STATUS: dict[str, int] = {
    CaseStatus.SUBMITTED: 1,
    CaseStatus.INTAKE_SUPPLEMENT: 5,
    CaseStatus.RECEIVED: 2,
    CaseStatus.INTAKE_REFUSED: 3,
    CaseStatus.PROCESSING: 4,
    CaseStatus.SUPPLEMENT: 5,
    CaseStatus.FINANCIAL_DUTY: 6,
    CaseStatus.WITHDRAWN: 7,
    CaseStatus.STOPPED: 8,
    CaseStatus.RESOLVED: 9,
    CaseStatus.DELIVERED: 10,
}

# The clock of these runs, or would run if it were not paused.
OPEN_STATUSES = (CaseStatus.RECEIVED, CaseStatus.PROCESSING, CaseStatus.SUPPLEMENT, CaseStatus.FINANCIAL_DUTY)
INTAKE_STATUSES = (CaseStatus.SUBMITTED, CaseStatus.INTAKE_SUPPLEMENT)
AWAITING_APPLICANT = (CaseStatus.INTAKE_SUPPLEMENT, CaseStatus.SUPPLEMENT)


class Channel(TextChoices):
    """Kênh nộp hồ sơ."""

    ONLINE = "online", "Nộp trực tuyến"
    COUNTER = "counter", "Nộp tại quầy"
    POSTAL = "postal", "Nộp qua bưu chính"
    NATIONAL_PORTAL = "national_portal", "Nộp trên Cổng Dịch vụ công quốc gia"
    KIOSK = "kiosk", "Nộp tại ki-ốt"
    API = "api", "Nộp qua hệ thống kết nối"


class ApplicantKind(TextChoices):
    """Loại người nộp."""

    PERSON = "person", "Cá nhân"
    ORGANISATION = "organisation", "Tổ chức, doanh nghiệp"


class Presence(TextChoices):
    """Thành phần hồ sơ có từ đâu."""

    UPLOADED = "uploaded", "Tệp đính kèm"
    PAPER = "paper", "Bản giấy nhận tại quầy"
    SHOWN = "shown", "Đã xuất trình"
    DATABASE = "database", "Lấy từ cơ sở dữ liệu"
    DECLARED = "declared", "Kê khai trong biểu mẫu"


class SupplementStage(TextChoices):
    """Giai đoạn yêu cầu bổ sung: trước khi tiếp nhận hay khi thẩm định."""

    INTAKE = "intake", "Trước khi tiếp nhận"
    APPRAISAL = "appraisal", "Khi thẩm định"


class StepOutcome(TextChoices):
    """Kết thúc của một bước."""

    FORWARDED = "forwarded", "Chuyển bước sau"
    RETURNED = "returned", "Trả lại bước trước"
    PROPOSED = "proposed", "Trình dự thảo"
    APPROVED = "approved", "Đã duyệt, ký"
    ISSUED = "issued", "Đã phát hành"
    DELIVERED = "delivered", "Đã trả kết quả"
    CLOSED = "closed", "Kết thúc do hồ sơ dừng"


class ResultOutcome(TextChoices):
    """Nội dung kết quả."""

    GRANT = "grant", "Chấp thuận"
    REFUSE = "refuse", "Từ chối giải quyết"


class ResultStatus(TextChoices):
    """Tình trạng văn bản kết quả."""

    PROPOSED = "proposed", "Dự thảo"
    APPROVED = "approved", "Đã duyệt, đang ký số"
    SIGNED = "signed", "Đã ký số và đóng dấu"
    FAILED = "failed", "Ký số chưa thành công"
    CANCELLED = "cancelled", "Đã hủy"


class PaperKind(TextChoices):
    """Loại giấy gửi người nộp."""

    ACKNOWLEDGEMENT = "acknowledgement", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"
    SUPPLEMENT_REQUEST = "supplement_request", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"
    INTAKE_REFUSAL = "intake_refusal", "Phiếu từ chối tiếp nhận giải quyết hồ sơ"
    WITHDRAWAL_NOTICE = "withdrawal_notice", "Thông báo dừng giải quyết hồ sơ"
    RESULT = "result", "Kết quả giải quyết"


class Satisfaction(TextChoices):
    """Mức độ hài lòng."""

    VERY_SATISFIED = "very_satisfied", "Rất hài lòng"
    SATISFIED = "satisfied", "Hài lòng"
    DISSATISFIED = "dissatisfied", "Không hài lòng"
