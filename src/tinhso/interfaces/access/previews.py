"""Looking at a file without opening its own bytes in the browser: likenesses of its pages."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tinhso.apps.documents import queries


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page to look at."""

    page: int
    width: int
    height: int
    url: str


def preview_context(file_id: int, *, route: str, code: str, document_id: int) -> dict[str, Any]:
    """What the page of a file shows; `route` names the address of its download, `<route>_sheet` that of one page."""
    sheets = [
        Sheet(found.page, found.width, found.height, reverse(f"{route}_sheet", args=[code, document_id, found.page]))
        for found in queries.list_previews(file_id)
    ]
    download_url = reverse(route, args=[code, document_id])
    return {"file": queries.get_file(file_id), "sheets": sheets, "download_url": download_url, "code": code}


def send_sheet(file_id: int, page: int) -> HttpResponse:
    """The likeness of one page; the caller has checked the right to the file.

    Raises:
        FileHeld, PreviewNotFound, StorageUnavailable.
    """
    response = HttpResponse(queries.open_preview(file_id, page), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=600"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
