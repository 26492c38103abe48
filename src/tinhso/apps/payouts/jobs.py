"""What follows from results of cases and from acts on runs."""

from datetime import datetime

from tinhso.apps.cases.events import ResultSigned
from tinhso.apps.payouts import actions, flows
from tinhso.apps.payouts.events import RunOpened, RunResumed
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import now


@jobs.on(ResultSigned)
def enrol_payee(*, event: ResultSigned, actor: Actor, at: datetime, entry_id: int) -> None:
    """Đưa người được hưởng trợ cấp vào danh sách chi trả khi kết quả đã ký."""
    actions.enrol_from_case(case_id=event.case_id, result_id=event.result_id, actor=SYSTEM, at=now())


@jobs.on(RunOpened)
def build_opened_run(*, event: RunOpened, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập danh sách của kỳ chi vừa mở."""
    flows.build_run(run_id=event.run_id, at=now())


@jobs.on(RunResumed)
def build_resumed_run(*, event: RunResumed, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập tiếp danh sách của kỳ chi vừa được cho chạy lại."""
    flows.build_run(run_id=event.run_id, at=now())


@jobs.periodic(cron="*/10 * * * *")
def build_runs_left_over() -> None:
    """Lập tiếp những danh sách bị ngắt giữa chừng."""
    flows.build_left_over(at=now())
