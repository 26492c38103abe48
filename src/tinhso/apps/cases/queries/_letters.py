"""What papers are typeset from: the shared letters (content/letters/letters.yaml) and the results of packages."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings

from tinhso.apps.cases import rules
from tinhso.apps.cases.enums import PaperKind, ResultOutcome
from tinhso.apps.cases.events import ResultRevoked
from tinhso.apps.cases.models import Case, Paper, Result
from tinhso.apps.cases.queries._case import answers_in_words, get_package
from tinhso.apps.cases.queries._clock import explain_deadline
from tinhso.apps.cases.queries._copies import certified_copy
from tinhso.apps.cases.queries._places import deciding_unit_id
from tinhso.apps.cases.queries._scans import copy_scan, wants_copy
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.enums import SuccessionExtent
from tinhso.apps.documents import queries as documents
from tinhso.apps.documents.data import PaperNotTypeset
from tinhso.apps.signatures import queries as signatures
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.amounts import dong
from tinhso.lib.qr import qr_picture
from tinhso.lib.worktime import Limit

REFUSAL = "refusal"


def paper_pdf(case: Case, paper: Paper, *, base_url: str, extra: Mapping[str, Any]) -> bytes:
    """A shared letter of a case as PDF/A (giấy tiếp nhận, phiếu bổ sung, phiếu từ chối, thông báo dừng).

    Raises:
        PaperNotTypeset: a value the letter needs is absent, or the template fails.
    """
    data = {
        **_shared(case, code=paper.check_code, base_url=base_url, at=paper.created_at),
        "qr_text": _paper_address(case, paper, base_url),
        "agency": _agency(case, paper),
        "number": paper.number,
        "officer": {"name": paper.issued_by},
        "contact": {"name": _one_stop(case)["name"], "phone": ""},
        "case": {"code": case.code, "request": case.procedure_name, "procedure": case.procedure_name},
        "applicant": _party(case),
        "documents": [
            {"name": d.name, "originals": d.originals, "copies": d.copies, "note": d.get_presence_display().lower()}
            for d in case.documents.all()
        ],
        "sets": 1,
        "limit": Limit.parse(case.time_limit).label() if case.time_limit else "",
        "delivery": _one_stop(case)["name"],
        "recipients": ["Như trên", "Lưu: hồ sơ"],
        "basis": documents.get_letter(paper.kind).cites,
        "signer": {"authority": [], "title": "", "name": _signer(paper)},
        **_why(case, paper),
        **{key: value for key, value in (("received_at", case.received_at), ("due_at", case.due_at)) if value},
        **extra,
    }
    if case.fee_vnd:
        data["fee"] = dong(case.fee_vnd)
    if paper.kind == PaperKind.ACKNOWLEDGEMENT and paper.book_entry_id:
        # One acknowledgement a case: its number in the book is the case's line in the register (Mẫu 01, "vào sổ").
        entry = documents.get_book_entry(paper.book_entry_id)
        data["book"] = {"volume": entry.volume, "entry": entry.label}
    # A version published before a letter was added does not hold its template.
    sources = get_package(case).letters
    known = documents.get_letter(paper.kind).template in sources
    return documents.typeset_letter(paper.kind, _plain(data), sources=sources if known else None)


def result_pdf(case: Case, result: Result, *, base_url: str) -> bytes:
    """The result of a case as PDF/A with number and date, ready to be signed: the package's paper, or the refusal.

    Raises:
        PaperNotTypeset: a value the template needs is absent, or the template fails.
    """
    package = get_package(case)
    kind = next((known for known in package.results if known.key == result.key), None)
    if kind is None or not kind.template:
        return _refusal_pdf(case, result, base_url=base_url)
    data = _result_data(case, result, base_url=base_url)
    scan = copy_scan(case, result)
    data["electronic_copy"] = None if scan is None else {"pages": len(scan.report)}
    letter = documents.typeset_paper(f"{package.folder}/{kind.template}", _plain(data), sources=package.letters)
    if scan is not None:
        return certified_copy(scan, result, letter=letter, agency=data["unit"]["name"], data=data)
    if kind.copy_of and result.outcome == ResultOutcome.GRANT and wants_copy(case, kind, today=_day(result)):
        raise PaperNotTypeset("Chưa có bản quét của bản chính, mời bộ phận một cửa quét rồi ký lại.")
    return letter


def _paper_address(case: Case, paper: Paper, base_url: str) -> str:
    claim = signatures.paper_claim(
        code=paper.check_code, kind=PaperKind(paper.kind).label, number=paper.number,
        issued_on=paper.created_at.astimezone(PROVINCE_TIME).date(), issuer=_agency(case, paper)["name"],
        holder=case.applicant_name,
    )  # fmt: skip
    return signatures.paper_address(claim, base_url=base_url)


def _result_address(case: Case, result: Result, issuer: str, base_url: str) -> str:
    """Signed facts once it is approved and has its number; a draft's code leads to the page only."""
    if result.approved_at is None or not result.number:
        return f"{base_url}/kiem-tra/{result.check_code}"
    claim = signatures.paper_claim(
        code=result.check_code, kind=result.name, number=result.number,
        issued_on=result.approved_at.astimezone(PROVINCE_TIME).date(), issuer=issuer, holder=case.applicant_name,
    )  # fmt: skip
    return signatures.paper_address(claim, base_url=base_url)


