"""Vocabularies of orders, money, refunds, shifts and reconciliation."""

from django.db.models import TextChoices


class Provider(TextChoices):
    """How money comes in (kênh thanh toán)."""

    PLATFORM = "platform", "Nền tảng thanh toán quốc gia"
    VIETQR = "vietqr", "Chuyển khoản bằng mã QR"
    CASH = "cash", "Tiền mặt tại quầy"
    CARD = "card", "Máy thẻ tại quầy"
    DEMO = "demo", "Thanh toán thử"


class OrderStatus(TextChoices):
    """Where a payment order stands (tình trạng khoản phải nộp)."""

    DUE = "due", "Chờ nộp"
    PARTLY_PAID = "partly_paid", "Đã nộp một phần"
    PAID = "paid", "Đã nộp đủ"
    CANCELLED = "cancelled", "Đã hủy khoản thu"


class Occasion(TextChoices):
    """Why an order was raised (khoản thu)."""

    FEES = "fees", "Phí, lệ phí của hồ sơ"
    ASSESSED = "assessed", "Khoản thu do cơ quan xác định sau"
    DUTY = "duty", "Nghĩa vụ tài chính"
    COLLECTION = "collection", "Khoản thu theo danh sách"


class AttemptStatus(TextChoices):
    """One try to pay through a provider (lượt thanh toán)."""

    INTENDED = "intended", "Đang mở trang thanh toán"
    PENDING = "pending", "Đang chờ ngân hàng xác nhận"
    CONFIRMED = "confirmed", "Ngân hàng đã xác nhận"
    FAILED = "failed", "Không thành công"
    LAPSED = "lapsed", "Hết thời gian chờ"


class AnswerState(TextChoices):
    """What a provider says of a try (trạng thái giao dịch)."""

    PAID = "paid", "Thành công"
    PENDING = "pending", "Đang xử lý"
    FAILED = "failed", "Không thành công"
    UNKNOWN = "unknown", "Không có giao dịch"


class PaymentState(TextChoices):
    """What became of money that came in (tiền đã về)."""

    MATCHED = "matched", "Đã ghép với khoản phải nộp"
    UNMATCHED = "unmatched", "Chưa rõ của hồ sơ nào"
    RETURNED = "returned", "Đang hoặc đã trả lại"
    CORRECTED = "corrected", "Đã ghi hủy vì ngân hàng không có"


class EntryKind(TextChoices):
    """Kind of an entry of the book (loại bút toán)."""

    ORDER = "order", "Ghi khoản phải nộp"
    CANCEL = "cancel", "Hủy khoản phải nộp"
    PAYMENT = "payment", "Tiền về"
    MATCH = "match", "Ghép tiền với khoản phải nộp"
    REFUND = "refund", "Duyệt hoàn trả"
    REFUND_PAID = "refund_paid", "Chi hoàn trả"
    SHIFT = "shift", "Ca thu tiền"
    SETTLEMENT = "settlement", "Ngân hàng chuyển tiền quyết toán"
    CORRECTION = "correction", "Điều chỉnh khi đối soát"
    PAYOUT = "payout", "Chi trả theo danh sách"


class RefundReason(TextChoices):
    """Why money goes back (lý do hoàn trả)."""

    WITHDRAWN = "withdrawn", "Rút hoặc dừng hồ sơ"
    OVERPAID = "overpaid", "Nộp thừa"
    UNKNOWN_TRANSFER = "unknown_transfer", "Chuyển nhầm, không rõ hồ sơ"
    EXEMPTED = "exempted", "Được miễn, giảm sau khi nộp"


class RefundStatus(TextChoices):
    """Where a refund stands (tình trạng hoàn trả)."""

    PROPOSED = "proposed", "Chờ kiểm tra"
    CHECKED = "checked", "Chờ duyệt"
    APPROVED = "approved", "Đã duyệt, chờ chi"
    PAID = "paid", "Đã trả lại"
    REFUSED = "refused", "Không duyệt"


class ShiftStatus(TextChoices):
    """Where a cash shift stands (tình trạng ca thu)."""

    OPEN = "open", "Đang thu"
    CLOSED = "closed", "Đã chốt, chờ duyệt chênh lệch"
    APPROVED = "approved", "Đã chốt"


class Verdict(TextChoices):
    """What was made of a message of a provider (kết luận về một bản tin)."""

    RECEIVED = "received", "Đã nhận, chưa kết luận"
    ACCEPTED = "accepted", "Đã ghi nhận"
    REPEATED = "repeated", "Trùng bản tin đã ghi nhận"
    WRONG_CHECKSUM = "wrong_checksum", "Sai mã xác thực"
    WRONG_SUM = "wrong_sum", "Sai số tiền"
    UNKNOWN_REFERENCE = "unknown_reference", "Không có mã tham chiếu này"
    DISAGREES = "disagrees", "Trái với điều đã ghi nhận"
    MALFORMED = "malformed", "Không đọc được"


class DifferenceKind(TextChoices):
    """How platform, bank and book may differ (loại chênh lệch)."""

    MISSING_HERE = "missing_here", "Bên thu hộ có, sổ chưa có"
    MISSING_THERE = "missing_there", "Sổ có, bên thu hộ không có"
    SUM_DIFFERS = "sum_differs", "Khác số tiền"
    PAID_TWICE = "paid_twice", "Nộp hai lần"
    NOT_SETTLED = "not_settled", "Ngân hàng chưa nhận tiền quyết toán"
    SETTLED_SHORT = "settled_short", "Tiền quyết toán khác tổng giao dịch"
    UNKNOWN_TRANSFER = "unknown_transfer", "Tiền về không rõ hồ sơ"


class DifferenceStatus(TextChoices):
    """What became of a difference (xử lý chênh lệch)."""

    OPEN = "open", "Cần xử lý"
    WAITING = "waiting", "Đã giải thích, chờ ngày sau"
    MENDED = "mended", "Đã xử lý"
