"""Checking a paper: by the code printed on it, by its signed QR, or by the file itself (kiểm tra giấy tờ)."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.cases import queries
from tinhso.apps.cases.data import CaseNotFound, CheckedPaper
from tinhso.apps.receipts import queries as receipts
from tinhso.apps.signatures import queries as signatures
from tinhso.apps.signatures.data import PaperClaim
from tinhso.interfaces.access import limits
from tinhso.interfaces.access.addresses import source_of
from tinhso.interfaces.access.policy import public
from tinhso.interfaces.portal.requests import text_of
from tinhso.kernel import clock
from tinhso.kernel.clock import PROVINCE_TIME

_LONGEST_CODE = 64
_PAGE = "portal/check/check.html"
_UNKNOWN = "Không có giấy tờ nào do tỉnh cấp mang mã này. Hãy coi giấy này là chưa xác thực."


@public
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Type a code, or bring a PDF; a file is judged and forgotten."""
    code = text_of(request.GET, "ma", _LONGEST_CODE)
    if request.method == "GET":
        if "/" in code:  # no code of ours, and an address could not hold it
            return _refused(request, _UNKNOWN, status=404, code=code)
        if code:
            return redirect("portal:check_code", code=code)
        return render(request, _PAGE, {"section": "check"})
    upload = request.FILES.get("file")
    if upload is None:
        return _refused(request, "Chọn tệp PDF cần kiểm tra.", status=422)
    if (upload.size or 0) > settings.TINHSO_MAX_UPLOAD_MB * 1_048_576:
        return _refused(request, f"Tệp nặng quá {settings.TINHSO_MAX_UPLOAD_MB} MB nên chưa kiểm tra được.", status=413)
    limits.FILES.require(source_of(request), at=clock.now())
    limits.FILES.spend(source_of(request), at=clock.now())
    return _judged(request, upload)


def _judged(request: HttpRequest, upload: "UploadedFile[Any]") -> HttpResponse:
    verdict = signatures.verify_upload(upload.read(), at=clock.now())
    receipt = receipts.find_receipt_by_digest(verdict.sha256)
    known, differences = queries.find_by_digest(verdict.sha256), None
    if known is None and verdict.text and (found := queries.find_by_text(verdict.text)) is not None:
        known, differences = found
    if request.POST.get("bao-cao"):
        report = {**signatures.technical_report(verdict), "register": _register(known, differences)}
        answer = JsonResponse(report, json_dumps_params={"ensure_ascii": False, "indent": 1})
        answer["Content-Disposition"] = 'attachment; filename="bao-cao-kiem-tra.json"'
        return answer
    context = {
        "section": "check", "verdict": verdict, "known": known, "receipt": receipt,
        "same_bytes": known is not None and differences is None,
        "differences": differences or [], "file_name": upload.name,
    }  # fmt: skip
    return render(request, _PAGE, context)


def _register(known: CheckedPaper | None, differences: list[str] | None) -> dict[str, Any] | None:
    if known is None:
        return None
    return {
        "number": known.number, "title": known.title, "unit_name": known.unit_name, "valid": known.valid,
        "same_bytes": differences is None, "differences": differences or [],
    }  # fmt: skip


@public
@require_safe
def check_code(request: HttpRequest, code: str) -> HttpResponse:
    """What the register says of the paper with this code."""
    source, at = source_of(request), clock.now()
    limits.WRONG_CODES.require(source, at=at)
    typed = code[:_LONGEST_CODE].replace("\x00", "")
    receipt = receipts.check_receipt(typed)
    if receipt is not None:
        return render(request, _PAGE, {"section": "check", "receipt": receipt, "code": code})
    try:
        known = queries.check_paper(typed)
    except CaseNotFound:
        limits.WRONG_CODES.spend(source, at=at)
        return _refused(request, _UNKNOWN, status=404, code=code)
    return render(request, _PAGE, {"section": "check", "known": known, "code": code})


@public
@require_safe
def check_signed(request: HttpRequest, code: str, payload: str) -> HttpResponse:
    """What the QR on a paper leads to: its signed facts, beside what the register says. No budget: it cannot be guessed."""
    claim = signatures.read_paper_address(code, payload.upper())
    if claim is None:
        context = {"section": "check", "forged": True, "code": ""}
        return render(request, _PAGE, context, status=404)
    receipt = receipts.check_receipt(claim.code)
    try:
        known = queries.check_paper(claim.code) if receipt is None else None
    except CaseNotFound:
        known = None
    context = {
        "section": "check", "claim": claim, "known": known, "receipt": receipt, "code": claim.code,
        "differences": _against(claim, known) if known else [],
    }  # fmt: skip
    return render(request, _PAGE, context)


def _against(claim: PaperClaim, known: CheckedPaper) -> list[str]:
    """Where the signed code and the register tell different things: a register or a key that somebody has touched."""
    told = []
    if claim.number != known.number:
        told.append(f"Mã QR ghi số {claim.number}, sổ ghi số {known.number}.")
    issued = known.approved_on or known.issued_at.astimezone(PROVINCE_TIME).date()
    if claim.issued_on is not None and claim.issued_on != issued:
        told.append(f"Mã QR ghi ngày {claim.issued_on:%d/%m/%Y}, sổ ghi ngày {issued:%d/%m/%Y}.")
    return told


def _refused(request: HttpRequest, error: str, *, status: int, code: str = "") -> HttpResponse:
    context = {"section": "check", "error": error, "code": code}
    return render(request, _PAGE, context, status=status)
