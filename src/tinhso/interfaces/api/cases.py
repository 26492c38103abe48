"""Cases: submit, read, follow the events, documents and result. For machine clients with a token."""

from datetime import date
from typing import Annotated, Any, cast

from django.core import signing
from django.http import FileResponse, HttpRequest
from ninja import Field, File, Header, Query, Router, Schema, Status, UploadedFile

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import CaseNotFound, DocumentInput, UnitNotCompetent
from tinhso.apps.cases.enums import NATIONAL_STATUS, PUBLIC_STATE, Channel, Presence, ResultStatus
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.enums import CodeScheme
from tinhso.apps.documents import queries as documents
from tinhso.apps.documents.actions import store_file
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import UploadLimits
from tinhso.interfaces.api.common import (
    REFUSALS,
    WITHOUT_NUL,
    Code,
    Cursor,
    MachineToken,
    Text,
    Words,
    actor_of,
    instant,
    opened_case,
    require_procedure,
)
from tinhso.interfaces.api.description import FILE, PDF
from tinhso.kernel import clock
from tinhso.kernel.errors import FieldError, Invalid

router = Router(tags=["Hồ sơ"], auth=MachineToken())


class DocumentIn(Schema):
    """A component: `file` is what `POST /files` gave; without it `presence` says how the paper was seen."""

    key: Words
    file: Annotated[str | None, Field(max_length=300, pattern=WITHOUT_NUL)] = None
    presence: Words = ""


class CaseIn(Schema):
    """A submission. `unit`: code of the commune or department (either scheme); empty for provincial procedures."""

    procedure: Words
    unit: Words = ""
    applicant: dict[str, Any]
    answers: dict[str, Any]
    documents: Annotated[list[DocumentIn], Field(max_length=500)] = []
    channel: Words = Channel.API.value


class CaseOut(Schema):
    """A case (hồ sơ)."""

    code: str
    status: str
    state: str
    national_status: int
    procedure: str
    procedure_name: str
    unit: str
    unit_name: str
    channel: str
    submitted_at: str | None
    received_at: str | None
    due_at: str | None
    resolved_at: str | None
    delivered_at: str | None
    lateness: str
    time_limit: str
    fee_vnd: int
    fees: list[dict[str, Any]]


class CaseDetail(CaseOut):
    """A case with what was declared."""

    applicant: dict[str, Any]
    answers: dict[str, Any]
    documents: list[dict[str, Any]]
    result: dict[str, Any] | None
    parent: str | None
    legs: list[dict[str, Any]]
    labels: list[str]


class CasePageOut(Schema):
    """A page of cases."""

    items: list[dict[str, Any]]
    next: str | None


class EventPage(Schema):
    """Events of a case in order of `sequence`; `next` is the sequence to go on after."""

    items: list[dict[str, Any]]
    next: int | None


class FileOut(Schema):
    """A stored file: `file` names it in a submission by the same client, for a day."""

    file: str
    sha256: str
    size: int
    media_type: str


@router.post("/files", response={201: FileOut, **REFUSALS}, summary="Gửi một tệp để đính kèm")
def upload(
    request: HttpRequest, file: Annotated[UploadedFile, File()], procedure: Text = "", document: Text = ""
) -> Status[dict[str, Any]]:
    """Store a file; what it is is read from its content.

    With `procedure` and `document` (a component's key) that procedure's own limits of size and pages are told now; they
    hold on submission in any case.
    """
    limits = _limits(request, procedure, document)
    stored = store_file(
        content=cast("Any", file.file), name=file.name or "tep", most_bytes=limits.most_bytes,
        most_pages=limits.most_pages, actor=actor_of(request), at=clock.now(),
    )  # fmt: skip
    token = signing.dumps(stored.id, salt=_salt(request))
    body = {"file": token, "sha256": stored.sha256, "size": stored.size, "media_type": stored.media_type}
    return Status(201, body)


