"""Vocabularies of documents."""

from django.db import models


class BookEntryStatus(models.TextChoices):
    """What became of a number in the book (tình trạng số văn bản)."""

    RESERVED = "reserved", "Đã lấy số"
    ISSUED = "issued", "Đã ban hành"
    CANCELLED = "cancelled", "Đã hủy"


class SignedBy(models.TextChoices):
    """Whose digital signature a letter carries (người ký)."""

    OFFICER = "officer", "Người tiếp nhận"
    AGENCY = "agency", "Người có thẩm quyền và cơ quan"
    NOBODY = "nobody", "Không ký, hệ thống lập"


class ScanState(models.TextChoices):
    """What the search for malware said of a content (tình trạng quét mã độc)."""

    PENDING = "pending", "Đang chờ quét mã độc"
    CLEAN = "clean", "Đã quét, không có mã độc"
    INFECTED = "infected", "Có mã độc, đã giữ lại"
    UNSCANNABLE = "unscannable", "Không quét được"
    NOT_SCANNED = "not_scanned", "Chưa quét mã độc"
    MADE_HERE = "made_here", "Văn bản do hệ thống lập"


class ScanPolicy(models.TextChoices):
    """Whether a file that nobody has scanned may be opened (chính sách với tệp chưa quét)."""

    ALLOW = "allow", "Mở được, có ghi rõ chưa quét"
    HOLD = "hold", "Giữ lại đến khi quét xong"


class FileNote(models.TextChoices):
    """What is told of a file that was taken (điều cần lưu ý ở tệp). The names are those of the inspection."""

    SCRIPT = "script", "Tệp PDF có mã lệnh bên trong"
    LAUNCH = "launch", "Tệp PDF có lệnh mở chương trình hoặc tệp khác"
    EMBEDDED = "embedded", "Tệp PDF có tệp khác đính bên trong"
    XFA = "xfa", "Tệp PDF dùng biểu mẫu động (XFA)"
    DAMAGED = "damaged", "Tệp PDF có chỗ hỏng, đã đọc được phần còn lại"
    RESTRICTED = "restricted", "Tệp PDF có hạn chế in, sao chép"
    FORM = "form", "Tệp PDF có ô điền được"
    LAYERS = "layers", "Tệp PDF có lớp nội dung ẩn, hiện được"
    MARKUP = "markup", "Tệp PDF có ghi chú, dấu vẽ đè lên trang"
    SIGNED = "signed", "Tệp PDF đã được ký số"


class PreviewState(models.TextChoices):
    """How far the likenesses of a content's pages are (tình trạng bản xem trước)."""

    NONE = "none", "Không có bản xem trước"
    WAITING = "waiting", "Đang lập bản xem trước"
    READY = "ready", "Có bản xem trước"
    FAILED = "failed", "Không lập được bản xem trước"


class UploadStatus(models.TextChoices):
    """How far an upload in portions is (tình trạng tải lên)."""

    OPEN = "open", "Đang tải lên"
    COMPLETE = "complete", "Đã tải xong"
    ENDED = "ended", "Đã hủy"


class DisposalStatus(models.TextChoices):
    """How far a list of files to dispose of is (tình trạng danh mục tiêu hủy)."""

    PROPOSED = "proposed", "Chờ phê duyệt"
    APPROVED = "approved", "Đã phê duyệt, đang tiêu hủy"
    REFUSED = "refused", "Không phê duyệt"
    DONE = "done", "Đã tiêu hủy"
