"""What a form and the package's expressions know of a case: the applicant, the day, the channel, the places."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from tinhso.apps.cases.enums import ApplicantKind, Channel, Presence
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.enums import CodeScheme
from tinhso.apps.procedures.data import Package, RequiredDocument
from tinhso.apps.procedures.enums import DocumentMode
from tinhso.lib import forms
from tinhso.lib.places import edition_on, known_editions

Elsewhere = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str, str], ...]]


class Places:
    """Provinces and communes for address fields on a day (danh mục đơn vị hành chính).

    The own province stands first and is as the directory knows it on that day; the rest of the nation is the reference
    list of `content/places`. Before that list begins only the own province's former units are known.
    """

    def provinces(self, as_of: date) -> Sequence[tuple[str, str]]:
        """(code, name) of every province of that day."""
        own = directory.get_province(as_of)
        code = own.code_on(as_of, CodeScheme.GSO)
        return [(code, own.name_on(as_of)), *_elsewhere(as_of, code)[0]]

    def communes(self, as_of: date) -> Sequence[tuple[str, str, str]]:
        """(code, name, province code) of every commune of that day."""
        province = directory.get_province(as_of).code_on(as_of, CodeScheme.GSO)
        own = [(code, name, province) for code, name in directory.commune_names(as_of)]
        return [*own, *_elsewhere(as_of, province)[1]]


def _elsewhere(as_of: date, own_code: str) -> Elsewhere:
    """Provinces and communes of the reference list on a day, without the own province."""
    folder = Path(settings.CONTENT_DIR) / "places"
    edition = edition_on(known_editions(folder), as_of)
    return _without(folder, edition.valid_from, own_code) if edition else ((), ())


@lru_cache(maxsize=16)
def _without(folder: Path, valid_from: date, own_code: str) -> Elsewhere:
    edition = edition_on(known_editions(folder), valid_from)
    assert edition is not None  # noqa: S101 - asked for by the day it begins
    provinces = tuple(place for place in edition.provinces if place[0] != own_code)
    return provinces, tuple(place for place in edition.communes if place[2] != own_code)


PLACES = Places()


def form_context(*, applicant: Mapping[str, Any], channel: str, today: date) -> dict[str, Any]:
    """The context of `lib.forms`: `applicant`, `channel`, `today`, `lookup`."""
    return {
        "applicant": {
            "full_name": str(applicant.get("full_name", "")),
            "personal_id": str(applicant.get("personal_id", "")),
            "kind": str(applicant.get("kind") or ApplicantKind.PERSON),
        },
        "channel": channel,
        "today": today.isoformat(),
        "lookup": PLACES,
    }


def variables(package: Package, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """The names that conditions, limits and fees of a package may use, every unanswered question filled up.

    A draft keeps answers as they were typed; what is wrong in them counts as not answered yet.
    """
    usable = forms.validate(package.form, dict(answers), context=context, partial=True).answers
    return forms.expression_variables(package.form, usable, context=context)


def unit_by_place(package: Package, answers: Mapping[str, Any], on: date) -> int | None:
    """The commune that resolves a case by the address the procedure names (`routed_by`); None when it says nothing.

    Phân tuyến theo địa điểm: an address of a former commune leads to the one that has taken its place.
    """
    place = answers.get(package.routed_by) if package.routed_by else None
    code = place.get("commune_code") if isinstance(place, Mapping) else None
    unit = directory.resolve_code(CodeScheme.GSO, str(code), on) if code else None
    if unit is None:
        return None
    found = directory.competent_unit(
        level=package.facts.level, field=package.facts.field, commune_unit_id=unit.id, on=on
    )
    return found.id if found else None


def is_needed(document: RequiredDocument, *, channel: str) -> bool:
    """Whether a component has to be handed in: not what is declared in the form, made by the system, or known to the
    state; what is only shown (xuất trình) is shown at a counter and never asked for online."""
    if not document.required or document.replaced_by is not None:
        return False
    if document.mode in {DocumentMode.DECLARE, DocumentMode.GENERATED}:
        return False
    return not (document.mode == DocumentMode.PRESENT and channel != Channel.COUNTER)


def default_presence(document: RequiredDocument) -> str:
    """How a component that nobody has to bring is there all the same."""
    if document.mode in {DocumentMode.DECLARE, DocumentMode.GENERATED}:
        return Presence.DECLARED
    return Presence.DATABASE if document.replaced_by is not None else Presence.PAPER
