"""The list of a month, drawn up in portions that one can stop and resume."""

from datetime import date, datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.payouts import permissions, queries
from tinhso.apps.payouts.data import PayoutMoved, PayoutNotFound
from tinhso.apps.payouts.enums import PayeeStatus, RunStatus
from tinhso.apps.payouts.events import RunOpened, RunPaused, RunPortionBuilt, RunResumed
from tinhso.apps.payouts.models import Payee, PayLine, PayRun
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind

PORTION = 500


@action
def open_run(*, unit_id: int, programme: str, month: date, actor: Actor, at: datetime) -> PayRun:
    """Mở kỳ chi trả của một tháng; a job draws the list up. Asked again for the month, the same run is given.

    Raises:
        PayoutNotFound: no such programme.
    """
    require(permissions.can_prepare(actor, unit_id))
    queries.programme_of(programme)
    first = month.replace(day=1)
    made, is_new = PayRun.objects.get_or_create(
        unit_id=unit_id, programme=programme, month=first,
        defaults={"opened_by_id": actor.account_id, "opened_by": actor.name[:200], "opened_at": at},
    )  # fmt: skip
    if is_new:
        event = RunOpened(run_id=made.pk, programme=programme, unit_id=unit_id, month=f"{first:%Y-%m}")
        record(event, subject=stream(made.pk), actor=actor, at=at)
    return made


@action
def build_portion(*, run_id: int, actor: Actor, at: datetime) -> PayRun:
    """Lập một phần danh sách của kỳ chi: the next payees by their order of entry, each once. Nothing while paused."""
    require(actor.kind is ActorKind.SYSTEM)
    run = lock(run_id)
    if run.status != RunStatus.BUILDING:
        return run
    payees = Payee.objects.filter(
        unit_id=run.unit_id, programme=run.programme, status=PayeeStatus.ACTIVE, since__lte=run.month, pk__gt=run.cursor
    )
    found = list(payees.order_by("pk")[:PORTION])
    PayLine.objects.bulk_create(
        PayLine(
            run=run, payee=one, full_name=one.full_name, amount_vnd=one.amount_vnd, bank_bin=one.bank_bin,
            account_number=one.account_number, account_name=one.account_name,
        )
        for one in found
    )  # fmt: skip
    if found:
        run.cursor = found[-1].pk
    done = len(found) < PORTION
    if done:
        run.status, run.ready_at = RunStatus.READY, at
    run.save()
    record(RunPortionBuilt(run_id=run.pk, lines=len(found), done=done), subject=stream(run.pk), actor=actor, at=at)
    return run


@action
def pause_run(*, run_id: int, actor: Actor, at: datetime) -> PayRun:
    """Tạm dừng lập danh sách; what is written stays.

    Raises:
        PayoutNotFound: no such run. PayoutMoved: it is not being drawn up.
    """
    run = lock(run_id)
    require(permissions.can_prepare(actor, run.unit_id))
    if run.status != RunStatus.BUILDING:
        raise PayoutMoved
    run.status = RunStatus.PAUSED
    run.save(update_fields=["status"])
    record(RunPaused(run_id=run.pk), subject=stream(run.pk), actor=actor, at=at)
    return run


@action
def resume_run(*, run_id: int, actor: Actor, at: datetime) -> PayRun:
    """Lập tiếp danh sách từ chỗ đã dừng.

    Raises:
        PayoutNotFound: no such run. PayoutMoved: it is not paused.
    """
    run = lock(run_id)
    require(permissions.can_prepare(actor, run.unit_id))
    if run.status != RunStatus.PAUSED:
        raise PayoutMoved
    run.status = RunStatus.BUILDING
    run.save(update_fields=["status"])
    record(RunResumed(run_id=run.pk), subject=stream(run.pk), actor=actor, at=at)
    return run


def lock(run_id: int) -> PayRun:
    """A run, locked: always the run first, so that no two acts wait for each other."""
    run = PayRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise PayoutNotFound
    return run


def stream(run_id: int) -> str:
    """The stream of a run."""
    return f"pay_run:{run_id}"
