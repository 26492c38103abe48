"""How a citizen wants to be told, and the worker that shows messages in her browser."""

from pathlib import Path

from django.contrib.staticfiles.finders import find
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.interfaces.access import reaching
from tinhso.interfaces.access.policy import citizen, public
from tinhso.interfaces.portal.requests import actor_of


@citizen(level=1)
@require_http_methods(["GET", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    """Addresses, order, quiet hours, topics (cách nhận thông báo)."""
    actor = actor_of(request)
    if request.method == "POST":
        return reaching.act(request, actor=actor, back="portal:reaching")
    return render(
        request, "portal/messages/choices.html", {**reaching.context(request, actor=actor), "section": "notices"}
    )


@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that shows messages; it keeps nothing and answers no page."""
    file = find("access/push-worker.js")
    assert isinstance(file, str)  # noqa: S101 - a file of this package
    answer = HttpResponse(Path(file).read_text(encoding="utf-8"), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer
