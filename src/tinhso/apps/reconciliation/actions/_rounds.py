"""Reconciliation of both sides: rounds, the differences they find, and what an officer decides about each."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tinhso.apps.audit.actions import record
from tinhso.apps.reconciliation import permissions, queries
from tinhso.apps.reconciliation.actions._arrivals import desk_of
from tinhso.apps.reconciliation.actions._telling import tell_case
from tinhso.apps.reconciliation.data import DifferenceSettled, Found, MendNotPossible, RoundNotFinished
from tinhso.apps.reconciliation.enums import ArrivalStatus, DifferenceKind, DifferenceState, Mend
from tinhso.apps.reconciliation.events import (
    DifferenceFound,
    DifferenceSettledBy,
    ReconciliationFailed,
    ReconciliationFinished,
)
from tinhso.apps.reconciliation.models import Arrival, Difference, Round
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid

_GIVEN_UP = timedelta(hours=2)


@action
def start_round(*, actor: Actor, at: datetime) -> Round:
    """Bắt đầu một lần đối soát; one at a time, but a round that died is not waited for.

    Raises:
        RoundNotFinished: another is under way.
    """
    require(actor.kind is ActorKind.SYSTEM)
    running = Round.objects.select_for_update().filter(finished_at__isnull=True, failure="").order_by("-pk").first()
    if running is not None:
        if at - running.started_at < _GIVEN_UP:
            raise RoundNotFinished
        running.failure = "Dừng giữa chừng."
        running.save(update_fields=["failure"])
    return Round.objects.create(started_at=at, started_by=actor.name)


@action
def fail_round(*, round_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Ghi nhận lần đối soát không xong; nothing is concluded from half a comparison."""
    require(actor.kind is ActorKind.SYSTEM)
    Round.objects.filter(pk=round_id).update(failure=reason, finished_at=at)
    record(ReconciliationFailed(round_id=round_id, reason=reason), subject="national", actor=actor, at=at)


@action
def finish_round(
    *, round_id: int, found: Sequence[Found], compared: int, waiting: frozenset[str], actor: Actor, at: datetime
) -> Round:
    """Ghi kết quả đối soát: new differences, those still there, and those that have gone.

    A difference that was mended and is found again is open again. What waits to be sent (`waiting`) is not judged.
    """
    require(actor.kind is ActorKind.SYSTEM)
    round_ = Round.objects.select_for_update().get(pk=round_id)
    known = queries.open_differences()
    seen = set()
    for one in found:
        seen.add((one.code, one.kind))
        _keep(known.get((one.code, one.kind)), one, round_, actor=actor, at=at)
    gone = [row for key, row in known.items() if key not in seen and row.code not in waiting]
    for row in gone:
        row.state, row.latest_round = DifferenceState.GONE, round_
        row.save(update_fields=["state", "latest_round"])
    round_.finished_at, round_.compared, round_.waiting = at, compared, len(waiting)
    round_.found, round_.gone = len(seen), len(gone)
    round_.save()
    event = ReconciliationFinished(
        round_id=round_id, compared=compared, waiting=len(waiting), found=len(seen), gone=len(gone)
    )
    record(event, subject="national", actor=actor, at=at)
    return round_


