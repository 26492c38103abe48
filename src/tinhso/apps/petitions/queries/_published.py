"""What everybody may read."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from tinhso.apps.directory import queries as directory
from tinhso.apps.petitions.data import PetitionNotFound, PublishedPage, PublishedPetition
from tinhso.apps.petitions.models import Petition
from tinhso.apps.petitions.rules import parse_code
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.keyset import decode_cursor, encode_cursor
from tinhso.lib.text import fold
from tinhso.lib.worktime import Lateness


def list_published(
    *, q: str = "", unit_id: int | None = None, classification: str = "", cursor: str | None = None, limit: int = 20
) -> PublishedPage:
    """Published petitions, the newest first; `q` with or without diacritics, all words (tra cứu phản ánh, kiến nghị).

    Raises:
        Invalid: the cursor is none of ours.
    """
    rows = _published()
    for word in fold(q).split()[:6]:
        rows = rows.filter(public_search__contains=word)
    if unit_id is not None:
        rows = rows.filter(handling_unit_id=unit_id)
    if classification:
        rows = rows.filter(classification=classification)
    if cursor:
        at, last_id = decode_cursor(cursor)
        rows = rows.filter(Q(published_at__lt=at) | Q(published_at=at, pk__lt=last_id))
    found = list(rows.order_by("-published_at", "-pk")[: limit + 1])
    following = encode_cursor(found[limit - 1].published_at, found[limit - 1].pk) if len(found) > limit else None
    return PublishedPage(items=tuple(_shown(row) for row in found[:limit]), next=following)


def get_published(code: str) -> PublishedPetition:
    """One published petition.

    Raises:
        PetitionNotFound: no such code, or it is not public.
    """
    parsed = parse_code(code)
    found = _published().filter(code=parsed).first() if parsed else None
    if found is None:
        raise PetitionNotFound
    return _shown(found)


def _published() -> QuerySet[Petition]:
    return Petition.objects.filter(published_at__isnull=False)


def _shown(row: Petition) -> PublishedPetition:
    assert row.answered_at is not None and row.published_at is not None  # noqa: S101, PT018 - a constraint of the table
    unit = directory.get_unit(row.handling_unit_id)
    return PublishedPetition(
        code=row.code, title=row.public_title, content=row.public_content, answer=row.public_answer,
        unit_name=unit.agency_name, unit_code=unit.code_on(_day(row.answered_at)), classification=row.classification,
        classification_label=row.get_classification_display(), procedure_code=row.procedure_code,
        procedure_name=row.procedure_name, sent_at=row.sent_at, answered_at=row.answered_at,
        published_at=row.published_at, on_time=row.lateness != Lateness.LATE,
        satisfaction=row.get_satisfaction_display() if row.satisfaction else "",
    )  # fmt: skip


def _day(at: datetime) -> date:
    return at.astimezone(PROVINCE_TIME).date()
