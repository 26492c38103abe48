"""Giving files out: as a stream, in ranges, and so that no browser runs what is in them."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from django.http import FileResponse, HttpRequest, HttpResponse

from tinhso.apps.documents import queries

# Shown by the browser itself when a page asks for it; everything else is only ever saved.
_SHOWN = ("application/pdf", "image/png", "image/jpeg")
_RANGE = re.compile(r"^bytes=([0-9]{0,18})-([0-9]{0,18})$")
_PORTION = 262_144


def file_response(file_id: int, name: str, *, inline: bool = False) -> FileResponse:
    """A stored file under this name and the ending its content has; the caller has checked the right to it.

    Raises:
        FileNotFound, FileHeld, FileDisposedOf, StorageUnavailable.
    """
    file = queries.get_file(file_id)
    shown = inline and file.media_type in _SHOWN
    response = FileResponse(
        queries.open_file(file_id), as_attachment=not shown, filename=f"{name}.{file.name.rpartition('.')[2]}",
        content_type=file.media_type,
    )  # fmt: skip
    response["Cache-Control"] = "private, no-store"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{file.sha256}"'
    response["X-Content-Type-Options"] = "nosniff"
    # A browser's own viewer of PDF does not start in a sandbox; there, nothing may be loaded and no form sent.
    sandbox = "" if shown and file.media_type == "application/pdf" else "; sandbox"
    response["Content-Security-Policy"] = f"default-src 'none'; style-src 'unsafe-inline'; form-action 'none'{sandbox}"
    return response


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A PDF of somebody else's making, handed on: it is saved, never shown by the browser in our name."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


class RangeMiddleware:
    """Answers a request for a part of a file with that part (RFC 9110, 14), so that a download goes on after a cut."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        asked = request.headers.get("Range", "")
        if asked and request.method == "GET" and response.streaming and response.status_code == 200:
            _narrow(cast("FileResponse", response), asked, request.headers.get("If-Range", ""))
        return response


def _narrow(response: FileResponse, asked: str, if_range: str) -> None:
    file = cast("BinaryIO | None", getattr(response, "file_to_stream", None))
    found = _RANGE.match(asked)
    # Several ranges at once, or a range of a file that is not the same any more, are answered with the whole.
    if file is None or "Accept-Ranges" not in response or found is None or found[1] == found[2] == "":
        return
    if if_range and if_range != response["ETag"]:
        return
    size = int(response["Content-Length"])
    first = int(found[1]) if found[1] else max(0, size - int(found[2]))
    last = min(int(found[2]), size - 1) if found[1] and found[2] else size - 1
    if first >= size or first > last:
        response.status_code = 416
        response["Content-Range"], response["Content-Length"] = f"bytes */{size}", "0"
        response.streaming_content = iter([])
        return
    response.status_code = 206
    response["Content-Range"], response["Content-Length"] = f"bytes {first}-{last}/{size}", str(last - first + 1)
    response.streaming_content = _part(file, first, last - first + 1)


def _part(file: BinaryIO, first: int, length: int) -> Iterator[bytes]:
    file.seek(first)
    while length > 0 and (portion := file.read(min(_PORTION, length))):
        length -= len(portion)
        yield portion
