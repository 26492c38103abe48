"""Who is told of what at the bell (thông báo); a job delivered twice tells once."""

from datetime import datetime

from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.enums import MessageSide, ReminderKind, ResultOutcome
from tinhso.apps.cases.events import (
    CaseAssigned,
    CaseHandedOver,
    CaseReopened,
    CaseResolved,
    CaseReturned,
    CaseStopped,
    CaseWithdrawn,
    DeadlineExtended,
    IntakeRefused,
    LimitChanged,
    MessageSent,
    RecomputationFinished,
    ReminderSent,
    ResultReplaced,
    ResultRevoked,
    SupplementRequested,
)
from tinhso.apps.directory import queries as directory
from tinhso.apps.notifications.enums import NoticeKind
from tinhso.apps.notifications.events import ChatReceived
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.clock import now
from tinhso.lib.worktime import Limit

_OUTCOMES = {str(ResultOutcome.REFUSE): "Đã có văn bản trả lời, nêu lý do không giải quyết; mời nhận."}


@jobs.on(SupplementRequested)
def tell_supplement(*, event: SupplementRequested, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp cần bổ sung."""
    words = queries.supplement_words(event.reason, event.answer_until)
    actions.tell_of_case(
        case_id=event.case_id, kind=NoticeKind.SUPPLEMENT, entry_id=entry_id, to_applicant=words, actor=SYSTEM, at=at
    )


@jobs.on(DeadlineExtended)
def tell_extension(*, event: DeadlineExtended, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp ngày hẹn mới, kèm lời xin lỗi."""
    words = queries.extension_words(event.reason, event.old_due_at, event.new_due_at)
    actions.tell_of_case(
        case_id=event.case_id, kind=NoticeKind.EXTENDED, entry_id=entry_id, to_applicant=words, actor=SYSTEM, at=at
    )


@jobs.on(CaseResolved)
def tell_result(*, event: CaseResolved, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp đã có kết quả."""
    actions.tell_of_case(
        case_id=event.case_id,
        kind=NoticeKind.RESULT,
        entry_id=entry_id,
        to_applicant=_OUTCOMES.get(event.outcome, "Đã có kết quả, mời nhận."),
        actor=SYSTEM,
        at=at,
    )


@jobs.on(CaseAssigned)
def tell_assignee(*, event: CaseAssigned, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo cán bộ được giao việc; who takes work himself need not be told."""
    if event.assignee_id is not None and event.assignee_id != actor.account_id:
        actions.tell_of_case(
            case_id=event.case_id, kind=NoticeKind.ASSIGNED, entry_id=entry_id, to_officers="Bạn được giao hồ sơ này.",
            account_ids=[event.assignee_id], actor=SYSTEM, at=at,
        )  # fmt: skip


@jobs.on(ReminderSent)
def tell_reminder(*, event: ReminderSent, actor: Actor, at: datetime, entry_id: int) -> None:
    """Nhắc cán bộ, báo cấp trên; quá hạn thì người nộp cũng được báo và xin lỗi."""
    kind, words = queries.reminder_notice(event.kind, event.due_at)
    late = "Hồ sơ đã quá ngày hẹn; cơ quan xin lỗi và đang giải quyết, sẽ báo ngày hẹn mới."
    actions.tell_of_case(
        case_id=event.case_id, kind=kind, entry_id=entry_id, to_officers=words, account_ids=event.account_ids,
        to_applicant=late if event.kind == ReminderKind.OVERDUE else "", actor=SYSTEM, at=at,
    )  # fmt: skip


@jobs.on(MessageSent)
def tell_message(*, event: MessageSent, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo có tin mới: the applicant of the office's, the officer who has the case of hers."""
    from_office = event.side == MessageSide.OFFICE
    assignee_id = None if from_office else queries.concerned_in(event.case_id).assignee_id
    actions.tell_of_case(
        case_id=event.case_id, kind=NoticeKind.MESSAGE, entry_id=entry_id, to_officers="Người nộp vừa nhắn.",
        to_applicant="Cơ quan vừa nhắn về hồ sơ." if from_office else "",
        account_ids=[] if assignee_id is None else [assignee_id], actor=SYSTEM, at=at,
    )  # fmt: skip


# --- what ends, reopens or changes a case: the applicant reads it without having to look


@jobs.on(IntakeRefused)
def tell_refusal(*, event: IntakeRefused, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp hồ sơ không được tiếp nhận, kèm lý do."""
    words = f"Không tiếp nhận hồ sơ. Lý do: {event.reason}"
    actions.tell_of_case(
        case_id=event.case_id, kind=NoticeKind.PROGRESS, entry_id=entry_id, to_applicant=words, actor=SYSTEM, at=at
    )


@jobs.on(CaseStopped)
def tell_stop(*, event: CaseStopped, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp hồ sơ bị dừng giải quyết, kèm lý do."""
    words = f"Dừng giải quyết hồ sơ. Lý do: {event.reason}"
    actions.tell_of_case(
        case_id=event.case_id, kind=NoticeKind.PROGRESS, entry_id=entry_id, to_applicant=words, actor=SYSTEM, at=at
    )


@jobs.on(CaseWithdrawn)
def tell_withdrawal(*, event: CaseWithdrawn, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp hồ sơ đã được rút tại quầy; who withdrew it himself need not be told."""
    if actor.kind is not ActorKind.CITIZEN:
        words = "Hồ sơ đã được rút theo yêu cầu; thông báo ở trang hồ sơ."
        actions.tell_of_case(
            case_id=event.case_id, kind=NoticeKind.PROGRESS, entry_id=entry_id, to_applicant=words, actor=SYSTEM, at=at
        )


@jobs.on(CaseReopened)
def tell_reopening(*, event: CaseReopened, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp hồ sơ được mở lại để giải quyết tiếp."""
    words = f"Hồ sơ được mở lại, giải quyết tiếp. Lý do: {event.reason}"
    actions.tell_of_case(
        case_id=event.case_id, kind=NoticeKind.PROGRESS, entry_id=entry_id, to_applicant=words, actor=SYSTEM, at=at
    )


@jobs.on(ResultReplaced)
def tell_correction(*, event: ResultReplaced, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp kết quả đã được đính chính bằng văn bản khác."""
    words = f"Văn bản số {event.number} đã được thay bằng văn bản số {event.by_number}; mời nhận bản mới."
    actions.tell_of_case(
        case_id=event.case_id, kind=NoticeKind.PROGRESS, entry_id=entry_id, to_applicant=words, actor=SYSTEM, at=at
    )


@jobs.on(ResultRevoked)
def tell_revocation(*, event: ResultRevoked, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp kết quả bị hủy bỏ, thu hồi."""
    words = f"Văn bản số {event.number} bị hủy bỏ, thu hồi. Lý do: {event.reason}"
    actions.tell_of_case(
        case_id=event.case_id, kind=NoticeKind.PROGRESS, entry_id=entry_id, to_applicant=words, actor=SYSTEM, at=at
    )


@jobs.on(CaseHandedOver)
def tell_handover(*, event: CaseHandedOver, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp cơ quan giải quyết đã đổi, và thời hạn tính thế nào."""
    clock = "thời hạn tính từ hôm nay" if event.restarts_clock else "ngày hẹn giữ nguyên cách tính"
    words = f"{directory.get_unit(event.unit_id).agency_name} đã nhận hồ sơ để giải quyết; {clock}."
    actions.tell_of_case(
        case_id=event.case_id, kind=NoticeKind.PROGRESS, entry_id=entry_id, to_applicant=words, actor=SYSTEM, at=at
    )


@jobs.on(LimitChanged)
def tell_other_limit(*, event: LimitChanged, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp thời hạn giải quyết đã đổi theo quy định khác."""
    before, limit = Limit.parse(event.before).label(), Limit.parse(event.limit).label()
    words = f"Thời hạn giải quyết đổi từ {before} sang {limit}; ngày hẹn và lý do ở trang hồ sơ."
    actions.tell_of_case(
        case_id=event.case_id, kind=NoticeKind.RESCHEDULED, entry_id=entry_id, to_applicant=words, actor=SYSTEM, at=at
    )


@jobs.on(CaseReturned)
def tell_returned(*, event: CaseReturned, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo cán bộ hồ sơ bị trả lại để làm lại, kèm ý kiến."""
    assignee_id = queries.concerned_in(event.case_id).assignee_id
    if assignee_id is not None and assignee_id != actor.account_id:
        actions.tell_of_case(
            case_id=event.case_id, kind=NoticeKind.ASSIGNED, entry_id=entry_id, account_ids=[assignee_id],
            to_officers=f"Hồ sơ trả lại để làm lại: {event.note}", actor=SYSTEM, at=at,
        )  # fmt: skip


@jobs.on(RecomputationFinished)
def tell_moved_dates(*, event: RecomputationFinished, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp và cán bộ đang giữ hồ sơ ngày hẹn mới sau khi lịch làm việc thay đổi."""
    flows.tell_moved_dates(recomputation_id=event.recomputation_id, at=now())


@jobs.on(ChatReceived)
def answer_message(*, event: ChatReceived, actor: Actor, at: datetime, entry_id: int) -> None:
    """Trả lời người nhắn Zalo."""
    actions.answer_chat(message_id=event.message_id, actor=SYSTEM, at=now())
