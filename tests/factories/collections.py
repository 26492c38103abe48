"""A school that collects from a list, through the real actions."""

from dataclasses import dataclass
from datetime import date, datetime

from tests.factories import snapshots
from tests.factories.world import World, officer, world
from tinhso.apps.collections import actions, flows, rules
from tinhso.apps.collections.models import CollectionLine, CollectionList
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME

AT = datetime(2026, 12, 1, 9, 0, tzinfo=PROVINCE_TIME)
DUE = date(2026, 12, 20)
PAYER = "051085000001"
HEAD = ",".join(rules.HEADER)
ROWS = (
    "Trần Bé Minh Họa,05/09/2021,HS-001,Lá 1,Học phí tháng 12/2026,1.200.000,,,",
    "Nguyễn Bé Thử,17/02/2021,HS-002,Lá 1,Học phí tháng 12/2026,1200000,giam_70,Giấy xác nhận hộ cận nghèo 12/2026,",
    f"Phạm Bé Mẫu,,HS-003,Lá 2,Học phí tháng 12/2026,1200000,,,{PAYER}",
    "Lê Bé Ví Dụ,30/11/2021,,Lá 2,Học phí tháng 12/2026,1200000,mien_100,Con liệt sĩ,",
)


@dataclass
class School:
    """A kindergarten of the commune with the officer who keeps its lists and the accountant who opens them."""

    place: World
    keeps: Actor
    opens: Actor

    def draft(self, fee: str = "tuition") -> CollectionList:
        """An empty round."""
        return actions.create_list(
            body="hoa_cuc", fee=fee, title="Học phí tháng 12/2026", due_on=DUE, actor=self.keeps, at=AT
        )

    def opened(self, rows: tuple[str, ...] = ROWS) -> list[CollectionLine]:
        """A round that is being collected; its lines in order."""
        made = self.draft()
        text = "\n".join([HEAD, *rows])
        flows.import_file(list_id=made.pk, content=text.encode(), actor=self.keeps, at=AT)
        actions.open_list(list_id=made.pk, actor=self.opens, at=AT)
        flows.work_list(list_id=made.pk, at=AT)
        return list(CollectionLine.objects.select_related("list").filter(list=made).order_by("number"))


def school() -> School:
    """The kindergarten, built once a run."""
    return snapshots.remembered(("collections",), _build)


def _build() -> School:
    place = world(departments=())
    return School(place, officer("collector", place.commune), officer("accountant", place.commune))
