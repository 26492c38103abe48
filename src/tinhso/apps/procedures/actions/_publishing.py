"""Publishing versions: a package, the shipped catalogue, the end of a procedure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tinhso.apps.audit.actions import record
from tinhso.apps.procedures import rules
from tinhso.apps.procedures.actions._copying import copy_rows, next_ids
from tinhso.apps.procedures.actions._index import BATCH, close_entries, finish_index, insert_entries, lock_catalogue
from tinhso.apps.procedures.content import ContentError, CuratedEntry, check_package
from tinhso.apps.procedures.data import ProcedureFacts, ProcedureNotFound, ProcedureNotInForce, Synonyms, to_json
from tinhso.apps.procedures.enums import SOURCE_RANK, Source
from tinhso.apps.procedures.events import CataloguePublished, ProcedureAbolished, ProcedureVersionPublished
from tinhso.apps.procedures.models import Procedure, ProcedureVersion, SearchState
from tinhso.apps.procedures.permissions import can_approve
from tinhso.apps.procedures.queries import get_synonyms
from tinhso.apps.procedures.queries._plan import latest_digests, plan_curated
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to be published; `package` is the JSON value of a package, `digest` that of its whole content."""

    facts: ProcedureFacts
    source: Source
    digest: str
    effective_from: date
    package: dict[str, Any] | None = None


@action
def publish_package(*, value: dict[str, Any], actor: Actor, at: datetime, prepared_by: str = "") -> int | None:
    """Công bố gói thủ tục: an immutable version with form, process, fees and templates.

    `value` is what `content.read_package_folder` gives. Returns the version's id, or None when exactly this content is
    published already.

    Raises:
        Invalid: the package has problems; every one is listed.
    """
    state = lock_catalogue()
    require(can_approve(actor))
    try:
        package = check_package(value)
    except ContentError as error:
        raise Invalid("Gói thủ tục có lỗi, chưa công bố được.", errors=error.errors) from error
    content_digest = rules.content_digest(value)
    if latest_digests([package.code], Source.PACKAGE).get(package.code) == content_digest:
        return None
    new = NewVersion(package.facts, Source.PACKAGE, content_digest, package.effective_from, value)
    version = publish_versions([new], state=state, actor=actor, at=at, prepared_by=prepared_by)[0]
    record(
        ProcedureVersionPublished(
            code=package.code, version_id=version.pk, number=version.number, source=version.source,
            digest=version.digest, effective_from=version.effective_from,
        ),
        subject=f"procedure:{package.code}", actor=actor, at=at,
    )  # fmt: skip
    return version.pk


@action
def publish_curated(*, entries: Sequence[CuratedEntry], actor: Actor, at: datetime) -> list[str]:
    """Công bố danh mục đi kèm phần mềm; what is unchanged, or has a package, stays. Returns the codes published."""
    state = lock_catalogue()
    require(can_approve(actor))
    changing = {line.code for line in plan_curated(entries)}
    new = [
        NewVersion(entry.facts, Source.CURATED, rules.content_digest(to_json(entry.facts)), entry.effective_from)
        for entry in entries
        if entry.facts.code in changing
    ]
    if new:
        versions = publish_versions(new, state=state, actor=actor, at=at)
        record_many(versions, Source.CURATED, None, actor=actor, at=at)
    return [item.facts.code for item in new]


@action
def abolish_procedure(*, code: str, effective_from: date, reason: str, actor: Actor, at: datetime) -> None:
    """Bãi bỏ thủ tục from a day on: no submission from that day; cases received before go on under their version.

    Raises:
        ProcedureNotFound: there is no such procedure.
        ProcedureNotInForce: nothing of it holds on that day or later.
        Invalid: no reason was given.
    """
    state = lock_catalogue()
    require(can_approve(actor))
    if not reason.strip():
        raise Invalid("Hãy nêu căn cứ hoặc lý do bãi bỏ.", errors=[FieldError("reason", "Bắt buộc nêu lý do bãi bỏ.")])
    procedure = Procedure.objects.filter(code=code).first()
    if procedure is None:
        raise ProcedureNotFound(f"Không có thủ tục {code} trong danh mục.")
    spans = [rules.Span(v.pk, v.effective_from, v.effective_to) for v in procedure.versions.all()]
    ends = rules.abolish(spans, effective_from)
    if not ends:
        raise ProcedureNotInForce(f"Thủ tục {code} không còn hiệu lực từ ngày {effective_from:%d/%m/%Y}.")

    _close(ends)
    finish_index(state)

    event = ProcedureAbolished(code=code, effective_from=effective_from, reason=reason.strip())
    record(event, subject=f"procedure:{code}", actor=actor, at=at)


