"""What citizens' views read from a request."""

from typing import cast

from django.http import HttpRequest, HttpResponse, QueryDict

from tinhso.interfaces.access.downloads import file_response
from tinhso.interfaces.access.policy import ActorRequest
from tinhso.interfaces.access.uploads import keep
from tinhso.kernel.actor import Actor


def actor_of(request: HttpRequest) -> Actor:
    """Who is asking (set by the middleware)."""
    return cast("ActorRequest", request).actor


def text_of(data: QueryDict, name: str, longest: int) -> str:
    """A trimmed text of a query or a form, cut to length, without NUL, which no database stores."""
    return data.get(name, "").replace("\x00", "").strip()[:longest]


def is_fragment(request: HttpRequest) -> bool:
    """Whether only a piece of the page is wanted."""
    return bool(request.headers.get("HX-Request"))


keep_upload = keep


def send_file(file_id: int, name: str, *, inline: bool = False) -> HttpResponse:
    """A stored file as a download; the caller has checked the right to it."""
    # A streamed answer is a sibling of HttpResponse, and every view of ours promises the latter.
    return cast("HttpResponse", file_response(file_id, name, inline=inline))
