"""What follows at reception from a case's events."""

from datetime import datetime

from tinhso.apps.cases.events import CaseReceived
from tinhso.apps.reception import actions
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor


@jobs.on(CaseReceived)
def tie_case_to_visit(*, event: CaseReceived, actor: Actor, at: datetime, entry_id: int) -> None:
    """Gắn hồ sơ vừa nhận với lượt đang phục vụ ở quầy của cán bộ nhận."""
    actions.tie_case(case_id=event.case_id, officer=actor, received_at=event.received_at, actor=SYSTEM, at=at)