def publish_versions(
    new: Sequence[NewVersion], *, state: SearchState, actor: Actor, at: datetime, prepared_by: str = ""
) -> list[ProcedureVersion]:
    """Write versions and their index rows under the catalogue's lock (`state`). For the actions of this app only."""
    codes = [item.facts.code for item in new]
    Procedure.objects.bulk_create(
        [Procedure(code=code, created_at=at) for code in codes], ignore_conflicts=True, batch_size=BATCH
    )
    procedures = {procedure.code: procedure for procedure in Procedure.objects.filter(code__in=codes)}
    spans: dict[int, list[rules.Span]] = {}
    numbers: dict[int, int] = {}
    known = ProcedureVersion.objects.filter(procedure__in=procedures.values())
    for version_id, owner, number, start, end, source in known.values_list(
        "id", "procedure_id", "number", "effective_from", "effective_to", "source"
    ):
        spans.setdefault(owner, []).append(rules.Span(version_id, start, end, SOURCE_RANK[source]))
        numbers[owner] = max(numbers.get(owner, 0), number)
    ends: dict[int, date] = {}
    versions = []
    for item in new:
        procedure = procedures[item.facts.code]
        rank = SOURCE_RANK[item.source]
        closing, own_end = rules.place_version(spans.get(procedure.pk, ()), item.effective_from, rank)
        ends |= closing
        versions.append(
            ProcedureVersion(
                procedure=procedure, number=numbers.get(procedure.pk, 0) + 1, source=item.source, digest=item.digest,
                facts=to_json(item.facts), package=item.package, effective_from=item.effective_from,
                effective_to=own_end, published_at=at, prepared_by=prepared_by or actor.name, approved_by=actor.name,
            )
        )  # fmt: skip
    _close(ends)
    _write_versions(versions)
    _, synonyms = get_synonyms()
    insert_entries([(version, item.facts) for version, item in zip(versions, new, strict=True)], synonyms or Synonyms())
    finish_index(state)
    return versions


def _write_versions(versions: Sequence[ProcedureVersion]) -> None:
    for version, version_id in zip(versions, next_ids(ProcedureVersion, len(versions)), strict=True):
        version.pk = version_id
    columns = (
        "id", "procedure_id", "number", "source", "digest", "facts", "package", "effective_from", "effective_to",
        "published_at", "prepared_by", "approved_by",
    )  # fmt: skip
    copy_rows(ProcedureVersion, columns, ([getattr(version, name) for name in columns] for version in versions))


def record_many(
    versions: Sequence[ProcedureVersion], source: Source, import_id: int | None, *, actor: Actor, at: datetime
) -> None:
    """One event for many versions; the digest over all of them ties it to their contents."""
    lines = sorted(f"{version.procedure.code} {version.digest}" for version in versions)
    event = CataloguePublished(
        source=source, import_id=import_id, count=len(versions),
        versions_digest=hashlib.sha256("\n".join(lines).encode()).hexdigest(),
        effective_from=min(version.effective_from for version in versions),
    )  # fmt: skip
    record(event, subject="catalogue", actor=actor, at=at)


def _close(ends: dict[int, date]) -> None:
    by_day: dict[date, list[int]] = {}
    for version_id, end in ends.items():
        by_day.setdefault(end, []).append(version_id)
    for end, ids in by_day.items():
        ProcedureVersion.objects.filter(pk__in=ids).update(effective_to=end)
    close_entries(ends)
