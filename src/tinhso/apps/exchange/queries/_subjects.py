"""What other systems asked of others about a person: found by the keyed hash of the number, never by the number."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from tinhso.apps.exchange.data import subject_mark, well_formed
from tinhso.apps.exchange.enums import SubjectOf
from tinhso.apps.exchange.models import Member, Service
from tinhso.apps.exchange.providers import keyfiles
from tinhso.apps.exchange.queries._keys import key_folder
from tinhso.apps.exchange.queries._registry import service_of

# One row of an index for each question; what our own software asked for a case is told with its case, not twice. How it
# ended stands in the line of its answer, if there is one.
_ASKED = """
SELECT line.id, line.at, line.client, line.service, line.purpose, line.message_id, line.exchange_id, answer.status,
       coalesce(answer.error, line.error), answer.id IS NOT NULL OR line.kind = 'response'
FROM exchange_message AS line
LEFT JOIN LATERAL (
  SELECT id, status, error FROM exchange_message AS told
  WHERE told.exchange_id = line.exchange_id AND told.kind = 'response'
    AND told.at >= line.at AND told.at < line.at + interval '1 day' AND line.kind = 'request'
  LIMIT 1
) AS answer ON true
WHERE line.subject = %(mark)s AND line.id < %(before)s
  AND NOT EXISTS (SELECT 1 FROM exchange_lookup WHERE exchange_lookup.message_id = line.message_id)
ORDER BY line.id DESC LIMIT %(limit)s
"""
_LAST = 9_223_372_036_854_775_807


@dataclass(frozen=True, slots=True)
class AskedByOthers:
    """One question of another agency about a person, as the person sees it (lượt hỏi của cơ quan khác).

    `answered`: whether the provider gave an answer without error; what it said is not kept anywhere here.
    """

    id: int
    at: datetime
    member: str
    system: str
    service: str
    holder: str
    purpose: str
    message_id: str
    answered: bool
    refused: bool


def subject_key() -> bytes | None:
    """The key of the hashes, when it has been made."""
    return keyfiles.load_secret(key_folder(), keyfiles.SUBJECTS)


def asked_by_others(
    *, about: SubjectOf, subject_id: str, before: int | None = None, limit: int = 30
) -> tuple[list[AskedByOthers], int | None]:
    """The questions about somebody that other systems put through the exchange, newest first, and where the rest begins.

    The caller has checked that it is himself. Three statements, whatever there is.
    """
    key, number = subject_key(), well_formed(about, subject_id)
    if key is None or not number:
        return [], None
    asked: dict[str, Any] = {"mark": subject_mark(key, about, number), "before": before or _LAST, "limit": limit + 1}
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, asked)
        rows = cursor.fetchall()
    members, services = _names(rows[:limit])
    found = [_told(row, members, services) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


def _told(row: Any, members: dict[str, str], services: dict[str, str]) -> AskedByOthers:
    number, at, client, service, purpose, message_id, _, status, error, has_answer = row
    return AskedByOthers(
        id=number, at=at, member=members.get(_member(client), _member(client)), system=client.rpartition("/")[2],
        service=services.get(service, service), holder=members.get(_member(service), _member(service)), purpose=purpose,
        message_id=message_id, answered=bool(has_answer and not error and status is not None and status < 400),
        refused=".AccessDenied" in (error or ""),
    )  # fmt: skip


def _names(rows: list[Any]) -> tuple[dict[str, str], dict[str, str]]:
    if not rows:
        return {}, {}
    wanted = {_member(row[2]) for row in rows} | {_member(row[3]) for row in rows}
    known = Member.objects.filter(code__in={name.rpartition("/")[2] for name in wanted})
    members = {f"{one.instance}/{one.member_class}/{one.code}": one.name for one in known}
    codes = {row[3].rpartition("/")[2] for row in rows}
    found = Service.objects.filter(code__in=codes).select_related("subsystem__member").defer("openapi")
    return members, {str(service_of(one)): one.name for one in found}


def _member(name: str) -> str:
    return "/".join(name.split("/", 3)[:3])
