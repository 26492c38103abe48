"""Values and errors of keeping step with the national portal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tinhso.kernel.errors import Conflict, DomainError, NotFound, Unavailable
from tinhso.lib.national import OnlinePayment

DESTINATION = "national_portal"
NAME = "Cổng Dịch vụ công quốc gia"


@dataclass(frozen=True, slots=True)
class Flags:
    """The indicator flags of a case (cờ chỉ tiêu), each from an act in its log. Made by `rules.flags_of` alone.

    By number of the component: `digitised`; `reused` (1 a component handed in before, 2 another case's result);
    `from_national_store`.
    """

    digitised: frozenset[int] = frozenset()
    reused: Mapping[int, int] = field(default_factory=dict)
    from_national_store: frozenset[str] = frozenset()
    verified_account: bool = False
    paid_online: OnlinePayment = OnlinePayment.NONE


@dataclass(frozen=True, slots=True)
class Ours:
    """What we hold of a case, as far as both sides are compared."""

    code: str
    case_id: int
    unit_id: int | None
    status: int
    received_at: datetime | None
    due_at: datetime | None
    finished_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """One difference found by a round: its kind, and both sides in words."""

    code: str
    kind: str
    ours: str
    theirs: str
    case_id: int | None = None
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class SyncOfCase:
    """How a case stands towards the national portal: what was told last, what waits, and how long telling took."""

    code: str
    told_status: int | None
    waiting: int
    dead: int
    latest_lag_s: int | None
    worst_lag_s: int | None
    filed_there: bool


Wire = dict[str, Any]


class PortalUnavailable(Unavailable):
    """Cổng Dịch vụ công quốc gia không trả lời được lúc này; sẽ thử lại."""


class PortalRefused(DomainError):
    """Cổng Dịch vụ công quốc gia không nhận thông điệp này."""

    status = 502

    def __init__(self, message: str = "", *, answer: str = "") -> None:
        super().__init__(message)
        self.answer = answer


class ArrivalNotFound(NotFound):
    """Không có hồ sơ này trong danh sách nhận từ Cổng Dịch vụ công quốc gia."""


class ArrivalSettled(Conflict):
    """Hồ sơ này đã được nhận hoặc đã xử lý."""


class DifferenceSettled(Conflict):
    """Chỗ khác nhau này đã được xử lý."""


class MendNotPossible(Conflict):
    """Không xử lý được theo cách này."""


class RoundNotFinished(Conflict):
    """Lần đối soát trước chưa xong."""
