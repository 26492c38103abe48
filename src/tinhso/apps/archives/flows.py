"""Making packages: read from the store, written to a temporary file, checked, stored, and only then recorded.

Killed at any point, the job runs again: a package that was stored but not recorded is made anew from the same facts and
gives the same bytes, so nothing is kept twice and nothing is missing.
"""

import json
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from importlib.metadata import version
from types import MappingProxyType
from typing import IO, Any, BinaryIO, cast

from django.conf import settings

from tinhso.apps.archives import actions, queries, rules
from tinhso.apps.archives.data import FileToPack, PackedFacts
from tinhso.apps.archives.enums import FileStatus, Maintenance
from tinhso.apps.archives.rules import DocumentLine
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import queries as cases
from tinhso.apps.cases.queries import CaseRecord, KeptFile
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents import queries as documents
from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.data import PaperNotTypeset
from tinhso.apps.signatures import queries as signatures
from tinhso.apps.signatures.data import PaperVersionData
from tinhso.apps.signatures.enums import PaperLevel
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.crash import crash
from tinhso.kernel.errors import DomainError, Unavailable
from tinhso.kernel.flows import flow
from tinhso.lib.canonical import canonical_json
from tinhso.lib.eark import (
    DataFile,
    PackageError,
    PackageKind,
    PackageSpec,
    Party,
    PreservationEvent,
    PreservedFile,
    SideFile,
    check_package,
    read_preserved,
    write_package,
)

_LONG_TERM = {PaperLevel.EVIDENCED: "B-LT", PaperLevel.ARCHIVED: "B-LTA"}
_XML, _JSON, _PDF = "application/xml", "application/json", "application/pdf"
_MOST_CHECKED = (
    50_000_000  # a signed paper is small; what is larger is a scan whose signature the archive does not judge
)


@flow
def pack_list(*, list_id: int, at: datetime) -> int:
    """Đóng gói mọi hồ sơ của một danh mục đã duyệt; what cannot be packed is told and holds no other up."""
    waiting = queries.files_to_pack(list_id)
    for archival_file_id in waiting:
        make_sip(archival_file_id=archival_file_id, at=at)
    return len(waiting)


@flow
def keep_list(*, list_id: int, at: datetime) -> int:
    """Lập gói lưu trữ cho mọi hồ sơ của một danh mục đã tiếp nhận."""
    waiting = queries.files_to_keep(list_id)
    for archival_file_id in waiting:
        make_aip(archival_file_id=archival_file_id, at=at)
    return len(waiting)


@flow
def make_sip(*, archival_file_id: int, at: datetime) -> bool:
    """Lập gói nộp lưu (SIP) của một hồ sơ. Returns whether there is one now; asked again, nothing changes.

    Raises:
        StorageUnavailable: the store cannot be reached now; the job tries again.
    """
    file = queries.file_to_pack(archival_file_id)
    if file.sip_file_id is not None:
        return True
    try:
        record = cases.record_of(file.case_id)
        spec, facts = _submission(file, record)
        stored_id = _store(spec, name=f"{file.file_code}-SIP.zip", at=at)
    except (PackageError, DomainError) as error:
        return _failed(file, error, at)
    crash("make_sip:after_store")
    actions.record_sip(archival_file_id=file.id, file_id=stored_id, facts=facts, actor=SYSTEM, at=at)
    return True


@flow
def make_aip(*, archival_file_id: int, at: datetime) -> bool:
    """Lập gói lưu trữ (AIP) từ gói nộp lưu đã tiếp nhận: the same content, read anew and compared with its digests.

    Raises:
        StorageUnavailable: the store cannot be reached now; the job tries again.
    """
    file = queries.file_to_pack(archival_file_id)
    if file.aip_file_id is not None or file.status != FileStatus.ACCEPTED or file.sip_file_id is None:
        return file.aip_file_id is not None
    try:
        stored_id = _kept_package(file, file.sip_file_id, at)
    except (PackageError, DomainError) as error:
        return _failed(file, error, at)
    crash("make_aip:after_store")
    actions.record_aip(archival_file_id=file.id, file_id=stored_id, actor=SYSTEM, at=at)
    renew_aip(archival_file_id=file.id, at=at)  # a stamp may have come while the package was made
    return True


