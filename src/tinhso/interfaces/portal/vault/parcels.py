"""Everything in the vault as one package (tải toàn bộ về)."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.vault import actions, queries
from tinhso.apps.vault.data import DocumentNotFound
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.portal.requests import actor_of, is_fragment
from tinhso.kernel import clock


@citizen(level=2)
@require_http_methods(["GET", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """Ask for a package, and see how far it is; the page asks again by itself while it is made."""
    actor = actor_of(request)
    if request.method == "POST":
        try:
            actions.ask_export(actor=actor, at=clock.now())
        except DocumentNotFound as refusal:
            messages.info(request, refusal.message)
        return redirect("portal:vault_export")
    found = queries.latest_export(actor=actor)
    ready = found is not None and found.status == "ready" and found.expires_at is not None
    context = {
        "section": "vault",
        "parcel": found,
        "ready": ready and found is not None and found.expires_at is not None and found.expires_at > clock.now(),
        "at_work": found is not None and found.status in {"waiting", "making"},
        "hours": queries.get_settings().export_hours,
    }
    template = "portal/vault/_parcel.html" if is_fragment(request) else "portal/vault/export.html"
    response = render(request, template, context)
    response["Cache-Control"] = "private, no-store"
    return response


@citizen(level=2)
@require_safe
def parcel(request: HttpRequest, export_id: int) -> HttpResponse:
    """The package, streamed as it is opened."""
    actor, now = actor_of(request), clock.now()
    found, pieces = queries.open_export(actor=actor, export_id=export_id, at=now)
    actions.take_export(export_id=export_id, actor=actor, at=now)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="kho-giay-to.zip"'
    response["Content-Length"] = str(found.size)
    response["Cache-Control"] = "private, no-store"
    # A streamed answer is a sibling of HttpResponse, and every view of ours promises the latter.
    return cast("HttpResponse", response)
