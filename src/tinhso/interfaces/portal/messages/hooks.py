"""Where Zalo and the gateways call: proved on the raw bytes, answered at once, worked on in a job."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tinhso.apps.notifications import actions, queries
from tinhso.interfaces.access.policy import public
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM
from tinhso.lib.text import whole_number

_LEAVING = "unfollow"


@csrf_exempt
@public
@require_POST
def zalo(request: HttpRequest) -> HttpResponse:
    """Zalo's webhook; the same message told twice is one. Whoever cannot prove to be Zalo learns nothing."""
    raw, at = _raw(request), clock.now()
    event = queries.read_zalo(raw, request.headers.get("X-ZEvent-Signature", ""), at=at)
    if event is None:
        return HttpResponse(status=403)
    if event.name == _LEAVING and event.user:
        actions.unlink_chat(user=event.user, actor=SYSTEM, at=at)
    elif event.is_receipt:
        actions.record_receipt(number=event.number, tracking=event.tracking, actor=SYSTEM, at=at)
    elif event.user:
        actions.receive_chat(
            message_key=event.message_key, user=event.user, event=event.name, text=event.text, actor=SYSTEM, at=at
        )
    return HttpResponse(status=200)


@csrf_exempt
@public
@require_POST
def report(request: HttpRequest, gateway: str) -> HttpResponse:
    """A gateway's delivery report; early, late, twice and in any order."""
    found = queries.read_report(gateway, _raw(request), request.headers.get("X-Signature", ""))
    if found is None:
        return HttpResponse(status=403)
    key, kind = found
    actions.record_report(key=key, provider=gateway, kind=kind, actor=SYSTEM, at=clock.now())
    return HttpResponse(status=200)


def _raw(request: HttpRequest) -> bytes:
    """The body as it came; one that is too long to be a call of theirs counts as empty, and proves nothing."""
    length = whole_number(request.headers.get("Content-Length", "0"))
    return request.body if length is not None and length <= queries.LONGEST_CALL else b""
