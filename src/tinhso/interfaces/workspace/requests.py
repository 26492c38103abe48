"""What officers' views read from a request, and how they answer."""

from datetime import date, datetime
from typing import Any, cast

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from tinhso.apps.cases.data import WorkCounts
from tinhso.interfaces.access.downloads import file_response
from tinhso.interfaces.access.policy import ActorRequest
from tinhso.interfaces.access.uploads import keep
from tinhso.interfaces.workspace.shell import navigation
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME, of_our_time
from tinhso.kernel.errors import Invalid
from tinhso.lib.text import whole_number


def actor_of(request: HttpRequest) -> Actor:
    """Who is asking (set by the middleware)."""
    return cast("ActorRequest", request).actor


def parse_day(text: str) -> date:
    """A day as people write it (`22/11/2026`), or as an address carries it (ISO).

    Raises:
        ValueError: neither, or of another age.
    """
    typed = text.strip()
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        found = datetime.strptime(typed, "%d/%m/%Y").date()  # noqa: DTZ007 - a civil day, no instant
    return of_our_time(found)


def parse_moment(text: str) -> datetime:
    """A moment as people write it (`22/11/2026 14:05`), or ISO, on the clock of the province.

    Raises:
        ValueError: neither, or of another age.
    """
    typed = " ".join(text.split())
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        found = datetime.strptime(typed, "%d/%m/%Y %H:%M")  # noqa: DTZ007 - the zone follows
    return of_our_time(found).replace(tzinfo=PROVINCE_TIME)


def typed_money(text: str) -> int:
    """A sum of whole đồng as it is typed: dots, spaces and the unit are forgiven.

    Raises:
        Invalid: not a sum.
    """
    plain = "".join(char for char in text.replace("đồng", "").replace("đ", "") if char not in ". ,\u00a0")
    found = whole_number(plain, digits=13)
    if found is None:
        raise Invalid("Mời ghi số tiền bằng chữ số.")
    return found


def is_fragment(request: HttpRequest) -> bool:
    """Whether only a piece of the page is wanted."""
    return bool(request.headers.get("HX-Request"))


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    place: str = "",
    status: int = 200,
    counts: WorkCounts | None = None,
) -> HttpResponse:
    """A whole page in the officers' shell; `place` names the entry of the side navigation that is marked.

    `counts`: the numbers of the menu where the view has asked for them already.
    """
    nav = navigation(actor_of(request), place=place, now=clock.now(), counts=counts)
    return render(request, template, {"nav": nav, **context}, status=status)


keep_upload = keep


def send_file(file_id: int, name: str, *, inline: bool = False) -> FileResponse:
    """A stored file; the caller has checked the right to it and recorded the reading."""
    return file_response(file_id, name, inline=inline)


def send_pdf(content: bytes, name: str) -> HttpResponse:
    """A paper made for this answer only, to look at."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=False, filename=f"{name}.pdf") or "inline"
    )
    response["Cache-Control"] = "private, no-store"
    return response
