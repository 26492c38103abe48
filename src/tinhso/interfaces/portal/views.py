"""Pages that belong to no subject."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse

from tinhso.interfaces.access.policy import public
from tinhso.interfaces.ui.context import current_site


@public
def accessibility(request: HttpRequest) -> HttpResponse:
    """How the pages can be used without a mouse, without sight, without script (hỗ trợ tiếp cận)."""
    return render(request, "portal/accessibility.html")


@public
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put the portal among its apps (cài lên màn hình chính)."""
    name = f"Dịch vụ công {current_site().province}"
    icons = [{"src": static("ui/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}]
    content = {
        "name": name,
        "short_name": "Dịch vụ công",
        "lang": "vi",
        "start_url": reverse("portal:home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f7f9",
        "theme_color": "#8c1d18",
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json")
