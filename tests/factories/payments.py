"""Orders, money and a platform that says what it is told, for tests of payments."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.factories.cases import EXTRACT, CaseMaker
from tests.factories.world import World, officer
from tinhso.apps.payments import flows
from tinhso.apps.payments.data import Answer, CollectingAccount, ProviderUnavailable, ReportLine, StartRequest
from tinhso.apps.payments.enums import AnswerState
from tinhso.apps.payments.models import LedgerPosting, PaymentOrder
from tinhso.apps.payments.providers.platform import stamp
from tinhso.kernel.actor import Actor
from tinhso.lib.paymentplatform import with_code

SECRET = "demo-secret-not-for-production"
PARTNER = "TINHSO"
NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


@dataclass
class Platform:
    """What the platform's bank knows: the truth that everything is measured against."""

    down: bool = False
    paid: dict[str, tuple[str, int, datetime]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    started: list[StartRequest] = field(default_factory=list)

    def pay(self, reference: str, amount_vnd: int, at: datetime = NOW) -> str:
        """The payer pays under this reference; the number of the transaction."""
        number = self.paid.get(reference, (f"PP{len(self.paid) + 1:09d}", 0, at))[0]
        self.paid[reference] = (number, amount_vnd, at)
        return number

    def notice(self, reference: str, **changed: Any) -> bytes:
        """The NOTIFY it sends about a reference, right unless changed; a changed one has a right check code."""
        number, amount, at = self.paid.get(reference, ("PP0", 0, NOW))
        message = {
            "LoaiBanTin": "NOTIFY", "MaLoi": "00", "MaDoiTac": PARTNER, "MaThamChieu": reference, "SoTien": str(amount),
            "MaTienTe": "VND", "MaGiaoDich": number, "MaNganHang": "DEMOBANK", "ThoiGianGD": stamp(at),
            "ThongTinGiaoDich": "phi", **changed,
        }  # fmt: skip
        return json.dumps(with_code("NOTIFY", message, SECRET)).encode()

    def start(self, request: StartRequest, *, at: datetime) -> str:
        if self.down:
            raise ProviderUnavailable
        self.started.append(request)
        return f"https://pay.example.invalid/{request.reference}"

    def ask(self, reference: str, account: CollectingAccount, *, at: datetime) -> Answer:
        if self.down:
            raise ProviderUnavailable
        if reference in self.paid:
            number, amount, paid_at = self.paid[reference]
            return Answer(AnswerState.PAID, number, amount, paid_at)
        if reference in self.forgotten:
            return Answer(AnswerState.UNKNOWN)
        return Answer(AnswerState.FAILED if reference in self.failed else AnswerState.PENDING)

    def bill(self, reference: str, account: CollectingAccount, *, at: datetime) -> bytes:
        if self.down or reference not in self.paid:
            raise ProviderUnavailable
        return b"%PDF-1.4 " + reference.encode()

    def report(self, account: CollectingAccount, day: date) -> list[ReportLine]:
        if self.down:
            raise ProviderUnavailable
        return [
            ReportLine(number, reference, amount, at)
            for reference, (number, amount, at) in self.paid.items()
            if (at + timedelta(hours=7)).date() == day
        ]


def due_order(place: World, **changed: Any) -> PaymentOrder:
    """The order of a fresh case that costs a fee, submitted on line."""
    case = CaseMaker(place, code=EXTRACT).submitted(**changed)
    return PaymentOrder.objects.get(subject=f"case:{case.pk}")


def accountant(place: World) -> Actor:
    """The accountant of the commune."""
    return officer("accountant", place.commune)


def notify(raw: bytes, *, at: datetime = NOW) -> dict[str, Any]:
    """A NOTIFY comes in; our answer."""
    return flows.take_platform_notice(raw=raw, at=at)


def assert_in_balance() -> None:
    """Every entry sums to zero, and what the book says of each order is what its row says."""
    sides = list(LedgerPosting.objects.values_list("entry_id", "account", "order_id", "amount_vnd"))
    entries: dict[int, int] = {}
    owed: dict[int, int] = {}
    for entry, account, order, amount in sides:
        entries[entry] = entries.get(entry, 0) + amount
        if order is not None and account.startswith("receivable:"):
            owed[order] = owed.get(order, 0) + amount
    assert set(entries.values()) <= {0}
    for order in PaymentOrder.objects.all():
        left = 0 if order.status == "cancelled" else max(order.amount_vnd - order.paid_vnd, 0)
        assert owed[order.pk] == left
        assert order.paid_vnd == sum(order.payments.values_list("amount_vnd", flat=True))
