"""What has to be digitised at the counter, how far each paper is, and what was read in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from tinhso.apps.cases import permissions, rules
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.cases.enums import CaseStatus, Presence, ResultOutcome, ResultStatus, ScanPurpose, ScanStatus
from tinhso.apps.cases.models import Case, CaseDocument, Result, Scan
from tinhso.apps.cases.providers import dropfolder
from tinhso.apps.cases.providers.dropfolder import Arrivals
from tinhso.apps.cases.queries._case import get_package, needed_documents
from tinhso.apps.cases.queries._forms import form_context, variables
from tinhso.apps.cases.queries._visibility import visible_to
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents import queries as documents
from tinhso.apps.documents.data import ScannedSheet, ScanUnreadable
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import RequiredDocument, ResultType
from tinhso.apps.procedures.enums import DocumentMode, NoScan
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.text import fold, whole_number

OPEN_SCANS = (ScanStatus.TAKEN, ScanStatus.CHECKED, ScanStatus.CONFIRMED)
SCANNED_IN = (
    CaseStatus.SUBMITTED, CaseStatus.INTAKE_SUPPLEMENT, CaseStatus.RECEIVED, CaseStatus.PROCESSING, CaseStatus.SUPPLEMENT,
    CaseStatus.FINANCIAL_DUTY,
)  # fmt: skip
MOST_PAGES = 500
_ELECTRONIC = {
    Presence.UPLOADED: "Đã là tài liệu điện tử.",
    Presence.DATABASE: "Đã lấy từ cơ sở dữ liệu.",
    Presence.DECLARED: "Đã kê khai trong biểu mẫu điện tử.",
}
_NO_SCAN_BASIS = "TT 03/2025/TT-VPCP Điều 5"


@dataclass(frozen=True, slots=True)
class ScanNeed:
    """One paper of a case and whether the counter digitises it; `reason` says why not. `scan` is the latest one."""

    key: str
    name: str
    purpose: str
    is_needed: bool
    reason: str
    scan: Scan | None = None


def scan_needs(case: Case, *, today: date) -> list[ScanNeed]:
    """Every paper of the case in the package's order, and the original of an electronic copy asked for."""
    rows = {row.key: row for row in case.documents.order_by("-pk")}
    scans = {scan.key: scan for scan in case.scans.exclude(status=ScanStatus.DISCARDED).order_by("pk")}
    copied = copied_component(case, today=today)
    needs = []
    for document in needed_documents(case, today=today):
        if document.key == copied:
            needs.append(ScanNeed(document.key, document.name, ScanPurpose.COPY, True, "", scans.get(document.key)))
            continue
        scan = scans.get(document.key)
        reason = _why_not(document, rows.get(document.key), scan)
        needs.append(ScanNeed(document.key, document.name, ScanPurpose.COMPONENT, not reason, reason, scan))
    return needs


def _why_not(document: RequiredDocument, row: CaseDocument | None, scan: Scan | None) -> str:
    """Why a paper is not scanned; empty when it has to be."""
    if document.no_scan != NoScan.NONE:
        return f"{document.no_scan.label}: không số hóa ({_NO_SCAN_BASIS})."
    if document.mode == DocumentMode.PRESENT or (row and row.presence == Presence.SHOWN):
        return f"Chỉ xuất trình để đối chiếu: không số hóa ({_NO_SCAN_BASIS})."
    if document.mode in {DocumentMode.DECLARE, DocumentMode.GENERATED}:
        return _ELECTRONIC[Presence.DECLARED]
    if scan is not None:
        return ""
    if row is None:
        return "Không có bản giấy trong thành phần đã nộp."
    return _ELECTRONIC.get(Presence(row.presence), "" if row.presence == Presence.PAPER else "Đã có bản điện tử.")


def copied_component(case: Case, *, today: date) -> str:
    """The component whose original is scanned for an electronic certified copy; empty when none was asked for."""
    for kind in get_package(case).results:
        if kind.copy_of and wants_copy(case, kind, today=today):
            return kind.copy_of
    return ""


def wants_copy(case: Case, kind: ResultType, *, today: date) -> bool:
    """Whether the applicant asked for the electronic form of this result."""
    package = get_package(case)
    context = form_context(applicant=case.applicant, channel=case.channel, today=today)
    return procedures.condition_holds(kind.copy_when, variables(package, case.answers, context))


def title_of_copy(case: Case, kind: ResultType, *, today: date) -> str:
    """Of what paper a certified copy is, as its holder finds it in the vault; empty for other results."""
    package = get_package(case)
    context = form_context(applicant=case.applicant, channel=case.channel, today=today)
    return procedures.text_of(kind.copy_title, variables(package, case.answers, context)) if kind.copy_of else ""


