"""What can be wrong with a payment, said to the person."""

from tinhso.kernel.errors import Conflict, NotFound, Unavailable


class OrderNotFound(NotFound):
    """Không có khoản phải nộp này."""


class AlreadyPaid(Conflict):
    """Khoản này đã nộp đủ, không phải nộp nữa."""


class OrderNotOpen(Conflict):
    """Khoản phải nộp này không còn hiệu lực."""


class NoCollectingAccount(Conflict):
    """Cơ quan này chưa có tài khoản thu phí, mời nộp trực tiếp tại Bộ phận Một cửa."""


class ProviderUnavailable(Unavailable):
    """Chưa mở được trang thanh toán. Chưa có khoản tiền nào bị trừ; mời thử lại sau ít phút hoặc chọn cách khác."""


class ShiftNotOpen(Conflict):
    """Chưa mở ca thu tiền nên chưa thu được."""


class ShiftOpenAlready(Conflict):
    """Bạn đang có một ca thu tiền chưa chốt."""


class RefundNotPossible(Conflict):
    """Không hoàn trả được khoản này."""


class SameOfficerTwice(Conflict):
    """Người kiểm tra và người duyệt hoàn trả phải là hai người."""
