"""Validity, reminders and matching: values in, values out."""

import calendar
import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from tinhso.apps.vault.data import DocumentType, Wanted
from tinhso.apps.vault.enums import DocumentState, Standing


def state_on(*, standing: str, valid_to: date | None, on: date) -> DocumentState:
    """The state of a document on a day: an act that ended it outweighs its date; the last day still counts."""
    if standing == Standing.REVOKED:
        return DocumentState.REVOKED
    if standing == Standing.REPLACED:
        return DocumentState.REPLACED
    return DocumentState.EXPIRED if valid_to is not None and on > valid_to else DocumentState.VALID


def last_day(issued_on: date, months: int | None) -> date | None:
    """The last day of a term in months (BLDS 2015 Điều 147, 148: the day of issue is not counted)."""
    if months is None:
        return None
    count = issued_on.month - 1 + months
    year, month = issued_on.year + count // 12, count % 12 + 1
    return date(year, month, min(issued_on.day, calendar.monthrange(year, month)[1]))


def reminder_due(*, valid_to: date, on: date, days: Sequence[int], told: Iterable[int] = ()) -> int | None:
    """Which reminder is due on a day, None where there is none: the nearest one reached, each once.

    A round that missed a day catches up with one reminder, not with several.
    """
    left = (valid_to - on).days
    reached = [day for day in days if left <= day]
    if left < 0 or not reached:
        return None
    nearest = min(reached)
    return None if any(day <= nearest for day in told) else nearest


def furthest(on: date, days: Sequence[int]) -> date:
    """The latest last day that a round has to look at."""
    return on + timedelta(days=max(days, default=0))


def type_of(
    types: Iterable[DocumentType], *, kind: str, procedure_code: str, key: str, code: str
) -> DocumentType | None:
    """The type of a result (`kind` "results") or a component ("components"): named for it, else by national code."""
    place = f"{procedure_code}/{key}"
    known = list(types)
    named = next((one for one in known if place in getattr(one, kind)), None)
    return named or (next((one for one in known if one.code == code), None) if code else None)


def fits(
    *, wanted: Wanted, wanted_type: str, type_code: str, procedure_code: str, component_key: str,
    copies: frozenset[str] = frozenset(),
) -> bool:  # fmt: skip
    """Whether a document answers a component: of the type asked for, or what was handed in for this very component.

    `copies` are the types of certified copies: where a copy is asked for the person says which of hers it is, and the
    officer sees it.
    """
    if (wanted_type and type_code == wanted_type) or (wanted.takes_copies and type_code in copies):
        return True
    return bool(component_key) and (procedure_code, component_key) == (wanted.procedure_code, wanted.key)


def token_digest(token: str) -> str:
    """How the secret of a link is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def archive_name(position: int, name: str, number: str, ending: str) -> str:
    """A file name inside the package: numbered, without anything a file system minds."""
    words = f"{name} {number}".strip()
    kept = "".join(letter if letter.isalnum() or letter in " -_" else "-" for letter in words)
    return f"{position:03d} {' '.join(kept.split())[:100]}.{ending}"
