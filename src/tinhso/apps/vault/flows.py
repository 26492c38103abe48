"""Making packages, telling of last days: work of jobs, with no transaction open."""

import html
import json
import zipfile
from datetime import datetime
from typing import BinaryIO, cast

from tinhso.apps.documents import queries as files
from tinhso.apps.documents.actions import start_retention
from tinhso.apps.vault import actions, queries
from tinhso.apps.vault.data import DocumentData
from tinhso.apps.vault.providers import parcels
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import DomainError
from tinhso.kernel.flows import flow

_RETENTION = "vault_ended"  # of content/retention/files.yaml
_STEP = 5
_BLOCK = 262_144


@flow
def make_export(*, export_id: int, at: datetime) -> bool:
    """Đóng gói toàn bộ giấy tờ của một kho: the files, `manifest.json`, and an index for people. Whether it is ready.

    Streams: neither the package nor any file stands whole in memory, and no plain copy touches the disk. Told twice, it
    is made anew while it is still wanted.
    """
    holder_id, key = queries.export_of(export_id)
    papers = queries.documents_to_pack(holder_id, on=at.astimezone(PROVINCE_TIME).date())
    if not actions.note_export(export_id=export_id, done=0, total=len(papers), actor=SYSTEM, at=at):
        return False
    path = queries.parcel_path(export_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("wb") as target:
            writer = parcels.SealingWriter(target, key)
            with zipfile.ZipFile(cast("BinaryIO", writer), "w", zipfile.ZIP_STORED) as archive:
                _fill(archive, papers, export_id, at)
            writer.finish()
    except (OSError, DomainError):
        parcels.remove(path)
        actions.finish_export(export_id=export_id, documents=0, size=0, ok=False, actor=SYSTEM, at=at)
        return False
    actions.finish_export(export_id=export_id, documents=len(papers), size=writer.size, ok=True, actor=SYSTEM, at=at)
    return True


@flow
def remind_of_expiries(*, at: datetime) -> int:
    """Nhắc các giấy tờ sắp hết hiệu lực: one transaction each. Returns how many were told."""
    told, after, on = 0, 0, at.astimezone(PROVINCE_TIME).date()
    while True:
        due, following = queries.due_reminders(on=on, after=after)
        for document_id, days in due:
            told += actions.remind_of_expiry(document_id=document_id, days=days, actor=SYSTEM, at=at)
        if following is None:
            return told
        after = following


@flow
def remove_exports(*, at: datetime) -> int:
    """Xóa các gói tải về đã hết hạn; the file first, so that nothing lies there unrecorded. Returns how many."""
    expired = queries.expired_exports(at=at)
    for export_id in expired:
        parcels.remove(queries.parcel_path(export_id))
        actions.remove_export(export_id=export_id, actor=SYSTEM, at=at)
    return len(expired)


@flow
def begin_retention(*, at: datetime) -> int:
    """Bắt đầu tính thời hạn lưu giữ giấy tờ đã bị thay thế, thu hồi. Returns for how many files it began."""
    if _RETENTION not in files.retention_kinds():
        return 0
    return sum(
        start_retention(file_ids=[file_id], kind=_RETENTION, since=since, unit_id=unit_id, actor=SYSTEM, at=at)
        for unit_id, since, file_id in queries.iterate_done_with()
    )


def _fill(archive: zipfile.ZipFile, papers: list[tuple[DocumentData, str]], export_id: int, at: datetime) -> None:
    for position, (document, name) in enumerate(papers, start=1):
        with files.open_file(document.file_id) as source, archive.open(f"giay-to/{name}", "w") as target:
            while block := source.read(_BLOCK):
                target.write(block)
        if position % _STEP == 0:
            actions.note_export(export_id=export_id, done=position, total=len(papers), actor=SYSTEM, at=at)
    manifest = {
        "made_at": at.isoformat(),
        "documents": [_entry(document, name) for document, name in papers],
    }
    archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2))
    archive.writestr("muc-luc.html", _index(papers, at))


def _entry(document: DocumentData, name: str) -> dict[str, object]:
    return {
        "file": f"giay-to/{name}", "sha256": document.sha256, "uuid": str(document.uuid), "name": document.name,
        "type": document.type_code, "type_name": document.type_name, "number": document.number,
        "issuer": document.issuer, "issued_on": document.issued_on.isoformat(),
        "valid_to": document.valid_to.isoformat() if document.valid_to else None, "state": str(document.state),
        "origin": str(document.origin), "case": document.case_code, "check_code": document.check_code,
        "signatures": document.report,
    }  # fmt: skip


def _index(papers: list[tuple[DocumentData, str]], at: datetime) -> str:
    """A page that opens in any browser without a line: what is in the package."""
    lines = "".join(
        "<tr><td><a href='{link}'>{name}</a></td><td>{number}</td><td>{issuer}</td><td>{day:%d/%m/%Y}</td>"
        "<td>{until}</td><td>{state}</td></tr>".format(
            link=html.escape(f"giay-to/{name}", quote=True),
            name=html.escape(document.name),
            number=html.escape(document.number),
            issuer=html.escape(document.issuer),
            day=document.issued_on,
            until=f"{document.valid_to:%d/%m/%Y}" if document.valid_to else "Không ấn định",
            state=document.state.label,
        )
        for document, name in papers
    )
    made = f"{at.astimezone(PROVINCE_TIME):%H:%M ngày %d/%m/%Y}"
    return (
        "<!doctype html><html lang='vi'><meta charset='utf-8'><title>Giấy tờ trong kho của bạn</title>"
        "<style>body{font-family:sans-serif;margin:2rem}table{border-collapse:collapse}td,th{border:1px solid #999;"
        f"padding:.4rem;text-align:left}}</style><h1>Giấy tờ trong kho của bạn</h1><p>Đóng gói lúc {made}. Mã băm của từng "
        "tệp ở manifest.json.</p><table><tr><th>Giấy tờ</th><th>Số</th><th>Nơi cấp, nơi kiểm tra</th><th>Ngày</th>"
        f"<th>Hiệu lực đến</th><th>Tình trạng</th></tr>{lines}</table></html>"
    )
