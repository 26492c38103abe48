"""What citizens' views read from a request."""

from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict

from tinhso.apps.documents import queries as documents
from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.data import StoredFileData
from tinhso.interfaces.access.policy import ActorRequest
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor


def actor_of(request: HttpRequest) -> Actor:
    """Who is asking (set by the middleware)."""
    return cast("ActorRequest", request).actor


def text_of(data: QueryDict, name: str, longest: int) -> str:
    """A trimmed text of a query or a form, cut to length, without NUL, which no database stores."""
    return data.get(name, "").replace("\x00", "").strip()[:longest]


def is_fragment(request: HttpRequest) -> bool:
    """Whether only a piece of the page is wanted."""
    return bool(request.headers.get("HX-Request"))


def keep_upload(upload: "UploadedFile[Any]", actor: Actor) -> StoredFileData:
    """Store what a person uploads.

    Raises:
        FileTooLarge, FileRefused, StorageUnavailable: with a sentence for the person.
    """
    return store_file(content=upload, name=upload.name or "tep", actor=actor, at=clock.now())  # type: ignore[arg-type]  # reads like a binary file


def send_file(file_id: int, name: str, *, inline: bool = False) -> HttpResponse:
    """A stored file as a download; the caller has checked the right to it."""
    file = documents.get_file(file_id)
    ending = file.name.rpartition(".")[2]
    response = FileResponse(
        documents.open_file(file_id),
        as_attachment=not inline,
        filename=f"{name}.{ending}",
        content_type=file.media_type,
    )
    response["Cache-Control"] = "private, no-store"
    # A streamed answer is a sibling of HttpResponse, and every view of ours promises the latter.
    return cast("HttpResponse", response)
