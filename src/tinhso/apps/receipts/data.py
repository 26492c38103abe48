"""Values of receipts that cross borders, and what may go wrong."""

from dataclasses import dataclass, field
from datetime import date, datetime

from tinhso.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable

OWN = "own"


class ReceiptNotFound(NotFound):
    """Không có biên lai này."""


class ReceiptMoved(Conflict):
    """Biên lai không còn ở bước ấy, mời tải lại trang."""


class ReceiptInvalid(Invalid):
    """Thông tin biên lai chưa hợp lệ."""


class NotBySamePerson(Forbidden):
    """Người đề nghị không duyệt đề nghị của chính mình."""


class ReceiptProviderUnavailable(Unavailable):
    """Nhà cung cấp biên lai không trả lời được lúc này; hệ thống sẽ thử lại."""


class ProviderRefused(Conflict):
    """Nhà cung cấp không lập được biên lai này."""


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One item paid for (khoản thu): its name as it is printed, whole đồng; `kind` is "fee" or "charge"."""

    name: str
    amount_vnd: int
    kind: str = "fee"


@dataclass(frozen=True, slots=True)
class ReceiptRequest:
    """What a receipt is to say. `payment_key` names the payment for ever, such as "order:17": one payment, one receipt."""

    payment_key: str
    unit_id: int
    payer_name: str
    lines: tuple[ReceiptLine, ...]
    method: str
    paid_at: datetime
    subject: str = ""
    case_code: str = ""
    payer_id: str = ""
    payer_address: str = ""

    @property
    def amount_vnd(self) -> int:
        """The sum of the items."""
        return sum(line.amount_vnd for line in self.lines)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues for a unit: with what program, under which tax code and series letters."""

    provider: str
    tax_code: str
    letters: str


@dataclass(frozen=True, slots=True)
class Mode:
    """What holds from a day on: whose receipts are electronic (`units` empty: everybody's), whether paper may be used."""

    effective_from: date
    units: tuple[str, ...]
    paper: bool
    basis: str


@dataclass(frozen=True, slots=True)
class ReceiptRules:
    """`content/receipts/receipts.yaml`: the template, the shape of series and numbers, and what holds from which day."""

    template_code: str
    template_name: str
    typst: str
    series_format: str
    digits: int
    modes: tuple[Mode, ...]
    issuers: dict[str, Issuer]
    default_issuer: Issuer
    basis: tuple[str, ...] = ()

    def mode_on(self, day: date) -> Mode | None:
        """What holds on a day; None before the first rule."""
        return max((m for m in self.modes if m.effective_from <= day), key=lambda m: m.effective_from, default=None)

    def is_electronic(self, unit_code: str, day: date) -> bool:
        """Whether a unit's receipts of that day are electronic."""
        mode = self.mode_on(day)
        return mode is not None and (not mode.units or unit_code in mode.units)

    def series_of(self, issuer: Issuer, year: int) -> str:
        """The series of a year (ký hiệu biên lai): "AA-27E"."""
        return self.series_format.format(letters=issuer.letters, year=f"{year % 100:02d}")


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """Everything a receipt says, for its XML, its PDF and the provider."""

    uuid: str
    template_code: str
    template_name: str
    series: str
    number: str
    issued_on: date
    agency: str
    agency_parent: str
    place: str
    tax_code: str
    payer_name: str
    payer_id: str
    payer_address: str
    lines: tuple[ReceiptLine, ...]
    amount_vnd: int
    amount_words: str
    method: str
    paid_at: datetime
    case_code: str
    check_code: str
    replaces: str = ""
    replaces_on: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What an outside provider has issued."""

    series: str
    number: int
    reference: str
    authority_code: str = ""
    amount_vnd: int | None = None


@dataclass(frozen=True, slots=True)
class UsedNumber:
    """A number a provider says it has used."""

    key: str
    series: str
    number: int
    amount_vnd: int
    cancelled: bool


@dataclass(frozen=True, slots=True)
class CheckedReceipt:
    """What anybody with the code may know of a receipt; the payer's name masked (kiểm tra biên lai)."""

    title: str
    template_code: str
    series: str
    number: str
    unit_name: str
    payer: str
    amount_vnd: int
    issued_on: date
    case_code: str
    status: str
    valid: bool
    ended_at: datetime | None
    end_reason: str
    replaced_by: str
    replaces: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SeriesUse:
    """The use of one series in a month (tình hình sử dụng biên lai): numbers from, to, and what became of them."""

    unit_name: str
    template_code: str
    series: str
    first: str
    last: str
    used: int
    issued: int
    cancelled: int
    replaced: int
    drafts: int
    amount_vnd: int
    unused: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not agree, said in a sentence."""

    what: str
    receipt_id: int | None = None
