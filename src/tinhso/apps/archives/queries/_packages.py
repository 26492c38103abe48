"""Archival files for the flows that pack them, and packages for those who may have them."""

from pathlib import Path

from django.conf import settings

from tinhso.apps.archives import content, permissions
from tinhso.apps.archives.data import (
    ArchivalFileNotFound,
    ArchiveRules,
    DipToMake,
    FileToPack,
    ListDetail,
)
from tinhso.apps.archives.enums import FileStatus
from tinhso.apps.archives.models import ArchivalFile, Dissemination
from tinhso.apps.cases import queries as cases
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents import queries as documents
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME


def rules_now() -> ArchiveRules:
    """What content/archives says."""
    return content.load(Path(settings.CONTENT_DIR))


def files_to_pack(list_id: int) -> list[int]:
    """The files of an approved list that have no submission package yet."""
    waiting = [FileStatus.LISTED, FileStatus.FAILED]
    rows = ArchivalFile.objects.filter(listing_id=list_id, status__in=waiting)
    return list(rows.order_by("id").values_list("id", flat=True))


def files_to_keep(list_id: int) -> list[int]:
    """The files of an accepted list that have no archival package yet."""
    rows = ArchivalFile.objects.filter(listing_id=list_id, status=FileStatus.ACCEPTED)
    return list(rows.order_by("id").values_list("id", flat=True))


def file_to_pack(archival_file_id: int) -> FileToPack:
    """An archival file for the system's own work.

    Raises:
        ArchivalFileNotFound: there is none.
    """
    found = ArchivalFile.objects.select_related("listing").filter(pk=archival_file_id).first()
    if found is None:
        raise ArchivalFileNotFound
    return _to_pack(found)


def kept_file_of(subject: str) -> int | None:
    """The kept archival file that holds a signed paper, by the paper's name among signed papers; None: not archived."""
    case_id = cases.case_of_subject(subject)
    if case_id is None:
        return None
    rows = ArchivalFile.objects.filter(case_id=case_id, status=FileStatus.KEPT)
    return rows.values_list("pk", flat=True).first()


def dip_to_make(dissemination_id: int) -> DipToMake:
    """A request for use, for the system's own work.

    Raises:
        ArchivalFileNotFound: there is none.
    """
    rows = Dissemination.objects.select_related("archival_file__listing")
    found = rows.filter(pk=dissemination_id).first()
    if found is None:
        raise ArchivalFileNotFound
    return DipToMake(
        id=found.pk, file=_to_pack(found.archival_file), uuid=str(found.uuid), purpose=found.purpose,
        recipient=found.recipient, requested_at=found.requested_at, stored_file_id=found.file_id,
    )  # fmt: skip


def get_package_file(*, actor: Actor, archival_file_id: int, kind: str) -> tuple[int, str, int]:
    """The stored file of a package, its file code, and the case it is of: `kind` is `sip` or `aip`.

    Raises:
        ArchivalFileNotFound: none this actor may see, or no such package yet.
    """
    found = ArchivalFile.objects.select_related("listing").filter(pk=archival_file_id).first()
    if found is None or found.listing.unit_id not in permissions.units_seen(actor):
        raise ArchivalFileNotFound
    file_id = found.sip_id if kind == "sip" else found.aip_id
    if file_id is None:
        raise ArchivalFileNotFound("Gói này chưa được lập.")
    return file_id, found.file_code, found.case_id


def get_use_file(*, actor: Actor, dissemination_id: int) -> tuple[int, str, int]:
    """The stored package for use, its file code, and the case it is of: for whoever asked for it.

    Raises:
        ArchivalFileNotFound: none this actor asked for, or not made yet.
    """
    rows = Dissemination.objects.select_related("archival_file__listing")
    found = rows.filter(pk=dissemination_id, requested_by_id=actor.account_id or 0).first()
    if found is None or found.file_id is None or not permissions.can_use(actor, found.archival_file.listing.unit_id):
        raise ArchivalFileNotFound
    return found.file_id, found.archival_file.file_code, found.archival_file.case_id


def find_package(file_code: str) -> dict[str, int | None]:
    """The packages of a file by its code, for the command line.

    Raises:
        ArchivalFileNotFound: there is none.
    """
    found = ArchivalFile.objects.filter(file_code=file_code.strip().upper()).first()
    if found is None:
        raise ArchivalFileNotFound
    return {"id": found.pk, "sip": found.sip_id, "aip": found.aip_id}


def list_uses(*, actor: Actor, list_id: int) -> list[Dissemination]:
    """The packages made for use of the files of a list, newest first."""
    rows = Dissemination.objects.filter(
        archival_file__listing_id=list_id, archival_file__listing__unit_id__in=permissions.units_seen(actor)
    )
    return list(rows.select_related("archival_file").order_by("-id")[:100])


def receipt_pdf(detail: ListDetail) -> bytes:
    """The record of hand-over of an accepted list (biên bản giao nhận hồ sơ), typeset from what is recorded.

    Raises:
        PaperNotTypeset: the template does not compile with these values.
    """
    unit = directory.get_unit(detail.row.unit_id)
    assert detail.accepted_at is not None  # noqa: S101 - asked for accepted lists only
    on = detail.accepted_at.astimezone(PROVINCE_TIME).date()
    return documents.typeset_letter(
        "archive_receipt",
        {
            "agency": {"parent": None, "name": unit.agency_name}, "number": detail.row.receipt_number,
            "place": unit.short_name, "issued_on": on.isoformat(), "assumed": bool(settings.DEMO),
            "archive": rules_now().archive_name, "title": detail.row.title, "given_by": detail.row.created_by,
            "approved_by": detail.approved_by, "taken_by": detail.accepted_by,
            "files": [
                {"code": one.case_code, "title": one.title, "maintenance": one.maintenance, "documents": one.documents}
                for one in detail.files
            ],
        },
    )  # fmt: skip


def _to_pack(found: ArchivalFile) -> FileToPack:
    listing = found.listing
    return FileToPack(
        id=found.pk, case_id=found.case_id, uuid=str(found.uuid), file_code=found.file_code, title=found.title,
        unit_id=listing.unit_id, maintenance=found.maintenance, mode=found.mode, keep_until=found.keep_until,
        listed_at=listing.created_at, approved_by=listing.approved_by, approved_at=listing.approved_at, status=found.status,
        sip_file_id=found.sip_id, aip_file_id=found.aip_id, accepted_by=listing.accepted_by,
        accepted_at=listing.accepted_at, receipt_number=listing.receipt_number,
    )  # fmt: skip
