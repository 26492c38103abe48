"""Tells the log who was refused where, for lack of right (bị từ chối quyền).

A refusal rolls back what was begun, so it is written down after the answer is made, in a transaction of its own. That it
cannot be written changes nothing about the answer.
"""

import logging
from typing import cast

from django.http import HttpRequest, HttpResponse

from tinhso.apps.accounts import actions
from tinhso.interfaces.access.middleware import GetResponse
from tinhso.interfaces.access.policy import ActorRequest, Audience, policy_of
from tinhso.kernel.clock import now

_log = logging.getLogger(__name__)


class RefusalMiddleware:
    """Writes a refusal down. Whoever is nobody is sent to sign in, which is no refusal."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        actor = cast("ActorRequest", request).actor
        if actor.account_id is not None and _is_refusal(request, response.status_code):
            route = request.resolver_match.route if request.resolver_match else ""
            try:
                actions.note_refusal(
                    route=route, method=request.method or "", status=response.status_code, actor=actor, at=now()
                )
            except Exception:  # noqa: BLE001 - the answer stands whatever happens to the note of it
                _log.exception("a refusal at %s could not be written down", route)
        return response


def _is_refusal(request: HttpRequest, status: int) -> bool:
    """403; and 404 where the address names something: what is not one's to see looks like what is not there."""
    match = request.resolver_match
    if status not in {403, 404} or match is None:
        return False
    policy = policy_of(match.func)
    if policy is None or policy.audience is Audience.PUBLIC:
        return False
    return status == 403 or bool(match.kwargs)