@flow
def renew_aip(*, archival_file_id: int, at: datetime) -> bool:
    """Lập lại gói lưu trữ khi văn bản ký số trong gói có thêm dấu thời gian, bằng chứng. Returns whether it changed.

    The package is made of the submitted one again, with the newest version of each paper: whatever was missed, one round
    puts right, and where nothing is newer the bytes would be the same, so nothing is made.

    Raises:
        StorageUnavailable: the store cannot be reached now; the job tries again. PackageError: a package is damaged.
    """
    file = queries.file_to_pack(archival_file_id)
    if file.status != FileStatus.KEPT or file.sip_file_id is None or file.aip_file_id is None:
        return False
    held = _digests_in(file.aip_file_id)
    if all(newest.sha256 in held for newest in signatures.newest_versions(held).values()):
        return False
    stored_id = _kept_package(file, file.sip_file_id, at, replaces=True)
    crash("renew_aip:after_store")
    actions.record_aip_renewed(archival_file_id=file.id, file_id=stored_id, actor=SYSTEM, at=at)
    return True


def _kept_package(file: FileToPack, sip_file_id: int, at: datetime, *, replaces: bool = False) -> int:
    """The archival package of what was submitted, each signed paper in its newest version."""
    newer = {old: new for old, new in signatures.newest_versions(_digests_in(sip_file_id)).items() if old != new.sha256}
    references = (("REFERENCECODE", rules.sip_identifier(file.uuid)), ("RECEIPT", file.receipt_number))
    with _repackaged(
        file, sip_file_id, kind=PackageKind.AIP, identifier=rules.aip_identifier(file.uuid, fonds=_fonds(file)),
        created_at=max([file.accepted_at or at, *(version.made_at for version in newer.values())]),
        events=(*_submission_events(file), _ingestion(file), *_strengthenings(newer)), references=references, newer=newer,
        replaces=replaces,
    ) as spec:  # fmt: skip
        return _store(spec, name=f"{file.file_code}-AIP.zip", at=at)


def _strengthenings(newer: Mapping[str, PaperVersionData]) -> list[PreservationEvent]:
    return [
        PreservationEvent(
            f"strengthen-{new.file_id}", "modification", new.made_at,
            "Văn bản ký số có thêm dấu thời gian, bằng chứng lâu dài; phần đã ký giữ nguyên",
            note=f"{new.level.label}; SHA-256 trước {old}, sau {new.sha256}",
        )
        for old, new in sorted(newer.items())
    ]  # fmt: skip


def _digests_in(package_file_id: int) -> set[str]:
    with _scratch() as copy, _opened(package_file_id, copy) as source:
        return {one.sha256 for one in read_preserved(source, source.namelist()[0].split("/", 1)[0])}


@contextmanager
def _opened(package_file_id: int, copy: BinaryIO) -> Iterator[zipfile.ZipFile]:
    with documents.open_file(package_file_id) as stream:
        shutil.copyfileobj(stream, copy, 262_144)
    copy.seek(0)
    with zipfile.ZipFile(copy) as source:
        yield source


