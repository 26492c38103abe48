"""What a letter or a result is typeset from."""

import json
from datetime import datetime
from typing import Any

from tinhso.apps.cases.data import LetterData
from tinhso.apps.cases.enums import PaperKind, ResultOutcome
from tinhso.apps.cases.models import Case, Result
from tinhso.apps.cases.queries._case import get_package
from tinhso.apps.directory import queries as directory
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib import forms
from tinhso.lib.qr import qr_svg
from tinhso.lib.worktime import Limit

SHARED = {
    PaperKind.ACKNOWLEDGEMENT: "letters/acknowledgement.typ",
    PaperKind.SUPPLEMENT_REQUEST: "letters/supplement-request.typ",
    PaperKind.INTAKE_REFUSAL: "letters/intake-refusal.typ",
    PaperKind.WITHDRAWAL_NOTICE: "letters/withdrawal-notice.typ",
}
REFUSAL = "letters/refusal.typ"


def letter_data(
    case: Case, *, kind: str, check_code: str, base_url: str, at: datetime, officer: str, extra: dict[str, Any]
) -> LetterData:
    """The template and values of a shared letter (acknowledgement, supplement request, refusal, notice)."""
    values = {**_common(case, check_code=check_code, base_url=base_url, at=at), "officer": {"name": officer}, **extra}
    return LetterData(template=SHARED[PaperKind(kind)], sources=get_package(case).letters, values=values)


def result_letter(case: Case, result: Result, *, base_url: str) -> LetterData:
    """The template and values of a result: the package's own paper, or the shared refusal."""
    package = get_package(case)
    kind = next((known for known in package.results if known.key == result.key), None)
    template = f"{package.folder}/{kind.template}" if kind and kind.template else REFUSAL
    assert result.approved_at is not None  # noqa: S101 - typeset after approval
    values = _common(case, check_code=result.check_code, base_url=base_url, at=result.approved_at)
    titles = [line for line in result.approver_title.split("\n") if line]
    values |= {
        "number": result.number,
        "signer": {
            "title": titles[-1] if titles else "",
            "name": result.approved_by,
            "on_behalf": titles[0] if len(titles) > 1 else "",
            "lines": titles,
        },
        "proposal": {"text": result.text, "fields": result.fields},
        "outcome": result.outcome,
        "is_refusal": result.outcome == ResultOutcome.REFUSE,
    }
    return LetterData(template=template, sources=package.letters, values=values)


def _common(case: Case, *, check_code: str, base_url: str, at: datetime) -> dict[str, Any]:
    package = get_package(case)
    local = at.astimezone(PROVINCE_TIME)
    verify_url = f"{base_url}/kiem-tra/{check_code}"
    sections = forms.summary(package.form, case.answers)
    return {
        "case": {
            "code": case.code or "",
            "procedure_code": case.procedure_code,
            "procedure_name": case.procedure_name,
            "submitted_at": _instant(case.submitted_at),
            "received_at": _instant(case.received_at),
            "due_at": _instant(case.due_at),
            "limit": Limit.parse(case.time_limit).label() if case.time_limit else "",
            "channel": case.get_channel_display(),
            "fee_vnd": case.fee_vnd,
            "fees": case.fees,
        },
        "applicant": {"birth_date": "", "address": "", "phone": "", "email": "", **_flat(case.applicant)},
        "answers": json.loads(json.dumps(case.answers, default=str)),
        "summary": [{"title": s.title, "rows": [[label, value] for label, value in s.rows]} for s in sections],
        "documents": [
            {"name": d.name, "presence": d.get_presence_display(), "originals": d.originals, "copies": d.copies}
            for d in case.documents.all()
        ],
        "unit": _unit(case),
        "issue_date": {
            "day": local.day,
            "month": local.month,
            "year": local.year,
            "text": f"ngày {local.day:02d} tháng {local.month:02d} năm {local.year}",
        },
        "code": check_code,
        "verify_url": verify_url,
        "qr_svg": qr_svg(verify_url),
        "number": "",
    }


def _unit(case: Case) -> dict[str, str]:
    assert case.unit_id is not None  # noqa: S101 - papers are made for filed cases
    unit = directory.get_unit(case.unit_id)
    parents = directory.ancestors_of(case.unit_id)
    parent = next((p for p in parents if p.kind.is_administrative), None)
    one_stop = directory.get_unit(case.intake_unit_id) if case.intake_unit_id else unit
    return {
        "name": unit.agency_name,
        "parent_name": parent.agency_name if parent else "",
        "code": unit.code,
        "place": unit.short_name if unit.kind.is_administrative else (parent.short_name if parent else ""),
        "one_stop_name": one_stop.name,
    }


def _flat(applicant: dict[str, Any]) -> dict[str, str]:
    return {key: value for key, value in applicant.items() if isinstance(value, str)}


def _instant(value: datetime | None) -> str:
    return value.astimezone(PROVINCE_TIME).isoformat(timespec="minutes") if value else ""
