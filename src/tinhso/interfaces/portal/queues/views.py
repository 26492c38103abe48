"""The hall: taking a number, following it, the display on the wall, booking a slot from home (lấy số, đặt lịch)."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.reception import actions, queries
from tinhso.apps.reception.data import QueueNotFound
from tinhso.apps.reception.enums import TicketStatus
from tinhso.interfaces.access.policy import citizen, public
from tinhso.interfaces.portal.requests import actor_of, text_of
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import DomainError, Forbidden, NotFound
from tinhso.lib.qr import qr_svg
from tinhso.lib.text import whole_number

KIOSK_SALT = "tinhso.portal.kiosk"
KIOSK = Actor(kind=ActorKind.MACHINE, name="Máy lấy số")
_DAYS_AHEAD = 7
_MOST_HITS = 8
_ENDED = {TicketStatus.DONE, TicketStatus.ABSENT, TicketStatus.CANCELLED}


@public
@require_http_methods(["GET", "POST"])
def kiosk(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Big buttons, one a queue; who does not know the queue finds the procedure, which leads to it. Numbers come out only
    at an address that the hall has set up (its key is signed)."""
    hall = _hall(unit_id)
    key = text_of(request.POST or request.GET, "khoa", 300)
    allowed = _is_key_of(key, unit_id)
    at = clock.now()
    if request.method == "POST":
        if not allowed:
            raise Forbidden("Máy lấy số này chưa được quầy mở.")
        queue_id = _queue_chosen(request, unit_id, at)
        ticket = actions.take_ticket(queue_id=queue_id, is_priority="priority" in request.POST, actor=KIOSK, at=at)
        return redirect(f"{reverse('portal:kiosk_ticket', args=[unit_id, ticket.code])}?khoa={key}")
    queues = [queue for queue in queries.list_queues(unit_id=unit_id, at=at) if queue.is_open]
    q = text_of(request.GET, "q", 100)
    hits = procedures.search_procedures(q, on=clock.today(), limit=_MOST_HITS).items if q.strip() else ()
    context = {
        "hall": hall, "allowed": allowed, "key": key, "queues": queues, "q": q,
        "hits": [(hit, queue) for hit in hits if (queue := queries.serving(queues, hit.field)) is not None],
    }  # fmt: skip
    return render(request, "portal/queues/kiosk.html", context)


@public
@require_safe
def kiosk_ticket(request: HttpRequest, unit_id: int, ticket: str) -> HttpResponse:
    """The number just taken: to be printed, or photographed from the screen; the kiosk goes back by itself."""
    found = queries.follow_ticket(ticket, at=clock.now())
    follow = request.build_absolute_uri(reverse("portal:ticket", args=[found.code]))
    context = {
        "hall": _hall(unit_id), "ticket": found, "qr": qr_svg(follow), "key": text_of(request.GET, "khoa", 300),
        "now": clock.now(),
    }  # fmt: skip
    return render(request, "portal/queues/kiosk_ticket.html", context)


@public
@require_safe
def ticket(request: HttpRequest, ticket: str) -> HttpResponse:
    """A number as its holder follows it on a telephone."""
    found = queries.follow_ticket(ticket, at=clock.now())
    context = {
        "ticket": found,
        "hall": directory.get_unit(found.unit_id),
        "state": TicketStatus(found.status).label,
        "running": found.status not in _ENDED,
        "mine": actor_of(request).kind is ActorKind.CITIZEN and found.is_booked,
    }
    name = "portal/queues/_ticket.html" if request.headers.get("HX-Request") else "portal/queues/ticket.html"
    return render(request, name, context)


@public
@require_safe
def display(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The screen on the wall: who is called where, how many wait. It asks anew every three seconds."""
    at = clock.now()
    context = {
        "hall": _hall(unit_id),
        "calls": queries.recent_calls(unit_id=unit_id, at=at),
        "queues": queries.list_queues(unit_id=unit_id, at=at),
        "now": at,
    }
    name = "portal/queues/_display.html" if request.headers.get("HX-Request") else "portal/queues/display.html"
    return render(request, name, context)


@citizen(level=1)
@require_safe
def halls(request: HttpRequest) -> HttpResponse:
    """The halls that take bookings, and the slot this person holds."""
    actor, at = actor_of(request), clock.now()
    context = {
        "halls": queries.halls_with_places(on=clock.today()),
        "booked": queries.booking_of(actor=actor, at=at),
        "section": "queues",
    }
    return render(request, "portal/queues/halls.html", context)


@citizen(level=1)
@require_http_methods(["GET", "POST"])
def book(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Choose a queue, a day, a quarter of an hour."""
    actor, at = actor_of(request), clock.now()
    hall = _hall(unit_id)
    error = ""
    if request.method == "POST":
        try:
            queue = queries.get_queue(_number(request.POST.get("queue", "")))
            made = actions.book_ticket(
                queue_id=queue.pk, slot_at=_instant(request.POST.get("slot", "")), actor=actor, at=at
            )
            return redirect("portal:ticket", ticket=made.code)
        except DomainError as refusal:
            error = refusal.message
    queues = [queue for queue in queries.list_queues(unit_id=unit_id, at=at) if queue.is_open and queue.places]
    chosen = _number(request.POST.get("queue", "") or request.GET.get("hang", "")) or (queues[0].id if queues else 0)
    day = _day(request.GET.get("ngay", ""))
    context = {
        "hall": hall, "queues": queues, "chosen": chosen, "day": day, "error": error, "section": "queues",
        "days": [clock.today() + timedelta(days=n) for n in range(_DAYS_AHEAD)],
        "slots": queries.slots_of(queries.get_queue(chosen), day=day, at=at) if chosen else [],
    }  # fmt: skip
    return render(request, "portal/queues/book.html", context, status=409 if error else 200)


@citizen(level=1)
@require_POST
def give_back(request: HttpRequest, ticket: str) -> HttpResponse:
    """Give a booked number back."""
    actions.cancel_ticket(code=ticket, actor=actor_of(request), at=clock.now())
    return redirect("portal:ticket", ticket=ticket)


def _queue_chosen(request: HttpRequest, unit_id: int, at: datetime) -> int:
    """The queue whose button was pressed, or the one that serves the field of the procedure that was.

    Raises:
        NotFound: a queue of another hall. QueueNotFound: no queue here serves the procedure. ProcedureNotFound.
    """
    if code := text_of(request.POST, "procedure", 40):
        field = procedures.get_version(code, clock.today()).facts.field
        found = queries.serving(queries.list_queues(unit_id=unit_id, at=at), field)
        if found is None:
            raise QueueNotFound
        return found.id
    queue = queries.get_queue(_number(request.POST.get("queue", "")))
    if queue.unit_id != unit_id:
        raise NotFound
    return queue.pk


def _is_key_of(key: str, unit_id: int) -> bool:
    try:
        return bool(signing.loads(key, salt=KIOSK_SALT) == unit_id)
    except signing.BadSignature:
        return False


def _hall(unit_id: int) -> Any:
    return directory.get_unit(unit_id)


def _number(text: str) -> int:
    return whole_number(text) or 0


def _instant(text: str) -> datetime:
    try:
        found = clock.of_our_time(datetime.fromisoformat(text))
    except ValueError as error:
        raise NotFound("Khung giờ không đúng.") from error
    if found.tzinfo is None:
        raise NotFound("Khung giờ không đúng.")
    return found


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return clock.today()
    return found if clock.today() <= found < clock.today() + timedelta(days=_DAYS_AHEAD) else clock.today()
