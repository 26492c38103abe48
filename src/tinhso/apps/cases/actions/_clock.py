"""Acts on the clock: let it stand still, go on, put the date off, wait for a financial duty."""

from datetime import datetime
from decimal import Decimal

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions, rules
from tinhso.apps.cases.actions._charging import drop_duty, raise_duty
from tinhso.apps.cases.actions._common import calendar_of, civil_date, lock_case, package_of, require_undecided, save
from tinhso.apps.cases.actions._refresh import refresh_clock
from tinhso.apps.cases.data import (
    OFFICER_REASONS,
    ClockAlreadyStopped,
    ClockNotRunning,
    ClockNotStopped,
    ExtensionsUsedUp,
    ExtensionTooLate,
)
from tinhso.apps.cases.enums import CaseStatus, PauseReason
from tinhso.apps.cases.events import (
    ClockResumed,
    ClockSuspended,
    DeadlineExtended,
    FinancialDutyBegan,
    FinancialDutyEnded,
)
from tinhso.apps.cases.models import Case, Extension, Pause
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid
from tinhso.kernel.prepared import Prepared
from tinhso.lib.worktime import Limit, LimitUnit

AT_WORK = (CaseStatus.RECEIVED, CaseStatus.PROCESSING)
LONGEST_EXTENSION = 60  # working days: a guard against slips of the finger, no legal force
_BASIS_LENGTH = 300

_RUNNING = Prepared(lambda case_id: Pause.objects.filter(case_id=case_id, ended_at__isnull=True), case_id=int)


