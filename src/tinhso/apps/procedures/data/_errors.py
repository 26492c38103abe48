"""What can go wrong with a procedure, as sentences for people."""

from tinhso.kernel.errors import Conflict, Invalid, NotFound


class ProcedureNotFound(NotFound):
    """Không có thủ tục này trong danh mục."""


class ProcedureNotInForce(Conflict):
    """Thủ tục này không có hiệu lực vào ngày đã chọn."""


class ProcedureNotRunHere(Conflict):
    """Thủ tục này chưa được giải quyết trên hệ thống của tỉnh."""


class NoLimitApplies(Invalid):
    """Chưa xác định được thời hạn giải quyết cho trường hợp này, mời kiểm tra lại nội dung đã khai."""


class FeeNotComputable(Invalid):
    """Chưa tính được phí, lệ phí cho trường hợp này, mời kiểm tra lại nội dung đã khai."""


class ImportNotReady(Conflict):
    """Lần nhập danh mục này không ở trạng thái chờ bước đó."""
