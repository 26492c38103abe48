"""What a request may be: never its own echo; what it carries is text, without the one character that no database takes."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_NUL = "\x00"


class PlainTextMiddleware:
    """Drops NUL from parameters before a page sees them; an address with one is nobody's. TRACE is answered nowhere.

    Each page would have to think of it, and one that did not would end in an error of the database. The API is left alone:
    its description says that it refuses them, and programs are told rather than mended.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "TRACE":
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> None:
        if any(isinstance(value, str) and _NUL in value for value in kwargs.values()):
            raise Http404
        if request.path_info.startswith("/api/"):
            return
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.GET = _without(request.GET)  # type: ignore[assignment]  # as immutable as it was
        if request.method == "POST" and request.content_type in _FORMS and _has_nul(request.POST):
            request.POST = _without(request.POST)  # type: ignore[assignment]  # as above


def _has_nul(given: QueryDict) -> bool:
    return any(_NUL in name or any(_NUL in value for value in values) for name, values in given.lists())


def _without(given: QueryDict) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name, values in given.lists():
        for value in values:
            kept.appendlist(name.replace(_NUL, ""), value.replace(_NUL, ""))
    kept._mutable = False  # noqa: SLF001 - what Django does with the parameters it has read
    return kept
