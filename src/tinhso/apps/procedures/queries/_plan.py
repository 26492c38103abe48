"""What publishing the content folder would change."""

from collections.abc import Sequence
from typing import Any

from tinhso.apps.procedures import rules
from tinhso.apps.procedures.content import CuratedEntry
from tinhso.apps.procedures.data import PlanLine, Synonyms, to_json
from tinhso.apps.procedures.enums import SOURCE_RANK, ChangeKind, Source
from tinhso.apps.procedures.models import ProcedureVersion
from tinhso.apps.procedures.queries._search import get_synonyms


def plan_packages(values: Sequence[dict[str, Any]]) -> list[PlanLine]:
    """Packages (as read from their folders) that are new or differ from the newest published one."""
    by_code = {str(value["procedure"]["code"]): value for value in values}
    known = latest_digests(list(by_code), Source.PACKAGE)
    return [
        PlanLine(code, str(value["procedure"]["name"]), _kind(code, known))
        for code, value in by_code.items()
        if known.get(code) != rules.content_digest(value)
    ]


def plan_curated(entries: Sequence[CuratedEntry]) -> list[PlanLine]:
    """Shipped facts that are new or differ from those published; a procedure with a package keeps the package's."""
    codes = [entry.facts.code for entry in entries]
    known, packaged = latest_digests(codes, Source.CURATED), codes_ranked_above(codes, Source.CURATED)
    return [
        PlanLine(entry.facts.code, entry.facts.name, _kind(entry.facts.code, known))
        for entry in entries
        if entry.facts.code not in packaged
        and known.get(entry.facts.code) != rules.content_digest(to_json(entry.facts))
    ]


def plan_synonyms(synonyms: Synonyms) -> list[PlanLine]:
    """The everyday vocabulary, when it differs from the published one."""
    _, published = get_synonyms()
    if published == synonyms:
        return []
    kind = ChangeKind.CHANGED if published else ChangeKind.NEW
    return [PlanLine("", f"Từ ngữ thường dùng ({len(synonyms.entries)} nhóm)", kind)]


def _kind(code: str, known: dict[str, str]) -> ChangeKind:
    return ChangeKind.CHANGED if code in known else ChangeKind.NEW


def codes_ranked_above(codes: Sequence[str], source: Source) -> set[str]:
    """Codes whose published versions come from a source this one does not replace; for this app only."""
    above = [name for name, rank in SOURCE_RANK.items() if rank > SOURCE_RANK[source]]
    versions = ProcedureVersion.objects.filter(procedure__code__in=codes, source__in=above, effective_to__isnull=True)
    return set(versions.values_list("procedure__code", flat=True))


def latest_digests(codes: Sequence[str], source: Source) -> dict[str, str]:
    """The digest of the newest version of a source, by code; for this app only."""
    rows = ProcedureVersion.objects.filter(procedure__code__in=codes, source=source).order_by("number")
    return dict(rows.values_list("procedure__code", "digest"))
