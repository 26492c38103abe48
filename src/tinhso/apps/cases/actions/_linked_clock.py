"""The clocks of a linked case: the whole stands still while a leg waits for the applicant, a leg while it waits for another."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases.actions._common import calendar_of, package_of
from tinhso.apps.cases.actions._refresh import refresh_clock
from tinhso.apps.cases.data import SupplementTooLate
from tinhso.apps.cases.enums import PauseReason
from tinhso.apps.cases.events import ClockResumed, ClockSuspended
from tinhso.apps.cases.models import Case, Leg, Pause
from tinhso.apps.procedures.queries import get_version_by_id
from tinhso.kernel.actor import Actor
from tinhso.lib.worktime import compute_deadline


def pause_whole(parent: Case, leg: Leg, *, since: datetime, actor: Actor, at: datetime) -> None:
    """A leg waits for the applicant: so does the whole, from `since` on."""
    note = f"Bước «{leg.name}» chờ bổ sung"
    if parent.pauses.filter(reason=PauseReason.SUPPLEMENT, ended_at__isnull=True).exists():
        return
    _open(parent, PauseReason.SUPPLEMENT, note=note, since=since, actor=actor, at=at)


def resume_whole(parent: Case, leg: Leg, *, actor: Actor, at: datetime) -> None:
    """The leg goes on, or is over: the whole goes on too."""
    note = f"Bước «{leg.name}» chờ bổ sung"
    for pause in parent.pauses.filter(reason=PauseReason.SUPPLEMENT, note=note, ended_at__isnull=True):
        _close(parent, pause, actor=actor, at=at)


def suspend_leg(child: Case, *, note: str, actor: Actor, at: datetime) -> None:
    """A leg waits until the result it builds on is mended."""
    if child.pauses.filter(reason=PauseReason.OPINION, ended_at__isnull=True).exists():
        return
    _open(child, PauseReason.OPINION, note=note, since=at, actor=actor, at=at)


def resume_leg(child: Case, *, actor: Actor, at: datetime) -> None:
    """The mended result is here."""
    for pause in child.pauses.filter(
        reason=PauseReason.OPINION, ended_at__isnull=True, note__startswith="Chờ đính chính"
    ):
        _close(child, pause, actor=actor, at=at)


def _open(case: Case, reason: PauseReason, *, note: str, since: datetime, actor: Actor, at: datetime) -> None:
    policies = package_of(case).policies
    basis = policies.basis.label() if policies.basis else ""
    pause = Pause.objects.create(
        case=case, reason=reason, basis=basis, note=note, started_at=since, started_by=actor.name
    )
    event = ClockSuspended(case_id=case.pk, pause_id=pause.pk, reason=reason, basis=basis, note=note, since=since)
    record(event, subject=case, actor=actor, at=at)
    refresh_clock(case, at=at)


def _close(case: Case, pause: Pause, *, actor: Actor, at: datetime) -> None:
    pause.ended_at, pause.ended_by = max(at, pause.started_at), actor.name
    pause.save(update_fields=["ended_at", "ended_by"])
    event = ClockResumed(case_id=case.pk, pause_id=pause.pk, reason=pause.reason, until=pause.ended_at)
    record(event, subject=case, actor=actor, at=at)
    refresh_clock(case, at=at)


def supplement_until(case: Case, at: datetime) -> datetime | None:
    """Until when the applicant may complete the file of a leg, as the group's decree says; None: as the procedure says.

    Raises:
        SupplementTooLate: the decree lets a supplement be asked only within so many hours of reception.
    """
    if case.parent_id is None or case.unit_id is None:
        return None
    whole = get_version_by_id(Case.objects.values_list("version_id", flat=True).get(pk=case.parent_id)).package
    assert whole is not None and whole.group is not None  # noqa: S101, PT018 - only wholes have legs
    terms, calendar = whole.group.rules, calendar_of(case.unit_id, at)
    if terms.supplement is not None:
        since = case.received_at or case.submitted_at or at
        limit = compute_deadline(
            received_at=since, limit=terms.supplement, calendar=calendar,
            last_hour_tomorrow=whole.policies.last_hour_tomorrow,
        ).due_at  # fmt: skip
        if limit is not None and at > limit:
            basis = f" ({terms.basis.label()})" if terms.basis else ""
            raise SupplementTooLate(
                f"Chỉ được yêu cầu bổ sung trong {terms.supplement.label()} kể từ khi nhận{basis}, và đã quá thời gian đó."
            )
    if terms.stop_after is None:
        return None
    return compute_deadline(received_at=at, limit=terms.stop_after, calendar=calendar).due_at
