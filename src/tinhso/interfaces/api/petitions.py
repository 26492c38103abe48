"""Published petitions: list with search, one. Public, nothing personal."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from tinhso.apps.directory import queries as directory
from tinhso.apps.petitions import queries
from tinhso.apps.petitions.data import PublishedPetition
from tinhso.interfaces.api.common import Code, Cursor, Problem, Text, instant
from tinhso.kernel import clock

router = Router(tags=["Phản ánh, kiến nghị"])


class PetitionOut(Schema):
    """A published petition with its answer (phản ánh, kiến nghị đã công khai)."""

    code: str
    title: str
    content: str
    answer: str
    unit: str
    unit_name: str
    classification: str
    procedure: str
    sent_at: str | None
    answered_at: str | None
    published_at: str | None
    on_time: bool


class PetitionPageOut(Schema):
    """A page of petitions; `next` is the cursor of the following page."""

    items: list[PetitionOut]
    next: str | None


@router.get(
    "/petitions", response={200: PetitionPageOut, 404: Problem}, auth=None, summary="Phản ánh, kiến nghị đã công khai"
)
def list_petitions(
    request: HttpRequest,
    q: Text = "",
    unit: Text = "",
    classification: Text = "",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """The newest first; `q` in words, `unit` by its code, `classification` regulation or staff."""
    unit_id = directory.get_unit_by_code(unit, clock.today()).id if unit else None
    page = queries.list_published(
        q=q, unit_id=unit_id, classification=classification, cursor=cursor, limit=limit,
    )  # fmt: skip
    return {"items": [_out(item) for item in page.items], "next": page.next}


@router.get("/petitions/{code}", response=PetitionOut, auth=None, summary="Một phản ánh, kiến nghị đã công khai")
def get_petition(request: HttpRequest, code: Code) -> dict[str, Any]:
    """One published petition."""
    return _out(queries.get_published(code))


def _out(item: PublishedPetition) -> dict[str, Any]:
    return {
        "code": item.code, "title": item.title, "content": item.content, "answer": item.answer, "unit": item.unit_code,
        "unit_name": item.unit_name, "classification": item.classification, "procedure": item.procedure_code,
        "sent_at": instant(item.sent_at), "answered_at": instant(item.answered_at),
        "published_at": instant(item.published_at), "on_time": item.on_time,
    }  # fmt: skip