@router.post("/cases", response={201: CaseOut, **REFUSALS}, summary="Nộp hồ sơ")
def submit(
    request: HttpRequest, body: CaseIn,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=WITHOUT_NUL)],
) -> Status[dict[str, Any]]:  # fmt: skip
    """Submit a case. The same `Idempotency-Key` with the same body gives the same case, however often it is sent.

    The key is required: without it a client whose line was cut could not ask again without filing twice.
    """
    require_procedure(request, body.procedure)
    actor, at = actor_of(request), clock.now()
    case = actions.submit_case(
        procedure_code=body.procedure, unit_id=_unit_id(body.unit, clock.today()), applicant=body.applicant,
        answers=body.answers, documents=[_document(request, d) for d in body.documents], channel=body.channel,
        idempotency_key=idempotency_key, actor=actor, at=at,
    )  # fmt: skip
    return Status(201, _case(case))


@router.get("/cases", response={200: CasePageOut, **REFUSALS}, summary="Danh sách hồ sơ")
def list_cases(
    request: HttpRequest,
    status: Text = "",
    procedure: Text = "",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """The cases this client may see, newest first; no personal data."""
    page = queries.list_cases(
        actor=actor_of(request), now=clock.now(), status=status, procedure=procedure, cursor=cursor, limit=limit
    )
    items = [
        {
            "code": c.code, "status": c.status.value, "state": str(c.state.label), "procedure": c.procedure_code,
            "unit_name": c.unit_name, "submitted_at": instant(c.submitted_at), "due_at": instant(c.due_at),
        }
        for c in page.items
    ]  # fmt: skip
    return {"items": items, "next": page.next}


@router.get("/cases/{code}", response={200: CaseDetail, **REFUSALS}, summary="Đọc một hồ sơ")
def read(request: HttpRequest, code: Code) -> dict[str, Any]:
    """A case with its declared data; the reading is recorded before anything is shown."""
    case = opened_case(request, code, ["applicant", "answers", "documents"])
    signed = next((r for r in case.results.all() if r.status == ResultStatus.SIGNED), None)
    return {
        **_case(case),
        "applicant": case.applicant,
        "answers": case.answers,
        "documents": _documents(case),
        "result": {"number": signed.number, "name": signed.name, "check_code": signed.check_code} if signed else None,
        "labels": [label.name for label in queries.labels_on(case)],
        **_linked(request, case),
    }


@router.get("/cases/{code}/events", response={200: EventPage, **REFUSALS}, summary="Sự kiện của hồ sơ")
def events(
    request: HttpRequest, code: Code, after: int = 0, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> dict[str, Any]:
    """What happened to a case, in order; ask again with `after` = the last `sequence` seen."""
    case = opened_case(request, code, ["events"])
    found = queries.timeline_of(case)
    wanted = [entry for entry in found if entry.sequence > after]
    items = [
        {
            "sequence": e.sequence, "type": e.type, "at": instant(e.at), "actor_kind": e.actor_kind,
            "actor_name": e.actor_name, "payload": e.payload,
        }
        for e in wanted[:limit]
    ]  # fmt: skip
    return {"items": items, "next": wanted[limit - 1].sequence if len(wanted) > limit else None}


@router.get("/cases/{code}/documents", response={200: CasePageOut, **REFUSALS}, summary="Thành phần hồ sơ")
def list_documents(request: HttpRequest, code: Code) -> dict[str, Any]:
    """The components of a case."""
    return {"items": _documents(opened_case(request, code, ["documents"])), "next": None}


@router.get("/cases/{code}/documents/{document_id}", summary="Tải một tệp của hồ sơ", openapi_extra={"responses": FILE})
def download(request: HttpRequest, code: Code, document_id: int) -> FileResponse:
    """The content of one attached file."""
    case = opened_case(request, code, ["documents"])
    document = next((d for d in case.documents.all() if d.pk == document_id and d.file_id), None)
    if document is None or document.file_id is None:
        raise CaseNotFound("Không tìm thấy tệp này trong hồ sơ.")
    return _stream(document.file_id)


@router.get("/cases/{code}/result", summary="Tải kết quả đã ký", openapi_extra={"responses": PDF})
def result(request: HttpRequest, code: Code) -> FileResponse:
    """The signed and sealed result as PDF."""
    opened_case(request, code, ["result"])
    found = queries.get_result_file(actor=actor_of(request), code=code)
    assert found.file_id is not None  # noqa: S101 - signed (database constraint)
    return _stream(found.file_id)


def _case(case: Any) -> dict[str, Any]:
    unit = directory.get_unit(case.unit_id)
    return {
        "code": case.code, "status": case.status, "state": str(PUBLIC_STATE[case.status].label),
        "national_status": NATIONAL_STATUS[case.status], "procedure": case.procedure_code,
        "procedure_name": case.procedure_name, "unit": unit.code, "unit_name": unit.agency_name,
        "channel": case.channel, "submitted_at": instant(case.submitted_at), "received_at": instant(case.received_at),
        "due_at": instant(case.due_at), "resolved_at": instant(case.resolved_at),
        "delivered_at": instant(case.delivered_at), "lateness": case.lateness, "time_limit": case.time_limit,
        "fee_vnd": case.fee_vnd, "fees": case.fees,
    }  # fmt: skip


def _linked(request: HttpRequest, case: Any) -> dict[str, Any]:
    """The whole a leg belongs to, and the legs of a whole with their clocks (hồ sơ liên thông)."""
    found = queries.linked_of(actor=actor_of(request), case=case, now=clock.now())
    if found is None:
        return {"parent": None, "legs": []}
    legs = [
        {
            "key": leg.key, "name": leg.name, "procedure": leg.procedure_code, "agency": leg.agency,
            "status": leg.status.value, "code": leg.code, "system": leg.system, "national_status": leg.national_status,
            "after": list(leg.after), "limit": leg.limit, "taken_at": instant(leg.taken_at),
            "due_at": instant(leg.due_at), "finished_at": instant(leg.finished_at), "lateness": leg.lateness,
            "result_number": leg.result_number, "alert": leg.alert,
        }
        for leg in found.legs
    ]  # fmt: skip
    return {"parent": found.code if found.own else None, "legs": legs}


def _documents(case: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": d.pk, "key": d.key, "name": d.name, "presence": d.presence, "source": d.source,
            "file": {"name": d.file.name, "size": d.file.size, "media_type": d.file.media_type, "sha256": d.file.sha256}
            if d.file
            else None,
        }
        for d in case.documents.all()
    ]  # fmt: skip


def _document(request: HttpRequest, given: DocumentIn) -> DocumentInput:
    if given.file is None:
        return DocumentInput(key=given.key, presence=given.presence or Presence.PAPER)
    try:
        file_id = signing.loads(given.file, salt=_salt(request), max_age=86_400)
    except signing.BadSignature:
        message = "Tệp này không có, đã hết hạn dùng, hoặc do hệ thống khác gửi."
        raise Invalid(errors=[FieldError(f"documents.{given.key}", message)]) from None
    return DocumentInput(
        key=given.key, presence=Presence.UPLOADED, file_id=int(file_id), name=documents.get_file(int(file_id)).name
    )


def _limits(request: HttpRequest, procedure: str, document: str) -> UploadLimits:
    if not procedure:
        return UploadLimits()
    require_procedure(request, procedure)
    return procedures.get_package(procedure, clock.today())[1].upload_limits(document)


def _salt(request: HttpRequest) -> str:
    return f"api.file:{actor_of(request).account_id}"


def _unit_id(code: str, on: date) -> int | None:
    if not code:
        return None
    unit = directory.resolve_code(CodeScheme.ORG, code, on) or directory.resolve_code(CodeScheme.GSO, code, on)
    if unit is None:
        raise UnitNotCompetent(errors=[FieldError("unit", f"Không có đơn vị nào đang mang mã {code}.")])
    return unit.id


def _stream(file_id: int) -> FileResponse:
    file = documents.get_file(file_id)
    return FileResponse(
        documents.open_file(file_id), as_attachment=True, filename=file.name, content_type=file.media_type
    )