@action
def resend_ours(*, difference_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Gửi lại hồ sơ của mình, như đang có; the next round says whether both sides agree.

    Raises:
        DifferenceSettled: somebody was first. MendNotPossible: the case is not ours. Invalid: no reason.
    """
    row = _open(difference_id, reason, actor=actor)
    if row.case_id is None:
        raise MendNotPossible("Ở đây không có hồ sơ này để gửi.")
    tell_case(case_id=row.case_id, mark=f"difference {row.pk}", actor=actor, at=at)
    _settle(row, Mend.RESEND, DifferenceState.MENDED, reason, actor=actor, at=at)


@action
def take_theirs(*, difference_id: int, wire: dict[str, object], reason: str, actor: Actor, at: datetime) -> Arrival:
    """Nhận hồ sơ mà Cổng quốc gia có và ở đây chưa có; it goes through the same intake as any other, in the next round.

    Only a case filed on the portal itself is theirs to give. What we hold is never overwritten.

    Raises:
        DifferenceSettled: somebody was first. MendNotPossible: not a case filed there. Invalid: no reason.
    """
    row = _open(difference_id, reason, actor=actor)
    if row.kind != DifferenceKind.MISSING_HERE or str(wire.get("NoiNopHoSo")) != "1":
        raise MendNotPossible("Chỉ nhận được hồ sơ nộp trên Cổng Dịch vụ công quốc gia mà ở đây chưa có.")
    arrival, _ = Arrival.objects.get_or_create(
        code=row.code,
        defaults={
            "procedure_code": str(wire.get("MaTTHC", ""))[:40], "procedure_name": str(wire.get("TenTTHC", ""))[:600],
            "applicant_name": str(wire.get("ChuHoSo", ""))[:200], "seen_at": at, "unit_id": row.unit_id,
        },
    )  # fmt: skip
    if arrival.case_id is None:
        arrival.status, arrival.dossier, arrival.next_try_at = ArrivalStatus.SEEN, dict(wire), None
        arrival.save()
    _settle(row, Mend.TAKE, DifferenceState.MENDED, reason, actor=actor, at=at)
    return arrival


@action
def explain_difference(*, difference_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Giữ nguyên một chỗ khác nhau, có lý do; later rounds find it and do not ask again.

    Raises:
        DifferenceSettled: somebody was first. Invalid: no reason.
    """
    row = _open(difference_id, reason, actor=actor)
    _settle(row, Mend.EXPLAIN, DifferenceState.EXPLAINED, reason, actor=actor, at=at)


def _keep(known: Difference | None, one: Found, round_: Round, *, actor: Actor, at: datetime) -> None:
    if known is not None and known.state != DifferenceState.MENDED:
        same = (known.ours, known.theirs) == (one.ours, one.theirs)
        known.ours, known.theirs, known.latest_round = one.ours, one.theirs, round_
        if known.state == DifferenceState.EXPLAINED and not same:
            known.state = DifferenceState.OPEN  # what was explained is not what is found now
        known.save()
        return
    if known is not None:
        known.state, known.ours, known.theirs, known.latest_round = DifferenceState.OPEN, one.ours, one.theirs, round_
        known.save()
        row = known
    else:
        unit_id = one.unit_id or desk_of(one.code, at.astimezone(PROVINCE_TIME).date())
        row = Difference.objects.create(
            unit_id=unit_id,
            code=one.code, kind=one.kind, case_id=one.case_id, ours=one.ours, theirs=one.theirs,
            first_round=round_, latest_round=round_,
        )  # fmt: skip
    event = DifferenceFound(difference_id=row.pk, code=one.code, kind=one.kind, ours=one.ours, theirs=one.theirs)
    record(event, subject=f"national:{one.code}", actor=actor, at=at)


def _open(difference_id: int, reason: str, *, actor: Actor) -> Difference:
    row = Difference.objects.select_for_update(of=("self",)).filter(pk=difference_id).first()
    if row is None:
        raise MendNotPossible("Không có chỗ khác nhau này.")
    require(permissions.can_mend(actor, row.unit_id))
    if row.state != DifferenceState.OPEN:
        raise DifferenceSettled
    if not reason.strip():
        raise Invalid("Mời ghi lý do xử lý.")
    return row


def _settle(row: Difference, mend: Mend, state: DifferenceState, reason: str, *, actor: Actor, at: datetime) -> None:
    row.state, row.mend, row.reason = state, mend, reason.strip()[:2_000]
    row.settled_by, row.settled_at = actor.name, at
    row.save()
    event = DifferenceSettledBy(difference_id=row.pk, code=row.code, mend=mend, reason=row.reason)
    record(event, subject=f"national:{row.code}", actor=actor, at=at)
