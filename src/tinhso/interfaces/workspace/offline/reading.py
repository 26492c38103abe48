"""A slip as the counter reads its own page: what was typed, under the version of the day it was typed (đọc phiếu)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest, QueryDict

from tinhso.apps.procedures.enums import Level
from tinhso.apps.reception.data import SlipContent
from tinhso.interfaces.workspace.counter import slip as counter
from tinhso.interfaces.workspace.counter.slip import KeptFile, Slip
from tinhso.interfaces.workspace.offline import pack
from tinhso.kernel.clock import PROVINCE_TIME

# Names the page itself uses; they are no part of what the person declared.
PLUMBING = frozenset({"csrfmiddlewaretoken", "_slip", "_ticket", "_taken_at", "_version", "_number"})


@dataclass
class LateSlip(Slip):
    """A counter page that was filled in without a line, on another day perhaps."""

    typed: QueryDict = field(default_factory=lambda: QueryDict(mutable=True))
    day: date = date.min

    @property
    def data(self) -> QueryDict:
        return self.typed

    @property
    def today(self) -> date:
        return self.day

    def _read(self, token: str) -> KeptFile | None:
        found = pack.read_scan(token)
        return KeptFile(*found, token) if found is not None else None


def pairs_of(data: QueryDict) -> list[tuple[str, str]]:
    """What was typed, in order, without the page's own plumbing."""
    return [(name, value) for name in data for value in data.getlist(name) if name not in PLUMBING]


def typed(pairs: Iterable[Iterable[str]]) -> QueryDict:
    """Pairs as a posted form."""
    data = QueryDict(mutable=True)
    for name, value in pairs:
        data.appendlist(name, value)
    return data


def content_of(row: Any, request: HttpRequest) -> SlipContent:
    """What a stored slip says, read under the version in force on its day.

    Raises:
        DomainError: the procedure was not in force, with the sentence for the officer.
    """
    data = typed(row.content)
    here = LateSlip(
        request,
        person={name: data.get(f"_a.{name}", "").strip()[:400] for name in counter.PERSON},
        kind=data.get("_a.kind", "person"),
        unit=data.get("_unit", ""),
        typed=data,
        day=row.taken_at.astimezone(PROVINCE_TIME).date(),
    )
    counter.choose(here, row.procedure_code, fresh=False)
    return SlipContent(
        procedure_code=row.procedure_code,
        unit_id=here.unit_id if here.package.facts.level == Level.COMMUNE else None,
        applicant=here.applicant,
        answers=here.answers,
        documents=here.handed_in(),
        channel=here.channel,
    )
