"""A case between its applicant and the office: why this date, and the thread of messages.

For the applicant's own browser (session cookie) and for machine clients (token): the system that submitted a case may
carry its applicant's messages (scope `case.submit`); to read the thread `case.view` is enough.
"""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Header, Query, Router, Schema, Status

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.enums import MessageSide
from tinhso.interfaces.api.common import (
    REFUSALS,
    WITHOUT_NUL,
    CitizenSession,
    Code,
    MachineToken,
    actor_of,
    instant,
    opened_case,
)
from tinhso.kernel import clock

router = Router(tags=["Hồ sơ"], auth=[MachineToken(), CitizenSession()])


class StepOut(Schema):
    """One step of a deadline: from an instant to another, by a rule and its legal basis."""

    start: str = Field(serialization_alias="from", validation_alias="from")
    to: str
    rule: str
    basis: str


class DeadlineOut(Schema):
    """Why this date (diễn giải thời hạn)."""

    due_at: str | None
    steps: list[StepOut]
    limit: str = ""
    basis: str = ""
    effective_from: str | None = None
    assumed: bool = False
    national_limit: str | None = None
    area: str | None = None
    extensions: int = 0
    waiting_for: list[dict[str, str]] = []
    indicator_766: dict[str, Any] | None = None
    recomputed: list[str] = []
    late_because: str | None = None


class MessageIn(Schema):
    """What the applicant writes, at most 4000 characters."""

    text: Annotated[str, Field(min_length=1, max_length=4_000, pattern=WITHOUT_NUL)]


class MessageOut(Schema):
    """A message (tin trao đổi). `side`: applicant or office; `read_at`: when the other side saw it."""

    id: int
    side: str
    by: str
    text: str
    sent_at: str | None
    read_at: str | None


class MessagePage(Schema):
    """Messages, oldest first; `next` is the number to go on after."""

    items: list[MessageOut]
    next: int | None


class ReadOut(Schema):
    """How many messages were new."""

    read: int


@router.get(
    "/cases/{code}/deadline", response={200: DeadlineOut, **REFUSALS}, by_alias=True, summary="Vì sao hẹn ngày này"
)
def deadline(request: HttpRequest, code: Code) -> dict[str, Any]:
    """The due date and every step of how it came about, with rule and legal basis; empty before the clock starts."""
    case = opened_case(request, code, ["events"])
    explained = queries.explain_deadline(case, clock.now())
    return explained.to_dict() if explained else {"due_at": None, "steps": []}


@router.get("/cases/{code}/messages", response={200: MessagePage, **REFUSALS}, summary="Trao đổi về hồ sơ")
def thread(
    request: HttpRequest,
    code: Code,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> dict[str, Any]:
    """The messages between applicant and office, oldest first. Reading here marks nothing as seen."""
    case = opened_case(request, code, ["messages"])
    found = queries.messages_after(case, after=after, limit=limit + 1)
    return {
        "items": [_message(one) for one in found[:limit]],
        "next": found[limit - 1].pk if len(found) > limit else None,
    }


@router.post("/cases/{code}/messages", response={201: MessageOut, **REFUSALS}, summary="Gửi một tin trao đổi")
def send(
    request: HttpRequest,
    code: Code,
    body: MessageIn,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=200, pattern=WITHOUT_NUL)] = "",
) -> Status[dict[str, Any]]:
    """Write to the office as the applicant; a machine client may for cases it submitted. It stops no clock."""
    case = opened_case(request, code, ["messages"])
    message = actions.send_message(
        case_id=case.pk, text=body.text, idempotency_key=idempotency_key, actor=actor_of(request), at=clock.now()
    )
    return Status(201, _message(message))


@router.post("/cases/{code}/messages/read", response={200: ReadOut, **REFUSALS}, summary="Đánh dấu đã xem trả lời")
def read(request: HttpRequest, code: Code) -> dict[str, int]:
    """Tell the office that the applicant has seen what it wrote."""
    case = opened_case(request, code, ["messages"])
    return {"read": actions.read_messages(case_id=case.pk, actor=actor_of(request), at=clock.now())}


def _message(message: Any) -> dict[str, Any]:
    return {
        "id": message.pk, "side": MessageSide(message.side).value, "by": message.by_name, "text": message.text,
        "sent_at": instant(message.sent_at), "read_at": instant(message.read_at),
    }  # fmt: skip
