"""Retention and disposal: the period begins, a list is proposed, another person decides, keys are destroyed."""

from collections.abc import Collection
from datetime import date, datetime
from typing import cast

from django.db.models import Q

from tinhso.apps.audit.actions import record
from tinhso.apps.documents import permissions, queries, rules
from tinhso.apps.documents.data import DisposalEmpty, DisposalNotFound, DisposalNotOpen, DisposalWaiting
from tinhso.apps.documents.enums import DisposalStatus, PreviewState
from tinhso.apps.documents.events import (
    ContentShredded,
    DisposalDecided,
    DisposalDone,
    DisposalProposed,
    FileDisposed,
    RetentionStarted,
)
from tinhso.apps.documents.models import Content, DisposalItem, DisposalList, StoredFile
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid

_LONGEST_REASON = 500
_GONE = "da-tieu-huy"


@action
def start_retention(
    *, file_ids: Collection[int], kind: str, since: date, unit_id: int, actor: Actor, at: datetime
) -> int:  # fmt: skip
    """Bắt đầu tính thời hạn lưu giữ của các tệp khi công việc kết thúc; `since` is the civil date of that.

    A file that serves two works counts from the later one; asked again, nothing changes. Returns for how many it began.

    Raises:
        Invalid: content/retention/files.yaml knows no such kind.
    """
    require(permissions.can_keep_store(actor))
    if kind not in queries.retention_kinds():
        raise Invalid(f"Chưa quy định thời hạn lưu giữ cho loại tệp “{kind}”.")
    found = StoredFile.objects.select_for_update().filter(pk__in=file_ids, disposed_at__isnull=True)
    files = list(found.filter(Q(retain_from__isnull=True) | Q(retain_from__lt=since)).order_by("pk"))
    for file in files:
        file.retention, file.retain_from, file.unit_id = kind, since, unit_id
        file.save(update_fields=["retention", "retain_from", "unit_id"])
        begun = RetentionStarted(file_id=file.pk, kind=kind, since=since)
        record(begun, subject=f"file:{file.pk}", actor=actor, at=at)
    return len(files)


@action
def propose_disposal(*, unit_id: int, actor: Actor, at: datetime) -> int:
    """Lập danh mục tệp hết thời hạn lưu giữ của một đơn vị, trình người khác phê duyệt. Returns the list's number.

    Nothing goes on it that a case or another work still needs, or that is not archived yet where it has to be.

    Raises:
        DisposalEmpty: no file's time is over. DisposalWaiting: a list of this unit waits for its decision.
    """
    require(actor.account_id is not None and permissions.can_propose_disposal(actor, unit_id=unit_id))
    if DisposalList.objects.filter(unit_id=unit_id, status=DisposalStatus.PROPOSED).exists():
        raise DisposalWaiting
    on = at.astimezone(PROVINCE_TIME).date()
    files = queries.files_to_propose(unit_id=unit_id, on=on)
    if not files:
        raise DisposalEmpty
    listing = DisposalList.objects.create(
        unit_id=unit_id, until=on, proposed_by_id=cast("int", actor.account_id), proposed_by_name=actor.name[:150],
        proposed_at=at,
    )  # fmt: skip
    DisposalItem.objects.bulk_create([_item(listing, file) for file in files])
    proposed = DisposalProposed(disposal_id=listing.pk, unit_id=unit_id, count=len(files))
    record(proposed, subject=f"disposal:{listing.pk}", actor=actor, at=at)
    return listing.pk


def _item(listing: DisposalList, file: StoredFile) -> DisposalItem:
    kind = queries.retention_kinds()[file.retention]
    over_on = rules.retention_over_on(cast("date", file.retain_from), years=kind.years)
    return DisposalItem(listing=listing, file=file, retention=kind.key, basis=kind.basis, over_on=cast("date", over_on))


@action
def decide_disposal(
    *, disposal_id: int, approve: bool, leave_out: Collection[int] = (), reason: str = "", actor: Actor, at: datetime
) -> None:  # fmt: skip
    """Phê duyệt hoặc không phê duyệt danh mục tiêu hủy; never by the one who proposed it.

    `leave_out` are lines of the list to keep all the same. What has come into use since it was proposed is left out too.

    Raises:
        DisposalNotFound; DisposalNotOpen: decided already. Invalid: refused or left out without a reason, or nothing
        would remain to dispose of.
    """
    listing = DisposalList.objects.select_for_update().filter(pk=disposal_id).first()
    if listing is None:
        raise DisposalNotFound
    require(
        permissions.can_approve_disposal(actor, unit_id=listing.unit_id, proposed_by_id=listing.proposed_by_id),
        "Danh mục do người khác có thẩm quyền phê duyệt, không phải người lập.",
    )
    if listing.status != DisposalStatus.PROPOSED:
        raise DisposalNotOpen
    words = reason.strip()[:_LONGEST_REASON]
    if not words and (leave_out or not approve):
        raise Invalid("Mời ghi lý do không phê duyệt hoặc giữ lại.")
    kept = _leave_out(listing, leave_out) if approve else 0
    listing.status = DisposalStatus.APPROVED if approve else DisposalStatus.REFUSED
    listing.decided_by_id, listing.decided_by_name = actor.account_id, actor.name[:150]
    listing.decided_at, listing.reason = at, words
    listing.save()
    decided = DisposalDecided(disposal_id=listing.pk, approved=approve, left_out=kept, reason=words)
    record(decided, subject=f"disposal:{listing.pk}", actor=actor, at=at)


