"""What went wrong outside the product (disk, folders, database), as one sentence for the operator.

Judged by error numbers and SQL states that exceptions carry, so that nothing need be imported for it.
"""

import errno
from collections.abc import Iterator

_FULL = "Đĩa đã đầy. Giải phóng chỗ trống rồi chạy lại; dữ liệu đã ghi không mất."
_SILENT = "Không kết nối được cơ sở dữ liệu: không có PostgreSQL nào trả lời ở địa chỉ đã cấu hình (DATABASE_URL)."
_SQL_STATES = {
    "53100": _FULL,
    "28P01": "Cơ sở dữ liệu từ chối: sai tên hoặc mật khẩu trong DATABASE_URL.",
    "28000": "Cơ sở dữ liệu từ chối tài khoản trong DATABASE_URL.",
    "3D000": "Không có cơ sở dữ liệu mang tên đã ghi trong DATABASE_URL; hãy tạo trước (createdb).",
    "42501": "Tài khoản cơ sở dữ liệu không đủ quyền cho việc này.",
}
# A connection that never came to be carries no state, only the words of the client library or the server.
_WORDS = {
    "No space left on device": _FULL,
    "password authentication failed": _SQL_STATES["28P01"],
    "no password supplied": _SQL_STATES["28P01"],
    "does not exist": _SQL_STATES["3D000"],
    "pg_hba.conf": _SQL_STATES["28000"],
    "Is the server running": _SILENT,
    "failed to resolve host": "Không tìm thấy máy chủ cơ sở dữ liệu mang tên đã ghi trong DATABASE_URL.",
    "timeout": _SILENT,
}


def sentence_of(error: BaseException) -> str | None:
    """One Vietnamese sentence for an error of the machine or the database; None for a mistake of the program."""
    for cause in _chain(error):
        if isinstance(cause, OSError) and (told := of_file(cause)):
            return told
        told = _SQL_STATES.get(getattr(cause, "sqlstate", None) or "")
        if told:
            return told
    # Only now the words: a cause deeper in the chain may have known more.
    return next((told for cause in _chain(error) if (told := of_database(cause))), None)


def of_file(error: OSError) -> str | None:
    """The sentence for a full disk or a folder that may not be written; None for other errors."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _FULL
    if error.errno in {errno.EACCES, errno.EROFS, errno.EPERM} and error.filename:
        why = "chỉ cho đọc" if error.errno == errno.EROFS else "không có quyền"
        return f"Không ghi được vào {error.filename} ({why}). Sửa quyền của thư mục hoặc đặt TINHSO_DATA_DIR sang chỗ khác."
    return None


def of_database(error: BaseException) -> str | None:
    """The sentence for a database that cannot be reached or used; None for other errors."""
    if type(error).__name__ not in {"OperationalError", "PoolTimeout"}:
        return None
    text = str(error)
    for word, told in _WORDS.items():
        if word in text:
            return told
    reason = text.strip().splitlines()[-1].strip() if text.strip() else "không trả lời"
    return f"Không kết nối được cơ sở dữ liệu: {reason}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__
