"""What happens to a petition. Stream: `petition:<id>`. No text of the sender and nothing personal stands in the log."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class PetitionSent(Event):
    """Somebody sent a petition (gửi phản ánh, kiến nghị). `anonymous`: without an account, with a contact."""

    type: ClassVar[str] = "petition.sent"
    petition_id: int
    code: str
    unit_id: int
    topic: str
    anonymous: bool
    answer_due_at: datetime | None


@dataclass(frozen=True)
class PetitionAccepted(Event):
    """The unit takes it up and classifies it (tiếp nhận, phân loại)."""

    type: ClassVar[str] = "petition.accepted"
    petition_id: int
    unit_id: int
    classification: str


@dataclass(frozen=True)
class PetitionRefused(Event):
    """The unit does not take it up, with the reason the sender reads (không tiếp nhận)."""

    type: ClassVar[str] = "petition.refused"
    petition_id: int
    unit_id: int
    reason: str


@dataclass(frozen=True)
class InformationAsked(Event):
    """The sender is asked for more, once; the clock stands still (đề nghị bổ sung)."""

    type: ClassVar[str] = "petition.information_asked"
    petition_id: int
    unit_id: int
    give_until: datetime


@dataclass(frozen=True)
class InformationGiven(Event):
    """The sender gave what was asked; the clock goes on (bổ sung)."""

    type: ClassVar[str] = "petition.information_given"
    petition_id: int
    answer_due_at: datetime | None


@dataclass(frozen=True)
class PetitionLapsed(Event):
    """The sender did not give in time what was asked; it ends here (dừng vì không bổ sung)."""

    type: ClassVar[str] = "petition.lapsed"
    petition_id: int
    unit_id: int


@dataclass(frozen=True)
class PetitionForwarded(Event):
    """Another unit is competent; its calendar counts from here on (chuyển cơ quan có thẩm quyền)."""

    type: ClassVar[str] = "petition.forwarded"
    petition_id: int
    from_unit_id: int
    to_unit_id: int
    reason: str
    answer_due_at: datetime | None


@dataclass(frozen=True)
class AnswerDrafted(Event):
    """An answer waits for the leader (trình trả lời)."""

    type: ClassVar[str] = "petition.answer_drafted"
    petition_id: int
    unit_id: int


@dataclass(frozen=True)
class AnswerReturned(Event):
    """The leader sends the draft back (trả lại dự thảo trả lời)."""

    type: ClassVar[str] = "petition.answer_returned"
    petition_id: int
    unit_id: int
    reason: str


@dataclass(frozen=True)
class PetitionAnswered(Event):
    """The leader approved the answer; the sender reads it (trả lời). `publish_due_at` None: not to be published."""

    type: ClassVar[str] = "petition.answered"
    petition_id: int
    unit_id: int
    lateness: str
    publish_due_at: datetime | None


@dataclass(frozen=True)
class AnswerPublished(Event):
    """Question and answer were published without personal data (công khai)."""

    type: ClassVar[str] = "petition.published"
    petition_id: int
    unit_id: int


@dataclass(frozen=True)
class PublicationWithheld(Event):
    """It was decided not to publish, for a reason (không công khai)."""

    type: ClassVar[str] = "petition.publication_withheld"
    petition_id: int
    unit_id: int
    reason: str


@dataclass(frozen=True)
class PublicationTakenDown(Event):
    """What had been published is public no more (gỡ nội dung đã công khai)."""

    type: ClassVar[str] = "petition.publication_taken_down"
    petition_id: int
    unit_id: int
    reason: str


@dataclass(frozen=True)
class PetitionRated(Event):
    """The sender judged the answer (đánh giá của người gửi)."""

    type: ClassVar[str] = "petition.rated"
    petition_id: int
    satisfaction: str


@dataclass(frozen=True)
class PetitionReminded(Event):
    """The unit was reminded of what is due or overdue (nhắc việc). Once for every kind and due date."""

    type: ClassVar[str] = "petition.reminded"
    petition_id: int
    unit_id: int
    kind: str
    due_at: datetime


@dataclass(frozen=True)
class DuesMoved(Event):
    """A newly published calendar moved the dates of an open petition (tính lại thời hạn)."""

    type: ClassVar[str] = "petition.dues_moved"
    petition_id: int
    answer_due_at: datetime | None
    calendar_key: str
    calendar_number: int
