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
# Cases that hear when a document they use ends: filed, and their result not yet in hand.
VAULT_WATCHED = (*INTAKE_STATUSES, *OPEN_STATUSES, CaseStatus.RESOLVED)
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
    VAULT = "vault", "Lấy từ kho giấy tờ"


class Reuse(TextChoices):
    """Thành phần hồ sơ được tái sử dụng từ đâu (TRANGTHAISOHOA 2, 3)."""

    NONE = "", "Không tái sử dụng"
    COMPONENT = "component", "Tái sử dụng thành phần hồ sơ trước"
    RESULT = "result", "Tái sử dụng kết quả hồ sơ khác"


class SourceSettlement(TextChoices):
    """Giấy tờ nguồn đã bị thay thế, thu hồi thì xử lý thế nào."""

    REPLACED = "replaced", "Đã thay bằng giấy tờ mới"
    CONFIRMED = "confirmed", "Xác nhận vẫn dùng được"


class ScanPurpose(TextChoices):
    """Quét để làm gì."""

    COMPONENT = "component", "Số hóa thành phần hồ sơ"
    COPY = "copy", "Chứng thực bản sao điện tử"


class ScanStatus(TextChoices):
    """Lượt số hóa đang ở đâu."""

    TAKEN = "taken", "Đã nhận trang quét, đang kiểm tra"
    CHECKED = "checked", "Đã kiểm tra, chờ xác nhận"
    CONFIRMED = "confirmed", "Đã xác nhận, đang lập bản số hóa"
    DONE = "done", "Đã số hóa"
    DISCARDED = "discarded", "Đã bỏ, quét lại"


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
    TRANSFERRED = "transferred", "Chuyển cơ quan khác"


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
    REPLACED = "replaced", "Đã thay bằng bản đính chính"
    REVOKED = "revoked", "Đã hủy bỏ, thu hồi"


class PaperKind(TextChoices):
    """Loại giấy gửi người nộp."""

    ACKNOWLEDGEMENT = "acknowledgement", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"
    SUPPLEMENT_REQUEST = "supplement_request", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"
    INTAKE_REFUSAL = "intake_refusal", "Phiếu từ chối tiếp nhận giải quyết hồ sơ"
    EXTENSION_APOLOGY = "extension_apology", "Phiếu xin lỗi và hẹn lại ngày trả kết quả"
    WITHDRAWAL_NOTICE = "withdrawal_notice", "Thông báo dừng giải quyết hồ sơ"
    REVOCATION_DECISION = "revocation_decision", "Quyết định hủy bỏ, thu hồi kết quả"
    RESULT_EXTRACT = "result_extract", "Trích lục, bản sao từ sổ gốc"
    RESULT_DUPLICATE = "result_duplicate", "Bản cấp lại"
    RESULT = "result", "Kết quả giải quyết"


class ExtractKind(TextChoices):
    """Loại bản cấp từ sổ kết quả."""

    EXTRACT = "extract", "Trích lục, bản sao từ sổ gốc"
    DUPLICATE = "duplicate", "Cấp lại bản bị mất, hỏng"


class ExtractStatus(TextChoices):
    """Tình trạng đề nghị trích lục, cấp lại."""

    REQUESTED = "requested", "Chờ duyệt"
    APPROVED = "approved", "Đã duyệt"
    DECLINED = "declined", "Không cấp"


class Satisfaction(TextChoices):
    """Mức độ hài lòng."""

    VERY_SATISFIED = "very_satisfied", "Rất hài lòng"
    SATISFIED = "satisfied", "Hài lòng"
    DISSATISFIED = "dissatisfied", "Không hài lòng"


class ServiceFault(TextChoices):
    """Điều chưa hài lòng."""

    ATTITUDE = "attitude", "Thái độ phục vụ"
    TIME = "time", "Thời gian giải quyết"
    PAPERS = "papers", "Giấy tờ phải nộp"
    GUIDANCE = "guidance", "Hướng dẫn, công khai thông tin"
    FEES = "fees", "Phí, lệ phí, khoản thu khác"
    SYSTEM = "system", "Cổng trực tuyến, thiết bị"
    RESULT = "result", "Nội dung kết quả"


class FeeEffect(TextChoices):
    """Phí, lệ phí ra sao khi hồ sơ kết thúc hoặc mở lại."""

    NONE = "none", "Không phát sinh phí, lệ phí"
    KEPT = "kept", "Không hoàn phí, lệ phí đã nộp"
    REFUND = "refund", "Hoàn phí, lệ phí đã nộp"
    AGAIN = "again", "Không thu lại phí, lệ phí"


class ClockAfter(TextChoices):
    """Thời hạn tính thế nào khi mở lại hồ sơ."""

    RESUME = "resume", "Tính tiếp phần còn lại"
    RESTART = "restart", "Tính lại từ đầu"


class TransferKind(TextChoices):
    """Vì sao chuyển hồ sơ sang cơ quan khác."""

    FILED_ELSEWHERE = "filed_elsewhere", "Nộp tại nơi khác trong tỉnh"
    WRONG_UNIT = "wrong_unit", "Không thuộc thẩm quyền của cơ quan đang giữ"
    REORGANISATION = "reorganisation", "Sắp xếp lại tổ chức"


