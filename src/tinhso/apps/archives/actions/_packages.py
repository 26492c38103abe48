"""What becomes of packages: outcomes that flows report back, and requests for use."""

from datetime import datetime
from uuid import uuid4

from tinhso.apps.archives import permissions
from tinhso.apps.archives.data import ArchivalFileNotFound, FileNotKept, PackedFacts
from tinhso.apps.archives.enums import FileStatus, ListStatus
from tinhso.apps.archives.events import (
    FileKept,
    FileRenewed,
    PackagingFailed,
    SubmissionPackaged,
    UsePackaged,
    UseRequested,
)
from tinhso.apps.archives.models import ArchivalFile, Dissemination, SubmissionList
from tinhso.apps.audit.actions import record
from tinhso.apps.documents.queries import get_file
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid

_WAITING = (FileStatus.LISTED, FileStatus.FAILED)


@action
def record_sip(*, archival_file_id: int, file_id: int, facts: PackedFacts, actor: Actor, at: datetime) -> ArchivalFile:
    """Ghi nhận gói nộp lưu (SIP). Told twice, it happens once; the last one makes the list ready to be taken over."""
    require(actor.kind is ActorKind.SYSTEM)
    found = _lock(archival_file_id)
    if found.status not in _WAITING:
        return found
    found.status, found.sip_id, found.packed_at, found.problem = FileStatus.PACKED, file_id, at, ""
    found.documents, found.data_bytes, found.pages = facts.documents, facts.data_bytes, facts.pages
    found.signatures = facts.signatures
    found.save()
    event = SubmissionPackaged(
        archival_file_id=found.pk, case_id=found.case_id, file_id=file_id, sha256=get_file(file_id).sha256,
        documents=facts.documents,
    )  # fmt: skip
    record(event, subject=_stream(found.pk), actor=actor, at=at)
    if not ArchivalFile.objects.filter(listing_id=found.listing_id, status__in=_WAITING).exists():
        SubmissionList.objects.filter(pk=found.listing_id, status=ListStatus.APPROVED).update(status=ListStatus.READY)
    return found


@action
def record_packaging_failed(*, archival_file_id: int, problem: str, actor: Actor, at: datetime) -> ArchivalFile:
    """Ghi nhận không lập được gói, with the reason; the others of the list go on."""
    require(actor.kind is ActorKind.SYSTEM)
    found = _lock(archival_file_id)
    if found.status not in (*_WAITING, FileStatus.ACCEPTED):
        return found
    found.problem = problem
    if found.status in _WAITING:
        found.status = FileStatus.FAILED
    found.save(update_fields=["status", "problem"])
    event = PackagingFailed(archival_file_id=found.pk, case_id=found.case_id, problem=problem)
    record(event, subject=_stream(found.pk), actor=actor, at=at)
    return found


@action
def record_aip(*, archival_file_id: int, file_id: int, actor: Actor, at: datetime) -> ArchivalFile:
    """Ghi nhận gói lưu trữ (AIP); the case itself is told that it is archived. Told twice, it happens once."""
    require(actor.kind is ActorKind.SYSTEM)
    found = _lock(archival_file_id)
    if found.status != FileStatus.ACCEPTED:
        return found
    found.status, found.aip_id, found.kept_at, found.problem = FileStatus.KEPT, file_id, at, ""
    found.save()
    event = FileKept(archival_file_id=found.pk, case_id=found.case_id, file_id=file_id, sha256=get_file(file_id).sha256)
    record(event, subject=f"case:{found.case_id}", actor=actor, at=at)
    return found


@action
def record_aip_renewed(*, archival_file_id: int, file_id: int, actor: Actor, at: datetime) -> ArchivalFile:
    """Ghi nhận gói lưu trữ lập lại: the one before stays stored and is named in the log. Told twice, it happens once."""
    require(actor.kind is ActorKind.SYSTEM)
    found = _lock(archival_file_id)
    if found.status != FileStatus.KEPT or found.aip_id is None:
        return found
    before, after = get_file(found.aip_id), get_file(file_id)
    if before.sha256 == after.sha256:
        return found
    found.aip_id = file_id
    found.save(update_fields=["aip"])
    event = FileRenewed(
        archival_file_id=found.pk, case_id=found.case_id, file_id=file_id, sha256=after.sha256,
        replaced_file_id=before.id, replaced_sha256=before.sha256,
    )  # fmt: skip
    record(event, subject=f"case:{found.case_id}", actor=actor, at=at)
    return found


@action
def request_use(*, archival_file_id: int, purpose: str, recipient: str, actor: Actor, at: datetime) -> Dissemination:
    """Yêu cầu khai thác một hồ sơ lưu trữ; a job makes the package for use (DIP).

    Raises:
        ArchivalFileNotFound: none this actor may see. FileNotKept: it is not in the archive yet.
        Invalid: no purpose or nobody to use it.
    """
    found = ArchivalFile.objects.select_related("listing").filter(pk=archival_file_id).first()
    if found is None:
        raise ArchivalFileNotFound
    require(permissions.can_use(actor, found.listing.unit_id))
    if not purpose.strip() or not recipient.strip():
        raise Invalid("Mời ghi mục đích và người khai thác.")
    if found.status != FileStatus.KEPT:
        raise FileNotKept
    assert actor.account_id is not None  # noqa: S101 - an officer has an account
    made = Dissemination.objects.create(
        archival_file=found, uuid=uuid4(), purpose=purpose.strip()[:500], recipient=recipient.strip()[:200],
        requested_by_id=actor.account_id, requested_by=actor.name, requested_at=at,
    )  # fmt: skip
    event = UseRequested(
        dissemination_id=made.pk, archival_file_id=found.pk, case_id=found.case_id, purpose=made.purpose
    )
    record(event, subject=f"case:{found.case_id}", actor=actor, at=at)
    return made


@action
def record_dip(*, dissemination_id: int, file_id: int, actor: Actor, at: datetime) -> Dissemination:
    """Ghi nhận gói khai thác (DIP). Told twice, it happens once."""
    require(actor.kind is ActorKind.SYSTEM)
    found = Dissemination.objects.select_for_update().get(pk=dissemination_id)
    if found.file_id is not None:
        return found
    found.file_id, found.made_at = file_id, at
    found.save(update_fields=["file", "made_at"])
    event = UsePackaged(dissemination_id=found.pk, file_id=file_id, sha256=get_file(file_id).sha256)
    record(event, subject=_stream(found.archival_file_id), actor=actor, at=at)
    return found


def _lock(archival_file_id: int) -> ArchivalFile:
    found = ArchivalFile.objects.filter(pk=archival_file_id).first()
    if found is None:
        raise ArchivalFileNotFound
    # The list first: the last file of a list is the one that finds no other waiting.
    SubmissionList.objects.select_for_update(of=("self",)).get(pk=found.listing_id)
    return ArchivalFile.objects.select_for_update(of=("self",)).get(pk=archival_file_id)


def _stream(archival_file_id: int) -> str:
    return f"archival_file:{archival_file_id}"
