"""The applicant's vault, seen through a case in work and never otherwise (xem kho qua hồ sơ)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.cases import permissions, queries
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.cases.enums import AWAITING_APPLICANT
from tinhso.apps.vault.data import DocumentData, DocumentNotFound
from tinhso.apps.vault.enums import DocumentState, Purpose
from tinhso.apps.vault.permissions import VaultPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, send_file
from tinhso.kernel import clock

TONES = {
    DocumentState.VALID: "ok", DocumentState.EXPIRED: "mute", DocumentState.REPLACED: "soon",
    DocumentState.REVOKED: "late",
}  # fmt: skip


@officer(VaultPermission.CONSULT)
@require_safe
def vault(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for the purpose; with one, the documents of the kinds this case asks for. The reading is recorded first."""
    case = _in_work(request, code)
    purpose = request.GET.get("muc-dich", "")
    found: list[DocumentData] = []
    if purpose in Purpose.values:
        holder_id, found = queries.consult_vault(actor=actor_of(request), case=case, on=clock.today())
        _record(request, case, holder_id, purpose, ["list", *(f"document:{one.id}" for one in found)])
    context = {
        "papers": _asked(request, case, found),
        "case": case,
        "title": queries.get_package(case).facts.title,
        "purposes": Purpose.choices,
        "purpose": purpose if purpose in Purpose.values else "",
        "items": [(one, TONES[one.state]) for one in found],
    }
    response = page(request, "workspace/cases/vault.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@officer(VaultPermission.CONSULT)
@require_safe
def vault_file(request: HttpRequest, code: str, uuid: UUID) -> HttpResponseBase:
    """One of those documents; needs the purpose, and is recorded before its bytes are sent."""
    case = _in_work(request, code)
    purpose = request.GET.get("muc-dich", "")
    if purpose not in Purpose.values:
        raise DocumentNotFound("Mời mở giấy tờ từ trang kho của hồ sơ, nơi ghi mục đích xem.")
    holder_id, found = queries.consult_vault(actor=actor_of(request), case=case, on=clock.today())
    document = next((one for one in found if one.uuid == uuid), None)
    if document is None:
        raise DocumentNotFound
    _record(request, case, holder_id, purpose, [f"document:{document.id}"])
    return send_file(document.file_id, f"kho-{case.code}-{document.id}", inline=True)


def _asked(request: HttpRequest, case: Any, found: list[DocumentData]) -> list[queries.AskedPaper]:
    """What the open notice asks for with what of the documents just shown may stand for it; for who may take it in."""
    waits = case.status in AWAITING_APPLICANT and permissions.can_record_supplement(actor_of(request), case)
    if not waits or not any(one.is_usable for one in found):
        return []
    asked = queries.asked_papers(case, on=clock.today(), offers=queries.fitting_offers(case, found, on=clock.today()))
    return asked if any(one.offers for one in asked) else []


def _in_work(request: HttpRequest, code: str) -> Any:
    case = queries.get_case(actor=actor_of(request), code=code)
    if not queries.is_in_work(case):
        raise CaseNotFound("Hồ sơ đã kết thúc nên không xem kho của người nộp được nữa.")
    return case


def _record(request: HttpRequest, case: Any, holder_id: int | None, purpose: str, fields: list[str]) -> None:
    if holder_id is None:
        return
    record_disclosure(
        subject=f"vault:{holder_id}", purpose=f"{Purpose(purpose).label} (hồ sơ {case.code})", fields=fields,
        actor=actor_of(request), at=clock.now(),
    )  # fmt: skip
