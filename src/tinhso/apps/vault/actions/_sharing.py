"""Links that show one document for a time."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from tinhso.apps.audit.actions import record
from tinhso.apps.vault import permissions, queries, rules
from tinhso.apps.vault.data import DocumentNotFound, ShareClosed, SharedDocument
from tinhso.apps.vault.enums import Standing
from tinhso.apps.vault.events import DocumentShared, ShareOpened, ShareRevoked
from tinhso.apps.vault.models import Document, Holder, Share
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import FieldError, Invalid

_SHORTEST, _LONGEST = 8, 200


@action
def share_document(
    *, uuid: UUID, purpose: str, days: int, max_opens: int, actor: Actor, at: datetime
) -> tuple[int, str]:
    """Tạo liên kết chia sẻ một giấy tờ: for one purpose, some days, some openings; returns (link, its secret).

    The secret is told this once; only its digest is kept.

    Raises:
        DocumentNotFound: none of this holder.
        Invalid: no purpose, too long a time, too many openings, or a document that has been revoked.
    """
    require(permissions.is_own(actor))
    document = Document.objects.filter(pk__in=queries.visible_to(actor).filter(uuid=uuid).values("pk")).first()
    if document is None:
        raise DocumentNotFound
    if document.standing == Standing.REVOKED:
        raise Invalid("Giấy tờ đã bị thu hồi thì không chia sẻ được.")
    words = " ".join(purpose.replace("\x00", "").split())
    limits = queries.get_settings()
    errors = []
    if not _SHORTEST <= len(words) <= _LONGEST:
        errors.append(FieldError("purpose", f"Mời ghi rõ chia sẻ để làm gì, từ {_SHORTEST} đến {_LONGEST} ký tự."))
    if not 1 <= days <= limits.share_days:
        errors.append(FieldError("days", f"Liên kết có hạn từ 1 đến {limits.share_days} ngày."))
    if not 1 <= max_opens <= limits.share_opens:
        errors.append(FieldError("max_opens", f"Liên kết mở được từ 1 đến {limits.share_opens} lần."))
    if errors:
        raise Invalid(errors=errors)
    Holder.objects.select_for_update().get(pk=document.holder_id)
    token = secrets.token_urlsafe(24)
    share = Share.objects.create(
        document=document, digest=rules.token_digest(token), purpose=words, created_at=at,
        created_by_id=actor.account_id or 0, expires_at=at + timedelta(days=days), max_opens=max_opens,
    )  # fmt: skip
    event = DocumentShared(
        share_id=share.pk, document_id=document.pk, purpose=words, expires_at=share.expires_at, max_opens=max_opens
    )
    record(event, subject=f"vault:{document.holder_id}", actor=actor, at=at)
    return share.pk, token


@action
def revoke_share(*, share_id: int, actor: Actor, at: datetime) -> UUID:
    """Thu hồi liên kết chia sẻ; returns the document's number. Taken back twice, it happens once.

    Raises:
        DocumentNotFound: no link of this holder.
    """
    require(permissions.is_own(actor))
    mine = Share.objects.filter(document__in=queries.visible_to(actor))
    holder_id = mine.filter(pk=share_id).values_list("document__holder_id", flat=True).first()
    if holder_id is None:
        raise DocumentNotFound("Không có liên kết chia sẻ này.")
    Holder.objects.select_for_update().get(pk=holder_id)
    share = Share.objects.select_for_update(of=("self",)).select_related("document").get(pk=share_id)
    if share.revoked_at is None:
        share.revoked_at = at
        share.save(update_fields=["revoked_at"])
        event = ShareRevoked(share_id=share.pk, document_id=share.document_id)
        record(event, subject=f"vault:{holder_id}", actor=actor, at=at)
    return share.document.uuid


@action
def open_share(*, token: str, actor: Actor, at: datetime) -> SharedDocument:
    """Mở bản chia sẻ: counts one opening and writes it into the holder's log.

    Raises:
        ShareClosed: unknown, run out, used up or taken back.
    """
    row = Share.objects.filter(digest=rules.token_digest(token)).values_list("pk", "document__holder_id").first()
    if row is None:
        raise ShareClosed
    Holder.objects.select_for_update().get(pk=row[1])
    shared = queries.get_shared(token, at=at)
    share = Share.objects.select_for_update().get(pk=row[0])
    share.opens, share.latest_opened_at = share.opens + 1, at
    share.save(update_fields=["opens", "latest_opened_at"])
    event = ShareOpened(share_id=share.pk, document_id=share.document_id, opens=share.opens)
    record(event, subject=f"vault:{row[1]}", actor=actor, at=at)
    return shared
