"""Sending a file in portions over a line that may be cut: tus 1.0 with creation, termination, expiration and checksum.

Citizens and officers use the same address; what a person began is known to nobody else. What has arrived stays; after a
cut the browser asks how much that is (HEAD) and goes on there. A form then names the upload in place of a file.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.http import http_date
from django.views.decorators.http import require_http_methods

from tinhso.apps.documents import actions, queries
from tinhso.apps.documents.data import FileRefused, StoredFileData, UploadData, UploadMisplaced
from tinhso.apps.procedures.data import UploadLimits
from tinhso.interfaces.access.policy import ActorRequest, signed_in
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import now
from tinhso.kernel.errors import Invalid, TooLarge
from tinhso.lib.text import whole_number

VERSION = "1.0.0"
FIELD = "_tai-len."  # a form field with this prefix names an upload in place of a file of the field behind it
_PORTION = 4 * 1_048_576
_LARGEST_CHECKED = 8 * 1_048_576
_READ = 262_144
_CONTENT_TYPE = "application/offset+octet-stream"
_CHECKSUM_MISMATCH = 460
_NO_LIMITS = UploadLimits()


class ResumedFile(UploadedFile):  # type: ignore[type-arg]  # generic for the checker only
    """A file that came in portions, where a form expects one that came at once."""

    def __init__(self, upload: UploadData) -> None:
        super().__init__(file=None, name=upload.name, size=upload.length)
        self.token = upload.token


def files_of(request: HttpRequest) -> "MultiValueDict[str, UploadedFile[Any]]":
    """The files of a form: those sent with it, and those that came in portions before."""
    given: MultiValueDict[str, Any] = request.FILES.copy()
    actor = cast("ActorRequest", request).actor
    for name in request.POST:
        if name.startswith(FIELD):
            for token in request.POST.getlist(name):
                upload = queries.get_upload(token, actor=actor, at=now())
                given.appendlist(name.removeprefix(FIELD), ResumedFile(upload))
    return given


def keep(upload: "UploadedFile[Any]", actor: Actor, limits: UploadLimits = _NO_LIMITS) -> StoredFileData:
    """Store a file of a form, however it came; `limits` are those of the procedure it is for.

    Raises:
        FileTooLarge, FileRefused, StorageUnavailable, UploadNotFound: with a sentence for the person.
    """
    if isinstance(upload, ResumedFile):
        stored = actions.finish_upload(token=upload.token, actor=actor, at=now())
        problem = queries.over_limits(stored.id, most_bytes=limits.most_bytes, most_pages=limits.most_pages)
        if problem:
            raise FileRefused(problem)
        return stored
    return actions.store_file(
        content=cast("BinaryIO", upload), name=upload.name or "tep", most_bytes=limits.most_bytes,
        most_pages=limits.most_pages, actor=actor, at=now(),
    )  # fmt: skip


@signed_in
@require_http_methods(["OPTIONS", "POST", "GET", "HEAD"])
def uploads(request: HttpRequest) -> HttpResponse:
    """What this address can do, and the start of an upload."""
    if request.method != "POST":
        answer = _answer(204)
        answer["Tus-Extension"] = "creation,termination,expiration,checksum"
        answer["Tus-Checksum-Algorithm"] = "sha256"
        return answer
    length = whole_number(request.headers.get("Upload-Length", ""))
    if length is None:
        raise Invalid("Thiếu độ dài của tệp (Upload-Length).")
    actor = cast("ActorRequest", request).actor
    started = actions.start_upload(name=_name_of(request), length=length, actor=actor, at=now())
    answer = _answer(201, started)
    answer["Location"] = reverse("access:upload", args=[started.token])
    return answer


@signed_in
@require_http_methods(["HEAD", "GET", "PATCH", "DELETE"])
def upload(request: HttpRequest, token: str) -> HttpResponse:
    """How much of an upload is here; the next portion; giving it up."""
    actor = cast("ActorRequest", request).actor
    found = queries.get_upload(token, actor=actor, at=now())
    if request.method == "DELETE":
        actions.end_upload(token=token, actor=actor, at=now())
        return _answer(204)
    if request.method == "PATCH":
        return _append(request, found, actor)
    answer = _answer(200, found)
    answer["Upload-Length"] = str(found.length)
    return answer


def _append(request: HttpRequest, found: UploadData, actor: Actor) -> HttpResponse:
    if request.content_type != _CONTENT_TYPE:
        return _answer(415)
    if whole_number(request.headers.get("Upload-Offset", "")) != found.offset:
        raise UploadMisplaced
    checksum = request.headers.get("Upload-Checksum", "")
    if checksum:
        body = b"".join(_portions(request, _LARGEST_CHECKED + 1))
        if len(body) > _LARGEST_CHECKED:
            raise TooLarge("Phần tải lên kèm mã kiểm tra tối đa là 8 MB.")
        if not _is_right(checksum, body):
            return _answer(_CHECKSUM_MISMATCH, found)
        portions: Iterator[bytes] = iter([body])
    else:
        portions = _portions(request, _PORTION)
    offset = found.offset
    for portion in portions:
        offset = actions.append_upload(token=found.token, offset=offset, portion=portion, actor=actor, at=now())
    if offset == found.length:
        _finish(found.token, actor)
    return _answer(204, queries.get_upload(found.token, actor=actor, at=now()))


def _finish(token: str, actor: Actor) -> None:
    """Store the whole; one that cannot be taken is given up at once, and the person is told why."""
    try:
        actions.finish_upload(token=token, actor=actor, at=now())
    except FileRefused:
        actions.end_upload(token=token, actor=actor, at=now())
        raise


def _portions(request: HttpRequest, size: int) -> Iterator[bytes]:
    """The body in portions of this size; when the line is cut, what came before the cut."""
    held = bytearray()
    try:
        while piece := request.read(min(_READ, size - len(held))):
            held += piece
            if len(held) >= size:
                yield bytes(held)
                held.clear()
    except (UnreadablePostError, OSError):
        pass  # the rest comes with the next request
    if held:
        yield bytes(held)


def _is_right(checksum: str, body: bytes) -> bool:
    algorithm, _, value = checksum.partition(" ")
    try:
        told = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return algorithm == "sha256" and hmac.compare_digest(told, hashlib.sha256(body).digest())


def _name_of(request: HttpRequest) -> str:
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "filename":
            try:
                return base64.b64decode(value, validate=True).decode().replace("\x00", "")
            except (binascii.Error, ValueError):
                return ""
    return ""


def _answer(status: int, upload: UploadData | None = None) -> HttpResponse:
    answer = HttpResponse(status=status)
    answer["Tus-Resumable"] = answer["Tus-Version"] = VERSION
    answer["Cache-Control"] = "no-store"
    if upload is not None:
        answer["Upload-Offset"] = str(upload.offset)
        answer["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return answer
