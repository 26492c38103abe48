"""What the archive takes over of a case that is over: its facts, its files, its history."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from tinhso.apps.cases.enums import CaseStatus, PaperKind, ResultStatus
from tinhso.apps.cases.models import Case, Result
from tinhso.apps.cases.queries._case import answers_in_words, case_as_filed
from tinhso.apps.directory import queries as directory
from tinhso.kernel.clock import PROVINCE_TIME

OVER = (CaseStatus.DELIVERED, CaseStatus.INTAKE_REFUSED, CaseStatus.WITHDRAWN, CaseStatus.STOPPED)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a case as the archive lists it; `type_code` by the table of document types of TT 05/2025/TT-BNV."""

    kind: str
    title: str
    file_id: int
    issued_on: date
    number: str = ""
    issuer: str = ""
    type_code: str = "32"
    signed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A closed case as it goes into a package: plain values only."""

    case_id: int
    code: str
    procedure_code: str
    procedure_name: str
    field: str
    applicant_name: str
    unit_id: int
    opened_on: date
    closed_on: date
    facts: dict[str, Any]
    files: tuple[KeptFile, ...]
    on_paper: tuple[str, ...] = ()


def closed_cases(*, unit_ids: frozenset[int], before: datetime) -> QuerySet[Case]:
    """Cases of these units that were handed over or ended before an instant, the oldest first; for the archive's lists."""
    over = Q(status=CaseStatus.DELIVERED, delivered_at__lt=before)
    over |= Q(status__in=OVER[1:], closed_at__lt=before)
    return Case.objects.filter(over, unit_id__in=unit_ids, code__isnull=False).order_by("id")


def units_with_closed_cases(*, before: datetime) -> list[int]:
    """The units that have such cases at all."""
    every = frozenset(unit.id for unit in directory.list_units(on=before.astimezone(PROVINCE_TIME).date()))
    rows = closed_cases(unit_ids=every, before=before).order_by().values_list("unit_id", flat=True).distinct()
    return sorted(unit_id for unit_id in rows if unit_id is not None)


def record_of(case_id: int) -> CaseRecord:
    """Everything of a closed case that is kept. For the system's own work: it asks no right.

    Raises:
        CaseNotFound: there is none.
    """
    case = case_as_filed(case_id)
    assert case.unit_id is not None  # noqa: S101 - a closed case was filed
    closed = case.delivered_at or case.closed_at or case.updated_at
    documents = list(case.documents.select_related("file").order_by("id"))
    files = [*_results(case), *_papers(case)]
    files += [
        KeptFile(
            "document", row.name, row.file_id, _day(row.added_at), issuer=row.source, note=row.get_presence_display()
        )
        for row in documents
        if row.file_id is not None
    ]
    return CaseRecord(
        case_id=case.pk, code=case.code or "", procedure_code=case.procedure_code, procedure_name=case.procedure_name,
        field=case.field, applicant_name=case.applicant_name, unit_id=case.unit_id,
        opened_on=_day(case.submitted_at or case.created_at), closed_on=_day(closed), facts=_facts(case, closed),
        files=tuple(files), on_paper=tuple(row.name for row in documents if row.file_id is None),
    )  # fmt: skip


def _results(case: Case) -> list[KeptFile]:
    notes = {
        ResultStatus.REPLACED: "đã thay bằng bản đính chính", ResultStatus.REVOKED: "đã hủy bỏ, thu hồi",
        ResultStatus.SIGNED: "",
    }  # fmt: skip
    signed = case.results.filter(signed_at__isnull=False, file__isnull=False).select_related("book_entry__book")
    found = []
    for result in signed.order_by("id"):
        assert result.file_id is not None and result.signed_at is not None  # noqa: S101, PT018 - asked for above
        found.append(
            KeptFile(
                PaperKind.RESULT, result.name, result.file_id, _day(result.signed_at), result.number, _issuer(case, result),
                signed=True, note=notes.get(ResultStatus(result.status), ""),
            )
        )  # fmt: skip
    return found


def _papers(case: Case) -> list[KeptFile]:
    rows = case.papers.filter(file__isnull=False).select_related("book_entry__book").order_by("id")
    return [
        KeptFile(
            row.kind, PaperKind(row.kind).label, row.file_id or 0, _day(row.created_at), row.number,
            directory.get_unit(row.book_entry.book.unit_id).agency_name, signed=True,
        )
        for row in rows
    ]  # fmt: skip


def _issuer(case: Case, result: Result) -> str:
    unit_id = result.book_entry.book.unit_id if result.book_entry else case.unit_id
    return directory.get_unit(unit_id).agency_name if unit_id else ""


def _facts(case: Case, closed: datetime) -> dict[str, Any]:
    instants = {
        "submitted_at": case.submitted_at, "received_at": case.received_at, "due_at": case.due_at,
        "resolved_at": case.resolved_at, "delivered_at": case.delivered_at, "closed_at": closed,
    }  # fmt: skip
    return {
        "code": case.code,
        "procedure": {"code": case.procedure_code, "name": case.procedure_name, "field": case.field},
        "status": case.status,
        "channel": case.channel,
        "applicant": {
            **case.applicant, "name": case.applicant_name, "personal_id": case.applicant_personal_id,
            "kind": case.applicant_kind,
        },
        "answers": [{"title": part.title, "rows": [list(row) for row in part.rows]} for part in answers_in_words(case)],
        "fee_vnd": case.fee_vnd,
        "lateness": case.lateness,
        "instants": {key: at.isoformat() for key, at in instants.items() if at is not None},
        "documents": [
            {"name": row.name, "presence": row.presence, "originals": row.originals, "copies": row.copies}
            for row in case.documents.order_by("id")
        ],
        "results": [
            {"name": row.name, "number": row.number, "outcome": row.outcome, "status": row.status, "text": row.text,
             "approved_by": row.approved_by, "end_reason": row.end_reason}
            for row in case.results.filter(signed_at__isnull=False).order_by("id")
        ],
    }  # fmt: skip


def _day(at: datetime) -> date:
    return at.astimezone(PROVINCE_TIME).date()
