"""What happens to pay-outs. Streams `payee:<id>`, `pay_run:<id>`."""

from dataclasses import dataclass
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class PayeeEnrolled(Event):
    """A person is on a programme's list, or their amount or account changed (thêm, sửa người hưởng)."""

    type: ClassVar[str] = "payout.payee_enrolled"
    payee_id: int
    programme: str
    unit_id: int
    amount_vnd: int
    source: str


@dataclass(frozen=True)
class PayeesImported(Event):
    """A list was brought in from a file (nhập danh sách người hưởng)."""

    type: ClassVar[str] = "payout.payees_imported"
    programme: str
    unit_id: int
    payees: int
    amount_vnd: int
    sha256: str


@dataclass(frozen=True)
class PayeeStopped(Event):
    """A person is paid no longer (thôi chi trả)."""

    type: ClassVar[str] = "payout.payee_stopped"
    payee_id: int
    reason: str


@dataclass(frozen=True)
class AccountCorrected(Event):
    """The account a payee is paid to was changed (sửa tài khoản nhận)."""

    type: ClassVar[str] = "payout.account_corrected"
    payee_id: int
    line_id: int | None


@dataclass(frozen=True)
class RunOpened(Event):
    """The list of a month is being drawn up (mở kỳ chi trả)."""

    type: ClassVar[str] = "payout.run_opened"
    run_id: int
    programme: str
    unit_id: int
    month: str


@dataclass(frozen=True)
class RunPaused(Event):
    """Drawing up was stopped (tạm dừng lập danh sách)."""

    type: ClassVar[str] = "payout.run_paused"
    run_id: int


@dataclass(frozen=True)
class RunResumed(Event):
    """Drawing up goes on where it stopped (lập tiếp danh sách)."""

    type: ClassVar[str] = "payout.run_resumed"
    run_id: int


@dataclass(frozen=True)
class RunPortionBuilt(Event):
    """A portion of the list was written; each payee once (đã lập một phần danh sách)."""

    type: ClassVar[str] = "payout.run_portion_built"
    run_id: int
    lines: int
    done: bool


@dataclass(frozen=True)
class BatchSubmitted(Event):
    """A batch waits for the first of two approvals (trình đợt chi)."""

    type: ClassVar[str] = "payout.batch_submitted"
    run_id: int
    batch_id: int
    lines: int
    amount_vnd: int


@dataclass(frozen=True)
class BatchChecked(Event):
    """The first of two approvals (đã kiểm tra đợt chi)."""

    type: ClassVar[str] = "payout.batch_checked"
    run_id: int
    batch_id: int


@dataclass(frozen=True)
class BatchApproved(Event):
    """The second of two approvals; the file for the bank stands (đã duyệt đợt chi)."""

    type: ClassVar[str] = "payout.batch_approved"
    run_id: int
    batch_id: int
    amount_vnd: int
    sha256: str


@dataclass(frozen=True)
class BatchRefused(Event):
    """The batch goes back; its lines may be put into another (trả lại đợt chi)."""

    type: ClassVar[str] = "payout.batch_refused"
    run_id: int
    batch_id: int
    reason: str


@dataclass(frozen=True)
class ResultsTaken(Event):
    """The bank's results were brought in (nhập kết quả của ngân hàng)."""

    type: ClassVar[str] = "payout.results_taken"
    run_id: int
    batch_id: int
    paid: int
    returned: int
    paid_vnd: int


@dataclass(frozen=True)
class LineToCash(Event):
    """A returned sum is to be handed over in cash (chuyển sang chi tiền mặt)."""

    type: ClassVar[str] = "payout.line_to_cash"
    run_id: int
    line_id: int
    reason: str


@dataclass(frozen=True)
class CashHandedOver(Event):
    """A payee took cash and signed (đã nhận tiền mặt, ký nhận)."""

    type: ClassVar[str] = "payout.cash_handed_over"
    run_id: int
    line_id: int
    amount_vnd: int
    receiver: str
