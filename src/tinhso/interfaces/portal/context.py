"""What every citizen's page shows of the person: how many notices are new."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tinhso.apps.notifications.queries import unread_count
from tinhso.kernel.actor import ANONYMOUS


def notices(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `new_notices`, asked for only by a page that shows it: one short index range."""
    actor = getattr(request, "actor", ANONYMOUS)
    return {"new_notices": SimpleLazyObject(lambda: unread_count(actor=actor))}
