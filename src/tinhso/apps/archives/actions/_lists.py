"""The course of a submission list: drawn up, submitted, approved, packed, taken over."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tinhso.apps.archives import permissions, queries, rules
from tinhso.apps.archives.data import (
    ArchivalFileNotFound,
    ListEmpty,
    ListMoved,
    ListNotFound,
    ListNotPacked,
    NotTheSamePerson,
    RetentionMissing,
)
from tinhso.apps.archives.enums import FileStatus, ListStatus
from tinhso.apps.archives.events import (
    FileLeftOut,
    ListAccepted,
    ListApproved,
    ListOpened,
    ListReturned,
    ListSubmitted,
    PackagingRetried,
)
from tinhso.apps.archives.models import ArchivalFile, SubmissionList
from tinhso.apps.audit.actions import record
from tinhso.apps.cases import queries as cases
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import issue_number, reserve_number
from tinhso.apps.documents.queries import get_letter
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid

_RECEIPT = "archive_receipt"


@action
def open_list(*, unit_id: int, actor: Actor, at: datetime) -> SubmissionList:
    """Lập danh mục hồ sơ nộp lưu: every case of the unit that has been over for long enough and is on no list yet.

    A unit has one list being drawn up; asked again, more due cases join it.

    Raises:
        ListEmpty: nothing is due. RetentionMissing: no period is laid down for a field.
    """
    require(permissions.can_keep(actor, unit_id))
    rule_book = queries.rules_now()
    before = at - timedelta(days=rule_book.closed_days)
    listing = SubmissionList.objects.select_for_update().filter(unit_id=unit_id, status=ListStatus.DRAFT).first()
    on_it = ArchivalFile.objects.filter(listing=listing).count() if listing else 0
    due = cases.closed_cases(unit_ids=frozenset({unit_id}), before=before)
    due = due.exclude(pk__in=ArchivalFile.objects.values("case_id"))[: max(rule_book.most_files - on_it, 0)]
    rows = list(due)
    if not rows:
        raise ListEmpty
    if listing is None:
        unit = directory.get_unit(unit_id)
        title = f"Hồ sơ thủ tục hành chính kết thúc trước ngày {before.astimezone(PROVINCE_TIME):%d/%m/%Y}, {unit.agency_name}"
        listing = SubmissionList.objects.create(
            unit_id=unit_id, title=title[:300], closed_before=before, created_by_id=actor.account_id,
            created_by=actor.name or "Hệ thống", created_at=at,
        )  # fmt: skip
    ArchivalFile.objects.bulk_create([_archival(listing, case) for case in rows])
    event = ListOpened(list_id=listing.pk, unit_id=unit_id, files=len(rows), closed_before=before)
    record(event, subject=_stream(listing.pk), actor=actor, at=at)
    return listing


@action
def leave_out_file(*, archival_file_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Đưa một hồ sơ ra khỏi danh mục chưa trình; it comes up again on the next list.

    Raises:
        ArchivalFileNotFound: there is none. ListMoved: the list is submitted already. Invalid: no reason.
    """
    found = ArchivalFile.objects.filter(pk=archival_file_id).first()
    if found is None:
        raise ArchivalFileNotFound
    listing = _lock(found.listing_id)
    require(permissions.can_submit(actor, listing))
    _at_step(listing, ListStatus.DRAFT)
    if not reason.strip():
        raise Invalid("Mời ghi lý do đưa hồ sơ ra khỏi danh mục.")
    event = FileLeftOut(list_id=listing.pk, case_id=found.case_id, reason=reason.strip())
    found.delete()
    record(event, subject=_stream(listing.pk), actor=actor, at=at)


@action
def submit_list(*, list_id: int, actor: Actor, at: datetime) -> SubmissionList:
    """Trình duyệt danh mục nộp lưu.

    Raises:
        ListMoved: it is not being drawn up. ListEmpty: nothing is on it.
    """
    listing = _lock(list_id)
    require(permissions.can_submit(actor, listing))
    _at_step(listing, ListStatus.DRAFT)
    if not ArchivalFile.objects.filter(listing=listing).exists():
        raise ListEmpty("Danh mục không có hồ sơ nào.")
    listing.status, listing.submitted_at, listing.submitted_by_id = ListStatus.SUBMITTED, at, actor.account_id
    listing.note = ""
    if listing.created_by_id is None:  # drawn up by the round of the month: who submits it answers for it
        listing.created_by_id, listing.created_by = actor.account_id, actor.name
    listing.save()
    record(ListSubmitted(list_id=listing.pk, unit_id=listing.unit_id), subject=_stream(list_id), actor=actor, at=at)
    return listing


