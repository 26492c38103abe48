"""One's own documents: the list, one document (kho giấy tờ của tôi)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.cases import queries as cases
from tinhso.apps.vault import actions, queries
from tinhso.apps.vault.data import DocumentData
from tinhso.apps.vault.enums import DocumentState, Origin
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.portal.requests import actor_of, send_file, text_of
from tinhso.kernel import clock
from tinhso.kernel.errors import Invalid
from tinhso.lib.text import whole_number

TONES = {
    DocumentState.VALID: "ok", DocumentState.EXPIRED: "mute", DocumentState.REPLACED: "soon",
    DocumentState.REVOKED: "late",
}  # fmt: skip
_LINK = "vault_link"  # the secret of a link just made, shown once


@citizen(level=2)
@require_safe
def vault(request: HttpRequest) -> HttpResponse:
    """Every document, newest first; those whose last day is near stand on top."""
    actor, today = actor_of(request), clock.today()
    state, q = text_of(request.GET, "tinh-trang", 20), text_of(request.GET, "tim", 100)
    cursor = text_of(request.GET, "sau", 30) or None
    page = queries.list_documents(actor=actor, on=today, state=state, q=q, cursor=cursor)
    context = {
        "section": "vault",
        "items": [(document, TONES[document.state]) for document in page.items],
        "next": page.next,
        "expiring": queries.list_expiring(actor=actor, on=today) if not (cursor or q or state) else [],
        "states": DocumentState.choices,
        "state": state,
        "q": q,
        "unreachable": queries.holder_key(actor) is None,
    }
    return _private(render(request, "portal/vault/list.html", context))


@citizen(level=2)
@require_safe
def document(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One document: what it is, what its signatures say, where it is used, to whom it is shown."""
    found = queries.get_document(actor=actor_of(request), uuid=uuid, on=clock.today())
    return document_page(request, found)


@citizen(level=2)
@require_safe
def file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The very bytes."""
    found = queries.get_document(actor=actor_of(request), uuid=uuid, on=clock.today())
    return send_file(found.file_id, f"{found.name[:80]} {found.number}".strip().replace("/", "-"))


@citizen(level=2)
@require_POST
def share(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Make a link for one purpose; its address is shown this once."""
    actor = actor_of(request)
    found = queries.get_document(actor=actor, uuid=uuid, on=clock.today())
    try:
        _, token = actions.share_document(
            uuid=uuid, purpose=text_of(request.POST, "purpose", 300), days=_count(request, "days"),
            max_opens=_count(request, "max_opens"), actor=actor, at=clock.now(),
        )  # fmt: skip
    except Invalid as refusal:
        return document_page(request, found, refusal=refusal, status=422)
    request.session[_LINK] = [str(uuid), token]
    return redirect(reverse("portal:vault_document", args=[uuid]) + "#chia-se")


@citizen(level=2)
@require_POST
def revoke(request: HttpRequest, share_id: int) -> HttpResponse:
    """Take a link back; from now on it shows nothing."""
    uuid = actions.revoke_share(share_id=share_id, actor=actor_of(request), at=clock.now())
    messages.success(request, "Đã thu hồi liên kết. Người có liên kết không mở được nữa.")
    return redirect(reverse("portal:vault_document", args=[uuid]) + "#chia-se")


def document_page(
    request: HttpRequest, found: DocumentData, *, refusal: Invalid | None = None, status: int = 200
) -> HttpResponse:
    """The page of a document, with what was wrong about a link."""
    actor, now = actor_of(request), clock.now()
    fresh = request.session.get(_LINK)
    link = ""
    if isinstance(fresh, list) and fresh[0] == str(found.uuid):
        link = request.build_absolute_uri(reverse("portal:shared", args=[fresh[1]]))
        del request.session[_LINK]
    wrong = {error.path: error.message for error in refusal.errors} if refusal else {}
    context: dict[str, Any] = {
        "section": "vault",
        "document": found,
        "tone": TONES[found.state],
        "origin": Origin(found.origin).label,
        "rows": _rows(found),
        "shares": [(one, one.is_open(now)) for one in queries.list_shares(actor=actor, uuid=found.uuid)],
        "uses": cases.uses_of(actor, found.id),
        "limits": queries.get_settings(),
        "may_share": found.state != DocumentState.REVOKED and queries.can_preview(found.file_id),
        "link": link,
        "wrong": wrong,
        "errors": [{"message": message, "target": f"share-{name}"} for name, message in wrong.items()],
        "typed": {name: text_of(request.POST, name, 300) for name in ("purpose", "days", "max_opens")},
    }
    return _private(render(request, "portal/vault/document.html", context, status=status))


def _rows(found: DocumentData) -> list[tuple[str, str]]:
    rows = [
        ("Loại giấy tờ", f"{found.type_name} ({found.type_code})" if found.type_code else ""),
        ("Số", found.number),
        ("Nơi cấp, nơi kiểm tra", found.issuer),
        ("Ngày", f"{found.issued_on:%d/%m/%Y}"),
        ("Hiệu lực đến", f"{found.valid_to:%d/%m/%Y}" if found.valid_to else "Không ấn định"),
        ("Từ hồ sơ", found.case_code),
        ("Mã băm SHA-256", found.sha256),
    ]
    return [(label, value) for label, value in rows if value]


def _count(request: HttpRequest, name: str) -> int:
    return whole_number(text_of(request.POST, name, 4)) or 0


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
