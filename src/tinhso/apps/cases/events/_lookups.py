"""A case asks the nation's databases. No value that was told stands in the log."""

from dataclasses import dataclass
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class LookupAsked(Event):
    """Hỏi một nguồn dữ liệu cho hồ sơ; recorded before the question leaves. `consent`: the applicant asked himself."""

    type: ClassVar[str] = "case.lookup_asked"
    case_id: int
    lookup_id: int
    key: str
    source: str
    source_name: str
    purpose: str
    message_id: str
    consent: bool


@dataclass(frozen=True)
class LookupAnswered(Event):
    """Nguồn dữ liệu đã trả lời, hoặc không trả lời được; `filled` are the form's fields that took a value."""

    type: ClassVar[str] = "case.lookup_answered"
    case_id: int
    lookup_id: int
    key: str
    source_name: str
    outcome: str
    message_id: str
    filled: list[str]
    document_keys: list[str]