@action
def return_list(*, list_id: int, reason: str, actor: Actor, at: datetime) -> SubmissionList:
    """Trả lại danh mục để lập lại, with the reason.

    Raises:
        ListMoved: it does not wait for approval. Invalid: no reason.
    """
    listing = _lock(list_id)
    require(permissions.can_approve(actor, listing))
    _at_step(listing, ListStatus.SUBMITTED)
    if not reason.strip():
        raise Invalid("Mời ghi lý do trả lại danh mục.")
    if SubmissionList.objects.filter(unit_id=listing.unit_id, status=ListStatus.DRAFT).exists():
        raise ListMoved("Đơn vị đang lập một danh mục khác; mời trình danh mục ấy trước rồi trả lại danh mục này.")
    listing.status, listing.note = ListStatus.DRAFT, reason.strip()
    listing.submitted_at, listing.submitted_by_id = None, None
    listing.save()
    record(ListReturned(list_id=list_id, reason=reason.strip()), subject=_stream(list_id), actor=actor, at=at)
    return listing


@action
def approve_list(*, list_id: int, actor: Actor, at: datetime) -> SubmissionList:
    """Duyệt danh mục nộp lưu; jobs then make a submission package of every file on it.

    Raises:
        ListMoved: it does not wait for approval. NotTheSamePerson: one's own list.
    """
    listing = _lock(list_id)
    require(permissions.can_approve(actor, listing))
    _at_step(listing, ListStatus.SUBMITTED)
    if actor.account_id == listing.submitted_by_id:
        raise NotTheSamePerson
    listing.status, listing.approved_at = ListStatus.APPROVED, at
    listing.approved_by_id, listing.approved_by = actor.account_id, actor.name
    listing.save()
    record(ListApproved(list_id=list_id, unit_id=listing.unit_id), subject=_stream(list_id), actor=actor, at=at)
    return listing


@action
def retry_packaging(*, list_id: int, actor: Actor, at: datetime) -> None:
    """Đóng gói lại những hồ sơ chưa đóng gói được, once what was wrong has been mended.

    Raises:
        ListMoved: the list is not being packed.
    """
    listing = _lock(list_id)
    require(permissions.can_submit(actor, listing))
    _at_step(listing, ListStatus.APPROVED)
    record(PackagingRetried(list_id=list_id), subject=_stream(list_id), actor=actor, at=at)


@action
def accept_list(*, list_id: int, actor: Actor, at: datetime) -> SubmissionList:
    """Tiếp nhận hồ sơ nộp lưu: the receipt takes its number, and jobs make the archival packages.

    Raises:
        ListMoved: it does not wait to be taken over. ListNotPacked: a file has no package.
        NotTheSamePerson: the one who submitted it.
    """
    listing = _lock(list_id)
    require(permissions.can_accept(actor, listing))
    _at_step(listing, ListStatus.READY)
    if actor.account_id == listing.submitted_by_id:
        raise NotTheSamePerson
    files = ArchivalFile.objects.filter(listing=listing)
    if files.exclude(status=FileStatus.PACKED).exists():
        raise ListNotPacked
    letter = get_letter(_RECEIPT)
    year = at.astimezone(PROVINCE_TIME).year
    entry = reserve_number(
        unit_id=listing.unit_id, book=letter.book, year=year, subject=_stream(list_id), actor=actor, at=at
    )
    issue_number(entry_id=entry.id, actor=actor, at=at)
    listing.status, listing.accepted_at = ListStatus.ACCEPTED, at
    listing.accepted_by_id, listing.accepted_by = actor.account_id, actor.name
    listing.receipt_entry_id = entry.id
    listing.receipt_number = letter.number(label=entry.label, unit=directory.code_prefix(listing.unit_id, at.date()))
    listing.save()
    files.update(status=FileStatus.ACCEPTED)
    event = ListAccepted(list_id=list_id, unit_id=listing.unit_id, receipt_number=listing.receipt_number)
    record(event, subject=_stream(list_id), actor=actor, at=at)
    return listing


def _archival(listing: SubmissionList, case: Any) -> ArchivalFile:
    rule = queries.rules_now().rule_for(case.field)
    if rule is None:
        raise RetentionMissing(f"Chưa quy định thời hạn lưu trữ cho lĩnh vực {case.field}.")
    closed = (case.delivered_at or case.closed_at).astimezone(PROVINCE_TIME).date()
    title = f"Hồ sơ {case.procedure_name} của {case.applicant_name}"
    return ArchivalFile(
        listing=listing, case_id=case.pk, uuid=uuid4(), file_code=case.code, title=title[:900],
        maintenance=rule.maintenance, keep_until=rules.keep_until(closed, rule.years), mode=rule.mode,
        retention_basis=rule.basis,
    )  # fmt: skip


def _lock(list_id: int) -> SubmissionList:
    found = SubmissionList.objects.select_for_update(of=("self",)).filter(pk=list_id).first()
    if found is None:
        raise ListNotFound
    return found


def _at_step(listing: SubmissionList, status: ListStatus) -> None:
    if listing.status != status:
        raise ListMoved


def _stream(list_id: int) -> str:
    return f"archive_list:{list_id}"
