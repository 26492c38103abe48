"""What a stranger sees who was given a link (bản chia sẻ)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from tinhso.apps.vault import actions, queries
from tinhso.interfaces.access.policy import public
from tinhso.interfaces.portal.requests import actor_of
from tinhso.interfaces.portal.vault.views import TONES
from tinhso.kernel import clock


@public
@require_http_methods(["GET", "POST"])
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The page tells what is shown and why; the button opens the pages, which counts and is written down.

    Looking at the page does not count: programs that preview links must not use the openings up.
    """
    now = clock.now()
    if request.method == "POST":
        # Drawn before it is counted: what cannot be shown uses nothing up.
        content = queries.preview(queries.get_shared(token, at=now))
        actions.open_share(token=token, actor=actor_of(request), at=now)
        response = HttpResponse(content, content_type="application/pdf")
        response["Content-Disposition"] = 'inline; filename="ban-chia-se.pdf"'
    else:
        found = queries.get_shared(token, at=now)
        context = {
            "found": found, "tone": TONES[found.document.state], "left": found.share.max_opens - found.share.opens,
            "token": token,
        }  # fmt: skip
        response = render(request, "portal/vault/shared.html", context)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
