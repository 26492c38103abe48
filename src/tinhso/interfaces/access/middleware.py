"""What every request passes: who is asking, and how a refusal is told."""

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse

from tinhso.interfaces.access.policy import ActorRequest
from tinhso.interfaces.ui.errors import render_error
from tinhso.kernel.actor import ANONYMOUS
from tinhso.kernel.errors import DomainError


class ActorMiddleware:
    """Sets `request.actor` from the session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        cast(ActorRequest, request).actor = ANONYMOUS
        return self.get_response(request)


class DomainErrorMiddleware:
    """Turns a refusal into a page with a sentence and the right status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DomainError):
            return None
        return render_error(request, exception.status, exception.message, exception.code)
