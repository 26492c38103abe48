"""Values of notices that other apps and pages see."""

from dataclasses import dataclass
from datetime import datetime

from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject


@dataclass(frozen=True, slots=True)
class NoticeData:
    """One notice as its reader sees it; `code` names the case or petition it leads to."""

    id: int
    kind: NoticeKind
    subject: NoticeSubject
    code: str
    words: str
    sent_at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a round of notices: who is told what about which case, once for each `source`."""

    account_id: int
    code: str
    words: str
    source: str