class PauseReason(TextChoices):
    """Vì sao thời hạn không chạy."""

    SUPPLEMENT = "supplement", "Chờ bổ sung hồ sơ"
    FINANCIAL_DUTY = "financial_duty", "Chờ thực hiện nghĩa vụ tài chính"
    POSTING = "posting", "Niêm yết, công khai"
    OPINION = "opinion", "Lấy ý kiến cơ quan khác theo luật định"
    INCIDENT = "incident", "Sự cố hệ thống"
    CONFIRMATION = "confirmation", "Chờ người dân xác nhận"


class LateCause(TextChoices):
    """Quá hạn vì đâu, khi có bằng chứng rằng không phải vì người xử lý."""

    OUTAGE = "outage", "Quá hạn do hệ thống ngừng"
    LAG = "lag", "Quá hạn do đồng bộ chậm"


class Area(TextChoices):
    """Địa bàn làm thay đổi thời hạn."""

    ORDINARY = "", "Địa bàn thông thường"
    MOUNTAIN = "mountain", "Xã miền núi, biên giới, hải đảo, vùng khó khăn"


class ConsultationStatus(TextChoices):
    """Tình trạng một lần lấy ý kiến."""

    OPEN = "open", "Chờ ý kiến"
    ANSWERED = "answered", "Đã có ý kiến"
    SILENT = "silent", "Hết hạn, không có ý kiến"
    CANCELLED = "cancelled", "Đã thôi hỏi"


class SilenceRule(TextChoices):
    """Quá hạn mà không trả lời thì sao."""

    CONSENT = "consent", "Coi như đồng ý"
    NONE = "none", "Vẫn phải chờ"


class Opinion(TextChoices):
    """Nội dung ý kiến."""

    AGREE = "agree", "Đồng ý"
    CONDITIONAL = "conditional", "Đồng ý có điều kiện"
    DISAGREE = "disagree", "Không đồng ý"


class LegStatus(TextChoices):
    """Tình trạng một bước liên thông."""

    WAITING = "waiting", "Chờ bước trước"
    READY = "ready", "Sẵn sàng chuyển"
    SENT = "sent", "Đã chuyển, chờ cơ quan nhận"
    RUNNING = "running", "Đang giải quyết"
    DONE = "done", "Đã có kết quả"
    REFUSED = "refused", "Không được giải quyết"
    STOPPED = "stopped", "Dừng"
    SKIPPED = "skipped", "Không thực hiện"


class AssignmentStrategy(TextChoices):
    """Cách giao việc trong tổ."""

    MANUAL = "manual", "Trưởng nhóm phân công"
    LEAST_LOADED = "least_loaded", "Giao cho người ít việc nhất"
    ROUND_ROBIN = "round_robin", "Giao lần lượt"


class MessageSide(TextChoices):
    """Ai viết."""

    APPLICANT = "applicant", "Người nộp"
    OFFICE = "office", "Cơ quan"


class ReminderKind(TextChoices):
    """Nhắc việc gì."""

    DUE_SOON = "due_soon", "Sắp đến hạn"
    OVERDUE = "overdue", "Đã quá hạn"
    LAST_DAY = "last_day", "Ngày cuối của thời hạn"
    STEP_OVERDUE = "step_overdue", "Bước xử lý quá hạn"
    ESCALATED = "escalated", "Báo trưởng bộ phận"
    ESCALATED_TOP = "escalated_top", "Báo lãnh đạo cơ quan"
    MESSAGE = "message", "Người nộp nhắn"


class AssignmentReason(TextChoices):
    """Vì sao việc về tay người ấy."""

    ASSIGNED = "assigned", "Phân công"
    CLAIMED = "claimed", "Tự nhận việc"
    STOOD_IN = "stood_in", "Nhận thay người vắng"
    RELEASED = "released", "Trả lại cho đơn vị"
    BY_RULE = "by_rule", "Giao tự động theo quy tắc của tổ"


class ReadyPurpose(TextChoices):
    """Câu soạn sẵn dùng ở việc nào."""

    SUPPLEMENT = "supplement", "Yêu cầu bổ sung"
    REFUSAL = "refusal", "Từ chối"
    RETURN = "return", "Trả lại để làm lại"
    STOP = "stop", "Dừng, tạm dừng giải quyết"
    EXTENSION = "extension", "Xin lỗi, hẹn lại"
    MESSAGE = "message", "Trả lời người nộp"


class LabelTone(TextChoices):
    """Màu của nhãn."""

    NEUTRAL = "neutral", "Xám"
    INFO = "info", "Xanh"
    OK = "ok", "Lục"
    SOON = "soon", "Cam"
    LATE = "late", "Đỏ"


class MoveStatus(TextChoices):
    """Tình trạng một đề nghị chuyển phiên bản."""

    PROPOSED = "proposed", "Chờ duyệt"
    APPROVED = "approved", "Đã duyệt, đang chuyển"
    DONE = "done", "Đã chuyển"
    REJECTED = "rejected", "Không duyệt"
