"""Talking with the office about a case (trao đổi với cơ quan giải quyết)."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.enums import MessageSide
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.portal.requests import actor_of, text_of
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid

_LONGEST = 4000


def thread_for(actor: Actor, case: Any, *, at: datetime) -> dict[str, Any]:
    """The thread for the case page; what the office has written counts as read once it is shown here."""
    thread = queries.thread_of(case)
    unread = sum(one.is_unread and one.side == MessageSide.OFFICE for one in thread)
    if unread:
        actions.read_messages(case_id=case.pk, actor=actor, at=at)
    return {"thread": thread, "unread": unread}


@citizen(level=1)
@require_POST
def talk(request: HttpRequest, code: str) -> HttpResponse:
    """Send one message to the office that has the case."""
    actor = actor_of(request)
    case = queries.get_case(actor=actor, code=code)
    try:
        actions.send_message(case_id=case.pk, text=text_of(request.POST, "text", _LONGEST), actor=actor, at=clock.now())
        messages.success(request, "Đã gửi. Cơ quan trả lời ở mục Trao đổi của trang này.")
    except Invalid as refusal:
        messages.error(request, refusal.message)
    return redirect(reverse("portal:case", args=[case.code]) + "#trao-doi")