@flow
def make_dip(*, dissemination_id: int, at: datetime) -> int:
    """Lập gói khai thác (DIP) từ gói lưu trữ: the documents without the log of the system. Returns its stored file.

    Raises:
        PackageError: the archival package is damaged.
    """
    wanted = queries.dip_to_make(dissemination_id)
    if wanted.stored_file_id is not None:
        return wanted.stored_file_id
    assert wanted.file.aip_file_id is not None  # noqa: S101 - asked for kept files only
    used = PreservationEvent(
        f"use-{wanted.id}",
        "dissemination",
        wanted.requested_at,
        f"Khai thác: {wanted.purpose}",
        agent="",
        note=wanted.recipient,
    )
    with _repackaged(
        wanted.file, wanted.file.aip_file_id, kind=PackageKind.DIP, identifier=rules.dip_identifier(wanted.uuid),
        created_at=wanted.requested_at, events=(used,),
        references=(("REFERENCECODE", rules.aip_identifier(wanted.file.uuid, fonds=_fonds(wanted.file))),),
        wanted=lambda path: not path.endswith("nhat-ky.json"),
    ) as spec:  # fmt: skip
        stored_id = _store(spec, name=f"{wanted.file.file_code}-DIP.zip", at=at)
    crash("make_dip:after_store")
    actions.record_dip(dissemination_id=dissemination_id, file_id=stored_id, actor=SYSTEM, at=at)
    return stored_id


def _failed(file: FileToPack, error: PackageError | DomainError, at: datetime) -> bool:
    """Write down why there is no package; a store that is out of reach is not the file's fault and is tried again."""
    if isinstance(error, Unavailable) and not isinstance(error, PaperNotTypeset):
        raise error
    problem = error.message if isinstance(error, DomainError) else str(error)
    actions.record_packaging_failed(archival_file_id=file.id, problem=problem, actor=SYSTEM, at=at)
    return False


def _store(spec: PackageSpec, *, name: str, at: datetime) -> int:
    """Write, check and store a package; it lies on disk without a name while it is made, and never whole in memory."""
    with _scratch() as out:
        write_package(out, spec)
        crash("make_package:after_write")
        out.seek(0)
        report = check_package(out)
        if not report.ok:
            raise PackageError("; ".join(report.problems))
        out.seek(0)
        return store_file(content=out, name=name, made_here=True, actor=SYSTEM, at=at).id


@contextmanager
def _scratch() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as file:
        yield cast("BinaryIO", file)


def _submission(file: FileToPack, record: CaseRecord) -> tuple[PackageSpec, PackedFacts]:
    """The submission package of a case, and what was found while its files were looked at."""
    at = file.approved_at or file.listed_at
    data, lines, levels = [], [], Counter[str]()
    for position, kept in enumerate(record.files, 1):
        one, line = _document(file, kept, position, at)
        data.append(one)
        lines.append(line)
        if line.signature:
            levels[line.signature] += 1
    slip = _control_slip(record, at)
    data += [
        _made("phieu-kiem-soat.pdf", "Phiếu kiểm soát quá trình giải quyết hồ sơ", _PDF, slip, at),
        _made("ho-so.json", "Dữ kiện của hồ sơ", _JSON, canonical_json(record.facts), at),
        _made("nhat-ky.json", "Nhật ký của hồ sơ", _JSON, _history(record), at),
    ]
    pages = sum(line.pages for line in lines)
    described = rules.file_metadata(_description(file, record, len(lines), pages))
    spec = PackageSpec(
        kind=PackageKind.SIP, identifier=rules.sip_identifier(file.uuid), label=file.title, created_at=at,
        descriptive=SideFile("EAD.xml", _XML, described), files=tuple(data),
        about_files=SideFile("EAD_doc.xml", _XML, rules.documents_metadata(lines, code=file.file_code, mode=file.mode)),
        documentation=(
            SideFile("muc-luc.txt", "text/plain", rules.table_of_contents(file.title, lines, record.on_paper)),
        ),
        schemas=(SideFile("ead-tt05-2025.xsd", _XML, rules.schema()),), events=_submission_events(file),
        references=(("REFERENCECODE", file.file_code),), **_makers(file),
    )  # fmt: skip
    size = sum(documents.get_file(kept.file_id).size for kept in record.files)
    return spec, PackedFacts(documents=len(lines), data_bytes=size, pages=pages, signatures=dict(levels))


