"""Receipts of a commune, through the real actions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.factories import snapshots
from tests.factories.world import World, officer, world
from tinhso.apps.receipts import actions, flows
from tinhso.apps.receipts.data import ReceiptLine, ReceiptRequest
from tinhso.apps.receipts.models import Receipt, ReceiptEnding
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME

PAID_AT = datetime(2027, 1, 4, 9, 0, tzinfo=PROVINCE_TIME)


def request(
    key: str = "order:1", *, unit_id: int, amount: int = 75_000, name: str = "Nguyễn Thị Đào"
) -> ReceiptRequest:
    """What a receipt is to say."""
    return ReceiptRequest(
        payment_key=key, unit_id=unit_id, payer_name=name,
        lines=(ReceiptLine("Lệ phí cấp giấy phép xây dựng", amount, "charge"),), method="Tiền mặt tại quầy",
        paid_at=PAID_AT, subject="case:7", case_code="H48.12-270104-0001",
    )  # fmt: skip


@dataclass
class Cashier:
    """A commune with officers who ask and who decide."""

    place: World
    asking: Actor
    deciding: Actor

    def draft(self, key: str = "order:1", *, at: datetime = PAID_AT, amount: int = 75_000) -> Receipt:
        made = actions.begin_receipt(
            request=request(key, unit_id=self.place.commune.id, amount=amount), actor=SYSTEM, at=at
        )
        assert made is not None
        return made

    def issued(self, key: str = "order:1", *, at: datetime = PAID_AT) -> Receipt:
        return flows.issue_receipt(receipt_id=self.draft(key, at=at).pk, at=at)

    def proposed(self, receipt: Receipt, kind: str = "cancel", **corrections: object) -> ReceiptEnding:
        return actions.propose_ending(
            receipt_id=receipt.pk, kind=kind, reason_code="wrong_payer", reason="Ghi nhầm tên người nộp",
            corrections=corrections, actor=self.asking, at=PAID_AT + timedelta(hours=1),
        )  # fmt: skip


def cashier() -> Cashier:
    """The commune, built once a run."""
    return snapshots.remembered(("receipts",), _build)


def _build() -> Cashier:
    place = world(departments=())
    return Cashier(place, officer("accountant", place.commune), place.officer("leader"))
