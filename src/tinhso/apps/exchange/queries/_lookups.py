"""Data sources, who asks them for an agency, and who asked about whom."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from tinhso.apps.directory import queries as directory
from tinhso.apps.exchange import content
from tinhso.apps.exchange.data import DataSource, LookupData, SourceNotConnected, UnknownSource
from tinhso.apps.exchange.enums import Outcome, SubjectOf
from tinhso.apps.exchange.models import Lookup, Subsystem
from tinhso.apps.exchange.queries._operations import operations
from tinhso.lib.xroad import ClientId


def get_source(key: str) -> DataSource:
    """A data source by its key.

    Raises:
        UnknownSource: content names none.
    """
    found = _sources(Path(settings.CONTENT_DIR))[1].get(key)
    if found is None:
        raise UnknownSource
    return found


def source_keys(root: Path) -> frozenset[str]:
    """The keys of the sources a content folder names; empty where they cannot be read, which their own check tells."""
    try:
        return frozenset(content.load_sources(root)[1])
    except content.SourcesContentError:
        return frozenset()


def asking_system(unit_id: int | None, on: date) -> tuple[str, str]:
    """(X-Road client, identification code) in whose name an agency asks; of the province where no unit is known yet.

    Raises:
        SourceNotConnected: the agency takes no part in the exchange.
    """
    code = directory.code_prefix(unit_id, on) if unit_id is not None else directory.get_province(on).code_on(on)
    asks_as = _sources(Path(settings.CONTENT_DIR))[0]
    found = Subsystem.objects.select_related("member").filter(code=asks_as, member__code=code).first()
    if found is None:
        raise SourceNotConnected
    member = found.member
    return str(ClientId(member.instance, member.member_class, member.code, found.code)), code


def lookups_about(
    *, about: SubjectOf, subject_id: str, before: int | None = None, limit: int = 30
) -> list[tuple[str, LookupData]]:
    """(stream of its reading, look-up) about somebody, newest first. The caller has checked that it is himself."""
    rows = Lookup.objects.filter(about=about, subject_id=subject_id).order_by("-entry_id")
    if before is not None:
        rows = rows.filter(entry_id__lt=before)
    return [
        (
            f"lookup:{row.message_id}",
            LookupData(
                entry_id=row.entry_id, source_name=row.source_name, holder=row.holder, outcome=Outcome(row.outcome),
                message_id=row.message_id, issue=row.issue, basis=row.basis, fields=tuple(row.fields),
            ),
        )
        for row in rows[:limit]
    ]  # fmt: skip


def unanswered_lookups(*, at: datetime, limit: int = 200) -> list[str]:
    """`X-Road-Id` of the questions that have waited longer than any answer takes, the oldest first."""
    before = at - timedelta(seconds=operations().unanswered_seconds)
    rows = Lookup.objects.filter(outcome=Outcome.ASKED, asked_at__lt=before).order_by("asked_at", "pk")
    return list(rows.values_list("message_id", flat=True)[:limit])


@lru_cache(maxsize=4)
def _sources(root: Path) -> tuple[str, dict[str, DataSource]]:
    return content.load_sources(root)
