"""What the pages of petitions share: one petition as its sender reads it, files, errors beside their fields."""

import base64
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.queries import get_upload
from tinhso.apps.petitions import queries
from tinhso.apps.petitions.data import AttachmentInput, Moment
from tinhso.apps.petitions.enums import PetitionStatus, Satisfaction
from tinhso.interfaces.access import uploads
from tinhso.interfaces.portal.requests import actor_of
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, Invalid, NotFound
from tinhso.lib.qr import qr_svg

LONGEST_CODE = 40
LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class PetitionView:
    """A petition on its sender's page; without `words`, only what holds nothing of the sender."""

    code: str
    status: str
    tone: str
    unit_name: str
    topic: str
    sent_at: Any
    due_at: Any
    is_late: bool
    moments: list[Moment]
    sentences: list[tuple[str, bool]]
    words: bool
    title: str
    content: str
    asked: str
    give_until: Any
    given: str
    answer: str
    answered_at: Any
    refusal: str
    may_give: bool
    may_rate: bool
    rating: str
    is_published: bool
    needs_contact: bool
    case_code: str


def present(petition: Any, *, words: bool, now: Any) -> PetitionView:
    """The petition for its sender (`words`), or for whoever has the code of one sent from an account."""
    status = PetitionStatus(petition.status)
    answered, is_open = status is PetitionStatus.ANSWERED, petition.closed_at is None
    return PetitionView(
        code=petition.code, status=str(status.label), tone=queries.tone_of(petition.status),
        unit_name=directory.get_unit(petition.handling_unit_id).agency_name, topic=petition.get_topic_display(),
        sent_at=petition.sent_at, due_at=petition.answer_due_at if is_open else None,
        is_late=is_open and petition.answer_due_at is not None and petition.answer_due_at < now,
        moments=queries.course_of(petition), sentences=queries.deadline_sentences(petition), words=words,
        title=petition.title if words else "", content=petition.content if words else "",
        asked=petition.asked_text if words else "", give_until=petition.give_until,
        given=petition.given_text if words else "", answer=petition.answer if words and answered else "",
        answered_at=petition.answered_at, refusal=petition.refusal if words else "",
        may_give=words and status is PetitionStatus.ASKED,
        may_rate=words and answered and petition.rated_at is None,
        rating=petition.get_satisfaction_display() if petition.satisfaction else "",
        is_published=petition.published_at is not None, needs_contact=petition.account_id is None,
        case_code=(petition.case.code or "") if words and petition.case_id else "",
    )  # fmt: skip


def files_of(request: HttpRequest) -> list[AttachmentInput]:
    """What was attached, with the form or in portions before it; the action says which it cannot take."""
    return [
        AttachmentInput(file.name or "tep", upload=file.token)
        if isinstance(file, uploads.ResumedFile)
        else AttachmentInput(file.name or "tep", cast("BinaryIO", file))
        for file in uploads.files_of(request).getlist("tep")
    ]


def held_uploads(request: HttpRequest) -> list[tuple[str, str]]:
    """(upload, name of its file) of what came in portions, so that a form shown again does not ask for it again.

    An upload that ended meanwhile is left out.
    """
    held = []
    for token in request.POST.getlist(f"{uploads.FIELD}tep"):
        try:
            held.append((token, get_upload(token, actor=actor_of(request), at=clock.now()).name))
        except NotFound:
            continue
    return held


def errors_of(refusal: DomainError) -> list[dict[str, str]]:
    """Errors for the summary at the top, each leading to its field."""
    if isinstance(refusal, Invalid) and refusal.errors:
        return [{"message": error.message, "target": f"f-{error.path}"} for error in refusal.errors]
    return [{"message": refusal.message, "target": ""}]


def qr_picture(code: str) -> str:
    """The QR code that leads to the petition, as the address of a picture."""
    address = f"{settings.BASE_URL}{reverse('portal:petition_follow')}?ma={code}"
    return "data:image/svg+xml;base64," + base64.b64encode(qr_svg(address).encode()).decode()


SATISFACTIONS = Satisfaction.choices
