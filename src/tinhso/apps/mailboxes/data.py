"""Values of official mail that cross borders, and what may go wrong."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tinhso.apps.directory.enums import PostRank
from tinhso.apps.mailboxes.enums import BoxKind, BoxState, SenderRule
from tinhso.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class MailboxNotFound(NotFound):
    """Không có hộp thư hoặc danh sách này."""


class MailboxNotOpen(Conflict):
    """Hộp thư này đã đóng."""


class MailInvalid(Invalid):
    """Thông tin thư điện tử chưa hợp lệ."""


class AddressTaken(Conflict):
    """Địa chỉ này đã có người dùng hoặc đang được giữ lại."""


class ForwardingMoved(Conflict):
    """Đề nghị chuyển tiếp này không còn chờ duyệt."""


class NotByOneself(Forbidden):
    """Người đề nghị không tự duyệt."""


class MailArchiveNotFound(NotFound):
    """Không có thư lưu trữ này."""


class MailArchiveMoved(Conflict):
    """Hộp thư này đã được mở lại hoặc đã lưu trữ ở lượt khác."""


class MailServerSilent(Unavailable):
    """Máy chủ thư không trả lời."""


@dataclass(frozen=True, slots=True)
class SharedRule:
    """A mailbox that every agency has (hộp thư chung)."""

    key: str
    name: str
    address: str
    posts: frozenset[str]
    roles: frozenset[str]
    quota_mb: int


@dataclass(frozen=True, slots=True)
class ListRule:
    """A list that every unit of a kind has; without posts, ranks and roles: everybody (danh sách thư)."""

    key: str
    name: str
    address: str
    of_agencies: bool
    of_divisions: bool
    of_province: bool
    posts: frozenset[str]
    ranks: frozenset[PostRank]
    roles: frozenset[str]
    senders: SenderRule

    @property
    def is_everybody(self) -> bool:
        """Whether nobody of the unit is left out."""
        return not (self.posts or self.ranks or self.roles)


@dataclass(frozen=True, slots=True)
class MailRules:
    """`content/mail/mail.yaml`."""

    domains: tuple[str, ...]
    person: str
    units: dict[str, str]
    reserved: frozenset[str]
    operators: tuple[str, ...]
    shared: tuple[SharedRule, ...]
    lists: tuple[ListRule, ...]
    quota_mb: int
    alias_days: int
    forward_days: int
    keep_days: int
    reserve_days: int
    official_domains: tuple[str, ...]
    app_passwords: int

    @property
    def domain(self) -> str:
        """Where new addresses are made."""
        return self.domains[0]

    @property
    def roles(self) -> frozenset[str]:
        """The roles by which somebody opens a shared box or stands on a list."""
        shared = frozenset(role for rule in self.shared for role in rule.roles)
        return shared | frozenset(role for rule in self.lists for role in rule.roles)


@dataclass(frozen=True, slots=True)
class StaffPost:
    """A post somebody holds today, with the agency it belongs to."""

    staff_id: int
    full_name: str
    unit_id: int
    agency_id: int
    key: str
    rank: PostRank


@dataclass(frozen=True, slots=True)
class WantedPerson:
    """The mailbox a person should have: named as the directory names them, of the agency of their highest post."""

    staff_id: int
    full_name: str
    agency_id: int


@dataclass(frozen=True, slots=True)
class Audience:
    """Who stands on a list, and who may write to it besides those the rule names for everybody; by staff number."""

    members: frozenset[int]
    writers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a comparison found; `mended` by it, or left to somebody."""

    kind: str
    subject: str
    mended: bool


@dataclass(frozen=True, slots=True)
class ArchiveData:
    """What became of the letters of a closed box. `file_id` is None while there is none, and of an empty box."""

    id: int
    tried_at: datetime
    problem: str
    archived_at: datetime | None
    file_id: int | None
    messages: int
    mail_bytes: int
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ArchivedBox:
    """A box with its archive, for who may open it."""

    mailbox_id: int
    address: str
    name: str
    unit_id: int
    closed_on: date | None
    archive: ArchiveData
    sha256: str
    size: int
    disposed_at: datetime | None


@dataclass(frozen=True, slots=True)
class BoxToArchive:
    """A box past its term and what admits to it for hours; the password is nowhere else."""

    mailbox_id: int
    login: str
    password: str = field(repr=False)
    is_archived: bool
    file_id: int | None
    about: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BoxData:
    """A mailbox as pages show it."""

    id: int
    kind: BoxKind
    state: BoxState
    address: str
    name: str
    unit_id: int
    staff_id: int | None
    quota_mb: int
    used_bytes: int | None
    used_at: datetime | None
    closed_on: date | None
    remove_on: date | None
    successor_address: str
    archive: ArchiveData | None = None

    @property
    def used_percent(self) -> int:
        """How full it is."""
        return min(100, (self.used_bytes or 0) * 100 // (self.quota_mb * 1_048_576))


@dataclass(frozen=True, slots=True)
class IssuedPassword:
    """An app password at the only moment its text is known."""

    id: int
    login: str
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a mailbox holds on the server."""

    used_bytes: int
    messages: int


@dataclass(frozen=True, slots=True)
class QueuedLetter:
    """A letter that waits in the queue of the mail server; no subject, no content."""

    queue_id: str
    queue: str
    arrived_at: datetime
    sender: str
    recipients: tuple[str, ...]
    reason: str
    size: int
