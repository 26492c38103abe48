"""Vaults for connected systems: list a person's documents with a purpose, fetch one, ask whether one holds.

Scope `vault.read` lists and fetches what the units of the token have issued or checked; `vault.verify` only asks. Every
reading needs a purpose and is recorded before anything is told; the person sees it.
"""

from datetime import date
from typing import Annotated, Any, cast
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.documents import queries as files
from tinhso.apps.vault import permissions, queries
from tinhso.apps.vault.data import DocumentData, DocumentNotFound, HolderKey
from tinhso.apps.vault.enums import HolderKind
from tinhso.interfaces.api.common import REFUSALS, WITHOUT_NUL, MachineToken, Text, actor_of, instant
from tinhso.interfaces.api.description import FILE
from tinhso.kernel import clock
from tinhso.kernel.errors import Forbidden

router = Router(tags=["Kho giấy tờ"], auth=MachineToken())
Purpose = Annotated[
    str, Query(min_length=8, max_length=300, pattern=WITHOUT_NUL, description="Vì sao xem; chủ giấy tờ đọc được.")
]


class DocumentOut(Schema):
    """A document of a vault (giấy tờ trong kho). `state`: valid, expired, replaced, revoked."""

    id: UUID
    name: str
    type: str
    type_name: str
    number: str
    issuer: str
    issued_on: date
    valid_to: date | None
    state: str
    origin: str
    sha256: str
    case: str
    check_code: str
    entered_at: str | None
    ended_at: str | None
    end_reason: str
    replaced_by: UUID | None
    signatures: dict[str, Any]


class DocumentList(Schema):
    """Documents, newest first; `next` is the cursor of the rest."""

    items: list[DocumentOut]
    next: str | None


class VerifyIn(Schema):
    """What is asked about: the document's number, or the SHA-256 of the file at hand."""

    id: UUID | None = None
    sha256: str = Field("", pattern="^([0-9a-fA-F]{64})?$")


class VerifyOut(Schema):
    """Whether it is in a vault and holds today; nothing of its holder is told."""

    known: bool
    holds: bool
    state: str
    sentence: str


@router.get("/vault/documents", response={200: DocumentList, **REFUSALS}, summary="Giấy tờ trong kho của một người")
def documents(
    request: HttpRequest,
    holder: Annotated[
        str,
        Query(min_length=8, max_length=20, pattern=WITHOUT_NUL, description="Số định danh cá nhân hoặc mã số thuế."),
    ],
    purpose: Purpose,
    kind: HolderKind = HolderKind.PERSON,
    type: Text = "",
    cursor: Text = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> dict[str, Any]:
    """A person's or an organisation's documents that the token's units have issued or checked."""
    actor, key = actor_of(request), HolderKey(kind, holder.replace(" ", ""))
    if not permissions.can_read(actor):
        raise Forbidden("Mã truy cập này không có phạm vi vault.read.")
    holder_id = queries.find_holder(key)
    if holder_id is None:
        return {"items": [], "next": None}
    page = queries.documents_of(
        actor=actor, key=key, on=clock.today(), type_code=type, cursor=cursor or None, limit=limit
    )
    told = ["list", *(f"document:{one.id}" for one in page.items)]
    record_disclosure(subject=f"vault:{holder_id}", purpose=purpose, fields=told, actor=actor, at=clock.now())
    return {"items": [_document(one) for one in page.items], "next": page.next}


@router.get(
    "/vault/documents/{uuid}/content", response={200: None, **REFUSALS}, summary="Tệp của một giấy tờ",
    openapi_extra={"responses": FILE},
)  # fmt: skip
def content(request: HttpRequest, uuid: UUID, purpose: Purpose) -> HttpResponse:
    """The very bytes of one document."""
    actor = actor_of(request)
    if not permissions.can_read(actor):
        raise Forbidden("Mã truy cập này không có phạm vi vault.read.")
    found = queries.get_document(actor=actor, uuid=uuid, on=clock.today())
    record_disclosure(
        subject=f"vault:{found.holder_id}",
        purpose=purpose,
        fields=[f"document:{found.id}"],
        actor=actor,
        at=clock.now(),
    )
    file = files.get_file(found.file_id)
    response = FileResponse(files.open_file(file.id), filename=file.name, content_type=file.media_type)
    response["Cache-Control"] = "private, no-store"
    return cast("HttpResponse", response)  # a streamed answer is a sibling of HttpResponse


@router.post("/vault/verify", response={200: VerifyOut, **REFUSALS}, summary="Giấy tờ còn hiệu lực không")
def verify(request: HttpRequest, body: VerifyIn) -> dict[str, Any]:
    """Whether a document holds today, by its number or its digest. Tells nothing of whose it is."""
    actor, on = actor_of(request), clock.today()
    if body.id is None and not body.sha256:
        raise DocumentNotFound("Mời nêu số giấy tờ (id) hoặc mã băm (sha256).")
    found = (
        queries.find_by_uuid(actor=actor, uuid=body.id, on=on)
        if body.id is not None
        else queries.find_by_digest(actor=actor, sha256=body.sha256, on=on)
    )
    if found is None:
        return {"known": False, "holds": False, "state": "", "sentence": "Không có giấy tờ này trong kho của tỉnh."}
    return {
        "known": True, "holds": found.is_usable, "state": str(found.state),
        "sentence": f"{found.told}: {found.state.label.lower()}.",
    }  # fmt: skip


def _document(one: DocumentData) -> dict[str, Any]:
    return {
        "id": one.uuid, "name": one.name, "type": one.type_code, "type_name": one.type_name, "number": one.number,
        "issuer": one.issuer, "issued_on": one.issued_on, "valid_to": one.valid_to, "state": str(one.state),
        "origin": str(one.origin), "sha256": one.sha256, "case": one.case_code, "check_code": one.check_code,
        "entered_at": instant(one.entered_at), "ended_at": instant(one.ended_at), "end_reason": one.end_reason,
        "replaced_by": one.replaced_by, "signatures": dict(one.report),
    }  # fmt: skip
