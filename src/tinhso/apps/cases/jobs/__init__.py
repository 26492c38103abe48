"""What follows from a case's events, and the nightly round; notices have a file of their own."""

from datetime import datetime
from typing import Any

from tinhso.apps.calendars.events import CalendarPublished
from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.data import CaseNotAwaitingSupplement
from tinhso.apps.cases.enums import PaperKind, ResultOutcome
from tinhso.apps.cases.events import (
    CaseReceived,
    CaseResolved,
    CaseStopped,
    CaseWithdrawn,
    DeadlineExtended,
    ExtractApproved,
    ExtractDeclined,
    IncidentEnded,
    IncidentRecorded,
    IntakeRefused,
    LegMoved,
    LegsOpened,
    LegStarted,
    PaperIssued,
    ReorganisationDecided,
    ResultApproved,
    ResultDelivered,
    ResultRevoked,
    ResultSigned,
    ScanConfirmed,
    ScanTaken,
    SigningBatchConsented,
    SourceEnded,
    SupplementRequested,
    VersionMoveDecided,
)
from tinhso.apps.cases.jobs import _lookups, _money, _notices
from tinhso.apps.notifications.enums import NoticeKind
from tinhso.apps.signatures.enums import RequestStatus
from tinhso.apps.signatures.events import PaperStrengthened, SignatureAnswered
from tinhso.apps.vault.events import DocumentEnded
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.clock import now
from tinhso.kernel.errors import DomainError

# Read for its handlers, which register themselves.
__all__ = ["_lookups", "_money", "_notices"]


