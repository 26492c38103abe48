"""Values of collection lists that cross borders, and what may go wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tinhso.kernel.errors import Conflict, Invalid, NotFound


class CollectionNotFound(NotFound):
    """Không có đợt thu hoặc khoản thu này."""


class CollectionMoved(Conflict):
    """Đợt thu không còn ở bước ấy, mời tải lại trang."""


class CollectionInvalid(Invalid):
    """Thông tin đợt thu chưa hợp lệ."""


class NoSuchBill(NotFound):
    """Không tìm thấy khoản nộp khớp với mã và thông tin đã ghi. Mời xem lại phiếu báo, hoặc hỏi nơi thu."""


@dataclass(frozen=True, slots=True)
class Body:
    """A school or hospital that collects (đơn vị thu); `unit` is the place of the directory whose account its money goes to."""

    key: str
    name: str
    kind: str
    unit: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """A reduction by group of persons (diện miễn, giảm): `percent` of the amount is not collected."""

    key: str
    name: str
    percent: int
    basis: str


@dataclass(frozen=True, slots=True)
class FeeKind:
    """What is collected (khoản thu). `part_from_vnd`: the least part that may be paid by itself, None: only the whole."""

    key: str
    name: str
    bodies: frozenset[str]
    basis: str
    exemptions: tuple[str, ...]
    part_from_vnd: int | None
    remind_days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CollectionRules:
    """`content/collections/collections.yaml`."""

    bodies: Mapping[str, Body]
    fees: Mapping[str, FeeKind]
    exemptions: Mapping[str, Exemption]


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of a list as a file or a form names it, checked (một dòng danh sách thu). Sums in whole đồng."""

    full_name: str
    birth_date: date | None
    own_number: str
    group_name: str
    words: str
    amount_vnd: int
    due_vnd: int
    exemption: str
    evidence: str
    payer_personal_id: str


@dataclass(frozen=True, slots=True)
class ListSums:
    """How many lines of a list stand where, and the money of them, whole đồng."""

    lines: int = 0
    due_vnd: int = 0
    paid_vnd: int = 0
    by_status: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CashlessFigure:
    """What one body took in a month, and how much of it without cash (tỷ lệ thu không dùng tiền mặt)."""

    month: date
    body: str
    body_name: str
    unit_id: int
    payments: int
    total_vnd: int
    cashless_payments: int
    cashless_vnd: int

    @property
    def share(self) -> int:
        """Percent of the sum that came without cash, rounded down, so that 100 means all of it."""
        return self.cashless_vnd * 100 // self.total_vnd if self.total_vnd else 0
