"""How long files have to stay, what still needs them, and the lists of those that may go."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from tinhso.apps.documents import content, permissions, rules
from tinhso.apps.documents.data import (
    DisposalDetail,
    DisposalLine,
    DisposalNotFound,
    DisposalRow,
    RetentionKind,
    RetentionState,
)
from tinhso.apps.documents.enums import DisposalStatus
from tinhso.apps.documents.models import Content, DisposalItem, DisposalList, StoredFile
from tinhso.apps.documents.permissions import DocumentPermission
from tinhso.kernel.actor import Actor

# Told the numbers of files, an app answers which of them it still needs and why, in words.
Holder = Callable[[frozenset[int]], dict[int, str]]
_HOLDERS: list[Holder] = []
_ANSWERED_FOR = {"documents.Upload", "documents.DisposalItem"}
_BATCH = 500
_MOST_FILES = 500
LISTS_A_PAGE = 50


def answer_for(held: Holder, *, tables: Collection[str] = ()) -> None:
    """An app says which files it still needs; called when it is ready.

    `tables` ("cases.CaseDocument") are those of its tables that refer to files and for which this answer is the whole
    truth. A file that any other table refers to stays: what nobody answers for is never disposed of.
    """
    if held not in _HOLDERS:
        _HOLDERS.append(held)
    _ANSWERED_FOR.update(tables)


def needed_files(file_ids: Iterable[int]) -> dict[int, str]:
    """Those of these files that have to stay whatever their period, each with why."""
    asked = frozenset(file_ids)
    needed: dict[int, str] = {}
    for table, column in _unanswered():
        words = apps.get_app_config(table.partition(".")[0]).verbose_name
        # `_default_manager` is Django's documented way to any model's rows.
        found = apps.get_model(table)._default_manager.filter(**{f"{column}__in": asked}).values_list(column, flat=True)  # noqa: SLF001
        needed |= {file_id: f"còn được dùng ({words})" for file_id in found if file_id is not None}
    for held in _HOLDERS:
        needed |= held(asked)
    return needed


@lru_cache(maxsize=1)
def _references() -> tuple[tuple[str, str], ...]:
    """Every table and column that refers to a file."""
    return tuple(
        (model._meta.label, field.attname)  # noqa: SLF001 - documented API
        for model in apps.get_models()
        for field in model._meta.concrete_fields  # noqa: SLF001 - documented API
        if field.related_model is StoredFile
    )


def _unanswered() -> list[tuple[str, str]]:
    return [found for found in _references() if found[0] not in _ANSWERED_FOR]


def retention_kinds() -> dict[str, RetentionKind]:
    """How long files are kept, by kind."""
    return _kinds(Path(settings.CONTENT_DIR))


@lru_cache(maxsize=4)
def _kinds(root: Path) -> dict[str, RetentionKind]:
    return content.load_retention(root)


def iterate_over(kind: RetentionKind, *, on: date, unit_id: int | None = None) -> Iterator[list[StoredFile]]:
    """Files of a kind whose period is over on a date, in portions, the oldest first; needed ones too."""
    if kind.years is None:
        return
    found = StoredFile.objects.filter(retention=kind.key, disposed_at__isnull=True)
    found = found.filter(retain_from__lt=rules.closed_before(on, years=kind.years))
    if unit_id is not None:
        found = found.filter(unit_id=unit_id)
    after = 0
    while portion := list(found.filter(pk__gt=after).order_by("pk")[:_BATCH]):
        yield portion
        after = portion[-1].pk


def files_to_propose(*, unit_id: int, on: date) -> list[StoredFile]:
    """What a new list of a unit holds: period over, needed by nobody, on no list that waits or is being carried out."""
    listed = DisposalItem.objects.filter(
        listing__status__in=[DisposalStatus.PROPOSED, DisposalStatus.APPROVED], is_left_out=False
    )
    chosen: list[StoredFile] = []
    for kind in retention_kinds().values():
        for portion in iterate_over(kind, on=on, unit_id=unit_id):
            ids = [file.pk for file in portion]
            out = needed_files(ids).keys() | set(listed.filter(file__in=ids).values_list("file_id", flat=True))
            chosen += [file for file in portion if file.pk not in out]
            if len(chosen) >= _MOST_FILES:
                return chosen[:_MOST_FILES]
    return chosen


def retention_states(*, on: date) -> list[RetentionState]:
    """How it stands with each kind, for operators."""
    states = []
    for kind in retention_kinds().values():
        kept = StoredFile.objects.filter(retention=kind.key, disposed_at__isnull=True).count()
        over = needed = 0
        for portion in iterate_over(kind, on=on):
            over += len(portion)
            needed += len(needed_files(file.pk for file in portion))
        states.append(RetentionState(kind, kept, over, needed))
    return states


def disposal_units(actor: Actor) -> frozenset[int]:
    """The units whose files the actor may propose for disposal."""
    return actor.unit_ids_for(DocumentPermission.PROPOSE_DISPOSAL)


def list_disposals(*, actor: Actor, before: int = 0) -> list[DisposalRow]:
    """Disposal lists of one's units, the newest first; `before` goes on from a list's number."""
    rows = _visible(actor)
    if before:
        rows = rows.filter(pk__lt=before)
    return [_row(row) for row in _counted(rows).order_by("-pk")[:LISTS_A_PAGE]]


def get_disposal(disposal_id: int, *, actor: Actor) -> DisposalDetail:
    """One list with its files.

    Raises:
        DisposalNotFound: none, or of a unit the right does not cover.
    """
    listing = _counted(_visible(actor)).filter(pk=disposal_id).first()
    if listing is None:
        raise DisposalNotFound
    items = list(DisposalItem.objects.select_related("file").filter(listing=listing).order_by("pk"))
    waits = listing.status == DisposalStatus.PROPOSED
    needed = needed_files(item.file_id for item in items) if waits else {}
    kinds = retention_kinds()
    lines = tuple(
        DisposalLine(
            id=item.pk, file_id=item.file_id, name=item.file.name, size=item.file.size,
            kind=kinds[item.retention].name if item.retention in kinds else item.retention, basis=item.basis,
            closed_on=item.file.retain_from, over_on=item.over_on, is_left_out=item.is_left_out,
            disposed_at=item.file.disposed_at, needed=needed.get(item.file_id, ""),
        )
        for item in items
    )  # fmt: skip
    may_decide = waits and permissions.can_approve_disposal(
        actor, unit_id=listing.unit_id, proposed_by_id=listing.proposed_by_id
    )
    return DisposalDetail(_row(listing), lines, may_decide)


def count_disposals_waiting(actor: Actor) -> int:
    """Lists that wait for this officer's decision; for the menu."""
    unit_ids = actor.unit_ids_for(DocumentPermission.APPROVE_DISPOSAL)
    waiting = DisposalList.objects.filter(status=DisposalStatus.PROPOSED, unit_id__in=unit_ids)
    return waiting.exclude(proposed_by_id=actor.account_id or 0).count() if unit_ids else 0


