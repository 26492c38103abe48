"""Checking a paper: by the code printed on it, or by the file itself (kiểm tra giấy tờ)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.cases import queries
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.signatures import queries as signatures
from tinhso.interfaces.access.policy import public
from tinhso.interfaces.portal.requests import text_of
from tinhso.kernel import clock

_LONGEST_CODE = 64


@public
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Type a code, or bring a PDF; a file is judged and forgotten."""
    code = text_of(request.GET, "ma", _LONGEST_CODE)
    if request.method == "GET":
        if code:
            return redirect("portal:check_code", code=code)
        return render(request, "portal/check/check.html", {"section": "check"})
    upload = request.FILES.get("file")
    if upload is None:
        return _refused(request, "Chọn tệp PDF cần kiểm tra.", status=422)
    if (upload.size or 0) > settings.TINHSO_MAX_UPLOAD_MB * 1_048_576:
        return _refused(request, f"Tệp nặng quá {settings.TINHSO_MAX_UPLOAD_MB} MB nên chưa kiểm tra được.", status=413)
    verdict = signatures.verify_upload(upload.read(), at=clock.now())
    context = {
        "section": "check",
        "verdict": verdict,
        "known": queries.find_by_digest(verdict.sha256),
        "file_name": upload.name,
    }
    return render(request, "portal/check/check.html", context)


@public
@require_safe
def check_code(request: HttpRequest, code: str) -> HttpResponse:
    """What the register says of the paper with this code; the QR on every paper leads here."""
    try:
        known = queries.check_paper(code[:_LONGEST_CODE].replace("\x00", ""))
    except CaseNotFound as refusal:
        return _refused(request, refusal.message, status=404, code=code)
    return render(request, "portal/check/check.html", {"section": "check", "known": known, "code": code})


def _refused(request: HttpRequest, error: str, *, status: int, code: str = "") -> HttpResponse:
    context = {"section": "check", "error": error, "code": code}
    return render(request, "portal/check/check.html", context, status=status)
