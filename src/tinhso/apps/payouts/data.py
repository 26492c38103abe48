"""Values of pay-outs that cross borders, and what may go wrong."""

from dataclasses import dataclass, field

from tinhso.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class PayoutNotFound(NotFound):
    """Không có nội dung chi trả này."""


class PayoutMoved(Conflict):
    """Đợt chi không còn ở bước ấy, mời tải lại trang."""


class PayoutInvalid(Invalid):
    """Thông tin chi trả chưa hợp lệ."""


class NotBySamePayer(Forbidden):
    """Lập, kiểm tra và duyệt một đợt chi phải là ba người khác nhau."""


@dataclass(frozen=True, slots=True)
class CaseSource:
    """How results of a procedure put people on a programme's list: names of questions and of fields of the result."""

    procedure: str
    request: str
    grant: tuple[str, ...]
    change: tuple[str, ...]
    stop: tuple[str, ...]
    answers: dict[str, str]
    result: dict[str, str]


@dataclass(frozen=True, slots=True)
class Programme:
    """What is paid (chương trình chi trả)."""

    key: str
    name: str
    basis: str
    from_cases: CaseSource | None


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank by its BIN, and the names people write."""

    bin: str
    name: str
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PayoutRules:
    """`content/payouts/payouts.yaml`."""

    programmes: dict[str, Programme]
    banks: tuple[Bank, ...]
    separator: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PayeeRow:
    """One payee as a file names them, checked (một dòng danh sách)."""

    full_name: str
    personal_id: str
    amount_vnd: int
    bank_bin: str
    account_number: str


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of a file to the bank."""

    reference: str
    bank_bin: str
    account_number: str
    account_name: str
    amount_vnd: int
    content: str


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What the bank says of one line: paid, or why not."""

    reference: str
    amount_vnd: int
    paid: bool
    reason: str
    bank_reference: str


@dataclass(frozen=True, slots=True)
class Sums:
    """How many lines of a run stand where, and their money."""

    lines: int = 0
    amount_vnd: int = 0
    by_status: dict[str, tuple[int, int]] = field(default_factory=dict)
