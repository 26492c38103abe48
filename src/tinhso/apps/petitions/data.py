"""Values of petitions that other apps and pages see, and the refusals."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO

from tinhso.apps.documents.data import StoredFileData
from tinhso.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from tinhso.lib.worktime import Limit


@dataclass(frozen=True, slots=True)
class LimitRule:
    """One time limit with its source; `assumed` until the agency confirms it."""

    limit: Limit
    document: str
    article: str = ""
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class PetitionLimits:
    """The time limits that hold for petitions sent from a day on (thời hạn xử lý phản ánh, kiến nghị)."""

    effective_from: date
    refuse: LimitRule
    ask: LimitRule
    answer: LimitRule
    publish: LimitRule
    wait: LimitRule  # how long the sender has to give what was asked
    most_forwards: int


@dataclass(frozen=True, slots=True)
class AttachmentData:
    """A file of the sender as pages show it (tệp kèm theo); `stage` in words."""

    id: int
    stage: str
    file: StoredFileData


@dataclass(frozen=True, slots=True)
class SendingRules:
    """How much one person, one address or one contact may send a day, and what may be attached."""

    account_a_day: int
    network_a_day: int
    contact_a_day: int
    most_files: int


@dataclass(frozen=True, slots=True)
class Dues:
    """Until when what must be done; `answer_by` is None while the sender is being waited for."""

    refuse_by: datetime
    ask_by: datetime
    answer_by: datetime | None


@dataclass(frozen=True, slots=True)
class AttachmentInput:
    """A file the sender attaches: its content, or the name of an upload that brought it in portions."""

    name: str
    content: BinaryIO | bytes = field(default=b"", repr=False)
    upload: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Sending:
    """What a person sends. `network_mark` stands for where it came from; `key` is made once for each opened form."""

    topic: str
    title: str
    content: str
    unit_id: int | None
    key: str
    procedure_code: str = ""
    case_code: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    is_confidential: bool = False
    network_mark: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """What everybody may read: written without personal data."""

    title: str
    content: str
    answer: str


@dataclass(frozen=True, slots=True)
class AvailableAct:
    """An act an officer may do now: its key, its words, its single key on the keyboard."""

    key: str
    label: str
    shortcut: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class ListedPetition:
    """One row of a list. `due_at` is what comes next: answer, or publication; `left` says it in words."""

    code: str
    title: str
    status: str
    status_label: str
    tone: str
    unit_name: str
    sent_at: datetime
    due_at: datetime | None = None
    left: str = ""
    is_late: bool = False
    topic: str = ""
    reminded: str = ""


@dataclass(frozen=True, slots=True)
class PetitionPage:
    """A page of a list; `next` is the cursor of the following page."""

    items: tuple[ListedPetition, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class PublishedPetition:
    """A published petition: nothing personal (phản ánh, kiến nghị đã công khai)."""

    code: str
    title: str
    content: str
    answer: str
    unit_name: str
    unit_code: str
    classification: str
    classification_label: str
    procedure_code: str
    procedure_name: str
    sent_at: datetime
    answered_at: datetime
    published_at: datetime
    on_time: bool
    satisfaction: str


@dataclass(frozen=True, slots=True)
class PublishedPage:
    """A page of published petitions."""

    items: tuple[PublishedPetition, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the course of a petition."""

    title: str
    at: datetime | None
    detail: str = ""
    state: str = "done"


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """Figures of one unit over a period, ready for the indicators (QĐ 766/QĐ-TTg: đúng hạn, hài lòng, hai loại)."""

    unit_id: int
    unit_name: str
    received: int
    refused: int
    answered: int
    on_time: int
    open_late: int
    rated: int
    satisfied: int
    about_regulations: int
    about_staff: int
    published: int

    @property
    def on_time_share(self) -> float | None:
        """Answered in time among those answered or overdue; None when there are none (PETITION_PROCESSING_ON_TIME)."""
        judged = self.answered + self.open_late
        return self.on_time / judged if judged else None

    @property
    def satisfied_share(self) -> float | None:
        """Satisfied among those who rated; None when nobody did (PETITION_HANDLING_SATISFACTION)."""
        return self.satisfied / self.rated if self.rated else None


class PetitionNotFound(NotFound):
    """Không tìm thấy phản ánh, kiến nghị này."""


class PetitionMoved(Conflict):
    """Phản ánh, kiến nghị này đã sang bước khác, mời xem lại rồi thực hiện tiếp."""


class TooLateToRefuse(Conflict):
    """Đã quá thời hạn từ chối tiếp nhận, cơ quan phải xử lý và trả lời."""


class TooLateToAsk(Conflict):
    """Đã quá thời hạn đề nghị bổ sung, cơ quan phải trả lời theo thông tin đang có."""


class AlreadyAsked(Conflict):
    """Đã đề nghị bổ sung một lần; mỗi phản ánh, kiến nghị chỉ được đề nghị bổ sung một lần."""


class ForwardedTooOften(Conflict):
    """Phản ánh, kiến nghị này đã được chuyển đủ số lần cho phép, cơ quan đang giữ phải trả lời."""


class SameOfficer(Forbidden):
    """Người soạn trả lời không được tự duyệt trả lời của mình."""


class HoldsPersonalData(Invalid):
    """Nội dung công khai còn thông tin cá nhân, mời lược bỏ."""


class SentTooMuch(TooMany):
    """Hôm nay đã gửi nhiều phản ánh, kiến nghị từ đây; mời đăng nhập để gửi, hoặc gửi tiếp vào ngày mai."""


class NotTheSender(Forbidden):
    """Số điện thoại hoặc thư điện tử không khớp với thông tin khi gửi."""


class NotRateable(Conflict):
    """Chỉ đánh giá được một lần, sau khi cơ quan đã trả lời."""
