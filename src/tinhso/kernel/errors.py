"""Errors that are sentences.

The first line of an error's docstring is its message to the person, in Vietnamese; `status` is the HTTP status every
interface answers with; `code` is the stable name in the API and the log.
"""

import re
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong value: `path` is dotted (`answers.members.2.birth_date`), `message` a Vietnamese sentence."""

    path: str
    message: str


class DomainError(Exception):
    """Không thực hiện được yêu cầu này."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "error"

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, message: str = "", **details: object) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.details = details
        super().__init__(self.message)


class Invalid(DomainError):
    """Thông tin chưa hợp lệ."""

    status = 422

    def __init__(self, message: str = "", *, errors: list[FieldError] | None = None) -> None:
        self.errors = list(errors or [])
        super().__init__(message or (self.errors[0].message if self.errors else ""))


class Forbidden(DomainError):
    """Bạn không có quyền thực hiện việc này."""

    status = 403


class NotFound(DomainError):
    """Không tìm thấy nội dung này."""

    status = 404


class Conflict(DomainError):
    """Nội dung đã thay đổi, mời xem lại rồi thực hiện tiếp."""

    status = 409


class TooLarge(DomainError):
    """Tệp hoặc nội dung gửi lên quá lớn."""

    status = 413


class TooMany(DomainError):
    """Bạn thao tác quá nhanh, mời chờ ít phút rồi thử lại."""

    status = 429


class Unavailable(DomainError):
    """Hệ thống tạm thời chưa phục vụ được, mời thử lại sau ít phút."""

    status = 503
