"""How documents enter a vault, end, and are told of."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit.actions import record
from tinhso.apps.documents import queries as files
from tinhso.apps.notifications.actions import notify
from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject
from tinhso.apps.vault import queries, rules
from tinhso.apps.vault.data import HolderKey, NewDocument
from tinhso.apps.vault.enums import HolderKind, Origin, Standing
from tinhso.apps.vault.events import DocumentEnded, DocumentExpiring, DocumentKept, DocumentRenewed
from tinhso.apps.vault.models import Document, ExpiryReminder, Holder
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.prepared import Prepared

_LONGEST_REASON = 2_000
_HOLDER = ("id", "kind", "identifier", "name", "created_at")
_FROM_SOURCE = Prepared(lambda source_key: Document.objects.filter(source_key=source_key), source_key=str)
_SAME_BYTES = Prepared(
    lambda holder_id, sha256: (
        Document.objects.filter(holder_id=holder_id, sha256=sha256).values_list("type_code", flat=True)
    ),
    holder_id=int, sha256=str,
)  # fmt: skip


@action(inner=True)
def keep_document(*, holder: HolderKey, new: NewDocument, actor: Actor, at: datetime) -> int | None:
    """Đưa một giấy tờ vào kho của chủ nó; returns its inner number, None where the same bytes lie there already.

    Told twice, it happens once. A document that takes the place of another ends that one in the same moment.
    """
    owner = _locked_holder(holder, at)
    known = _FROM_SOURCE.first(source_key=new.source_key)
    if known is not None:
        return known.pk
    file = files.get_file(new.file_id)
    kind = next((one for one in queries.list_types() if one.code == new.type_code), None)
    same = _SAME_BYTES.all(holder_id=owner.pk, sha256=file.sha256)
    if new.type_code in same or (same and new.origin is Origin.COMPONENT):
        return None
    document = Document.objects.create(
        holder=owner, origin=new.origin, type_code=new.type_code, type_name=kind.name if kind else "", name=new.name,
        number=new.number, issuer=new.issuer, issuer_unit_id=new.issuer_unit_id, issued_on=new.issued_on,
        valid_to=new.valid_to or rules.last_day(new.issued_on, kind.validity_months if kind else None),
        file_id=file.id, sha256=file.sha256, report=dict(new.report), source_key=new.source_key,
        case_code=new.case_code, procedure_code=new.procedure_code, component_key=new.component_key,
        check_code=new.check_code, entered_at=at,
    )  # fmt: skip
    event = DocumentKept(
        document_id=document.pk, holder_id=owner.pk, type_code=new.type_code, origin=new.origin.value,
        sha256=file.sha256, source=new.source_key,
    )  # fmt: skip
    record(event, subject=_stream(owner.pk), actor=actor, at=at)
    if new.replaces:
        end_document(
            source_key=new.replaces, how=Standing.REPLACED, reason=f"Được thay bằng {document.name} số {document.number}",
            replaced_by_id=document.pk, actor=actor, at=at,
        )  # fmt: skip
    return document.pk


@action(inner=True)
def renew_document(
    *, source_key: str, file_id: int, report: Mapping[str, Any], actor: Actor, at: datetime
) -> int | None:  # fmt: skip
    """Thay tệp của một giấy tờ trong kho bằng bản có thêm dấu thời gian, bằng chứng; also of one that has ended.

    Returns its number, None where it is in no vault. Told twice, it happens once. The file is the same paper: whoever calls
    has proved it.
    """
    holder_id = Document.objects.filter(source_key=source_key).values_list("holder_id", flat=True).first()
    if holder_id is None:
        return None
    Holder.objects.select_for_update().get(pk=holder_id)  # orders the stream, before the document itself
    document = Document.objects.select_for_update(of=("self",)).get(source_key=source_key)
    file = files.get_file(file_id)
    if document.file_id == file.id:
        return document.pk
    before, document.file_id, document.sha256, document.report = document.sha256, file.id, file.sha256, dict(report)
    document.save(update_fields=["file", "sha256", "report"])
    event = DocumentRenewed(
        document_id=document.pk, holder_id=document.holder_id, digest_before=before, digest_after=file.sha256
    )
    record(event, subject=_stream(document.holder_id), actor=actor, at=at)
    return document.pk


@action(inner=True)
def end_document(
    *, source_key: str, how: Standing, reason: str, actor: Actor, at: datetime, replaced_by_id: int | None = None
) -> int | None:
    """Ghi giấy tờ trong kho đã được thay thế hoặc bị thu hồi; returns its number, None where it is in no vault.

    Told twice, it happens once. The cases that use it hear of it by the event.
    """
    holder_id = Document.objects.filter(source_key=source_key).values_list("holder_id", flat=True).first()
    if holder_id is None:
        return None
    Holder.objects.select_for_update().get(pk=holder_id)  # orders the stream, before the document itself
    document = Document.objects.select_for_update(of=("self",)).get(source_key=source_key)
    if document.standing != Standing.HELD:
        return document.pk
    document.standing, document.ended_at, document.end_reason = how, at, reason[:_LONGEST_REASON]
    document.replaced_by_id = replaced_by_id
    document.save(update_fields=["standing", "ended_at", "end_reason", "replaced_by"])
    event = DocumentEnded(
        document_id=document.pk, holder_id=document.holder_id, how=how.value, reason=document.end_reason,
        replaced_by_id=replaced_by_id,
    )  # fmt: skip
    record(event, subject=_stream(document.holder_id), actor=actor, at=at)
    return document.pk


@action
def remind_of_expiry(*, document_id: int, days: int, actor: Actor, at: datetime) -> bool:
    """Nhắc chủ kho giấy tờ sắp hết hiệu lực; whether it was told now. Each number of days left is told once."""
    require(actor.kind is ActorKind.SYSTEM)
    document = Document.objects.filter(pk=document_id).first()
    if document is None:
        return False
    Holder.objects.select_for_update().get(pk=document.holder_id)
    document.refresh_from_db()
    told = [reminder.days for reminder in document.reminders.all()]
    still_due = document.standing == Standing.HELD and document.valid_to is not None and all(days < day for day in told)
    if not still_due or document.valid_to is None or _province_day(at) > document.valid_to:
        return False
    ExpiryReminder.objects.create(document=document, days=days, told_at=at)
    event = DocumentExpiring(
        document_id=document.pk, holder_id=document.holder_id, days=days, valid_to=document.valid_to
    )
    record(event, subject=_stream(document.holder_id), actor=actor, at=at)
    return True


@action
def tell_of_last_day(*, document_id: int, entry_id: int, actor: Actor, at: datetime) -> int:
    """Báo chủ kho giấy tờ sắp hết hiệu lực; returns how many were told anew."""
    require(actor.kind is ActorKind.SYSTEM)
    document = Document.objects.select_related("holder").get(pk=document_id)
    if document.valid_to is None:
        return 0
    holder = document.holder
    people = accounts.accounts_named(holder.identifier, organisation=holder.kind == HolderKind.ORGANISATION)
    number = f" số {document.number}" if document.number else ""
    return notify(
        account_ids=people, kind=NoticeKind.EXPIRING, subject=NoticeSubject.DOCUMENT, code=str(document.uuid),
        words=f"{document.name}{number} có hiệu lực đến {document.valid_to:%d/%m/%Y}.", source=f"entry:{entry_id}",
        actor=actor, at=at,
    )  # fmt: skip


def _locked_holder(key: HolderKey, at: datetime) -> Holder:
    """The holder's row, made when the first document comes; locked, which orders the vault's stream."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vault_holder (kind, identifier, name, created_at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (kind, identifier) DO UPDATE SET name = excluded.name"
            " RETURNING id, kind, identifier, name, created_at",
            [key.kind, key.identifier, key.name[:300], at],
        )
        return Holder.from_db(connection.alias, _HOLDER, cursor.fetchone())


def _province_day(at: datetime) -> date:
    return at.astimezone(PROVINCE_TIME).date()


def _stream(holder_id: int) -> str:
    return f"vault:{holder_id}"