def _leave_out(listing: DisposalList, chosen: Collection[int]) -> int:
    items = list(listing.items.all())
    needed = queries.needed_files(item.file_id for item in items)
    kept = [item.pk for item in items if item.pk in set(chosen) or item.file_id in needed]
    if len(kept) == len(items):
        raise Invalid("Danh mục không còn tệp nào để tiêu hủy; hãy chọn không phê duyệt.")
    return listing.items.filter(pk__in=kept).update(is_left_out=True)


@action
def dispose_file(*, item_id: int, actor: Actor, at: datetime) -> bool:
    """Tiêu hủy một tệp của danh mục đã phê duyệt: its key is destroyed with the last file that has the content.

    Done again, nothing happens. What somebody needs again by now stays and is marked so. Returns whether it was done.
    """
    require(permissions.can_keep_store(actor))
    item = DisposalItem.objects.select_for_update(of=("self",)).select_related("listing").get(pk=item_id)
    # The content first, as in storing a file: whoever stores the same bytes now waits, and keeps them anew.
    content_id = StoredFile.objects.values_list("content_id", flat=True).get(pk=item.file_id)
    content = Content.objects.select_for_update().get(pk=content_id)
    file = StoredFile.objects.select_for_update().get(pk=item.file_id)
    if item.listing.status != DisposalStatus.APPROVED or item.is_left_out or file.disposed_at is not None:
        return False
    if queries.needed_files([file.pk]):
        item.is_left_out = True
        item.save(update_fields=["is_left_out"])
        return False
    file.disposed_at, file.name = at, f"{_GONE}.{file.name.rpartition('.')[2]}"
    file.save(update_fields=["disposed_at", "name"])
    gone = FileDisposed(file_id=file.pk, disposal_id=item.listing_id, sha256=file.sha256)
    record(gone, subject=f"file:{file.pk}", actor=actor, at=at)
    if not StoredFile.objects.filter(content=content, disposed_at__isnull=True).exists():
        _shred(content, actor=actor, at=at)
    return True


def _shred(content: Content, *, actor: Actor, at: datetime) -> None:
    """Destroy the keys of a content and of its likenesses. The blobs stay named until they are gone from the store."""
    content.previews.update(wrapped_key=None, key_id="")
    content.wrapped_key, content.key_id, content.shredded_at = None, "", at
    content.preview = PreviewState.NONE
    content.save(update_fields=["wrapped_key", "key_id", "shredded_at", "preview"])
    shredded = ContentShredded(content_id=content.pk, sha256=content.sha256)
    record(shredded, subject=f"content:{content.pk}", actor=actor, at=at)


@action
def clear_content(*, content_id: int, blob: str, actor: Actor, at: datetime) -> None:
    """Ghi rằng nội dung đã hủy khóa không còn nằm trong kho; `blob` is the name that is gone."""
    require(permissions.can_keep_store(actor))
    content = Content.objects.select_for_update().get(pk=content_id)
    if content.shredded_at is None or content.blob != blob:
        return  # the same content was handed in anew meanwhile
    content.previews.all().delete()
    content.blob = ""
    content.save(update_fields=["blob"])


@action
def finish_disposal(*, disposal_id: int, actor: Actor, at: datetime) -> None:
    """Ghi danh mục đã tiêu hủy xong."""
    require(permissions.can_keep_store(actor))
    listing = DisposalList.objects.select_for_update().get(pk=disposal_id)
    if listing.status != DisposalStatus.APPROVED or queries.items_to_dispose(disposal_id):
        return
    listing.status, listing.done_at = DisposalStatus.DONE, at
    listing.save(update_fields=["status", "done_at"])
    count = listing.items.filter(is_left_out=False).count()
    record(DisposalDone(disposal_id=disposal_id, count=count), subject=f"disposal:{disposal_id}", actor=actor, at=at)
