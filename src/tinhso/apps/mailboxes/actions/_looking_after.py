"""What those who look after a unit's mail do: successors, quotas, further addresses, who may write to a list."""

from datetime import date, datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.mailboxes import permissions, queries, rules
from tinhso.apps.mailboxes.actions._boxes import alone, day_of, locked
from tinhso.apps.mailboxes.actions._settling import resettle_agency
from tinhso.apps.mailboxes.data import AddressTaken, MailboxNotFound, MailboxNotOpen, MailInvalid
from tinhso.apps.mailboxes.enums import BoxState, SenderRule
from tinhso.apps.mailboxes.events import AliasAdded, AliasEnded, GroupSendersChanged, QuotaChanged, SuccessorNamed
from tinhso.apps.mailboxes.models import MailAddress, Mailbox, MailGroup
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import FieldError

_QUOTA = (10, 1_000_000)


@action
def name_successor(*, mailbox_id: int, address: str, actor: Actor, at: datetime) -> None:
    """Chỉ định người nhận thay thư của hộp đã đóng, until the term of forwarding ends; empty: nobody.

    Raises:
        MailboxNotFound, MailInvalid: the box is open, or the address is of no open box.
    """
    box = locked(mailbox_id)
    require(permissions.can_manage(actor, box.unit_id))
    if box.state != BoxState.CLOSED:
        raise MailInvalid("Chỉ hộp thư đã đóng mới có người nhận thay.")
    successor = None
    if address.strip():
        found = MailAddress.objects.filter(address=address.strip().lower(), mailbox__state=BoxState.OPEN)
        successor = Mailbox.objects.filter(pk__in=found.values("mailbox_id")).first()
        if successor is None:
            raise MailInvalid(errors=[FieldError("successor", "Không có hộp thư đang dùng nào có địa chỉ này.")])
    box.successor = successor
    box.save(update_fields=["successor"])
    event = SuccessorNamed(mailbox_id=box.pk, successor_id=successor.pk if successor else None)
    record(event, subject=box, actor=actor, at=at)


@action
def set_quota(*, mailbox_id: int, quota_mb: int, actor: Actor, at: datetime) -> None:
    """Đổi dung lượng hộp thư.

    Raises:
        MailboxNotFound, MailboxNotOpen, MailInvalid: out of bounds.
    """
    box = locked(mailbox_id)
    require(permissions.can_manage(actor, box.unit_id))
    if box.state != BoxState.OPEN:
        raise MailboxNotOpen
    if not _QUOTA[0] <= quota_mb <= _QUOTA[1]:
        raise MailInvalid(errors=[FieldError("quota_mb", f"Dung lượng từ {_QUOTA[0]} đến {_QUOTA[1]} MB.")])
    box.quota_mb = quota_mb
    box.save(update_fields=["quota_mb"])
    record(QuotaChanged(mailbox_id=box.pk, quota_mb=quota_mb), subject=box, actor=actor, at=at)


@action
def add_alias(*, mailbox_id: int, local_part: str, until: date | None, actor: Actor, at: datetime) -> str:
    """Thêm địa chỉ phụ dẫn tới hộp thư. Returns the whole address.

    Raises:
        MailboxNotFound, MailboxNotOpen. MailInvalid: no valid name, or one nobody may have. AddressTaken.
    """
    alone()
    box = locked(mailbox_id)
    require(permissions.can_manage(actor, box.unit_id))
    if box.state != BoxState.OPEN:
        raise MailboxNotOpen
    known = queries.rules_now()
    local = local_part.strip().lower()
    address = f"{local}@{known.domain}"
    if local in known.reserved or "@" in local or "+" in local or rules.address_problem(address):
        raise MailInvalid(errors=[FieldError("local_part", "Tên địa chỉ gồm chữ a-z, số, dấu chấm, gạch nối.")])
    if until is not None and until < day_of(at):
        raise MailInvalid(errors=[FieldError("until", "Ngày cuối không được ở quá khứ.")])
    held = MailAddress.objects.filter(address=address).first()
    if held is not None and (held.mailbox_id != box.pk or held.is_main):
        raise AddressTaken
    MailAddress.objects.update_or_create(
        address=address,
        defaults={"until": until},
        create_defaults={"mailbox": box, "until": until, "since": day_of(at)},
    )
    record(AliasAdded(mailbox_id=box.pk, address=address, until=until), subject=box, actor=actor, at=at)
    return address


@action
def end_alias(*, mailbox_id: int, address: str, actor: Actor, at: datetime) -> None:
    """Thôi một địa chỉ phụ, from today on; nobody else gets it while it is kept.

    Raises:
        MailboxNotFound: no such further address of this box.
    """
    box = locked(mailbox_id)
    require(permissions.can_manage(actor, box.unit_id))
    held = MailAddress.objects.filter(mailbox=box, address=address, is_main=False).first()
    if held is None:
        raise MailboxNotFound
    yesterday = date.fromordinal(day_of(at).toordinal() - 1)
    if held.until is not None and held.until <= yesterday:
        return
    held.until = yesterday
    held.save(update_fields=["until"])
    record(AliasEnded(mailbox_id=box.pk, address=address), subject=box, actor=actor, at=at)


@action
def set_senders(*, group_id: int, senders: str, actor: Actor, at: datetime) -> None:
    """Đổi người được gửi tới một danh sách; an empty rule takes that of content again.

    Raises:
        MailboxNotFound: no such list. MailInvalid: no such rule.
    """
    alone()
    group = MailGroup.objects.select_for_update().filter(pk=group_id).first()
    if group is None:
        raise MailboxNotFound
    require(permissions.can_manage(actor, group.unit_id))
    rule = next((one for one in queries.rules_now().lists if one.key == group.key), None)
    wanted = senders or (rule.senders.value if rule else group.senders)
    if wanted not in SenderRule.values or not group.is_open:
        raise MailInvalid(errors=[FieldError("senders", "Chọn ai được gửi tới danh sách.")])
    group.senders, group.is_own_rule = wanted, bool(senders)
    group.save(update_fields=["senders", "is_own_rule"])
    record(GroupSendersChanged(group_id=group.pk, senders=wanted), subject=group, actor=actor, at=at)
    resettle_agency(queries.agency_of(group.unit_id), actor=actor, at=at)
