"""What a citizen reads of her case: what happens now, what has happened, what she may do (trình bày hồ sơ)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tinhso.apps.cases.enums import (
    AWAITING_APPLICANT,
    INTAKE_STATUSES,
    OPEN_STATUSES,
    PUBLIC_STATE,
    CaseStatus,
    PaperKind,
    Presence,
    ResultOutcome,
    ResultStatus,
)
from tinhso.apps.procedures.enums import StepKind

_PRESENCE = {
    Presence.UPLOADED: "Đã gửi tệp",
    Presence.PAPER: "Đã nộp bản giấy",
    Presence.SHOWN: "Đã xuất trình",
    Presence.DECLARED: "Kê khai trên mẫu",
    Presence.VAULT: "Lấy từ kho giấy tờ",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One point of the timeline."""

    title: str
    at: datetime | None
    detail: str = ""
    state: str = "done"


@dataclass(frozen=True, slots=True)
class Piece:
    """One component of the file as filed."""

    name: str
    how: str
    document_id: int | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything the page of one case says."""

    case: Any
    state: str
    supplement: Any
    result: Any
    refused: bool
    moments: list[Moment]
    pieces: list[Piece]
    papers: list[tuple[str, datetime, int]]
    may_withdraw: bool
    may_take_result: bool
    may_rate: bool
    rating: Any


def present(case: Any, papers: Sequence[Moment] = ()) -> CaseView:
    """The page of one case with all its parts at hand (prefetched by the query); `papers` joins its line of time."""
    status = CaseStatus(case.status)
    result = next((r for r in case.results.all() if r.status == ResultStatus.SIGNED), None)
    approved = any(r.status in {ResultStatus.APPROVED, ResultStatus.SIGNED} for r in case.results.all())
    rating = getattr(case, "rating", None)
    return CaseView(
        case=case,
        state=PUBLIC_STATE[status].value,
        supplement=next((s for s in case.supplements.all() if s.answered_at is None), None)
        if status in AWAITING_APPLICANT
        else None,
        result=result,
        refused=result is not None and result.outcome == ResultOutcome.REFUSE,
        moments=_moments(case, status, papers),
        pieces=[_piece(document) for document in case.documents.all()],
        papers=[
            (PaperKind(paper.kind).label, paper.created_at, paper.pk)
            for paper in case.papers.all()
            if paper.file_id is not None
        ],
        may_withdraw=status in {*INTAKE_STATUSES, *OPEN_STATUSES} and not approved,
        may_take_result=status == CaseStatus.RESOLVED and result is not None,
        may_rate=status in {CaseStatus.RESOLVED, CaseStatus.DELIVERED} and rating is None,
        rating=rating,
    )


def _piece(document: Any) -> Piece:
    if document.presence == Presence.VAULT:
        return Piece(document.name, f"Từ kho của bạn: {document.source}", document.pk)
    if document.presence == Presence.DATABASE:
        return Piece(document.name, f"Lấy từ {document.source}", None)
    how = document.file.name if document.file else _PRESENCE[Presence(document.presence)]
    return Piece(document.name, how, document.pk if document.file_id else None)


def _moments(case: Any, status: CaseStatus, papers: Sequence[Moment]) -> list[Moment]:
    found = [Moment("Nộp hồ sơ", case.submitted_at, case.get_channel_display()), *papers]
    if case.received_at:
        found.append(Moment("Tiếp nhận", case.received_at, "Bắt đầu tính thời hạn"))
    steps = [step for step in case.steps.all() if step.kind not in {StepKind.RECEPTION, StepKind.DELIVERY}]
    found += [_step(step, waiting=status in AWAITING_APPLICANT) for step in steps]
    for supplement in case.supplements.all():
        is_open = supplement.answered_at is None and status in AWAITING_APPLICANT
        found.append(
            Moment("Yêu cầu bổ sung", supplement.requested_at, supplement.reason, "now" if is_open else "done")
        )
        if supplement.answered_at:
            found.append(Moment("Đã bổ sung", supplement.answered_at, supplement.answer))
    if case.resolved_at:
        found.append(Moment("Có kết quả", case.resolved_at))
    if case.delivered_at:
        found.append(Moment("Đã trả kết quả", case.delivered_at))
    for result in case.results.all():
        if result.status == ResultStatus.REVOKED:
            found.append(
                Moment(f"Kết quả số {result.number} bị hủy bỏ, thu hồi", result.ended_at, result.end_reason, "stop")
            )
    ended = {
        CaseStatus.WITHDRAWN: "Đã rút hồ sơ",
        CaseStatus.STOPPED: "Dừng giải quyết",
        CaseStatus.INTAKE_REFUSED: "Từ chối tiếp nhận",
    }
    if status in ended and case.closed_at:
        found.append(Moment(ended[status], case.closed_at, state="stop"))
    found.sort(key=lambda moment: (moment.at is None, moment.at or case.created_at, moment.state == "now"))
    if status == CaseStatus.SUBMITTED:
        found.append(Moment("Bộ phận Một cửa kiểm tra và tiếp nhận", None, state="now"))
    return found


def _step(step: Any, *, waiting: bool) -> Moment:
    return Moment(step.name, step.entered_at, state="done" if step.left_at or waiting else "now")