def disposals_to_carry_out() -> list[int]:
    """Approved lists that are not done yet; for the clock."""
    return list(DisposalList.objects.filter(status=DisposalStatus.APPROVED).order_by("pk").values_list("pk", flat=True))


def items_to_dispose(disposal_id: int) -> list[int]:
    """What is still there of an approved list."""
    items = DisposalItem.objects.filter(listing=disposal_id, is_left_out=False, file__disposed_at__isnull=True)
    return list(items.order_by("pk").values_list("pk", flat=True))


def contents_to_clear(*, after: int = 0) -> list[int]:
    """Contents whose key is destroyed and whose blob still lies in the store."""
    found = Content.objects.filter(shredded_at__isnull=False, pk__gt=after).exclude(blob="")
    return list(found.order_by("pk").values_list("pk", flat=True)[:_BATCH])


def blobs_to_clear(content_id: int) -> list[tuple[str, str]]:
    """Where a shredded content and the likenesses of its pages lie: stores and names."""
    shredded = Content.objects.get(pk=content_id)
    return [(shredded.store, shredded.blob), *shredded.previews.values_list("store", "blob")]


def _visible(actor: Actor) -> QuerySet[DisposalList]:
    seen = actor.unit_ids_for(DocumentPermission.PROPOSE_DISPOSAL)
    return DisposalList.objects.filter(unit_id__in=seen | actor.unit_ids_for(DocumentPermission.APPROVE_DISPOSAL))


def _counted(rows: QuerySet[DisposalList]) -> QuerySet[DisposalList]:
    return rows.annotate(
        n_files=Count("items"), n_left_out=Count("items", filter=Q(items__is_left_out=True)),
        n_size=Sum("items__file__size", filter=Q(items__is_left_out=False)),
    )  # fmt: skip


def _row(row: DisposalList) -> DisposalRow:
    # The checker cannot follow annotations through a helper.
    files, left_out, size = (getattr(row, name) or 0 for name in ("n_files", "n_left_out", "n_size"))
    return DisposalRow(
        id=row.pk, unit_id=row.unit_id, status=row.status, status_label=row.get_status_display(), until=row.until,
        files=files, left_out=left_out, size=size, proposed_by=row.proposed_by_name, proposed_at=row.proposed_at,
        decided_by=row.decided_by_name, decided_at=row.decided_at, reason=row.reason, done_at=row.done_at,
    )  # fmt: skip
