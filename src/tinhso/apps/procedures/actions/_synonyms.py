"""The everyday vocabulary of search, editable by an official."""

from datetime import datetime
from typing import Any

from tinhso.apps.audit.actions import record
from tinhso.apps.procedures import rules
from tinhso.apps.procedures.actions._index import finish_index, lock_catalogue, retitle_entries
from tinhso.apps.procedures.content import ContentError, facts_from_json, synonyms_from_json
from tinhso.apps.procedures.data import Synonyms, to_json
from tinhso.apps.procedures.events import SynonymsPublished
from tinhso.apps.procedures.models import SearchEntry, SynonymSet
from tinhso.apps.procedures.permissions import can_manage
from tinhso.apps.procedures.queries import get_synonyms
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid


@action
def publish_synonyms(*, value: Any, actor: Actor, at: datetime) -> int | None:
    """Công bố bộ từ ngữ thường dùng; in use at once. Returns its number, None when nothing changed.

    Raises:
        Invalid: the vocabulary has problems; every one is listed.
    """
    state = lock_catalogue()
    require(can_manage(actor))
    try:
        synonyms = synonyms_from_json(value)
    except ContentError as error:
        raise Invalid("Bộ từ ngữ có lỗi, chưa công bố được.", errors=error.errors) from error
    content = to_json(synonyms)
    content_digest = rules.content_digest(content)
    number, before = get_synonyms()
    latest = SynonymSet.objects.filter(number=number).first()
    if latest is not None and latest.digest == content_digest:
        return None

    SynonymSet.objects.create(
        number=number + 1, digest=content_digest, content=content, published_at=at, published_by=actor.name
    )
    codes = _codes(before) | _codes(synonyms)
    entries = SearchEntry.objects.filter(code__in=codes).select_related("version")
    retitle_entries(((entry, facts_from_json(entry.version.facts)) for entry in entries), synonyms)
    finish_index(state)

    record(SynonymsPublished(number=number + 1, digest=content_digest), subject="catalogue", actor=actor, at=at)
    return number + 1


def _codes(synonyms: Synonyms | None) -> set[str]:
    return {code for entry in (synonyms.entries if synonyms else ()) for code in entry.codes}
