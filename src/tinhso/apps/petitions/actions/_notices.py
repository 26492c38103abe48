"""Telling whom a petition concerns (thông báo về phản ánh, kiến nghị)."""

from datetime import datetime

from tinhso.apps.notifications.actions import notify
from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject
from tinhso.apps.petitions import queries
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind


@action
def tell_of_petition(
    *, petition_id: int, entry_id: int, to_sender: str = "", to_unit: str = "", actor: Actor, at: datetime
) -> int:
    """Báo người gửi, hoặc cán bộ của đơn vị đang xử lý; returns how many were told anew."""
    require(actor.kind is ActorKind.SYSTEM)
    code, sender_id = queries.sender_of(petition_id)
    people = [sender_id] if to_sender and sender_id is not None else []
    if to_unit:
        people += queries.handlers_of(petition_id, at=at)[1]
    return notify(
        account_ids=people, kind=NoticeKind.PETITION, subject=NoticeSubject.PETITION, code=code,
        words=to_sender or to_unit, source=f"entry:{entry_id}", actor=actor, at=at,
    )  # fmt: skip
