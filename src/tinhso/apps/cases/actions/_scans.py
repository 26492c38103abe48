"""Digitising at the counter: taken, checked, confirmed by an officer, signed with his key, attached to the case.

The flag of QĐ 766/QĐ-TTg follows from the last of these acts. Between any two of them the process may die: each state is
a row, and the flows go on from the row.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db.models import Value

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions, queries, rules
from tinhso.apps.cases.actions._common import civil_date, lock_case, package_of, save
from tinhso.apps.cases.actions._vault import flag_digitised
from tinhso.apps.cases.data import ScanMoved, ScanNotNeeded
from tinhso.apps.cases.enums import Presence, ScanPurpose, ScanStatus
from tinhso.apps.cases.events import (
    ScanAttached,
    ScanChecked,
    ScanConfirmed,
    ScanDiscarded,
    ScanFailed,
    ScanRecognised,
    ScanTaken,
)
from tinhso.apps.cases.models import Case, CaseDocument, Scan, ScanSource
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents import queries as documents
from tinhso.apps.documents.actions import reserve_number, store_file
from tinhso.apps.documents.enums import FileNote
from tinhso.apps.procedures.data import ResultType
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid
from tinhso.lib.text import fold

MOST_FILES = 60
# Running numbers of digitised papers never start anew: the code names no year.
_NUMBER_BOOK, _NO_YEAR = "SO-HOA", 0
_LONGEST_TEXT = 500_000


@action
def take_scan(
    *, case_id: int, key: str, file_ids: Sequence[int], declared_pages: int | None, actor: Actor, at: datetime
) -> Scan:
    """Nhận trang quét của một giấy tờ; files that come while it is still open are put behind those already there.

    The same files sent a second time change nothing. A file that bears a digital signature is no scan: drawing its pages
    would lose the signature, and it is worth more than any copy.

    Raises:
        ScanNotNeeded: the paper is not digitised, with the reason. ScanMoved: confirmed already, or the case is over.
        Invalid: no files, or too many, or one that is signed.
    """
    case = lock_case(case_id)
    require(permissions.can_scan(actor, case))
    if case.status not in queries.SCANNED_IN:
        raise ScanMoved("Hồ sơ không còn ở giai đoạn số hóa giấy tờ.")
    need = next((n for n in queries.scan_needs(case, today=civil_date(at)) if n.key == key), None)
    if need is None or not need.is_needed:
        raise ScanNotNeeded(need.reason if need else "")
    if not file_ids:
        raise Invalid("Mời chọn ít nhất một tệp quét.")
    for file in documents.list_files(file_ids).values():
        if FileNote.SIGNED in file.notes:
            raise Invalid(rules.signed_source_refusal(file.name))
    scan = case.scans.select_for_update().filter(key=key, status__in=queries.OPEN_SCANS).first()
    if scan is None:
        scan = Scan.objects.create(
            case=case, key=key, name=need.name, purpose=need.purpose, by_id=actor.account_id or 0, by_name=actor.name,
            taken_at=at, declared_pages=declared_pages,
        )  # fmt: skip
    elif scan.status == ScanStatus.CONFIRMED:
        raise ScanMoved
    if not _put_behind(scan, file_ids) and declared_pages in (None, scan.declared_pages):
        return scan
    scan.status, scan.report, scan.problems = ScanStatus.TAKEN, [], []
    scan.declared_pages = declared_pages if declared_pages is not None else scan.declared_pages
    scan.save(update_fields=["status", "report", "problems", "declared_pages"])
    event = ScanTaken(case_id=case.pk, scan_id=scan.pk, key=key, purpose=scan.purpose, file_ids=list(file_ids))
    record(event, subject=case, actor=actor, at=at)
    return scan


def _put_behind(scan: Scan, file_ids: Sequence[int]) -> bool:
    """Add files whose content is not there yet; whether any was."""
    known = set(scan.sources.values_list("file__sha256", flat=True))
    position, added = scan.sources.count(), 0
    for file_id in file_ids:
        source = ScanSource(scan=scan, position=position + added, file_id=file_id)
        if source.file.sha256 in known:
            continue
        known.add(source.file.sha256)
        source.save()
        added += 1
    if position + added > MOST_FILES:
        raise Invalid(f"Mỗi giấy tờ nhận tối đa {MOST_FILES} tệp quét; hãy quét thành một tệp PDF nhiều trang.")
    return added > 0


@action
def record_scan_check(
    *, scan_id: int, report: Sequence[Mapping[str, Any]], problems: Sequence[str], actor: Actor, at: datetime
) -> Scan:
    """Ghi kết quả kiểm tra trang quét. Told twice, it happens once; files that came meanwhile are checked anew."""
    require(actor.kind is ActorKind.SYSTEM)
    case, scan = _lock(scan_id)
    checked = [page["file_id"] for page in report]
    present = list(scan.sources.order_by("position").values_list("file_id", flat=True))
    if scan.status != ScanStatus.TAKEN or (not problems and set(checked) != set(present)):
        return scan
    scan.report, scan.status = [dict(page) for page in report], ScanStatus.CHECKED
    scan.problems = [*problems, *queries.told_of_sources(scan)]
    scan.save(update_fields=["report", "status", "problems"])
    found = len(scan.problems) + sum(len(page["problems"]) for page in scan.report)
    event = ScanChecked(case_id=case.pk, scan_id=scan.pk, pages=len(scan.report), problems=found)
    record(event, subject=case, actor=actor, at=at)
    return scan


@action
def confirm_scan(*, scan_id: int, note: str, actor: Actor, at: datetime) -> Scan:
    """Xác nhận trang quét đủ và đúng với bản giấy: the officer answers for it with his signature. Twice is once.

    Raises:
        ScanMoved: not checked yet, or thrown away. Invalid: problems were found and no word says why it is taken so.
    """
    case, scan = _lock(scan_id)
    require(permissions.can_scan(actor, case))
    if scan.status in {ScanStatus.CONFIRMED, ScanStatus.DONE} and not scan.failure:
        return scan
    if scan.status not in {ScanStatus.CHECKED, ScanStatus.CONFIRMED} or case.status not in queries.SCANNED_IN:
        raise ScanMoved
    if not scan.report:
        raise Invalid("Không có trang nào đọc được; mời quét lại.")
    has_problems = bool(scan.problems) or any(page["problems"] for page in scan.report)
    if has_problems and not note.strip():
        raise Invalid("Trang quét còn vấn đề: mời quét lại, hoặc ghi vì sao vẫn dùng được.")
    scan.status, scan.confirmed_at, scan.note = ScanStatus.CONFIRMED, at, note.strip()[:500]
    scan.by_id, scan.by_name, scan.failure = actor.account_id or 0, actor.name, ""
    if scan.purpose == ScanPurpose.COMPONENT and scan.code is None:
        _give_code(case, scan, actor=actor, at=at)
    if scan.purpose == ScanPurpose.COPY:  # it becomes part of the certified copy, whose signer answers for it
        scan.status, scan.finished_at = ScanStatus.DONE, at
    scan.save()
    event = ScanConfirmed(case_id=case.pk, scan_id=scan.pk, key=scan.key, purpose=scan.purpose, note=scan.note)
    record(event, subject=case, actor=actor, at=at)
    return scan


def _give_code(case: Case, scan: Scan, *, actor: Actor, at: datetime) -> None:
    """The number of the digitised paper and what describes it (MCQ_LV_STT_PB)."""
    unit_id = case.intake_unit_id or case.unit_id
    assert unit_id is not None  # noqa: S101 - a filed case has its units
    entry = reserve_number(
        unit_id=unit_id, book=_NUMBER_BOOK, year=_NO_YEAR, subject=f"case:{case.pk}", actor=actor, at=at
    )
    version = 1 + case.scans.filter(key=scan.key, code__isnull=False).exclude(pk=scan.pk).count()
    organisation = directory.code_prefix(unit_id, civil_date(at))
    scan.code = rules.document_code(organisation=organisation, field=case.field, number=entry.number, version=version)
    scan.metadata = rules.digitised_metadata(
        code=scan.code, type_name=scan.name, organisation=directory.get_unit(unit_id).agency_name,
        subject=f"{scan.name}, hồ sơ {case.code}", issued_on=civil_date(at), pages=len(scan.report),
        signer=f"{actor.name}, người số hóa", case_code=case.code or "", keywords=(case.procedure_code, case.field),
    )  # fmt: skip


@action
def discard_scan(*, scan_id: int, actor: Actor, at: datetime) -> Scan:
    """Bỏ trang quét để quét lại; what was attached already stays until the new version takes its place.

    Raises:
        ScanMoved: confirmed and on its way into the case, or used by a result.
    """
    case, scan = _lock(scan_id)
    require(permissions.can_scan(actor, case))
    if scan.status == ScanStatus.DISCARDED:
        return scan
    failed = scan.status == ScanStatus.CONFIRMED and bool(scan.failure)
    redone = scan.status == ScanStatus.DONE and scan.purpose == ScanPurpose.COPY and not queries.has_live_result(case)
    if not (failed or redone or scan.status in {ScanStatus.TAKEN, ScanStatus.CHECKED}):
        raise ScanMoved
    scan.status = ScanStatus.DISCARDED
    scan.save(update_fields=["status"])
    record(ScanDiscarded(case_id=case.pk, scan_id=scan.pk, key=scan.key), subject=case, actor=actor, at=at)
    return scan


@action
def record_scan_attached(*, scan_id: int, content: bytes, actor: Actor, at: datetime) -> Scan:
    """Đưa bản số hóa đã ký vào hồ sơ: file, component and flag in one transaction. Told twice, it happens once."""
    require(actor.kind is ActorKind.SYSTEM)
    case, scan = _lock(scan_id)
    if scan.status != ScanStatus.CONFIRMED:
        return scan
    assert scan.code is not None  # noqa: S101 - given when it was confirmed
    name = rules.digitised_name(code=scan.code, on=civil_date(scan.confirmed_at or at), about=scan.name)
    stored = store_file(content=content, name=name, made_here=True, actor=actor, at=at)
    document = _component(case, scan, file_id=stored.id, at=at)
    flag_digitised(document, actor=actor, at=at)
    scan.file_id, scan.document, scan.status, scan.finished_at, scan.failure = (
        stored.id,
        document,
        ScanStatus.DONE,
        at,
        "",
    )
    scan.save(update_fields=["file", "document", "status", "finished_at", "failure"])
    event = ScanAttached(
        case_id=case.pk, scan_id=scan.pk, key=scan.key, code=scan.code, file_id=stored.id, document_id=document.pk
    )
    record(event, subject=case, actor=actor, at=at)
    save(case, at)
    return scan


def _component(case: Case, scan: Scan, *, file_id: int, at: datetime) -> CaseDocument:
    """The component's row: the one ticked on paper becomes the digitised one; a newer version takes the older's place."""
    known = next((d for d in package_of(case).documents if d.key == scan.key), None)
    rows = case.documents.select_for_update().filter(key=scan.key)
    document = rows.filter(presence=Presence.PAPER).first() or rows.filter(scan__isnull=False).first()
    source = f"Số hóa từ bản giấy, mã {scan.code}"[:200]
    if document is None:
        return CaseDocument.objects.create(
            case=case, key=scan.key, name=scan.name, presence=Presence.UPLOADED, file_id=file_id, source=source,
            originals=known.originals if known else 1, copies=known.copies if known else 0, added_at=at,
        )  # fmt: skip
    Scan.objects.filter(document=document).update(document=None)
    document.presence, document.file_id, document.source = Presence.UPLOADED, file_id, source
    document.save(update_fields=["presence", "file", "source"])
    return document


@action
def record_scan_failed(*, scan_id: int, reason: str, actor: Actor, at: datetime) -> Scan:
    """Ghi vì sao chưa lập hoặc chưa ký được bản số hóa; the officer may confirm again or scan anew."""
    require(actor.kind is ActorKind.SYSTEM)
    case, scan = _lock(scan_id)
    if scan.status != ScanStatus.CONFIRMED or scan.failure == reason[:500]:
        return scan
    scan.failure = reason[:500]
    scan.save(update_fields=["failure"])
    record(ScanFailed(case_id=case.pk, scan_id=scan.pk, reason=scan.failure), subject=case, actor=actor, at=at)
    return scan


@action
def record_scan_text(*, scan_id: int, text: str, actor: Actor, at: datetime) -> Scan:
    """Ghi chữ nhận dạng được của bản quét, for search; it stands apart from the signed bytes. Told twice, once."""
    require(actor.kind is ActorKind.SYSTEM)
    case, scan = _lock(scan_id)
    if scan.recognised_at is not None:
        return scan
    scan.text, scan.recognised_at = text.replace("\x00", "")[:_LONGEST_TEXT], at
    scan.save(update_fields=["text", "recognised_at"])
    Scan.objects.filter(pk=scan.pk).update(text_vector=SearchVector(Value(fold(scan.text)), config="simple"))
    event = ScanRecognised(case_id=case.pk, scan_id=scan.pk, characters=len(scan.text))
    record(event, subject=case, actor=actor, at=at)
    return scan


def require_copy_scanned(case: Case, kind: ResultType, *, on: date) -> None:
    """Refuse a proposal to certify an electronic copy of an original nobody has scanned.

    Raises:
        Invalid: the counter has to scan it first.
    """
    scanned = case.scans.filter(key=kind.copy_of, purpose=ScanPurpose.COPY, status=ScanStatus.DONE)
    if kind.copy_of and not scanned.exists() and queries.wants_copy(case, kind, today=on):
        raise Invalid("Người yêu cầu nhận bản sao điện tử: bộ phận một cửa quét bản chính trước khi trình ký.")


def _lock(scan_id: int) -> tuple[Case, Scan]:
    """The case first, then the scan.

    Raises:
        ScanMoved: there is no such scan.
    """
    case_id = Scan.objects.filter(pk=scan_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise ScanMoved("Không có lượt số hóa này.")
    case = lock_case(case_id)
    return case, Scan.objects.select_for_update(of=("self",)).get(pk=scan_id)
