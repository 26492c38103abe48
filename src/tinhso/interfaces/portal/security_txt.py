"""Where to report a weakness (RFC 9116): `/.well-known/security.txt`."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from tinhso.interfaces.access.policy import public
from tinhso.kernel.clock import now

# The file says until when it may be relied on; it is made at every request, so it never grows old.
_GOOD_FOR = timedelta(days=180)


@public
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Contact, until when, languages, where the file belongs."""
    contact = settings.SECURITY_CONTACT or f"{settings.BASE_URL}{reverse('portal:petition_send')}"
    if "@" in contact and ":" not in contact:
        contact = f"mailto:{contact}"
    until = (now() + _GOOD_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {contact}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: vi, en",
        f"Canonical: {settings.BASE_URL}{request.path}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
