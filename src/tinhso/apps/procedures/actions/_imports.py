"""The national catalogue: read, compared with what is published, approved, published."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from tinhso.apps.audit.actions import record
from tinhso.apps.procedures import rules
from tinhso.apps.procedures.actions._copying import copy_rows
from tinhso.apps.procedures.actions._index import lock_catalogue
from tinhso.apps.procedures.actions._publishing import (
    NewVersion,
    publish_versions,
    record_many,
)
from tinhso.apps.procedures.content import NationalRecord, facts_from_json
from tinhso.apps.procedures.data import ImportNotReady, ImportReport, ProblemCount, to_json
from tinhso.apps.procedures.enums import UNAPPROVED, ChangeKind, DataProblem, ImportStatus, Source
from tinhso.apps.procedures.events import CatalogueImportApproved, CatalogueImportDiscarded, CatalogueStaged
from tinhso.apps.procedures.models import CatalogueImport, CatalogueImportItem, ProcedureVersion
from tinhso.apps.procedures.permissions import can_approve, can_manage
from tinhso.apps.procedures.queries._plan import codes_ranked_above
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import NotFound

EXAMPLES = 5


@action
def import_catalogue(
    *,
    records: Sequence[NationalRecord],
    file_name: str,
    file_digest: str,
    effective_from: date,
    actor: Actor,
    at: datetime,
    import_id: int | None = None,
) -> ImportReport:
    """Nhập danh mục quốc gia: compare the records with what is published and keep the difference for approval.

    `import_id` names the import that the background work was reading (`begin_import`); without it one is made, and when
    nothing would change nothing is written, and the report has no `import_id`. A procedure the province keeps
    itself (a package, the curated catalogue) is never replaced: it is listed as kept, with what differs.
    """
    lock_catalogue()
    require(can_manage(actor))
    items = _compare(records)
    report = _report(items, [item.code for item in items if item.change == ChangeKind.MISSING])
    if not report.changes and import_id is None:
        return report
    staged = CatalogueImport(staged_at=at, staged_by=actor.name) if import_id is None else _being_read(import_id)
    staged.file_name, staged.file_digest, staged.effective_from = file_name[:255], file_digest, effective_from
    staged.status = ImportStatus.DRAFT if report.changes else ImportStatus.UNCHANGED
    staged.report, staged.rows_read = to_json(report), len(records)
    staged.rows_with_problems = sum(bool(one.problems) for one in records)
    staged.save()
    shown = [item for item in items if item.change != ChangeKind.UNCHANGED or item.problems]
    columns = ("code", "name", "change", "digest", "facts", "differences", "problems")
    copy_rows(
        CatalogueImportItem,
        ("catalogue_import_id", *columns),
        ([staged.pk, *(getattr(item, name) for name in columns)] for item in shown),
    )
    event = CatalogueStaged(
        import_id=staged.pk, file_name=staged.file_name, file_digest=file_digest,
        new=report.new, changed=report.changed, kept=report.kept, rejected=report.rejected,
    )  # fmt: skip
    record(event, subject="catalogue", actor=actor, at=at)
    return replace(report, import_id=staged.pk)


@action
def approve_import(*, import_id: int, actor: Actor, at: datetime) -> None:
    """Duyệt lần nhập danh mục: the official has seen the report and the difference.

    Raises:
        ImportNotReady: it does not wait for approval.
    """
    staged = locked_import(import_id)
    require(can_approve(actor))
    if staged.status != ImportStatus.DRAFT:
        raise ImportNotReady("Lần nhập này đã được duyệt hoặc đã công bố.")
    staged.status, staged.approved_at, staged.approved_by = ImportStatus.APPROVED, at, actor.name
    staged.save(update_fields=["status", "approved_at", "approved_by"])
    record(CatalogueImportApproved(import_id=import_id), subject="catalogue", actor=actor, at=at)


@action
def publish_import(*, import_id: int, actor: Actor, at: datetime, take: Sequence[str] = ()) -> int:
    """Công bố lần nhập đã duyệt: a version of everything new or changed, in force from the import's day.

    `take` names kept procedures of the curated catalogue for which the national facts shall hold from now on.
    Returns how many versions were published.

    Raises:
        ImportNotReady: it is not approved, or published already.
    """
    state = lock_catalogue()
    staged = locked_import(import_id)
    require(can_approve(actor))
    if staged.status not in {ImportStatus.APPROVED, ImportStatus.PUBLISHING}:
        raise ImportNotReady("Chỉ công bố được lần nhập đã duyệt và chưa công bố.")
    chosen = staged.items.filter(change__in=[ChangeKind.NEW, ChangeKind.CHANGED]) | staged.items.filter(
        change=ChangeKind.KEPT, code__in=take, facts__isnull=False
    )
    items = list(chosen.order_by("code"))
    # Between staging and publishing a package or a curated entry may have come: it stays.
    above = codes_ranked_above([item.code for item in items], Source.NATIONAL) - set(take)
    new = [
        NewVersion(facts_from_json(item.facts), Source.NATIONAL, item.digest, staged.effective_from)
        for item in items
        if item.code not in above
    ]
    if new:
        versions = publish_versions(new, state=state, actor=actor, at=at, prepared_by=staged.staged_by)
        record_many(versions, Source.NATIONAL, import_id, actor=actor, at=at)
    staged.status, staged.applied_at, staged.published, staged.failure = ImportStatus.APPLIED, at, len(new), ""
    staged.save(update_fields=["status", "applied_at", "published", "failure"])
    return len(new)


@action
def discard_import(*, import_id: int, actor: Actor, at: datetime) -> None:
    """Bỏ lần nhập chưa duyệt; the log keeps that it was read."""
    staged = locked_import(import_id)
    require(can_manage(actor))
    if staged.status not in UNAPPROVED or ImportStatus(staged.status).is_running:
        raise ImportNotReady("Chỉ bỏ được lần nhập đã đọc xong và chưa duyệt.")
    event = CatalogueImportDiscarded(import_id=import_id, file_digest=staged.file_digest)
    staged.delete()
    record(event, subject="catalogue", actor=actor, at=at)


def locked_import(import_id: int) -> CatalogueImport:
    """The import, locked until the action ends; for the actions of this app.

    Raises:
        NotFound: there is none.
    """
    staged = CatalogueImport.objects.select_for_update().filter(pk=import_id).first()
    if staged is None:
        raise NotFound("Không có lần nhập danh mục này.")
    return staged


def _being_read(import_id: int) -> CatalogueImport:
    staged = locked_import(import_id)
    if staged.status != ImportStatus.READING:
        raise ImportNotReady("Lần nhập này đã đọc xong hoặc đã dừng.")
    return staged


def _compare(records: Sequence[NationalRecord]) -> list[CatalogueImportItem]:
    """Every record as an item with its kind of change, then what is published but no longer in the file."""
    published = {
        version.procedure.code: version
        for version in ProcedureVersion.objects.filter(effective_to__isnull=True)
        .select_related("procedure")
        .only("procedure__code", "source", "digest", "facts")
    }
    items: dict[str, CatalogueImportItem] = {}
    for record_ in records:
        item = _item(record_, published.get(record_.code))
        if record_.code in items:
            item.change, item.facts = ChangeKind.REJECTED, None
            item.problems = [[DataProblem.CODE.value, f"{record_.code} lặp lại trong tệp"], *item.problems]
            item.code = f"{record_.code}#{len(items)}"[:32]
        items[item.code] = item
    for code, version in published.items():
        if version.source == Source.NATIONAL and code not in items:
            items[code] = CatalogueImportItem(
                code=code, name=version.facts["name"], change=ChangeKind.MISSING, digest=version.digest
            )
    return list(items.values())


def _item(record_: NationalRecord, version: ProcedureVersion | None) -> CatalogueImportItem:
    item = CatalogueImportItem(
        code=record_.code[:32], name=record_.name, change=ChangeKind.REJECTED,
        problems=[[kind.value, detail[:300]] for kind, detail in record_.problems],
    )  # fmt: skip
    if record_.facts is None or record_.rejected:
        return item
    facts: dict[str, Any] = to_json(record_.facts)
    item.digest = rules.content_digest(facts)
    if version is None:
        item.change, item.facts = ChangeKind.NEW, facts
        return item
    if version.source != Source.NATIONAL:
        item.change, item.facts = ChangeKind.KEPT, facts
        item.differences = rules.differences(version.facts, facts)
        return item
    item.change = ChangeKind.UNCHANGED
    if version.digest != item.digest:
        item.change, item.facts = ChangeKind.CHANGED, facts
        item.differences = rules.differences(version.facts, facts)
    return item


def _report(items: Sequence[CatalogueImportItem], missing: Sequence[str]) -> ImportReport:
    changes = Counter(str(item.change) for item in items)
    found: dict[str, list[str]] = {}
    for item in items:
        for kind in dict.fromkeys(kind for kind, _ in item.problems):
            found.setdefault(kind, []).append(item.code)
    counts = tuple(
        ProblemCount(kind, str(DataProblem(kind).label), len(codes), tuple(codes[:EXAMPLES]))
        for kind, codes in sorted(found.items(), key=lambda pair: -len(pair[1]))
    )
    return ImportReport(
        total=len(items) - len(missing),
        new=changes[ChangeKind.NEW],
        changed=changes[ChangeKind.CHANGED],
        unchanged=changes[ChangeKind.UNCHANGED],
        kept=changes[ChangeKind.KEPT],
        rejected=changes[ChangeKind.REJECTED],
        missing=len(missing),
        problems=counts,
    )
