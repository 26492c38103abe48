"""Digitising at the counter: pages are measured, made into one paper, signed and read, with no transaction open."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.cases import actions, permissions, queries, rules
from tinhso.apps.cases.enums import ScanStatus
from tinhso.apps.cases.models import Scan
from tinhso.apps.cases.providers import dropfolder, recognition
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.data import PaperNotTypeset, ScanUnreadable
from tinhso.apps.signatures import flows as signatures
from tinhso.apps.signatures.data import PaperNotSignable, SigningKeyMissing
from tinhso.apps.signatures.enums import OwnerKind
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.crash import crash
from tinhso.kernel.errors import DomainError, Forbidden
from tinhso.kernel.flows import flow


@flow
def take_from_folder(
    *, case_id: int, key: str, names: Sequence[str], file_ids: Sequence[int] = (), declared_pages: int | None,
    actor: Actor, at: datetime,
) -> Scan:  # fmt: skip
    """Lấy tệp trong thư mục máy quét của quầy vào một giấy tờ, behind the files `file_ids` already kept.

    Killed anywhere nothing is lost: a file leaves the folder only once the case has it, and taken again it counts once.

    Raises:
        ScanGone: the folder of the case's counter does not offer it (any more). Forbidden, ScanNotNeeded, ScanMoved,
        FileTooLarge, FileRefused, Invalid: as taking files; all stay in the folder then.
    """
    case = queries.case_as_filed(case_id)
    if not permissions.can_scan(actor, case) or case.intake_unit_id is None:
        raise Forbidden
    limits = queries.get_package(case).upload_limits(key)
    unit_code = directory.get_unit(case.intake_unit_id).code
    claims: list[dropfolder.Claim] = []
    kept = list(file_ids)
    try:
        for name in names:
            claims.append(dropfolder.claim(unit_code, name))
            crash("take_from_folder:claimed")
            with claims[-1].opened() as stream:
                stored = store_file(
                    content=stream, name=name, most_bytes=limits.most_bytes, most_pages=limits.most_pages, actor=actor,
                    at=at,
                )  # fmt: skip
            kept.append(stored.id)
            crash("take_from_folder:stored")
        scan = actions.take_scan(
            case_id=case_id, key=key, file_ids=kept, declared_pages=declared_pages, actor=actor, at=at
        )
    except BaseException:
        for ours in claims:
            ours.give_back()
        raise
    crash("take_from_folder:taken")
    for ours in claims:
        ours.remove()
    return scan


@flow
def clear_scan_folders(*, at: datetime) -> int:
    """Xóa tệp trong thư mục máy quét mà quá hạn không ai lấy. Returns how many."""
    return dropfolder.remove_older(before=at - timedelta(days=settings.SCANS["keep_days"]))


@flow
def check_scan(*, scan_id: int, at: datetime) -> Scan:
    """Kiểm tra từng trang quét: nghiêng, trắng, tối, nhạt, thiếu độ phân giải, thiếu trang. Done already, it is left.

    Raises:
        FileHeld: a file is still searched for malware; the job is tried again.
    """
    scan = Scan.objects.get(pk=scan_id)
    if scan.status != ScanStatus.TAKEN:
        return scan
    report: list[dict[str, Any]] = []
    problems: list[str] = []
    try:
        for file_id, page, sheet in queries.sheets_of_scan(scan, with_pictures=False):
            figures = {
                key: sheet.figures[key] for key in ("width", "height", "dpi", "light", "contrast", "ink", "lean")
            }
            report.append({"file_id": file_id, "page": page, **figures, "problems": rules.page_problems(figures)})
    except ScanUnreadable as error:
        problems.append(error.message)
    crash("check_scan:measured")
    missing = rules.count_problem(found=len(report), declared=scan.declared_pages)
    problems += [missing] if missing and not problems else []
    return actions.record_scan_check(scan_id=scan_id, report=report, problems=problems, actor=SYSTEM, at=at)


@flow
def finish_scan(*, scan_id: int, at: datetime) -> Scan:
    """Lập PDF/A từ trang quét, ký số bằng khóa của cán bộ số hóa, đưa vào hồ sơ.

    Killed anywhere it is run again and goes on; the case gets one file. Where the officer's key is far away, the flow
    ends with the request and is called again with the answer. What cannot be made or signed is told on the page.
    """
    scan = Scan.objects.get(pk=scan_id)
    if scan.status != ScanStatus.CONFIRMED:
        return scan
    try:
        officer = accounts.get_actor(scan.by_id, at=at)
        pdf = queries.digitised_pdf(scan)
        crash("finish_scan:converted")
        signed = signatures.sign_step(
            subject=f"scan:{scan.pk}", role=OwnerKind.PERSON, owner_id=scan.by_id, organisation="",
            description=f"Bản số hóa {scan.code}: {scan.name}", make=lambda: pdf, actor=officer, at=at,
        ).pdf  # fmt: skip
    except (PaperNotTypeset, PaperNotSignable, ScanUnreadable, SigningKeyMissing, Forbidden) as error:
        return actions.record_scan_failed(scan_id=scan_id, reason=error.message, actor=SYSTEM, at=at)
    if signed is None:  # the signer's answer starts this again
        return scan
    crash("finish_scan:signed")
    return actions.record_scan_attached(scan_id=scan_id, content=signed, actor=SYSTEM, at=at)


@flow
def finish_scans(*, at: datetime) -> int:
    """Làm tiếp mọi bản số hóa đã xác nhận mà chưa vào hồ sơ; returns how many were looked at."""
    waiting = queries.scans_to_finish()
    for scan_id in waiting:
        try:
            finish_scan(scan_id=scan_id, at=at)
        except DomainError:  # a store or a key out of reach for now; the next round tries again
            continue
    return len(waiting)


@flow
def recognise_scan(*, scan_id: int, at: datetime) -> Scan:
    """Nhận dạng chữ của bản quét để tra cứu, when this machine has Tesseract; the signed file is not touched.

    Raises:
        RecognitionUnavailable: it failed; the job is tried again.
    """
    scan = Scan.objects.get(pk=scan_id)
    program = recognition.program(str(settings.OCR["command"]))
    if not program or scan.recognised_at is not None or scan.status == ScanStatus.DISCARDED:
        return scan
    pages = queries.sheets_of_scan(scan, with_pictures=True)
    found = [
        recognition.read(program, sheet.jpeg, dpi=sheet.dpi, languages=settings.OCR["languages"]) for *_, sheet in pages
    ]
    return actions.record_scan_text(scan_id=scan_id, text="\n\f\n".join(found), actor=SYSTEM, at=at)
