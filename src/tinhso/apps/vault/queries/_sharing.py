"""Links, packages to take home, and who has looked."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit import queries as audit
from tinhso.apps.audit.data import EntryData
from tinhso.apps.documents import queries as files
from tinhso.apps.vault import rules
from tinhso.apps.vault.data import (
    DocumentData,
    DocumentNotFound,
    ExportData,
    ExportNotReady,
    LookedUp,
    PreviewUnavailable,
    ShareClosed,
    ShareData,
    SharedDocument,
    ShareNotViewable,
)
from tinhso.apps.vault.enums import ExportStatus
from tinhso.apps.vault.models import Document, Export, Share
from tinhso.apps.vault.providers import parcels
from tinhso.apps.vault.queries._documents import document_data, find_holder, holder_key, visible_to
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.typesetting import TypesettingError
from tinhso.lib.typesetting.marking import MARKABLE, mark_pages

_DISCLOSED = "personal_data.disclosed"


def list_shares(*, actor: Actor, uuid: UUID) -> list[ShareData]:
    """The links of one of one's own documents, newest first; at most fifty."""
    rows = Share.objects.filter(document__in=visible_to(actor).filter(uuid=uuid)).order_by("-pk")[:50]
    return [share_data(row) for row in rows]


def get_shared(token: str, *, at: datetime) -> SharedDocument:
    """What a link shows, without counting as an opening. Public: the secret in the link is the right.

    Raises:
        ShareClosed: unknown, run out, used up or taken back (all look the same).
    """
    row = (
        Share.objects.select_related("document__holder", "document__replaced_by")
        .filter(digest=rules.token_digest(token))
        .first()
    )
    if row is None or not share_data(row).is_open(at):
        raise ShareClosed
    document = document_data(row.document, at.astimezone(PROVINCE_TIME).date())
    return SharedDocument(document=document, holder_name=row.document.holder.name, share=share_data(row))


def can_preview(file_id: int) -> bool:
    """Whether a file can be shown with words across its pages."""
    return files.get_file(file_id).media_type in MARKABLE


def preview(shared: SharedDocument) -> bytes:
    """The pages of a shared document with its purpose across each (bản xem có dấu chìm), as a PDF.

    Raises:
        ShareNotViewable: a kind of file that cannot be shown. PreviewUnavailable: unreadable or too long.
    """
    file = files.get_file(shared.document.file_id)
    if file.media_type not in MARKABLE:
        raise ShareNotViewable
    until = shared.share.expires_at.astimezone(PROVINCE_TIME)
    words = f"{shared.mark} · đến {until:%d/%m/%Y}"
    try:
        content = files.read_file(file.id)
        return mark_pages(content, media_type=file.media_type, text=words, fonts_beside=settings.BASE_DIR)
    except TypesettingError as error:
        raise PreviewUnavailable(str(error)) from error


def share_data(row: Share) -> ShareData:
    """A link as others see it; its secret is not among it."""
    return ShareData(
        id=row.pk, document_id=row.document_id, purpose=row.purpose, created_at=row.created_at,
        expires_at=row.expires_at, opens=row.opens, max_opens=row.max_opens, revoked_at=row.revoked_at,
        latest_opened_at=row.latest_opened_at,
    )  # fmt: skip


def latest_export(*, actor: Actor) -> ExportData | None:
    """The newest package of one's own vault, or None."""
    holder_id = find_holder(holder_key(actor))
    row = Export.objects.filter(holder_id=holder_id).order_by("-pk").first() if holder_id else None
    return export_data(row) if row else None


def open_export(*, actor: Actor, export_id: int, at: datetime) -> tuple[ExportData, Iterator[bytes]]:
    """The bytes of a finished package, piece by piece.

    Raises:
        DocumentNotFound: none of this holder. ExportNotReady: not finished, or removed.
    """
    holder_id = find_holder(holder_key(actor))
    row = Export.objects.filter(pk=export_id, holder_id=holder_id).first() if holder_id else None
    if row is None:
        raise DocumentNotFound("Không có gói tải về này.")
    if row.status != ExportStatus.READY or row.expires_at is None or row.expires_at <= at:
        raise ExportNotReady
    return export_data(row), parcels.read(parcel_path(row.pk), bytes(row.secret))


