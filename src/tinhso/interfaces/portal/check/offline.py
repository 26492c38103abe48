"""Checking without a line: the kept page, its worker, and the public keys of the QR codes."""

import json
from pathlib import Path

from django.contrib.staticfiles.finders import find
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from tinhso.apps.signatures.queries import list_paper_keys
from tinhso.interfaces.access.policy import public

ASSETS = (
    "vendor/bootstrap.min.css", "ui/theme.css", "ui/components.css", "ui/portal.css", "ui/icon.svg", "ui/announce.js",
    "portal/papercode.js", "portal/check-offline.js", "vendor/be-vietnam-pro/latin-400.woff2",
    "vendor/be-vietnam-pro/latin-600.woff2", "vendor/be-vietnam-pro/vietnamese-400.woff2",
    "vendor/be-vietnam-pro/vietnamese-600.woff2",
)  # fmt: skip


@public
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The page that reads the signed facts of a QR in the browser; the same for everybody, so that it may be kept."""
    return render(request, "portal/check/offline.html")


@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker with the list of what to keep: the page, the keys and files of the program."""
    file = find("portal/check-worker.js")
    assert isinstance(file, str)  # noqa: S101 - a file of this package
    keep = [reverse("portal:check_offline"), reverse("portal:paper_keys"), *(static(name) for name in ASSETS)]
    body = f"const KEEP = {json.dumps(keep)};\n{Path(file).read_text(encoding='utf-8')}"
    answer = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = "/"
    return answer


@public
@require_safe
def keys(request: HttpRequest) -> JsonResponse:
    """The public keys with the time each signs; papers are checked with them long after (khóa công khai của mã QR)."""
    rows = [
        {
            "id": key.id, "algorithm": "Ed25519", "public": key.public.hex(), "signs_from": key.since.isoformat(),
            "signs_until": key.until.isoformat() if key.until else None,
        }
        for key in list_paper_keys()
    ]  # fmt: skip
    answer = JsonResponse({"format": "tinhso-paper-1", "keys": rows})
    answer["Cache-Control"] = "public, max-age=3600"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer
