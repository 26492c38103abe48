"""Vocabularies of the catalogue."""

from django.db.models import TextChoices


class Level(TextChoices):
    """Cấp thực hiện thủ tục."""

    MINISTRY = "ministry", "Cấp bộ"
    PROVINCE = "province", "Cấp tỉnh"
    COMMUNE = "commune", "Cấp xã"
    OTHER = "other", "Cơ quan khác"


class Source(TextChoices):
    """Nguồn của một phiên bản; nguồn đứng sau không thay được nguồn đứng trước."""

    PACKAGE = "package", "Gói thủ tục của tỉnh"
    CURATED = "curated", "Danh mục đi kèm phần mềm"
    NATIONAL = "national", "Cơ sở dữ liệu quốc gia về thủ tục hành chính"


SOURCE_RANK: dict[str, int] = {Source.PACKAGE: 3, Source.CURATED: 2, Source.NATIONAL: 1}


class OnlineService(TextChoices):
    """Mức cung cấp dịch vụ công trực tuyến."""

    FULL = "full", "Toàn trình"
    PARTIAL = "partial", "Một phần"
    NONE = "none", "Chưa cung cấp"


class Subject(TextChoices):
    """Đối tượng thực hiện."""

    CITIZEN = "citizen", "Công dân Việt Nam"
    OVERSEAS = "overseas", "Người Việt Nam định cư ở nước ngoài"
    FOREIGNER = "foreigner", "Người nước ngoài"
    ENTERPRISE = "enterprise", "Doanh nghiệp"
    FOREIGN_ENTERPRISE = "foreign_enterprise", "Doanh nghiệp có vốn đầu tư nước ngoài"
    COOPERATIVE = "cooperative", "Hợp tác xã"
    HOUSEHOLD_BUSINESS = "household_business", "Hộ kinh doanh"
    ORGANISATION = "organisation", "Tổ chức (không gồm doanh nghiệp, hợp tác xã)"
    FOREIGN_ORGANISATION = "foreign_organisation", "Tổ chức nước ngoài"
    OFFICIAL = "official", "Cán bộ, công chức, viên chức"
    PARTY = "party", "Đảng viên, tổ chức Đảng"


class DocumentMode(TextChoices):
    """Cách cung cấp thành phần hồ sơ."""

    SUBMIT = "submit", "Nộp"
    PRESENT = "present", "Xuất trình"
    DECLARE = "declare", "Kê khai"
    GENERATED = "generated", "Hệ thống tạo"


class NoScan(TextChoices):
    """Giấy tờ nộp mà không được số hóa (TT 03/2025/TT-VPCP Điều 5)."""

    NONE = "", "Phải số hóa"
    SECRET = "secret", "Tài liệu chứa bí mật nhà nước"
    INTERNAL = "internal", "Giấy tờ xác minh nội bộ"


class Outcome(TextChoices):
    """Kết quả đề xuất."""

    GRANT = "grant", "Chấp thuận"
    REFUSE = "refuse", "Từ chối"


class AfterSupplement(TextChoices):
    """Thời hạn sau khi bổ sung hồ sơ."""

    RESUME = "resume", "Tính tiếp phần còn lại"
    RESTART = "restart", "Tính lại từ đầu"


class FeeKind(TextChoices):
    """Loại khoản thu."""

    FEE = "fee", "Phí"
    CHARGE = "charge", "Lệ phí"


class FeeTime(TextChoices):
    """Thời điểm thu."""

    AT_RECEPTION = "at_reception", "Khi tiếp nhận hồ sơ"
    BEFORE_RESULT = "before_result", "Trước khi trả kết quả"


class StepKind(TextChoices):
    """Loại bước trong quy trình nội bộ."""

    RECEPTION = "reception", "Tiếp nhận, số hóa hồ sơ"
    ASSIGNMENT = "assignment", "Phân công xử lý"
    APPRAISAL = "appraisal", "Thẩm định, dự thảo kết quả"
    EXAMINATION = "examination", "Thẩm tra, đề xuất"
    CONSULTATION = "consultation", "Lấy ý kiến"
    REVIEW = "review", "Duyệt dự thảo"
    APPROVAL = "approval", "Phê duyệt, ký"
    SUBMISSION = "submission", "Ký trình cấp có thẩm quyền"
    DISPATCH = "dispatch", "Phát hành, chuyển cơ quan khác"
    ISSUE = "issue", "Phát hành"
    DELIVERY = "delivery", "Trả kết quả"


