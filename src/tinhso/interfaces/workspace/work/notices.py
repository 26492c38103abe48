"""What an officer was told: work given, dates that run out, messages, petitions (thông báo)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.notifications.actions import mark_read
from tinhso.apps.notifications.enums import NoticeSubject
from tinhso.apps.notifications.queries import list_notices
from tinhso.interfaces.access import reaching as shared
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.lib.text import whole_number


@officer()
@require_http_methods(["GET", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """The notices, newest first; posting marks those shown as seen."""
    actor = actor_of(request)
    if request.method == "POST":
        shown = [number for text in request.POST.getlist("id") if (number := whole_number(text)) is not None]
        mark_read(notice_ids=shown, actor=actor, at=clock.now())
        return redirect("workspace:work:notices")
    rows, older = list_notices(actor=actor, before=whole_number(request.GET.get("sau", "")))
    context = {
        "rows": [(row, address_of(row.subject, row.code)) for row in rows],
        "fresh": [row.id for row in rows if row.is_new],
        "older": older,
        "works_on_cases": actor.has(CasePermission.VIEW),
    }
    return page(request, "workspace/work/notices.html", context, place="notices")


@officer(CasePermission.VIEW)
@require_http_methods(["GET", "POST"])
def reaching(request: HttpRequest) -> HttpResponse:
    """Where notices go beside the bell: e-mail and the browser (cách nhận thông báo)."""
    actor = actor_of(request)
    if request.method == "POST":
        return shared.act(request, actor=actor, back="workspace:work:reaching")
    context = shared.context(request, actor=actor)
    return page(request, "workspace/work/reaching.html", context, place="notices")


def address_of(subject: str, code: str) -> str:
    """Where an officer goes on with what a notice is about."""
    if subject == NoticeSubject.PETITION:
        return reverse("workspace:petitions:detail", args=[code])
    if subject == NoticeSubject.EXCHANGE:
        kind, _, number = code.partition("-")
        if kind == "alarm":
            return reverse("workspace:exchange:alarms")
        if kind == "events":
            return reverse("workspace:events:list")
        return reverse(f"workspace:exchange:{'request' if kind == 'request' else 'service'}", args=[int(number)])
    return reverse("workspace:cases:detail", args=[code])