def documents_to_pack(holder_id: int, *, on: date) -> list[tuple[DocumentData, str]]:
    """What a package holds, for the job: every document with its name inside the package, oldest first."""
    rows = Document.objects.filter(holder_id=holder_id).select_related("file", "replaced_by").order_by("pk")
    return [
        (
            document_data(row, on),
            rules.archive_name(position, row.name, row.number, row.file.name.rpartition(".")[2]),
        )
        for position, row in enumerate(rows, start=1)
    ]


def expired_exports(*, at: datetime) -> list[int]:
    """Packages whose time is over and whose files still lie on the server; for the job."""
    gone = [ExportStatus.REMOVED, ExportStatus.WAITING, ExportStatus.MAKING]
    rows = Export.objects.filter(expires_at__lte=at).exclude(status__in=gone)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def export_of(export_id: int) -> tuple[int, bytes]:
    """(holder, key) of a package; for the job that makes it."""
    row = Export.objects.get(pk=export_id)
    return row.holder_id, bytes(row.secret)


def parcel_path(export_id: int) -> Path:
    """Where a package lies."""
    return Path(settings.DATA_DIR) / "vault-parcels" / f"{export_id}.sealed"


def export_data(row: Export) -> ExportData:
    """A package as its holder sees it."""
    return ExportData(
        id=row.pk, status=row.status, done=row.done, total=row.total, asked_at=row.asked_at, ready_at=row.ready_at,
        expires_at=row.expires_at, size=row.size,
    )  # fmt: skip


def list_looks(
    *, actor: Actor, streams: list[str] | None = None, before: int | None = None, limit: int = 30
) -> tuple[list[LookedUp], int | None]:
    """Who looked at one's documents and why, newest first (ai đã xem giấy tờ của tôi); and where the rest begins.

    `streams` are subjects beside the vault whose readings concern the same person: her cases, which the caller has
    checked are hers.
    """
    holder_id = find_holder(holder_key(actor))
    named = [f"disclosure:vault:{holder_id}"] if holder_id else []
    named += [f"disclosure:{stream}" for stream in streams or []]
    found = audit.latest_in_streams(named, types=[_DISCLOSED], before=before, limit=limit + 1) if named else []
    shown = found[:limit]
    offices = accounts.offices_of({entry.actor_id for entry in shown if entry.actor_id is not None})
    names = _document_names(shown)
    looks = [
        LookedUp(
            entry_id=entry.id, at=entry.at, name=entry.actor_name,
            unit=offices.get(entry.actor_id or 0, ("", ""))[1], role=offices.get(entry.actor_id or 0, ("", ""))[0],
            purpose=str(entry.payload["purpose"]), what=_what(entry, names), by_machine=entry.actor_kind == "machine",
            account_id=entry.actor_id, subject=str(entry.payload["subject"]),
        )
        for entry in shown
    ]  # fmt: skip
    return looks, shown[-1].id if len(found) > limit else None


_FIELDS = {
    "applicant": "Thông tin người nộp", "answers": "Nội dung khai", "applicant_personal_id": "Số định danh",
    "documents": "Giấy tờ trong hồ sơ", "results": "Kết quả", "papers": "Giấy đã gửi", "messages": "Tin trao đổi",
    "events": "Nhật ký hồ sơ", "steps": "Quá trình giải quyết", "list": "Danh mục giấy tờ trong kho",
    "lookups": "Dữ liệu cơ sở dữ liệu quốc gia đã trả lời cho hồ sơ",
}  # fmt: skip


def _what(entry: EntryData, names: dict[int, str]) -> tuple[str, ...]:
    said = []
    for field in entry.payload["fields"]:
        head, _, rest = str(field).partition(":")
        if head == "document" and rest.isdecimal():
            said.append(names.get(int(rest), "Giấy tờ trong kho"))
        else:
            said.append(_FIELDS.get(str(field).partition(".")[0], "Thông tin khác trong hồ sơ"))
    return tuple(dict.fromkeys(said))


def _document_names(entries: list[EntryData]) -> dict[int, str]:
    wanted = {
        int(field.partition(":")[2])
        for entry in entries
        for field in map(str, entry.payload["fields"])
        if field.startswith("document:") and field.partition(":")[2].isdecimal()
    }
    return dict(Document.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
