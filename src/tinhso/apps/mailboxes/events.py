"""What happens to official mail. Streams `mailbox:<id>`, `mailgroup:<id>`, `mail`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class MailboxOpened(Event):
    """A mailbox can be written to and opened (mở hộp thư)."""

    type: ClassVar[str] = "mail.opened"
    mailbox_id: int
    kind: str
    address: str
    unit_id: int
    staff_id: int | None


@dataclass(frozen=True)
class MailboxReopened(Event):
    """A closed mailbox is in use again, with the letters kept in it (mở lại hộp thư)."""

    type: ClassVar[str] = "mail.reopened"
    mailbox_id: int


@dataclass(frozen=True)
class MailboxMoved(Event):
    """The person works for another agency: a new address; the old one leads to it until a day (chuyển hộp thư)."""

    type: ClassVar[str] = "mail.moved"
    mailbox_id: int
    address: str
    old_address: str
    unit_id: int
    alias_until: date | None


@dataclass(frozen=True)
class MailboxRenamed(Event):
    """The name shown beside the address follows the directory (đổi tên hiển thị)."""

    type: ClassVar[str] = "mail.renamed"
    mailbox_id: int


@dataclass(frozen=True)
class MailboxClosed(Event):
    """Nobody signs in any more; letters go to the successor or back (đóng hộp thư)."""

    type: ClassVar[str] = "mail.closed"
    mailbox_id: int
    forward_until: date
    remove_on: date


@dataclass(frozen=True)
class MailArchivingBegun(Event):
    """A one-time password admits the system to a box past its term, to archive it (bắt đầu lưu trữ hộp thư)."""

    type: ClassVar[str] = "mail.archiving_begun"
    mailbox_id: int
    until: datetime


@dataclass(frozen=True)
class MailArchived(Event):
    """Every letter of a box past its term is in an archive, as the server has it; an empty box has no file (lưu trữ thư)."""

    type: ClassVar[str] = "mail.archived"
    mailbox_id: int
    messages: int
    file_id: int | None
    sha256: str


@dataclass(frozen=True)
class MailArchiveFailed(Event):
    """A box past its term could not be archived or emptied; what is not archived stays on the server (chưa lưu trữ được)."""

    type: ClassVar[str] = "mail.archive_failed"
    mailbox_id: int
    problem: str


@dataclass(frozen=True)
class MailArchiveOpened(Event):
    """Somebody opened archived letters, with a reason (mở thư đã lưu trữ)."""

    type: ClassVar[str] = "mail.archive_opened"
    mailbox_id: int
    file_id: int
    reason: str


@dataclass(frozen=True)
class MailboxRemoved(Event):
    """The letters of a mailbox closed long ago are archived and removed from the server (xóa thư đã lưu trữ khỏi máy chủ)."""

    type: ClassVar[str] = "mail.removed"
    mailbox_id: int


@dataclass(frozen=True)
class HoldersChanged(Event):
    """Who may open a mailbox changed, or may for now not sign in (người mở hộp thư thay đổi)."""

    type: ClassVar[str] = "mail.holders_changed"
    mailbox_id: int
    came: list[int]
    went: list[int]
    blocked: list[int]


@dataclass(frozen=True)
class SuccessorNamed(Event):
    """Letters to a closed mailbox go to another for a time (chỉ định người nhận thay)."""

    type: ClassVar[str] = "mail.successor_named"
    mailbox_id: int
    successor_id: int | None


@dataclass(frozen=True)
class QuotaChanged(Event):
    """A mailbox may hold more or less (đổi dung lượng)."""

    type: ClassVar[str] = "mail.quota_changed"
    mailbox_id: int
    quota_mb: int


@dataclass(frozen=True)
class AliasAdded(Event):
    """One more address leads to a mailbox (thêm địa chỉ phụ)."""

    type: ClassVar[str] = "mail.alias_added"
    mailbox_id: int
    address: str
    until: date | None


@dataclass(frozen=True)
class AliasEnded(Event):
    """An address leads to the mailbox no longer; nobody else gets it for years (thôi địa chỉ phụ)."""

    type: ClassVar[str] = "mail.alias_ended"
    mailbox_id: int
    address: str


@dataclass(frozen=True)
class AppPasswordIssued(Event):
    """A password for one mail program was made (cấp mật khẩu ứng dụng)."""

    type: ClassVar[str] = "mail.password_issued"
    mailbox_id: int
    password_id: int


@dataclass(frozen=True)
class AppPasswordRevoked(Event):
    """A password for a mail program works no longer (thu hồi mật khẩu ứng dụng)."""

    type: ClassVar[str] = "mail.password_revoked"
    mailbox_id: int
    password_id: int


@dataclass(frozen=True)
class ForwardingAsked(Event):
    """Letters are to be forwarded by themselves; `state` says whether they already are (đặt chuyển tiếp)."""

    type: ClassVar[str] = "mail.forwarding_asked"
    mailbox_id: int
    forwarding_id: int
    domain: str
    is_official: bool
    state: str


@dataclass(frozen=True)
class ForwardingDecided(Event):
    """Somebody else decided on forwarding to an address outside (duyệt chuyển tiếp ra ngoài)."""

    type: ClassVar[str] = "mail.forwarding_decided"
    mailbox_id: int
    forwarding_id: int
    approved: bool
    reason: str


@dataclass(frozen=True)
class ForwardingEnded(Event):
    """Letters are forwarded no longer (thôi chuyển tiếp)."""

    type: ClassVar[str] = "mail.forwarding_ended"
    mailbox_id: int
    forwarding_id: int


@dataclass(frozen=True)
class AbsenceReplySet(Event):
    """Who writes is told that the person is away, once a week each (đặt trả lời vắng mặt)."""

    type: ClassVar[str] = "mail.absence_set"
    mailbox_id: int
    first_day: date
    last_day: date


@dataclass(frozen=True)
class AbsenceReplyEnded(Event):
    """No answer is given any more (thôi trả lời vắng mặt)."""

    type: ClassVar[str] = "mail.absence_ended"
    mailbox_id: int


@dataclass(frozen=True)
class MailGroupOpened(Event):
    """A list of a unit can be written to (mở danh sách thư)."""

    type: ClassVar[str] = "mail.group_opened"
    group_id: int
    key: str
    address: str
    unit_id: int


@dataclass(frozen=True)
class MailGroupClosed(Event):
    """A list is there no longer: its unit has ended (đóng danh sách thư)."""

    type: ClassVar[str] = "mail.group_closed"
    group_id: int


@dataclass(frozen=True)
class GroupMembersChanged(Event):
    """Who stands on a list, or who may write to it, follows the directory (thành viên danh sách thay đổi)."""

    type: ClassVar[str] = "mail.group_members_changed"
    group_id: int
    members: int


@dataclass(frozen=True)
class GroupSendersChanged(Event):
    """Others may write to a list than its rule says (đổi người được gửi tới danh sách)."""

    type: ClassVar[str] = "mail.group_senders_changed"
    group_id: int
    senders: str


@dataclass(frozen=True)
class MailCompared(Event):
    """All mailboxes and lists were compared with the directory and mended (đối chiếu thư công vụ)."""

    type: ClassVar[str] = "mail.compared"
    check_id: int
    boxes: int
    differences: int
