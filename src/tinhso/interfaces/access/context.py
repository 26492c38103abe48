"""What the base pages show of the session: how long an officer may be idle."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from tinhso.interfaces.access import sessions
from tinhso.kernel.actor import ANONYMOUS, ActorKind


def idle(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `idle` for officers (seconds, ping and lock addresses), None for everybody else."""
    actor = getattr(request, "actor", ANONYMOUS)
    if actor.kind is not ActorKind.OFFICER:
        return {"idle": None}
    return {
        "idle": {
            "seconds": int(sessions.idle_limit(actor).total_seconds()),
            "ping_url": reverse("access:still_here"),
            "lock_now_url": reverse("access:lock_now"),
            "lock_url": reverse("access:lock_screen"),
        }
    }