def _document(file: FileToPack, kept: KeptFile, position: int, at: datetime) -> tuple[DataFile, DocumentLine]:
    stored = documents.get_file(kept.file_id)
    pages, signature = 0, ""
    if stored.media_type == _PDF:
        with documents.open_file(stored.id) as stream:
            pages = rules.page_count(stream)
        if kept.signed and stored.size <= _MOST_CHECKED:
            signature = _signature_state(stored.id, at)
    name = rules.data_name(position, kept.title, stored.media_type)
    one = DataFile(
        name=name, media_type=stored.media_type, created_at=stored.stored_at, open=partial(documents.open_file, stored.id),
        sha256=stored.sha256, title=kept.title, signature=signature,
    )  # fmt: skip
    line = DocumentLine(
        path=f"representations/rep1/data/{name}", title=kept.title, issued_on=kept.issued_on, number=kept.number,
        organ=kept.issuer, type_code=kept.type_code, pages=pages, signature=signature, note=kept.note,
    )  # fmt: skip
    return one, line


def _signature_state(file_id: int, at: datetime, level: PaperLevel = PaperLevel.SIGNED) -> str:
    verdict = signatures.verify_pdf(documents.read_file(file_id), at=at)
    if not verdict.signatures:
        return ""
    # The seal covers the person's signature: a token in the last one, or a stamp over the file, attests to all of them.
    stamped = verdict.signatures[-1].timestamped or any(stamp.trusted for stamp in verdict.stamps)
    return rules.signature_level(ok=verdict.ok, timestamped=stamped, long_term=_LONG_TERM.get(level, ""))


def _made(name: str, title: str, media_type: str, content: bytes, at: datetime) -> DataFile:
    from io import BytesIO

    return DataFile(name=name, media_type=media_type, created_at=at, open=lambda: BytesIO(content), title=title)


def _control_slip(record: CaseRecord, at: datetime) -> bytes:
    return cases.control_slip_pdf(cases.case_as_filed(record.case_id), base_url=settings.BASE_URL, at=at)


def _history(record: CaseRecord) -> bytes:
    rows = [
        {"sequence": e.sequence, "type": e.type, "at": e.at.isoformat(), "actor": e.actor_name, "payload": e.payload}
        for e in entries_of(f"case:{record.case_id}")
        if not e.type.startswith("archive.")
    ]
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, indent=1).encode()


def _description(file: FileToPack, record: CaseRecord, documents_count: int, pages: int) -> dict[str, str]:
    years = {Maintenance.PERMANENT: "vĩnh viễn"}.get(Maintenance(file.maintenance), Maintenance(file.maintenance).label)
    return {
        "fileCode": file.file_code, "title": file.title, "fonds": _fonds(file),
        "organ": directory.get_unit(file.unit_id).agency_name, "maintenance": file.maintenance,
        "maintenanceYears": str(years), "keepUntil": file.keep_until.isoformat() if file.keep_until else "",
        "mode": file.mode, "language": "01", "startDate": record.opened_on.isoformat(),
        "endDate": record.closed_on.isoformat(), "keyword": f"{record.procedure_code}; {record.field}",
        "totalDoc": str(documents_count + len(record.on_paper)), "numberOfPaper": str(len(record.on_paper)),
        "numberOfPage": str(pages), "format": "PDF/A, JSON",
    }  # fmt: skip


def _makers(file: FileToPack) -> dict[str, Any]:
    """Who made the package and who keeps it: the keys every package of the file shares."""
    unit, book = directory.get_unit(file.unit_id), queries.rules_now()
    return {
        "software": "Tỉnh Số", "software_version": version("tinhso"), "creator": Party(unit.agency_name, unit.code),
        "archivist": Party(book.archive_name, book.archive_code),
        "rights": f"Luật Lưu trữ 33/2024/QH15; chế độ sử dụng {file.mode}",
    }  # fmt: skip


def _fonds(file: FileToPack) -> str:
    return directory.get_unit(file.unit_id).code


