"""What follows from a case's events, and the nightly round."""

from datetime import datetime

from tinhso.apps.calendars.events import CalendarPublished
from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.data import CaseNotAwaitingSupplement
from tinhso.apps.cases.enums import PaperKind
from tinhso.apps.cases.events import (
    CaseReceived,
    CaseWithdrawn,
    DeadlineExtended,
    IncidentEnded,
    IncidentRecorded,
    IntakeRefused,
    ResultApproved,
    SupplementRequested,
)
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import now


@jobs.on(CaseReceived)
def make_acknowledgement(*, event: CaseReceived, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập giấy tiếp nhận và hẹn trả kết quả."""
    flows.issue_paper(case_id=event.case_id, kind=PaperKind.ACKNOWLEDGEMENT, officer=actor, extra={}, at=at)


@jobs.on(SupplementRequested)
def make_supplement_request(*, event: SupplementRequested, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập phiếu yêu cầu bổ sung."""
    extra = {"items": event.items, "reason": event.reason}
    flows.issue_paper(
        case_id=event.case_id, kind=PaperKind.SUPPLEMENT_REQUEST, subject_id=event.supplement_id, officer=actor,
        extra=extra, at=at,
    )  # fmt: skip


@jobs.on(DeadlineExtended)
def make_apology(*, event: DeadlineExtended, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập phiếu xin lỗi và hẹn lại (Mẫu 04)."""
    extra = {"reasons": [event.reason], "due_at": event.old_due_at, "new_due_at": event.new_due_at}
    flows.issue_paper(
        case_id=event.case_id, kind=PaperKind.EXTENSION_APOLOGY, subject_id=event.extension_id, officer=actor,
        extra=extra, at=at,
    )  # fmt: skip


@jobs.on(IncidentRecorded)
def stop_clocks_of_incident(*, event: IncidentRecorded, actor: Actor, at: datetime, entry_id: int) -> None:
    """Dừng thời hạn của những hồ sơ mà sự cố chạm đến."""
    flows.apply_incident_to_cases(incident_id=event.incident_id, at=now())


@jobs.on(IncidentEnded)
def restart_clocks_of_incident(*, event: IncidentEnded, actor: Actor, at: datetime, entry_id: int) -> None:
    """Tính tiếp thời hạn của những hồ sơ mà sự cố đã dừng."""
    flows.apply_incident_to_cases(incident_id=event.incident_id, at=now())


@jobs.on(CalendarPublished)
def recompute_deadlines(*, event: CalendarPublished, actor: Actor, at: datetime, entry_id: int) -> None:
    """Tính lại thời hạn của mọi hồ sơ đang giải quyết theo lịch vừa công bố."""
    flows.recompute_open_deadlines(calendar_key=event.key, calendar_number=event.number, at=now())


@jobs.on(IntakeRefused)
def make_intake_refusal(*, event: IntakeRefused, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập phiếu từ chối tiếp nhận."""
    extra = {"reasons": [event.reason]}
    flows.issue_paper(case_id=event.case_id, kind=PaperKind.INTAKE_REFUSAL, officer=actor, extra=extra, at=at)


@jobs.on(CaseWithdrawn)
def make_withdrawal_notice(*, event: CaseWithdrawn, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập thông báo dừng giải quyết."""
    extra = {"reason": event.reason or "Theo yêu cầu của người nộp", "stopped_at": at}
    flows.issue_paper(case_id=event.case_id, kind=PaperKind.WITHDRAWAL_NOTICE, officer=actor, extra=extra, at=at)


@jobs.on(ResultApproved)
def sign_approved_result(*, event: ResultApproved, actor: Actor, at: datetime, entry_id: int) -> None:
    """Ký số và đóng dấu kết quả vừa được phê duyệt."""
    flows.sign_result(result_id=event.result_id, at=now())


@jobs.periodic(cron="15 1 * * *")
def stop_unanswered() -> None:
    """Dừng những hồ sơ đã quá hạn bổ sung."""
    for case_id in queries.overdue_supplements(now()):
        try:
            actions.stop_case(case_id=case_id, actor=SYSTEM, at=now())
        except CaseNotAwaitingSupplement:  # answered in the meantime
            continue
