"""Receiving no more letters about a topic, by the address printed in one (RFC 8058: also by one click in the mail program)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tinhso.apps.notifications import actions, queries
from tinhso.interfaces.access.policy import public
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM


@csrf_exempt
@public
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """What will stop, and a button; posting stops it. Mail programs that look ahead only GET."""
    found = queries.who_unsubscribes(token)
    if found is None:
        return render(request, "portal/messages/stop.html", {"topic": None, "done": False}, status=404)
    if request.method == "POST":
        actions.mute_topic(token=token, actor=SYSTEM, at=clock.now())
    return render(request, "portal/messages/stop.html", {"topic": found[1], "done": request.method == "POST"})