def draft_pdf(case: Case, result: Result, *, base_url: str) -> bytes:
    """The proposed result as its readers will see it, without number and date; for review before approval."""
    return result_pdf(case, result, base_url=base_url)


def _issuer_id(case: Case, result: Result) -> int:
    """The agency whose result it is: of the book its number came from, or the one that is to decide."""
    if result.book_entry is not None:
        return result.book_entry.book.unit_id
    on = result.proposed_at.astimezone(PROVINCE_TIME).date()
    return deciding_unit_id(case, get_package(case), on=on)


def book_keeper_id(case: Case, result: Result, *, on: date) -> int:
    """The agency that keeps the book of a result on a day, whose head signs extracts of it (cơ quan đang quản lý sổ gốc).

    That is the agency the number came from, which is not the one that appraised where another one decided; where it is no
    more, the one unit that took all of it over, else the agency that holds the case now (NĐ 23/2015/NĐ-CP Điều 4: cơ quan,
    tổ chức đang quản lý sổ gốc có thẩm quyền và trách nhiệm cấp bản sao từ sổ gốc).
    """
    assert case.unit_id is not None  # noqa: S101 - a filed case has its unit
    return keeper_of(_issuer_id(case, result), held_by=case.unit_id, on=on)


def keeper_of(unit_id: int, *, held_by: int, on: date) -> int:
    """Who answers for a unit's books on a day: itself, its one heir, or else the unit that holds the case."""
    if directory.get_unit(unit_id).is_valid_on(on):
        return unit_id
    heirs = [heir.unit.id for heir in directory.successors_of(unit_id, on) if heir.extent == SuccessionExtent.WHOLE]
    return heirs[0] if len(heirs) == 1 else held_by


def _refusal_pdf(case: Case, result: Result, *, base_url: str) -> bytes:
    unit = directory.get_unit(_issuer_id(case, result))
    lines = _signature_lines(result)
    data = {
        **_shared(case, code=result.check_code, base_url=base_url, at=result.approved_at or result.proposed_at),
        "qr_text": _result_address(case, result, unit.agency_name, base_url),
        "agency": {"parent": _parent_name(unit.id), "name": unit.agency_name},
        "number": result.number,
        "case": {"code": case.code, "procedure": case.procedure_name, "request": case.procedure_name},
        "applicant": _party(case),
        "received_at": case.received_at,
        "reasons": [line.strip() for line in result.text.splitlines() if line.strip()],
        "signer": {"authority": lines[:-1], "title": lines[-1] if lines else "", "name": result.approved_by},
        "recipients": ["Như trên", "Lưu: VT"],
        "replaces": _replaced(result),
    }
    return documents.typeset_letter(REFUSAL, _plain(data), sources=get_package(case).letters)


def _result_data(case: Case, result: Result, *, base_url: str) -> dict[str, Any]:
    unit = directory.get_unit(_issuer_id(case, result))
    at = (result.approved_at or result.proposed_at).astimezone(PROVINCE_TIME)
    lines = _signature_lines(result)
    sections = answers_in_words(case)
    issued = result.approved_at is not None
    return {
        "case": {
            "code": case.code, "procedure_code": case.procedure_code, "procedure_name": case.procedure_name,
            "submitted_at": case.submitted_at, "received_at": case.received_at, "due_at": case.due_at,
        },
        "applicant": {"birth_date": "", "address": "", "phone": "", "email": "", **_texts(case.applicant)},
        "answers": case.answers,
        "summary": [{"title": s.title, "rows": [[label, value] for label, value in s.rows]} for s in sections],
        "unit": {
            "name": unit.agency_name, "parent_name": _parent_name(unit.id), "code": unit.code,
            "place": _place(unit.id),
        },
        "number": result.number,
        "issue_date": {"day": at.day, "month": at.month, "year": at.year, "text": ""} if issued else None,
        "signer": {
            "title": lines[-1] if lines else "", "name": result.approved_by, "on_behalf": "\n".join(lines[:-1]),
            "lines": lines,
        },
        "proposal": {"text": result.text, "fields": result.fields},
        "assumed": bool(settings.DEMO),
        "is_refusal": result.outcome == ResultOutcome.REFUSE,
        "replaces": _replaced(result),
        "code": result.check_code,
        "verify_url": f"{base_url}/kiem-tra/{result.check_code}",
        "qr_svg": qr_picture(_result_address(case, result, unit.agency_name, base_url)),
    }  # fmt: skip


