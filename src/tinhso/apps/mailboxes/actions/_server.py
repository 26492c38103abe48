"""What the mail server says, kept: how full boxes are, what waits, what was found when all was compared."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from tinhso.apps.audit.actions import record
from tinhso.apps.mailboxes import permissions, queries
from tinhso.apps.mailboxes.actions._boxes import day_of
from tinhso.apps.mailboxes.data import Difference, QueuedLetter, Usage
from tinhso.apps.mailboxes.enums import BoxState, ForwardState
from tinhso.apps.mailboxes.events import MailCompared
from tinhso.apps.mailboxes.models import Forwarding, MailAddress, MailCheck, QueueItem
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.bulk import update_many

_SHOWN = 500
_CHECKS_KEPT = timedelta(days=90)
_FORWARDINGS_KEPT = timedelta(days=730)


@action
def record_usage(*, usage: Mapping[str, Usage], actor: Actor, at: datetime) -> int:
    """Ghi dung lượng đã dùng của các hộp thư, as the server counts it, by main address. Returns how many are known."""
    require(permissions.can_operate(actor))
    rows = MailAddress.objects.filter(address__in=list(usage), is_main=True, mailbox__isnull=False)
    boxes = [address.mailbox for address in rows.select_related("mailbox") if address.mailbox is not None]
    used = {address.mailbox_id: usage[address.address].used_bytes for address in rows}
    for box in boxes:
        box.used_bytes, box.used_at = used[box.pk], at
    update_many(boxes, "used_bytes", "used_at")
    return len(boxes)


@action
def record_queue(*, letters: Sequence[QueuedLetter], actor: Actor, at: datetime) -> int:
    """Ghi hàng đợi của máy chủ thư, in place of the look before."""
    require(permissions.can_operate(actor))
    QueueItem.objects.all().delete()
    QueueItem.objects.bulk_create(
        [
            QueueItem(
                queue_id=one.queue_id, queue=one.queue, arrived_at=one.arrived_at, sender=one.sender[:254],
                recipients=list(one.recipients[:20]), reason=one.reason[:500], size=one.size, seen_at=at,
            )
            for one in letters[:1000]
        ]
    )  # fmt: skip
    return len(letters)


@action
def record_check(*, differences: Sequence[Difference], is_server_asked: bool, actor: Actor, at: datetime) -> MailCheck:
    """Ghi kết quả đối chiếu thư công vụ."""
    require(permissions.can_operate(actor))
    boxes, groups = queries.counts_now()
    made = MailCheck.objects.create(
        at=at, boxes=boxes, groups=groups, differences=[asdict(one) for one in differences[:_SHOWN]],
        count=len(differences), is_server_asked=is_server_asked,
    )  # fmt: skip
    event = MailCompared(check_id=made.pk, boxes=boxes, differences=len(differences))
    record(event, subject="mail", actor=actor, at=at)
    return made


@action
def forget_mail_records(*, actor: Actor, at: datetime) -> int:
    """Xóa số liệu đối chiếu, chuyển tiếp đã thôi và địa chỉ đã hết thời hạn giữ. Returns how many rows went."""
    require(permissions.can_operate(actor))
    gone = MailCheck.objects.filter(at__lt=at - _CHECKS_KEPT).delete()[0]
    gone += QueueItem.objects.filter(seen_at__lt=at - timedelta(days=1)).delete()[0]
    ended = Forwarding.objects.filter(state__in=[ForwardState.REFUSED, ForwardState.ENDED])
    gone += ended.filter(asked_at__lt=at - _FORWARDINGS_KEPT).delete()[0]
    if queries.has_rules():
        old = day_of(at) - timedelta(days=queries.rules_now().reserve_days)
        # Of boxes long removed, and aliases long ended: the addresses may be given to others again.
        free = MailAddress.objects.filter(mailbox__state=BoxState.REMOVED, mailbox__closed_on__lt=old)
        gone += free.delete()[0]
        gone += MailAddress.objects.filter(is_main=False, until__lt=old).delete()[0]
    return gone
