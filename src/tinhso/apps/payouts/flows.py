"""Long work on pay-outs: a list drawn up portion by portion, each a transaction of its own."""

from datetime import datetime

from tinhso.apps.payouts import actions, queries
from tinhso.apps.payouts.enums import RunStatus
from tinhso.apps.payouts.models import PayRun
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.crash import crash
from tinhso.kernel.flows import flow


@flow
def build_run(*, run_id: int, at: datetime) -> PayRun:
    """Lập danh sách của một kỳ chi đến hết; stopped or killed, it goes on after the last payee taken."""
    run = actions.build_portion(run_id=run_id, actor=SYSTEM, at=at)
    while run.status == RunStatus.BUILDING:
        crash("build_run:between")
        run = actions.build_portion(run_id=run_id, actor=SYSTEM, at=at)
    return run


@flow
def build_left_over(*, at: datetime) -> int:
    """Lập tiếp những danh sách đang dở. Returns how many were looked at."""
    waiting = queries.runs_to_build()
    for run_id in waiting:
        build_run(run_id=run_id, at=at)
    return len(waiting)
