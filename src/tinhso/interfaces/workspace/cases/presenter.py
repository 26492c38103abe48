"""What an officer reads of a case: facts, papers, clock, handovers (trình bày hồ sơ cho cán bộ)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.enums import MandateBasis
from tinhso.apps.cases import queries
from tinhso.apps.cases.enums import PaperKind, Presence, ResultOutcome, ResultStatus
from tinhso.apps.directory import queries as directory
from tinhso.interfaces.ui.formats import format_datetime
from tinhso.lib.forms import Form, SummarySection
from tinhso.lib.identifiers import format_phone, mask_personal_id

# Twelve digits in a row, spaced or not: a personal number wherever it was written.
_PERSONAL_ID = re.compile(r"(?<!\d)\d{3} ?\d{3} ?\d{3} ?\d{3}(?!\d)")

_PRESENCE = {
    Presence.UPLOADED: ("Đã số hóa", "ok", "file-earmark-check"),
    Presence.PAPER: ("Bản giấy tại quầy", "mute", "file-earmark"),
    Presence.SHOWN: ("Đã xuất trình", "mute", "eye"),
    Presence.DATABASE: ("Lấy từ cơ sở dữ liệu", "info", "database-check"),
    Presence.VAULT: ("Lấy từ kho giấy tờ", "ok", "safe"),
    Presence.DECLARED: ("Kê khai trên mẫu", "mute", "pencil-square"),
}

_RESULT_TONES = {
    ResultStatus.PROPOSED: "info",
    ResultStatus.APPROVED: "soon",
    ResultStatus.SIGNED: "ok",
    ResultStatus.FAILED: "late",
    ResultStatus.CANCELLED: "mute",
    ResultStatus.REPLACED: "mute",
    ResultStatus.REVOKED: "late",
}
_LATENESS_TONES = {"early": "ok", "on_time": "ok", "late": "late"}


@dataclass(frozen=True, slots=True)
class Piece:
    """One component of the file."""

    id: int
    name: str
    how: str
    tone: str
    icon: str
    file_id: int | None
    file_name: str
    size: int
    source: str
    from_vault: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One paper made for the applicant; without a file it is being made."""

    id: int
    name: str
    number: str
    at: datetime
    ready: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """One draft or result of the case."""

    id: int
    name: str
    outcome: str
    refused: bool
    status: str
    tone: str
    number: str
    text: str
    fields: tuple[tuple[str, str], ...]
    proposed_by: str
    proposed_at: datetime
    approved_by: str
    signed_at: datetime | None
    failure: str
    has_draft: bool
    ended: str
    is_signed: bool
    is_signing: bool
    signing: str


@dataclass(frozen=True, slots=True)
class Stay:
    """One row of the handover table (Mẫu 06)."""

    number: int
    name: str
    unit: str
    from_name: str
    by_name: str
    entered_at: datetime
    due_at: datetime | None
    left_at: datetime | None
    used_minutes: int | None
    lateness: str
    tone: str
    outcome: str
    note: str


def mask_numbers(text: str) -> str:
    """Every personal number in a text masked: `051 090 •••• 01`."""
    return _PERSONAL_ID.sub(lambda found: mask_personal_id(found.group().replace(" ", "")), text)


def answers(case: Any, *, reveal: bool) -> list[SummarySection]:
    """The answers in words, personal numbers masked unless their reading has been recorded."""
    sections = queries.answers_in_words(case)
    if reveal:
        return sections
    return [
        SummarySection(
            part.title,
            tuple(row._replace(value=mask_numbers(row.value)) for row in part.rows),
            part.key,
            part.paths,
        )
        for part in sections
    ]


def applicant_rows(case: Any, *, reveal: bool) -> list[tuple[str, str]]:
    """Who applies, in the order a counter asks."""
    who = case.applicant
    number = case.applicant_personal_id
    rows = [
        ("Tổ chức", who.get("organisation_name", "") if who.get("kind") == "organisation" else ""),
        ("Mã số thuế", who.get("tax_code", "")),
        ("Họ và tên", case.applicant_name),
        ("Số định danh", (number if reveal else mask_personal_id(number)) if number else ""),
        ("Ngày sinh", _day(str(who.get("birth_date", "")))),
        ("Nơi ở", who.get("address", "")),
        ("Điện thoại", format_phone(str(who["phone"])) if who.get("phone") else ""),
        ("Thư điện tử", who.get("email", "")),
    ]
    representative = who.get("representative") or {}
    if representative:
        rows.append(("Người đại diện", str(representative.get("full_name", ""))))
        rows.append(("Văn bản đại diện", str(representative.get("document", ""))))
    if case.mandate is not None:
        rows.append(("Việc đại diện", _mandate_in_words(case.mandate)))
    return [(label, str(value)) for label, value in rows if value]


