"""Telling many of one thing, batch by batch."""

from datetime import datetime

from tinhso.apps.cases import actions
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.flows import flow


@flow
def tell_moved_dates(*, recomputation_id: int, at: datetime) -> None:
    """Báo ngày hẹn mới của một lượt tính lại, in batches; delivered again, nobody is told twice."""
    after = actions.tell_of_moved_dates(recomputation_id=recomputation_id, after=0, actor=SYSTEM, at=at)
    while after:
        after = actions.tell_of_moved_dates(recomputation_id=recomputation_id, after=after, actor=SYSTEM, at=at)