def revocation_told(event: ResultRevoked) -> dict[str, Any]:
    """What the decision to revoke says beside the facts of the case (quyết định hủy bỏ, thu hồi kết quả)."""
    result = Result.objects.select_related("case", "book_entry__book").get(pk=event.result_id)
    paper = Paper.objects.get(pk=event.paper_id)
    lines = [line for line in event.signer_title.split("\n") if line]
    unit_id = _issuer_id(result.case, result)
    return {
        "agency": {"parent": _parent_name(unit_id), "name": directory.get_unit(unit_id).agency_name},
        "place": _place(unit_id),
        "result": {"name": result.name, "number": result.number, "date": _day_of(result)},
        "reasons": [line.strip() for line in event.reason.splitlines() if line.strip()],
        "settlement": rules.settlement(effect=event.fee_effect, fee_vnd=event.fee_vnd),
        "signer": {"authority": lines[:-1], "title": lines[-1] if lines else "", "name": paper.issued_by},
        "recipients": ["Như Điều 3", "Lưu: VT, hồ sơ"],
    }


def _day(result: Result) -> date:
    return result.proposed_at.astimezone(PROVINCE_TIME).date()


def _replaced(result: Result) -> dict[str, str] | None:
    """Number and date of the paper whose place a corrected one takes, for its last line; None for any other."""
    if result.replaces is None:
        return None
    return {"number": result.replaces.number, "date": _day_of(result.replaces)}


def _day_of(result: Result) -> str:
    at = (result.approved_at or result.proposed_at).astimezone(PROVINCE_TIME)
    return at.date().isoformat()


def _shared(case: Case, *, code: str, base_url: str, at: datetime) -> dict[str, Any]:
    assert case.unit_id is not None  # noqa: S101 - papers are made for filed cases
    return {
        "place": _place(case.unit_id),
        "issued_on": at.astimezone(PROVINCE_TIME).date(),
        "code": code,
        "check_url": f"{base_url}/kiem-tra/{code}",
        "qr_text": f"{base_url}/kiem-tra/{code}",
        "assumed": bool(settings.DEMO),
    }


def _why(case: Case, paper: Paper) -> dict[str, Any]:
    """On the acknowledgement: why that date, in the sentences of every other place that explains it."""
    if paper.kind != PaperKind.ACKNOWLEDGEMENT:
        return {}
    explained = explain_deadline(case, paper.created_at)
    if explained is None:
        return {}
    basis = f", theo {explained.basis}" if explained.basis else ""
    limit = f"Thời hạn {explained.limit_label}{basis}."
    said = [limit, explained.shortened, *(step.rule for step in explained.deadline.steps)]
    return {"why": [sentence for sentence in said if sentence]}


def _agency(case: Case, paper: Paper) -> dict[str, str]:
    """Who writes: the one-stop unit, but for the apology, which is the resolving agency's own (Mẫu 04)."""
    if paper.kind != PaperKind.EXTENSION_APOLOGY or case.unit_id is None:
        return _one_stop(case)
    return {"parent": _parent_name(case.unit_id), "name": directory.get_unit(case.unit_id).agency_name}


def _signer(paper: Paper) -> str:
    """The head who apologises; what the centre seals bears no person's name."""
    return paper.issued_by if paper.kind == PaperKind.EXTENSION_APOLOGY else ""


def _one_stop(case: Case) -> dict[str, str]:
    assert case.intake_unit_id is not None  # noqa: S101 - papers are made for filed cases
    return {"parent": _parent_name(case.intake_unit_id), "name": directory.get_unit(case.intake_unit_id).agency_name}


def _party(case: Case) -> dict[str, str]:
    found = {
        "name": case.applicant_name, "id_number": case.applicant_personal_id,
        "address": case.applicant.get("address", ""), "phone": case.applicant.get("phone", ""),
        "email": case.applicant.get("email", ""),
    }  # fmt: skip
    return {key: str(value) for key, value in found.items() if value}


def _parent_name(unit_id: int) -> str:
    parent = next((p for p in directory.ancestors_of(unit_id) if p.kind.is_administrative), None)
    return parent.agency_name if parent else ""


def _place(unit_id: int) -> str:
    for unit in (directory.get_unit(unit_id), *directory.ancestors_of(unit_id)):
        if unit.kind.is_administrative:
            return unit.short_name
    return ""


def _signature_lines(result: Result) -> list[str]:
    return [line for line in result.approver_title.split("\n") if line]


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in values.items() if isinstance(value, str)}


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """JSON as templates read it: instants as local time to the minute, everything else as it is."""

    def spell(value: Any) -> str:
        if isinstance(value, datetime):
            return value.astimezone(PROVINCE_TIME).strftime("%Y-%m-%dT%H:%M")
        return str(value)

    plain: dict[str, Any] = json.loads(json.dumps(data, default=spell, ensure_ascii=False))
    return plain