@action
def suspend_clock(
    *, case_id: int, reason: str, basis: str, note: str, expected_until: datetime | None, actor: Actor, at: datetime
) -> Pause:
    """Tạm dừng tính thời hạn: posting, an opinion the law asks for, or a confirmation awaited, with the article.

    Raises:
        ClockNotRunning: the case is not in work, or its clock has not started.
        ClockAlreadyStopped: for this very reason.
        CaseMoved: its result is approved and being signed.
        Invalid: no such reason, or no article.
    """
    case = lock_case(case_id)
    require(permissions.can_suspend(actor, case))
    if reason not in OFFICER_REASONS:
        raise Invalid("Mời chọn lý do tạm dừng: niêm yết, lấy ý kiến hoặc chờ người dân xác nhận.")
    article = _article(basis)
    _require_running(case)
    pause = _open_pause(case, PauseReason(reason), basis=article, note=note, until=expected_until, actor=actor, at=at)
    event = ClockSuspended(
        case_id=case.pk, pause_id=pause.pk, reason=reason, basis=article, note=pause.note, since=at,
        expected_until=expected_until,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    refresh_clock(case, at=at)
    return pause


@action
def resume_clock(*, case_id: int, reason: str, actor: Actor, at: datetime) -> Case:
    """Hết tạm dừng, thời hạn tính tiếp; the due date moves by the time in which the case stood still.

    Raises:
        ClockNotStopped: the clock does not stand still for this reason.
    """
    case = lock_case(case_id)
    require(permissions.can_suspend(actor, case))
    pause = case.pauses.filter(reason=reason, ended_at__isnull=True, incident__isnull=True).first()
    if reason not in OFFICER_REASONS or pause is None:
        raise ClockNotStopped
    end_pause(case, pause, actor=actor, at=at)
    return case


@action
def extend_deadline(
    *, case_id: int, working_days: int, reason: str, basis: str, actor: Actor, at: datetime
) -> Extension:
    """Xin lỗi và hẹn lại (Mẫu 04): so many working days from the date that holds, told before it has passed.

    The new date is computed, never typed. The letter of apology follows at once in a job.

    Raises:
        ClockNotRunning: there is no date now: not in work, or the clock stands still.
        ExtensionsUsedUp: as often as the procedure allows.
        ExtensionTooLate: not on a day before the due day.
        CaseMoved: its result is approved and being signed.
        Invalid: no reason, or not a number of days.
    """
    case = lock_case(case_id)
    require(permissions.can_extend(actor, case))
    if not reason.strip():
        raise Invalid("Mời ghi lý do chậm, vì phiếu xin lỗi phải nêu lý do.")
    if not 1 <= working_days <= LONGEST_EXTENSION:
        raise Invalid(f"Số ngày làm việc hẹn thêm phải từ 1 đến {LONGEST_EXTENSION}.")
    _require_running(case)
    if case.due_at is None or case.paused_since is not None or case.unit_id is None:
        raise ClockNotRunning("Thời hạn đang dừng nên chưa có ngày hẹn để gia hạn.")
    number = case.extensions.count() + 1
    if number > package_of(case).policies.extensions:
        raise ExtensionsUsedUp
    if civil_date(at) >= civil_date(case.due_at):
        raise ExtensionTooLate
    amount = Limit(Decimal(working_days), LimitUnit.WORKING_DAY)
    old, new = case.due_at, rules.extended_due(case.due_at, amount, calendar_of(case.unit_id, at))
    extension = Extension.objects.create(
        case=case, number=number, reason=reason.strip(), basis=basis.strip()[:_BASIS_LENGTH], old_due_at=old,
        new_due_at=new, decided_by=actor.name, decided_at=at,
    )  # fmt: skip
    event = DeadlineExtended(
        case_id=case.pk, extension_id=extension.pk, number=number, amount=str(amount), reason=extension.reason,
        basis=extension.basis, decided_at=at, old_due_at=old, new_due_at=new,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    refresh_clock(case, at=at)
    case.extended_at = at
    save(case, at, "extended_at")
    return extension


@action
def begin_financial_duty(
    *, case_id: int, basis: str, note: str, amount_vnd: int = 0, actor: Actor, at: datetime
) -> Pause:
    """Chuyển thông tin nghĩa vụ tài chính: the first due date ends here, the second is counted from the payment.

    With an amount the applicant gets an order to pay it here, and its payment ends the duty; without one an officer says
    that it was paid elsewhere.

    Raises:
        ClockNotRunning: the case is not in work.
        ClockAlreadyStopped: the duty is under way.
        CaseMoved: its result is approved and being signed.
        Invalid: no article.
    """
    case = lock_case(case_id)
    require(permissions.can_suspend(actor, case))
    article = _article(basis)
    _require_running(case)
    first_due = case.due_at
    pause = _open_pause(case, PauseReason.FINANCIAL_DUTY, basis=article, note=note, until=None, actor=actor, at=at)
    event = FinancialDutyBegan(
        case_id=case.pk, pause_id=pause.pk, reason=PauseReason.FINANCIAL_DUTY, basis=article, note=pause.note, since=at,
        first_due_at=first_due,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    case.status = CaseStatus.FINANCIAL_DUTY
    save(case, at, "status")
    refresh_clock(case, at=at)
    if amount_vnd:
        raise_duty(case, amount_vnd, article, actor=actor, at=at)
    return pause


@action
def end_financial_duty(*, case_id: int, actor: Actor, at: datetime) -> Case:
    """Xác nhận đã hoàn thành nghĩa vụ tài chính; the second due date begins.

    Raises:
        ClockNotStopped: no duty is under way.
    """
    case = lock_case(case_id)
    require(permissions.can_suspend(actor, case))
    finish_duty(case, actor=actor, at=at)
    drop_duty(case, actor=actor, at=at)
    return case


def finish_duty(case: Case, *, actor: Actor, at: datetime) -> None:
    """End the duty of a locked case; the second due date begins.

    Raises:
        ClockNotStopped: no duty is under way.
    """
    pause = case.pauses.filter(reason=PauseReason.FINANCIAL_DUTY, ended_at__isnull=True).first()
    if case.status != CaseStatus.FINANCIAL_DUTY or pause is None:
        raise ClockNotStopped("Hồ sơ không chờ nghĩa vụ tài chính.")
    policies = package_of(case).policies
    second = str(policies.second_limit) if policies.second_limit else ""
    pause.ended_at, pause.ended_by = at, actor.name
    pause.save(update_fields=["ended_at", "ended_by"])
    basis = policies.basis.label() if policies.basis else ""
    event = FinancialDutyEnded(case_id=case.pk, pause_id=pause.pk, until=at, limit=second, basis=basis)
    record(event, subject=case, actor=actor, at=at)
    case.status = CaseStatus.PROCESSING
    save(case, at, "status")
    refresh_clock(case, at=at)


def end_pause(case: Case, pause: Pause, *, actor: Actor, at: datetime, until: datetime | None = None) -> None:
    """Close one pause of a locked case and let the clock go on."""
    pause.ended_at, pause.ended_by = max(until or at, pause.started_at), actor.name
    pause.save(update_fields=["ended_at", "ended_by"])
    event = ClockResumed(case_id=case.pk, pause_id=pause.pk, reason=pause.reason, until=pause.ended_at)
    record(event, subject=case, actor=actor, at=at)
    refresh_clock(case, at=at)


def finish_clock(case: Case, *, actor: Actor, at: datetime) -> None:
    """The last look at the clock of a case about to be resolved: nothing stands still any more, and the date is final.

    The date is computed once more, because a calendar may have been published a moment ago whose round has not come by.
    """
    for pause in _RUNNING.all(case_id=case.pk):
        end_pause(case, pause, actor=actor, at=at)
    refresh_clock(case, at=at)


def close_pauses(case: Case, *, actor: Actor, at: datetime) -> None:
    """What ends a case ends whatever it waits for: the rows follow, the log says it by the ending itself."""
    case.pauses.filter(ended_at__isnull=True).update(ended_at=at, ended_by=actor.name)


def _open_pause(
    case: Case, reason: PauseReason, *, basis: str, note: str, until: datetime | None, actor: Actor, at: datetime
) -> Pause:
    if case.pauses.filter(reason=reason, ended_at__isnull=True, incident__isnull=True).exists():
        raise ClockAlreadyStopped
    return Pause.objects.create(
        case=case, reason=reason, basis=basis, note=note.strip(), started_at=at, started_by=actor.name,
        expected_until=until,
    )  # fmt: skip


def _require_running(case: Case) -> None:
    if case.status not in AT_WORK or (case.due_at is None and case.paused_since is None):
        raise ClockNotRunning
    require_undecided(case)


def _article(basis: str) -> str:
    article = " ".join(basis.split())
    if not article or len(article) > _BASIS_LENGTH:
        raise Invalid("Mời ghi căn cứ cho phép dừng thời hạn: điều, khoản và văn bản.")
    return article
