"""Submission lists, and what is due to be put on one."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from tinhso.apps.archives import permissions
from tinhso.apps.archives.data import FileRow, ListDetail, ListNotFound, ListRow
from tinhso.apps.archives.enums import FileStatus, ListStatus, Maintenance
from tinhso.apps.archives.models import ArchivalFile, SubmissionList
from tinhso.apps.archives.permissions import ArchivePermission
from tinhso.apps.archives.queries._packages import rules_now
from tinhso.apps.cases import queries as cases
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.kernel.actor import Actor, ActorKind

_PACKED = [FileStatus.PACKED, FileStatus.ACCEPTED, FileStatus.KEPT]
# What waits for whom: the records officer, the head, the archive.
_WAITING = {
    ArchivePermission.KEEP: ListStatus.DRAFT,
    ArchivePermission.APPROVE: ListStatus.SUBMITTED,
    ArchivePermission.ACCEPT: ListStatus.READY,
}


def visible_lists(actor: Actor) -> QuerySet[SubmissionList]:
    """The lists an actor may see: those of the units of his archive rights."""
    if actor.kind is ActorKind.SYSTEM:
        return SubmissionList.objects.all()
    return SubmissionList.objects.filter(unit_id__in=permissions.units_seen(actor))


def list_lists(*, actor: Actor, before: int = 0, limit: int = 30) -> tuple[list[ListRow], int]:
    """The lists of one's units, newest first, and the cursor of the next page (0: none)."""
    rows = _counted(visible_lists(actor))
    rows = rows.filter(pk__lt=before) if before else rows
    found = list(rows.order_by("-id")[: limit + 1])
    return [_row(one) for one in found[:limit]], found[limit - 1].pk if len(found) > limit else 0


def get_list(*, actor: Actor, list_id: int) -> ListDetail:
    """One list with its files.

    Raises:
        ListNotFound: none, or none this actor may see.
    """
    found = _counted(visible_lists(actor)).filter(pk=list_id).first()
    if found is None:
        raise ListNotFound
    files = ArchivalFile.objects.filter(listing=found).order_by("id")
    return ListDetail(
        row=_row(found), files=tuple(_file(one) for one in files), note=found.note, approved_by=found.approved_by,
        approved_at=found.approved_at, accepted_by=found.accepted_by, accepted_at=found.accepted_at,
        verbs=frozenset(_verbs(actor, found)),
    )  # fmt: skip


def count_waiting(*, actor: Actor) -> int:
    """How many lists wait for this officer; for the menu."""
    wanted = Q(pk__in=[])
    for permission, status in _WAITING.items():
        units = actor.unit_ids_for(permission)
        if units:
            wanted |= Q(status=status, unit_id__in=units)
    return SubmissionList.objects.filter(wanted).count()


def drafting_units(actor: Actor) -> list[UnitData]:
    """The units for which the actor draws up lists."""
    units = [directory.get_unit(unit_id) for unit_id in actor.unit_ids_for(ArchivePermission.KEEP)]
    return sorted((unit for unit in units if unit.kind.is_administrative), key=lambda unit: unit.path)


def due_count(*, unit_id: int, at: datetime) -> int:
    """How many closed cases of a unit are due and on no list yet."""
    return _due(unit_id, at).count()


def due_units(at: datetime) -> list[int]:
    """The units with due cases and no list being drawn up; for the round of the month."""
    drafting = set(SubmissionList.objects.filter(status=ListStatus.DRAFT).values_list("unit_id", flat=True))
    before = at - timedelta(days=rules_now().closed_days)
    units = [unit_id for unit_id in cases.units_with_closed_cases(before=before) if unit_id not in drafting]
    return [unit_id for unit_id in units if _due(unit_id, at).exists()]


def _due(unit_id: int, at: datetime) -> QuerySet[Any]:
    before = at - timedelta(days=rules_now().closed_days)
    taken = ArchivalFile.objects.values("case_id")
    return cases.closed_cases(unit_ids=frozenset({unit_id}), before=before).exclude(pk__in=taken)


def _counted(rows: QuerySet[SubmissionList]) -> QuerySet[SubmissionList]:
    return rows.select_related("unit").annotate(
        n_files=Count("files"),
        n_packed=Count("files", filter=Q(files__status__in=_PACKED)),
        n_failed=Count("files", filter=Q(files__status=FileStatus.FAILED)),
        n_kept=Count("files", filter=Q(files__status=FileStatus.KEPT)),
    )


def _row(one: SubmissionList) -> ListRow:
    # The checker cannot follow annotations through a helper.
    counts = {key: getattr(one, f"n_{key}") for key in ("files", "packed", "failed", "kept")}
    return ListRow(
        id=one.pk, title=one.title, unit_id=one.unit_id, unit_name=directory.get_unit(one.unit_id).agency_name,
        status=one.status, status_label=one.get_status_display(), created_by=one.created_by, created_at=one.created_at,
        receipt_number=one.receipt_number, **counts,
    )  # fmt: skip


def _file(one: ArchivalFile) -> FileRow:
    signed = ", ".join(f"{count} × {level}" for level, count in sorted(one.signatures.items()))
    return FileRow(
        id=one.pk, case_code=one.file_code, title=one.title, maintenance=Maintenance(one.maintenance).label,
        keep_until=one.keep_until, status=one.status, status_label=one.get_status_display(), documents=one.documents,
        data_bytes=one.data_bytes, problem=one.problem, signatures=signed, has_sip=one.sip_id is not None,
        has_aip=one.aip_id is not None,
    )  # fmt: skip


def _verbs(actor: Actor, one: SubmissionList) -> list[str]:
    found = []
    if one.status == ListStatus.DRAFT and permissions.can_submit(actor, one):
        found += ["submit", "leave_out"]
    if one.status == ListStatus.SUBMITTED and permissions.can_approve(actor, one):
        found += ["approve", "return"] if actor.account_id != one.submitted_by_id else ["return"]
    if one.status == ListStatus.APPROVED and permissions.can_submit(actor, one):
        found.append("retry")
    if (
        one.status == ListStatus.READY
        and permissions.can_accept(actor, one)
        and actor.account_id != one.submitted_by_id
    ):
        found.append("accept")
    if one.status == ListStatus.ACCEPTED and permissions.can_use(actor, one.unit_id):
        found.append("use")
    return found
