"""Who has read a person's data, through cases, the vault and the exchange: one line of time (ai đã xem dữ liệu của tôi)."""

from dataclasses import dataclass

from tinhso.apps.cases.models import Case
from tinhso.apps.cases.queries._vault import own_streams
from tinhso.apps.cases.queries._visibility import visible_to
from tinhso.apps.exchange import queries as exchange
from tinhso.apps.exchange.data import LookupData
from tinhso.apps.exchange.enums import SubjectOf
from tinhso.apps.exchange.queries import AskedByOthers
from tinhso.apps.vault import queries as vault
from tinhso.apps.vault.data import LookedUp
from tinhso.apps.vault.enums import HolderKind
from tinhso.kernel.actor import Actor

_CASE = "case:"


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: who, when, why, what; `lookup` where a national database was asked, with how it ended."""

    look: LookedUp
    lookup: LookupData | None
    case_code: str
    is_own: bool

    @property
    def what(self) -> tuple[str, ...]:
        """The data read, in words."""
        return self.lookup.fields if self.lookup else self.look.what


def who_read(*, actor: Actor, before: int | None = None, limit: int = 15) -> tuple[list[Reading], int | None]:
    """Every reading of the data of whom the actor stands for, newest first; and where the rest begins.

    His own: look-ups about his number, readings of his cases and of his vault. Nobody else's are looked for at all.
    """
    found: dict[int, LookupData] = {}
    streams = own_streams(actor)
    holder = vault.holder_key(actor)
    if holder is not None and holder.identifier:
        about = SubjectOf.PERSON if holder.kind == HolderKind.PERSON else SubjectOf.ORGANISATION
        asked = exchange.lookups_about(about=about, subject_id=holder.identifier, before=before, limit=limit + 1)
        streams += [stream for stream, _ in asked]
        found = {lookup.entry_id: lookup for _, lookup in asked}
    looks, following = vault.list_looks(actor=actor, streams=streams, before=before, limit=limit)
    codes = _codes(actor, looks, found)
    readings = []
    for look in looks:
        lookup = found.get(look.entry_id)
        code = codes.get(lookup.issue if lookup else look.subject, "")
        readings.append(Reading(look, lookup, code, is_own=look.account_id == actor.account_id))
    return readings, following


def asked_elsewhere(
    *, actor: Actor, before: int | None = None, limit: int = 15
) -> tuple[list[AskedByOthers], int | None]:
    """What other agencies' systems asked about whom the actor stands for through the exchange, newest first."""
    holder = vault.holder_key(actor)
    if holder is None or not holder.identifier:
        return [], None
    about = SubjectOf.PERSON if holder.kind == HolderKind.PERSON else SubjectOf.ORGANISATION
    return exchange.asked_by_others(about=about, subject_id=holder.identifier, before=before, limit=limit)


def _codes(actor: Actor, looks: list[LookedUp], found: dict[int, LookupData]) -> dict[str, str]:
    """Codes of the actor's own cases by what a reading names them: its stream, or the code it was asked for."""
    ids = {int(look.subject.removeprefix(_CASE)) for look in looks if _is_case(look.subject)}
    named = {found[look.entry_id].issue for look in looks if look.entry_id in found}
    rows = visible_to(actor).exclude(code=None)
    known = rows.filter(pk__in=ids) | rows.filter(code__in=named) if ids or named else Case.objects.none()
    codes: dict[str, str] = {}
    for pk, code in known.values_list("pk", "code"):
        codes[f"{_CASE}{pk}"] = codes[str(code)] = str(code)
    return codes


def _is_case(subject: str) -> bool:
    return subject.startswith(_CASE) and subject.removeprefix(_CASE).isdecimal()
