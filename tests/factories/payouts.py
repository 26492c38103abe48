"""Monthly pay-outs of a commune, through the real actions."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from tests.factories import snapshots
from tests.factories.world import World, officer, world
from tinhso.apps.payouts import actions, flows, queries
from tinhso.apps.payouts.models import PayBatch, PayRun
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME

AT = datetime(2026, 12, 1, 9, 0, tzinfo=PROVINCE_TIME)
MONTH = date(2026, 12, 1)
HEADER = "ho_ten;so_dinh_danh;so_tien;ngan_hang;so_tai_khoan"
NAMES = (
    "Trần Văn Minh Họa",
    "Nguyễn Thị Thử",
    "Phạm Văn Mẫu",
    "Lê Thị Ví Dụ",
    "Đinh Văn Giả Định",
    "Hồ Thị Trình Diễn",
)


def payee_list(count: int, *, without_account: int = 0) -> str:
    """A list of payees as CSV; the last ones without a bank account."""
    rows = [
        f"{NAMES[n % len(NAMES)]};0510850{n:05d};{500_000 + n * 1000};"
        + ("Agribank;" + f"42100000{n:04d}" if n < count - without_account else ";")
        for n in range(count)
    ]
    return "\n".join([HEADER, *rows])


def results(batch: PayBatch, *, returned: frozenset[int] = frozenset()) -> str:
    """The bank's answer to a batch; the positions named come back."""
    lines = ["tham_chieu;so_tien;ket_qua;ly_do;so_giao_dich"]
    for position, row in enumerate(re.findall(r"^(\d+-\d+-\d+);[^;]*;[^;]*;[^;]*;(\d+)", batch.content, re.MULTILINE)):
        answer = "99;Sai số tài khoản;" if position in returned else f"00;;FT{position}"
        lines.append(f"{row[0]};{row[1]};{answer}")
    return "\n".join(lines)


@dataclass
class Office:
    """A commune with the three people of a batch."""

    place: World
    prepares: Actor
    checks: Actor
    approves: Actor

    def run(self, count: int = 3, *, without_account: int = 0) -> PayRun:
        """A list drawn up."""
        unit_id = self.place.commune.id
        actions.import_payees(
            unit_id=unit_id, programme="study_support", text=payee_list(count, without_account=without_account),
            since=MONTH, actor=self.prepares, at=AT,
        )  # fmt: skip
        made = actions.open_run(unit_id=unit_id, programme="study_support", month=MONTH, actor=self.prepares, at=AT)
        return flows.build_run(run_id=made.pk, at=AT)

    def approved(self, run: PayRun) -> PayBatch:
        """A batch approved by a third person."""
        batch = actions.submit_batch(run_id=run.pk, actor=self.prepares, at=AT)
        actions.check_batch(batch_id=batch.pk, actor=self.checks, at=AT)
        actions.approve_batch(batch_id=batch.pk, actor=self.approves, at=AT)
        return queries.get_batch(actor=self.approves, batch_id=batch.pk)


def office() -> Office:
    """The commune, built once a run."""
    return snapshots.remembered(("payouts",), _build)


def _build() -> Office:
    place = world(departments=())
    return Office(place, place.officer("specialist"), officer("accountant", place.commune), place.officer("leader"))