@jobs.on(CaseReceived)
def make_acknowledgement(*, event: CaseReceived, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập giấy tiếp nhận và hẹn trả kết quả; for a linked case one, of the whole."""
    if queries.is_leg(event.case_id):
        return
    flows.issue_paper(case_id=event.case_id, kind=PaperKind.ACKNOWLEDGEMENT, officer=actor, extra={}, at=at)


@jobs.on(SupplementRequested)
def make_supplement_request(*, event: SupplementRequested, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập phiếu yêu cầu bổ sung."""
    extra: dict[str, Any] = {"items": event.items, "reason": event.reason}
    if event.answer_until is not None:
        extra["answer_by"] = event.answer_until
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
    flows.issue_paper(
        case_id=event.case_id, kind=PaperKind.INTAKE_REFUSAL, subject_id=event.occasion, officer=actor, extra=extra,
        at=at,
    )  # fmt: skip


@jobs.on(CaseWithdrawn)
def make_withdrawal_notice(*, event: CaseWithdrawn, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập thông báo dừng giải quyết; for a linked case one, of the whole."""
    if queries.is_leg(event.case_id):
        return
    extra = queries.ending_told(event, reason=event.reason or "Theo yêu cầu của người nộp", at=at)
    flows.issue_paper(
        case_id=event.case_id, kind=PaperKind.WITHDRAWAL_NOTICE, subject_id=event.occasion, officer=actor, extra=extra,
        at=at,
    )  # fmt: skip


@jobs.on(CaseStopped)
def make_stop_notice(*, event: CaseStopped, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập thông báo dừng giải quyết vì quá hạn bổ sung hoặc theo quyết định của cơ quan (Mẫu 05)."""
    if queries.is_leg(event.case_id):
        return
    extra = queries.ending_told(event, reason=event.reason, at=at)
    flows.issue_paper(
        case_id=event.case_id, kind=PaperKind.WITHDRAWAL_NOTICE, subject_id=event.occasion, officer=actor, extra=extra,
        at=at,
    )  # fmt: skip


@jobs.on(ResultRevoked)
def make_revocation_decision(*, event: ResultRevoked, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập quyết định hủy bỏ, thu hồi kết quả; none where the decision was made elsewhere."""
    if not event.paper_id:
        return
    flows.issue_paper(
        case_id=event.case_id, kind=PaperKind.REVOCATION_DECISION, subject_id=event.result_id, officer=actor,
        extra=queries.revocation_told(event), at=at,
    )  # fmt: skip


@jobs.on(ExtractApproved)
def make_extract(*, event: ExtractApproved, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập trích lục hoặc bản cấp lại: typeset, signed and sealed."""
    kind = PaperKind.RESULT_DUPLICATE if event.kind == "duplicate" else PaperKind.RESULT_EXTRACT
    flows.issue_paper(
        case_id=event.case_id, kind=kind, subject_id=event.extract_id, officer=actor,
        extra=queries.extract_told(event.extract_id), at=at,
    )  # fmt: skip


@jobs.on(ExtractApproved)
def tell_extract(*, event: ExtractApproved, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp cơ quan đã đồng ý cấp trích lục, bản cấp lại."""
    words = f"Đã đồng ý cấp văn bản số {event.number}; bản ký số có ở trang hồ sơ sau ít phút."
    actions.tell_of_case(
        case_id=event.case_id, kind=NoticeKind.RESULT, entry_id=entry_id, to_applicant=words, actor=SYSTEM, at=at
    )


@jobs.on(ExtractDeclined)
def tell_no_extract(*, event: ExtractDeclined, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp cơ quan không cấp trích lục, bản cấp lại, kèm lý do."""
    words = f"Không cấp trích lục, bản cấp lại: {event.reason}"
    actions.tell_of_case(
        case_id=event.case_id, kind=NoticeKind.RESULT, entry_id=entry_id, to_applicant=words, actor=SYSTEM, at=at
    )


@jobs.on(ResultApproved)
def sign_approved_result(*, event: ResultApproved, actor: Actor, at: datetime, entry_id: int) -> None:
    """Ký số và đóng dấu kết quả vừa được phê duyệt."""
    flows.sign_result(result_id=event.result_id, at=now())


@jobs.on(SignatureAnswered)
def go_on_signing(*, event: SignatureAnswered, actor: Actor, at: datetime, entry_id: int) -> None:
    """Người ký đã trả lời: the next signature, or the end; a refusal waits for the leader."""
    result_id = queries.result_of_subject(event.subject)
    if result_id is not None and event.status == RequestStatus.SIGNED:
        flows.sign_result(result_id=result_id, at=now())


@jobs.on(SignatureAnswered)
def go_on_with_scan(*, event: SignatureAnswered, actor: Actor, at: datetime, entry_id: int) -> None:
    """Cán bộ số hóa đã ký ở nơi khác: the signed paper enters the case."""
    scan_id = queries.scan_of_subject(event.subject)
    if scan_id is not None and event.status == RequestStatus.SIGNED:
        flows.finish_scan(scan_id=scan_id, at=now())


@jobs.on(ScanTaken)
def check_taken_scan(*, event: ScanTaken, actor: Actor, at: datetime, entry_id: int) -> None:
    """Kiểm tra trang quét vừa nhận, unless the counter's page has done so already."""
    flows.check_scan(scan_id=event.scan_id, at=now())


@jobs.on(ScanConfirmed)
def finish_confirmed_scan(*, event: ScanConfirmed, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập, ký số và đưa bản số hóa vào hồ sơ."""
    flows.finish_scan(scan_id=event.scan_id, at=now())


@jobs.on(ScanConfirmed)
def recognise_confirmed_scan(*, event: ScanConfirmed, actor: Actor, at: datetime, entry_id: int) -> None:
    """Nhận dạng chữ của bản quét, khi máy có Tesseract."""
    flows.recognise_scan(scan_id=event.scan_id, at=now())


@jobs.periodic(cron="*/10 * * * *")
def finish_waiting_scans() -> None:
    """Làm tiếp bản số hóa đã xác nhận mà việc nền bị đứt giữa chừng."""
    flows.finish_scans(at=now())


@jobs.on(SigningBatchConsented)
def sign_batch(*, event: SigningBatchConsented, actor: Actor, at: datetime, entry_id: int) -> None:
    """Phê duyệt từng kết quả của một lượt ký; each signature is made by the job of its approval."""
    flows.approve_batch(batch_id=event.batch_id, actor=actor, at=at)


@jobs.on(VersionMoveDecided)
def move_cases_to_version(*, event: VersionMoveDecided, actor: Actor, at: datetime, entry_id: int) -> None:
    """Chuyển từng hồ sơ của một đề nghị đã duyệt sang phiên bản mới."""
    if event.approved:
        flows.move_cases(move_id=event.move_id, at=now())


@jobs.on(ReorganisationDecided)
def hand_over_to_successor(*, event: ReorganisationDecided, actor: Actor, at: datetime, entry_id: int) -> None:
    """Bàn giao hồ sơ của một đợt đã duyệt cho đơn vị kế thừa."""
    if event.approved:
        flows.hand_over_cases(reorganisation_id=event.reorganisation_id, at=now())


@jobs.periodic(cron="15 1 * * *")
def stop_unanswered() -> None:
    """Dừng những hồ sơ đã quá hạn bổ sung."""
    for case_id in queries.overdue_supplements(now()):
        try:
            actions.stop_unanswered_case(case_id=case_id, actor=SYSTEM, at=now())
        except CaseNotAwaitingSupplement:  # answered in the meantime
            continue


@jobs.on(LegsOpened)
def start_first_legs(*, event: LegsOpened, actor: Actor, at: datetime, entry_id: int) -> None:
    """Chuyển những bước liên thông đầu tiên; a first leg at the counter that received the whole is received there too."""
    receiver = actor if actor.kind is ActorKind.OFFICER else None
    actions.advance_linked(case_id=event.case_id, receiver=receiver, actor=SYSTEM, at=at)


@jobs.on(LegMoved)
def follow_moved_leg(*, event: LegMoved, actor: Actor, at: datetime, entry_id: int) -> None:
    """Cập nhật hồ sơ liên thông theo bước vừa đổi trạng thái."""
    actions.follow_leg(child_id=event.child_id, actor=SYSTEM, at=at)


@jobs.on(ResultSigned)
def follow_mended_result(*, event: ResultSigned, actor: Actor, at: datetime, entry_id: int) -> None:
    """Kết quả đính chính của một bước được chuyển tới các bước đang dùng nó."""
    actions.follow_leg(child_id=event.case_id, actor=SYSTEM, at=at)


@jobs.on(ResultSigned)
def put_result_in_vault(*, event: ResultSigned, actor: Actor, at: datetime, entry_id: int) -> None:
    """Đưa kết quả đã ký vào kho giấy tờ của chủ hồ sơ."""
    flows.keep_result(result_id=event.result_id, file_id=event.file_id, at=at)


@jobs.on(CaseReceived)
def put_components_in_vault(*, event: CaseReceived, actor: Actor, at: datetime, entry_id: int) -> None:
    """Đưa các thành phần hồ sơ đã kiểm tra khi tiếp nhận vào kho giấy tờ của chủ hồ sơ."""
    flows.keep_components(case_id=event.case_id, at=at)


@jobs.on(CaseResolved)
def put_late_components_in_vault(*, event: CaseResolved, actor: Actor, at: datetime, entry_id: int) -> None:
    """Đưa thành phần nộp bổ sung vào kho khi hồ sơ được giải quyết; a refusal vouches for nothing."""
    if event.outcome == ResultOutcome.GRANT:
        flows.keep_components(case_id=event.case_id, at=at)


@jobs.on(ResultRevoked)
def end_result_in_vault(*, event: ResultRevoked, actor: Actor, at: datetime, entry_id: int) -> None:
    """Ghi kết quả trong kho đã bị hủy bỏ, thu hồi."""
    reason = f"{event.decision}: {event.reason}"
    actions.end_kept_result(result_id=event.result_id, reason=reason, actor=SYSTEM, at=at)


@jobs.on(DocumentEnded)
def tell_cases_of_ended_document(*, event: DocumentEnded, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo các hồ sơ đang giải quyết dùng một giấy tờ vừa bị thay thế, thu hồi."""
    flows.flag_sources(document_id=event.document_id, at=at)


@jobs.on(SourceEnded)
def tell_officers_of_ended_source(*, event: SourceEnded, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo cán bộ đang giữ hồ sơ rằng một giấy tờ nguồn không còn hiệu lực; the applicant has a message of the office."""
    actions.tell_of_case(
        case_id=event.case_id, kind=NoticeKind.REMINDER, entry_id=entry_id, account_ids=event.account_ids,
        to_officers=f"«{event.name}» đang dùng không còn hiệu lực, mời xử lý trước khi ký.", actor=SYSTEM, at=at,
    )  # fmt: skip


@jobs.on(ResultSigned)
def keep_signed_result(*, event: ResultSigned, actor: Actor, at: datetime, entry_id: int) -> None:
    """Đưa kết quả vừa đóng dấu vào hàng chờ đóng dấu thời gian."""
    flows.keep_signed(subject=f"result:{event.result_id}", file_id=event.file_id, signed_at=at, at=now())


@jobs.on(PaperIssued)
def keep_issued_paper(*, event: PaperIssued, actor: Actor, at: datetime, entry_id: int) -> None:
    """Đưa giấy tờ đã ký, đóng dấu vào hàng chờ đóng dấu thời gian; a receipt nobody signed is left alone."""
    paper_id = queries.paper_of_code(event.code)
    if paper_id is not None:
        flows.keep_signed(subject=f"paper:{paper_id}", file_id=event.file_id, signed_at=at, at=now())


@jobs.on(PaperStrengthened)
def take_strengthened_file(*, event: PaperStrengthened, actor: Actor, at: datetime, entry_id: int) -> None:
    """Hồ sơ và kho dùng bản có thêm dấu thời gian, bằng chứng."""
    flows.take_strengthened(subject=event.subject, at=now())


@jobs.on(ResultDelivered)
def archive_delivered_result(*, event: ResultDelivered, actor: Actor, at: datetime, entry_id: int) -> None:
    """Hồ sơ đã kết thúc: the result gets its archive stamp, renewed before the authority's certificate ends."""
    flows.archive_results(case_id=event.case_id, at=now())


@jobs.on(LegStarted)
def send_started_leg(*, event: LegStarted, actor: Actor, at: datetime, entry_id: int) -> None:
    """Gửi ngay một bước sang hệ thống của bộ; the round of every minute tries again what could not be sent."""
    if event.system:
        flows.send_ready_legs(at=at)


@jobs.on(CaseWithdrawn)
def tell_ministries(*, event: CaseWithdrawn, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo các hệ thống của bộ rằng người nộp rút hồ sơ liên thông."""
    for leg_id in queries.legs_of_withdrawn(event.case_id):
        flows.withdraw_leg(leg_id=leg_id, reason=event.reason)


@jobs.periodic(cron="50 1 * * *")
def begin_retention() -> None:
    """Bắt đầu tính thời hạn lưu giữ giấy tờ của những hồ sơ đã kết thúc."""
    flows.begin_retention(at=now())


@jobs.periodic(cron="* * * * *")
def exchange_with_ministries() -> None:
    """Gửi các bước đang chờ, hỏi tình trạng các bước đang ở hệ thống của bộ."""
    flows.send_ready_legs(at=now())
    for leg_id in queries.legs_to_ask():
        try:
            flows.ask_leg(leg_id=leg_id, at=now())
        except DomainError:  # one system out of order does not hold the others up; the next round asks again
            continue


@jobs.periodic(cron="*/5 * * * *")
def watch_legs() -> None:
    """Thử lại bước chưa chuyển được; cảnh báo bước quá giờ mà cơ quan chưa nhận."""
    for case_id in queries.held_wholes():
        actions.advance_linked(case_id=case_id, receiver=None, actor=SYSTEM, at=now())
    for leg_id in queries.unacknowledged(now()):
        actions.record_unacknowledged(leg_id=leg_id, actor=SYSTEM, at=now())


@jobs.periodic(cron="*/5 * * * *")
def watch_consultations() -> None:
    """Nhắc đơn vị được hỏi ý kiến; hết hạn thì coi như đồng ý hoặc báo đơn vị đã hỏi; hồ sơ đã xong thì thôi hỏi."""
    flows.look_after_consultations(at=now())


@jobs.periodic(cron="*/10 * * * *")
def remind_of_dates() -> None:
    """Nhắc hạn, báo cáo cấp trên: mỗi người một lần cho mỗi ngày hạn."""
    at, more = now(), True
    while more:
        found = queries.cases_to_remind(now=at)
        for case_id in found.wanted:
            actions.remind_of_case(case_id=case_id, actor=SYSTEM, at=at)
        actions.note_looks(looks=found.looks, actor=SYSTEM, at=at)
        more = found.more


@jobs.periodic(cron="35 2 * * *")
def clear_scan_folders() -> None:
    """Xóa tệp trong thư mục máy quét mà quá hạn không ai lấy."""
    flows.clear_scan_folders(at=now())
