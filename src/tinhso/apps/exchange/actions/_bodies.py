"""Bodies of messages, where a service is declared to keep them: sealed, read with a reason, forgotten after their days."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.exchange import permissions
from tinhso.apps.exchange.data import BodiesNotKept, RegistryInvalid
from tinhso.apps.exchange.enums import MessageKind
from tinhso.apps.exchange.events import MessageBodiesForgotten, MessageBodiesRead
from tinhso.apps.exchange.models import Message, MessageBody
from tinhso.apps.exchange.providers import bodykeys
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import FieldError
from tinhso.lib.sealed import SealBroken

_STREAM = "exchange-bodies"


@action
def keep_body(
    *, exchange_id: UUID, kind: MessageKind, content: bytes, until: date, actor: Actor, at: datetime
) -> None:  # fmt: skip
    """Giữ nội dung một thông điệp đến hết ngày `until`; on the disk when this returns."""
    require(permissions.can_manage(actor))
    sealed = bodykeys.seal(_folder(), content, until=until, bound_to=_name(exchange_id, kind))
    MessageBody.objects.create(exchange_id=exchange_id, kind=kind, until=until, content=sealed)


@action
def read_bodies(
    *, message_id: str, reason: str, exchange_id: UUID | None = None, actor: Actor, at: datetime
) -> Mapping[tuple[UUID, str], bytes]:  # fmt: skip
    """Đọc nội dung đã giữ của một thông điệp (X-Road-Id); who read it and why is in the log before anything is shown.

    `exchange_id`: of this exchange alone; a client may have given several the same X-Road-Id.
    Returns contents by the exchange's own id and `request` or `response`.

    Raises:
        RegistryInvalid: no reason. BodiesNotKept: none is kept, or no more.
    """
    require(permissions.can_read_bodies(actor))
    words = " ".join(reason.split())[:500]
    if not words:
        raise RegistryInvalid(errors=[FieldError("reason", "Phải nêu lý do đọc nội dung.")])
    named = Message.objects.filter(message_id=message_id).values("exchange_id")
    if exchange_id is not None:
        named = named.filter(exchange_id=exchange_id)
    today = at.astimezone(PROVINCE_TIME).date()
    rows = list(MessageBody.objects.filter(exchange_id__in=named, until__gte=today).order_by("id"))
    try:
        found = {
            (row.exchange_id, row.kind): bodykeys.unseal(
                _folder(), bytes(row.content), until=row.until, bound_to=_name(row.exchange_id, row.kind)
            )
            for row in rows
        }
    except SealBroken as error:
        raise BodiesNotKept() from error
    if not found:
        raise BodiesNotKept()
    _record(MessageBodiesRead(message_id=message_id, count=len(found), reason=words), actor, at)
    return found


@action
def forget_kept_bodies(*, actor: Actor, at: datetime) -> int:
    """Xóa nội dung thông điệp đã hết ngày giữ, cùng khóa của những ngày đó. Returns how many bodies were deleted."""
    require(permissions.can_manage(actor))
    before = at.astimezone(PROVINCE_TIME).date()
    count, _ = MessageBody.objects.filter(until__lt=before).delete()
    if bodykeys.forget(_folder(), before=before) or count:
        _record(MessageBodiesForgotten(before=before, count=count), actor, at)
    return count


def _record(event: MessageBodiesRead | MessageBodiesForgotten, actor: Actor, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_STREAM])
    record(event, subject=_STREAM, actor=actor, at=at)


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "keys" / "exchange-bodies"


def _name(exchange_id: UUID, kind: str) -> str:
    return f"{exchange_id}:{MessageKind(kind).value}"