def _submission_events(file: FileToPack) -> tuple[PreservationEvent, ...]:
    at = file.approved_at or file.listed_at
    return (
        PreservationEvent(f"list-{file.id}", "appraisal", file.listed_at, "Đưa vào danh mục hồ sơ nộp lưu"),
        PreservationEvent(f"approve-{file.id}", "accession", at, "Duyệt danh mục nộp lưu", note=file.approved_by),
        PreservationEvent(f"fixity-{file.id}", "message digest calculation", at, "SHA-256 của từng tệp"),
        PreservationEvent(f"pack-{file.id}", "information package creation", at, "Lập gói nộp lưu"),
    )


def _ingestion(file: FileToPack) -> PreservationEvent:
    at = file.accepted_at or file.listed_at
    detail = f"Tiếp nhận vào lưu trữ, biên bản {file.receipt_number}; đã so mã băm của từng tệp"
    return PreservationEvent(f"ingest-{file.id}", "ingestion end", at, detail, note=file.accepted_by)


@contextmanager
def _repackaged(
    file: FileToPack, source_file_id: int, *, kind: PackageKind, identifier: str, created_at: datetime,
    events: Sequence[PreservationEvent], references: tuple[tuple[str, str], ...],
    wanted: Callable[[str], bool] = bool, newer: Mapping[str, PaperVersionData] = MappingProxyType({}),
    replaces: bool = False,
) -> Iterator[PackageSpec]:  # fmt: skip
    """A package made of another one's content; each file is compared with the digest its source keeps.

    `newer`: the versions that take the place of files, by the digest of the one in the source.
    """
    with _scratch() as copy, _opened(source_file_id, copy) as source:
        top = source.namelist()[0].split("/", 1)[0]
        preserved = [one for one in read_preserved(source, top) if wanted(one.path)]
        files = tuple(_carried(source, top, one, newer.get(one.sha256), created_at) for one in preserved)
        states = {one.path: made.signature for one, made in zip(preserved, files, strict=True) if one.sha256 in newer}
        told = _side(source, f"{top}/representations/rep1/metadata/descriptive/EAD_doc.xml")
        yield PackageSpec(
            kind=kind, identifier=identifier, label=file.title, created_at=created_at,
            descriptive=_side(source, f"{top}/metadata/descriptive/EAD.xml"), files=files,
            about_files=SideFile(told.name, told.media_type, rules.with_signatures(told.content, states)),
            documentation=_sides(source, f"{top}/documentation/", "text/plain"),
            schemas=_sides(source, f"{top}/schemas/", _XML), events=tuple(events), references=references,
            replaces=replaces, **_makers(file),
        )  # fmt: skip


def _carried(
    source: zipfile.ZipFile, top: str, one: PreservedFile, newer: PaperVersionData | None, at: datetime
) -> DataFile:
    """A file on its way into another package, in its newest version where there is one."""
    name = one.path.removeprefix("representations/rep1/data/")
    if newer is None:
        return DataFile(
            name=name, media_type=one.media_type, created_at=one.created_at,
            open=partial(_member, source, f"{top}/{one.path}"), sha256=one.sha256, title=one.title,
            signature=one.signature,
        )  # fmt: skip
    return DataFile(
        name=name, media_type=one.media_type, created_at=newer.made_at, open=partial(documents.open_file, newer.file_id),
        sha256=newer.sha256, title=one.title, signature=_signature_state(newer.file_id, at, newer.level),
    )  # fmt: skip


def _member(source: zipfile.ZipFile, path: str) -> BinaryIO:
    opened: IO[bytes] = source.open(path)
    return cast("BinaryIO", opened)


def _side(source: zipfile.ZipFile, path: str, media_type: str = _XML) -> SideFile:
    return SideFile(path.rsplit("/", 1)[-1], media_type, source.read(path))


def _sides(source: zipfile.ZipFile, folder: str, media_type: str) -> tuple[SideFile, ...]:
    return tuple(_side(source, name, media_type) for name in source.namelist() if name.startswith(folder))