def copy_scan(case: Case, result: Result) -> Scan | None:
    """The scanned original that a result certifies; None where it certifies none, or a paper copy was asked for."""
    package = get_package(case)
    kind = next((known for known in package.results if known.key == result.key), None)
    today = result.proposed_at.astimezone(PROVINCE_TIME).date()
    if (
        kind is None
        or not kind.copy_of
        or result.outcome != ResultOutcome.GRANT
        or not wants_copy(case, kind, today=today)
    ):
        return None
    return case.scans.filter(key=kind.copy_of, purpose=ScanPurpose.COPY, status=ScanStatus.DONE).order_by("-pk").first()


def has_live_result(case: Case) -> bool:
    """Whether a result is proposed, approved or signed."""
    live = {ResultStatus.PROPOSED, ResultStatus.APPROVED, ResultStatus.SIGNED}
    return case.results.filter(status__in=live).exists()


def sheets_of_scan(scan: Scan, *, with_pictures: bool) -> Iterator[tuple[int, int, ScannedSheet]]:
    """The pages of a scan as (file number, page of that file from 1, sheet), in order.

    Raises:
        ScanUnreadable: a file is no scan, damaged, or of too many pages. FileHeld: it is not searched for malware yet.
    """
    ids = list(scan.sources.order_by("position").values_list("file_id", flat=True))
    known = documents.list_files(ids)
    for file_id in ids:
        pages, name = known[file_id].pages or 0, known[file_id].name
        if pages > MOST_PAGES:  # never a paper that lacks its last pages
            most = f"mỗi tệp quét tối đa {MOST_PAGES} trang"
            raise ScanUnreadable(f"Tệp “{name}” có {pages} trang, {most}; hãy chia thành nhiều tệp.")
        for page, sheet in enumerate(
            documents.scanned_sheets(file_id, most=MOST_PAGES, with_pictures=with_pictures), 1
        ):
            yield file_id, page, sheet


def told_of_sources(scan: Scan) -> list[str]:
    """What of the scan's files does not pass into the digitised paper as it is, in sentences for the officer."""
    ids = list(scan.sources.order_by("position").values_list("file_id", flat=True))
    known = documents.list_files(ids)
    return [sentence for file_id in ids for sentence in rules.file_problems(known[file_id].name, known[file_id].notes)]


def arrived_scans(case: Case, *, actor: Actor) -> Arrivals | None:
    """What the scanner of the case's counter has sent, for who digitises there; None where that counter has no folder."""
    if not permissions.can_scan(actor, case) or case.intake_unit_id is None:
        return None
    return dropfolder.arrivals(directory.get_unit(case.intake_unit_id).code)


def scan_folders(on: date) -> list[tuple[str, str, Path]]:
    """(code, name, folder) of every unit that may receive cases on a day; for the operator who makes the folders."""
    communes = [directory.one_stop_of(unit.id, on) for unit in directory.list_communes(on)]
    departments = [directory.one_stop_of(unit.id, on) for unit in directory.list_departments(on)]
    found = {unit.id: unit for unit in [*communes, *departments] if unit is not None}
    return [(unit.code, unit.name, dropfolder.folder_of(unit.code)) for unit in found.values()]


def get_scan(*, actor: Actor, code: str, key: str) -> Scan:
    """The latest scan of a component of a visible case, those thrown away aside.

    Raises:
        CaseNotFound: no such case or scan, or none this actor may see.
    """
    found = Scan.objects.filter(case__in=visible_to(actor).filter(code=code), key=key).exclude(
        status=ScanStatus.DISCARDED
    )
    scan = found.select_related("case").order_by("-pk").first()
    if scan is None:
        raise CaseNotFound("Hồ sơ này chưa có trang quét của giấy tờ đó.")
    return scan


def scan_of_subject(subject: str) -> int | None:
    """The scan a signer's answer is about; None for papers of others."""
    kind, _, key = subject.partition(":")
    return whole_number(key) if kind == "scan" else None


def scans_to_finish() -> list[int]:
    """Confirmed scans that are not attached yet, without a reason that waits for an officer."""
    waiting = Scan.objects.filter(status=ScanStatus.CONFIRMED, failure="")
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def search_scans(*, actor: Actor, words: str, limit: int = 50) -> QuerySet[Scan]:
    """Digitised papers of visible cases in which all these words were read, newest first; marks make no difference."""
    wanted = SearchQuery(fold(words)[:200], config="simple")
    found = Scan.objects.filter(text_vector=wanted, case__in=visible_to(actor)).exclude(status=ScanStatus.DISCARDED)
    return found.select_related("case").order_by("-pk")[:limit]


def scan_pages(scan: Scan) -> list[dict[str, Any]]:
    """The pages of the report with their numbers from 1."""
    return [{"number": number, **page} for number, page in enumerate(scan.report, 1)]