def _mandate_in_words(mandate: Any) -> str:
    if mandate.revoked_at is not None:
        return f"Đã chấm dứt {format_datetime(mandate.revoked_at)}; người đại diện không còn quyền với hồ sơ này"
    if mandate.basis == MandateBasis.DECLARED:
        return "Tự khai, chưa ai kiểm tra văn bản"
    return (
        "Cán bộ đã kiểm tra văn bản" if mandate.basis == MandateBasis.RECORDED else "Người được đại diện lập trên Cổng"
    )


def pieces(case: Any) -> list[Piece]:
    """The components of the file."""
    found = []
    for document in case.documents.all():
        how, tone, icon = _PRESENCE[Presence(document.presence)]
        found.append(
            Piece(
                document.pk, document.name, how, tone, icon, document.file_id,
                document.file.name if document.file else "", document.file.size if document.file else 0, document.source,
                document.vault_document_id is not None,
            )
        )  # fmt: skip
    return found


def letters(case: Any) -> list[Letter]:
    """The papers made for the applicant."""
    return [
        Letter(paper.pk, PaperKind(paper.kind).label, paper.number, paper.created_at, paper.file_id is not None)
        for paper in case.papers.all()
    ]


def outcomes(case: Any, draft: Form | None) -> list[Outcome]:
    """Drafts and results, the newest first."""
    labels = {field.key: field.label for field in draft.fields} if draft else {}
    return [
        Outcome(
            id=result.pk, name=result.name, outcome=ResultOutcome(result.outcome).label,
            refused=result.outcome == ResultOutcome.REFUSE, status=ResultStatus(result.status).label,
            tone=_RESULT_TONES[ResultStatus(result.status)], number=result.number, text=result.text,
            fields=tuple((labels.get(key, key), str(value)) for key, value in result.fields.items() if value),
            proposed_by=result.proposed_by, proposed_at=result.proposed_at, approved_by=result.approved_by,
            signed_at=result.signed_at, failure=result.failure,
            ended=_ended(result), has_draft=result.status in {ResultStatus.PROPOSED, ResultStatus.APPROVED},
            is_signed=result.status == ResultStatus.SIGNED, is_signing=result.status == ResultStatus.APPROVED,
            signing=_signing(result),
        )
        for result in sorted(case.results.all(), key=lambda row: row.pk, reverse=True)
    ]  # fmt: skip


def _signing(result: Any) -> str:
    """What stands in the way of the signature or the seal of an approved result."""
    if result.status != ResultStatus.APPROVED:
        return ""
    waiting = queries.signing_of(result.pk)
    sentence = waiting.sentence if waiting else ""
    return sentence.replace("Chờ bạn", "Chờ người ký").replace("Bạn đã", "Người ký đã")


def _ended(result: Any) -> str:
    """Since when and by what a signed paper no longer holds."""
    if result.ended_at is None:
        return ""
    since = format_datetime(result.ended_at)
    if result.status == ResultStatus.REVOKED:
        return f"Hết hiệu lực từ {since}, theo {result.ended_by}: {result.end_reason}"
    return f"Hết hiệu lực từ {since}, đã thay bằng bản đính chính: {result.end_reason}"


def handovers(case: Any) -> list[Stay]:
    """Every stay at a step: who gave it, who did it, how long it took (phiếu kiểm soát, Mẫu 06)."""
    return [
        Stay(
            number=step.sequence, name=step.name, unit=directory.get_unit(step.unit_id).name, from_name=step.from_name,
            by_name=step.by_name, entered_at=step.entered_at, due_at=step.due_at, left_at=step.left_at,
            used_minutes=step.used_minutes, lateness=step.get_lateness_display() if step.lateness else "",
            tone=_LATENESS_TONES.get(step.lateness, "mute"), outcome=step.get_outcome_display() if step.outcome else "",
            note=step.note,
        )
        for step in sorted(case.steps.all(), key=lambda row: row.sequence)
    ]  # fmt: skip


def time_shares(case: Any, now: datetime, entries: Sequence[Any]) -> list[dict[str, Any]]:
    """What each unit and officer used of the time, apart from waiting (thời gian đã dùng)."""
    return [
        {"unit": directory.get_unit(share.unit_id).name, "name": share.name, "used_minutes": share.used_minutes,
         "waited_minutes": share.waited_minutes}
        for share in queries.used_time(case, now, entries=entries)
        if share.used_minutes or share.waited_minutes
    ]  # fmt: skip


def same_person(case: Any, actor: Any, now: datetime) -> Sequence[Any]:
    """Other open cases of the same person for the same procedure (hồ sơ trùng)."""
    if not case.applicant_personal_id:
        return ()
    found = queries.list_cases(
        actor=actor, now=now, q=case.applicant_personal_id, procedure=case.procedure_code, limit=6
    )
    return [item for item in found.items if item.id != case.pk and item.code]


def names_of(account_ids: set[int]) -> dict[int, str]:
    """Names of officers by account number."""
    return accounts.account_names(account_ids) if account_ids else {}


def _day(iso: str) -> str:
    parts = iso.split("-")
    return "/".join(reversed(parts)) if len(parts) == 3 else iso
