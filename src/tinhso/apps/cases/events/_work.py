"""How the people of an office share the work, and what they say to each other and to the applicant."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class TeamSaved(Event):
    """Một tổ xử lý được lập hoặc sửa. Luồng: `work:unit`."""

    type: ClassVar[str] = "team.saved"
    team_id: int
    unit_id: int
    name: str
    fields: list[str]
    strategy: str
    is_active: bool


@dataclass(frozen=True)
class TeamMembersSet(Event):
    """Người trong tổ và phần việc của mỗi người (phần trăm). Luồng: `work:unit`."""

    type: ClassVar[str] = "team.members_set"
    team_id: int
    unit_id: int
    shares: dict[str, int]


@dataclass(frozen=True)
class AbsenceRecorded(Event):
    """Ghi ngày nghỉ và người thay. Luồng: `work:account`."""

    type: ClassVar[str] = "absence.recorded"
    absence_id: int
    account_id: int
    substitute_id: int | None
    from_date: date
    to_date: date


@dataclass(frozen=True)
class AbsenceCancelled(Event):
    """Bỏ một lịch nghỉ đã ghi. Luồng: `work:account`."""

    type: ClassVar[str] = "absence.cancelled"
    absence_id: int
    account_id: int


@dataclass(frozen=True)
class LabelSaved(Event):
    """Một nhãn của đơn vị được đặt hoặc sửa. Luồng: `work:unit`."""

    type: ClassVar[str] = "label.saved"
    label_id: int
    unit_id: int
    name: str
    tone: str


@dataclass(frozen=True)
class LabelRemoved(Event):
    """Một nhãn của đơn vị bị xóa, khỏi mọi hồ sơ. Luồng: `work:unit`."""

    type: ClassVar[str] = "label.removed"
    label_id: int
    unit_id: int
    name: str


@dataclass(frozen=True)
class CaseLabelled(Event):
    """Gắn nhãn lên hồ sơ."""

    type: ClassVar[str] = "case.labelled"
    case_id: int
    label_id: int
    name: str


@dataclass(frozen=True)
class CaseUnlabelled(Event):
    """Gỡ nhãn khỏi hồ sơ."""

    type: ClassVar[str] = "case.unlabelled"
    case_id: int
    label_id: int
    name: str


@dataclass(frozen=True)
class NoteWritten(Event):
    """Ghi chú nội bộ trên hồ sơ; nội dung ở bảng ghi chú, không ở nhật ký."""

    type: ClassVar[str] = "case.note_written"
    case_id: int
    note_id: int


@dataclass(frozen=True)
class MessageSent(Event):
    """Một tin trao đổi giữa người nộp và cơ quan; nội dung không ở nhật ký."""

    type: ClassVar[str] = "case.message_sent"
    case_id: int
    message_id: int
    side: str


@dataclass(frozen=True)
class MessagesRead(Event):
    """Bên kia đã xem tin. `side` là bên đã viết, `up_to` là tin cuối đã xem."""

    type: ClassVar[str] = "case.messages_read"
    case_id: int
    side: str
    up_to: int


@dataclass(frozen=True)
class FilterSaved(Event):
    """Lưu một bộ lọc danh sách việc. Luồng: `work:account`."""

    type: ClassVar[str] = "filter.saved"
    filter_id: int
    account_id: int
    name: str


@dataclass(frozen=True)
class FilterRemoved(Event):
    """Xóa một bộ lọc đã lưu. Luồng: `work:account`."""

    type: ClassVar[str] = "filter.removed"
    filter_id: int
    account_id: int
    name: str


@dataclass(frozen=True)
class ReadyTextSaved(Event):
    """Một câu soạn sẵn được thêm hoặc sửa. Luồng: `work:unit`."""

    type: ClassVar[str] = "ready_text.saved"
    text_id: int
    unit_id: int
    purpose: str
    title: str


@dataclass(frozen=True)
class ReadyTextRemoved(Event):
    """Một câu soạn sẵn bị xóa. Luồng: `work:unit`."""

    type: ClassVar[str] = "ready_text.removed"
    text_id: int
    unit_id: int
    purpose: str
    title: str


@dataclass(frozen=True)
class ReminderSent(Event):
    """Nhắc hạn hoặc báo cấp trên, mỗi người một lần cho mỗi ngày hạn."""

    type: ClassVar[str] = "case.reminder_sent"
    case_id: int
    kind: str
    due_at: datetime
    account_ids: list[int]


@dataclass(frozen=True)
class RemindersSeen(Event):
    """Người nhận đã xem các nhắc việc. Luồng: `work:account`."""

    type: ClassVar[str] = "reminder.seen"
    account_id: int
    count: int