class StepUnit(TextChoices):
    """Nơi thực hiện bước: theo quan hệ với đơn vị có thẩm quyền của hồ sơ, hoặc chỉ đích danh."""

    ONE_STOP = "one_stop", "Bộ phận Một cửa"
    DIVISION = "division", "Phòng chuyên môn"
    RESOLVING = "resolving", "Cơ quan giải quyết"
    DEPARTMENT = "department", "Sở, ban, ngành"
    PROVINCE_OFFICE = "province_office", "Văn phòng Ủy ban nhân dân tỉnh"
    PROVINCE = "province", "Ủy ban nhân dân tỉnh"
    COMMUNE_OF = "commune_of", "Ủy ban nhân dân xã nơi có địa chỉ"


class Silence(TextChoices):
    """Cơ quan được hỏi ý kiến không trả lời đúng hạn thì sao."""

    CONSENT = "consent", "Coi như đồng ý"
    NONE = "none", "Vẫn phải chờ"


class Asked(TextChoices):
    """Khi nào quy trình hỏi ý kiến."""

    ON_ENTRY = "on_entry", "Ngay khi hồ sơ đến bước"
    WHEN_NEEDED = "when_needed", "Khi người thụ lý thấy cần"


class ImportStatus(TextChoices):
    """Trạng thái một lần nhập danh mục."""

    READING = "reading", "Đang đọc tệp"
    FAILED = "failed", "Không đọc được"
    UNCHANGED = "unchanged", "Không có gì khác"
    DRAFT = "draft", "Chờ duyệt"
    APPROVED = "approved", "Đã duyệt"
    PUBLISHING = "publishing", "Đang công bố"
    APPLIED = "applied", "Đã công bố"

    @property
    def is_running(self) -> bool:
        """Whether the background work is at it."""
        return self in {ImportStatus.READING, ImportStatus.PUBLISHING}


# Of an import that nobody has approved.
UNAPPROVED = (ImportStatus.READING, ImportStatus.FAILED, ImportStatus.UNCHANGED, ImportStatus.DRAFT)


class ChangeKind(TextChoices):
    """Khác biệt của một thủ tục so với bản đang công bố."""

    NEW = "new", "Mới"
    CHANGED = "changed", "Thay đổi"
    UNCHANGED = "unchanged", "Không đổi"
    KEPT = "kept", "Giữ bản của tỉnh"
    REJECTED = "rejected", "Không nhập được"
    MISSING = "missing", "Không còn trong tệp"


class DataProblem(TextChoices):
    """Loại lỗi dữ liệu của Cơ sở dữ liệu quốc gia về thủ tục hành chính."""

    CODE = "code", "Mã thủ tục không đúng mẫu hoặc lặp lại"
    NAME = "name", "Thiếu tên thủ tục"
    FIELD = "field", "Thiếu lĩnh vực"
    TEST_RECORD = "test_record", "Bản ghi thử nghiệm của cổng"
    LEVEL = "level", "Thiếu cấp thực hiện"
    DECISION = "decision", "Số quyết định công bố thiếu hoặc không đúng mẫu"
    SUBJECT = "subject", "Đối tượng thực hiện không có trong danh mục"
    LIMIT_UNIT = "limit_unit", "Thời hạn thiếu đơn vị"
    LIMIT_ABSENT = "limit_absent", "Không có thời hạn"
    LIMIT_VALUE = "limit_value", "Thời hạn không hợp lệ"
    LIMITS_DIFFER = "limits_differ", "Thời hạn khác nhau giữa các hình thức nộp"
    FEE_TOO_SMALL = "fee_too_small", "Mức thu nhỏ bất thường (có thể thiếu ba số không)"
    FEE_THOUSANDS = "fee_thousands", "Mức thu thiếu ba số không, đã sửa theo ghi chú"
    FEE_CURRENCY = "fee_currency", "Mức thu bằng ngoại tệ ghi như tiền đồng"
    FEE_ZERO_BUT_NOTED = "fee_zero_but_noted", "Ghi 0 đồng nhưng ghi chú nói có thu"
    DOCUMENT_IS_NOTE = "document_is_note", "Ghi chú nằm lẫn trong thành phần hồ sơ (bản chính 0, bản sao 0)"
    DOCUMENTS_ABSENT = "documents_absent", "Không có thành phần hồ sơ"
    LEGAL_BASIS_ABSENT = "legal_basis_absent", "Không có căn cứ pháp lý"
    RESULT_ABSENT = "result_absent", "Không có kết quả thực hiện"


REJECTING_PROBLEMS = frozenset({DataProblem.CODE, DataProblem.NAME, DataProblem.FIELD, DataProblem.TEST_RECORD})
