"""What a citizen was told about her cases and petitions (thông báo)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tinhso.apps.notifications.actions import mark_read
from tinhso.apps.notifications.enums import NoticeSubject
from tinhso.apps.notifications.queries import list_notices
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.portal.requests import actor_of
from tinhso.kernel import clock
from tinhso.lib.text import whole_number


@citizen(level=1)
@require_http_methods(["GET", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """The notices, newest first; posting marks those shown as seen."""
    actor = actor_of(request)
    if request.method == "POST":
        shown = [number for text in request.POST.getlist("id") if (number := whole_number(text)) is not None]
        mark_read(notice_ids=shown, actor=actor, at=clock.now())
        return redirect("portal:notices")
    rows, older = list_notices(actor=actor, before=whole_number(request.GET.get("sau", "")))
    context = {
        "rows": [(row, _address(row.subject, row.code)) for row in rows],
        "fresh": [row.id for row in rows if row.is_new],
        "older": older,
        "section": "notices",
    }
    return render(request, "portal/notices/list.html", context)


def _address(subject: str, code: str) -> str:
    if subject == NoticeSubject.PETITION:
        return reverse("portal:my_petition", args=[code])
    if subject == NoticeSubject.DOCUMENT:
        return reverse("portal:vault_document", args=[code])
    if subject == NoticeSubject.BILL:
        return f"{reverse('portal:bill_search')}?ma={code}"
    return reverse("portal:case", args=[code])
