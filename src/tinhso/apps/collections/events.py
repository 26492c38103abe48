"""What happens to collection lists. Streams `collection:<id>`; one line `collection_line:<id>`."""

from dataclasses import dataclass
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class CollectionCreated(Event):
    """A list was begun (lập đợt thu)."""

    type: ClassVar[str] = "collection.created"
    list_id: int
    unit_id: int
    body: str
    fee: str


@dataclass(frozen=True)
class CollectionLinesSet(Event):
    """The lines of a list were brought in from a file, in place of those before (nhập danh sách thu)."""

    type: ClassVar[str] = "collection.lines_set"
    list_id: int
    lines: int
    due_vnd: int
    sha256: str


@dataclass(frozen=True)
class CollectionLineAdded(Event):
    """One line was added by hand (thêm một dòng)."""

    type: ClassVar[str] = "collection.line_added"
    list_id: int
    line_id: int
    due_vnd: int


@dataclass(frozen=True)
class CollectionLineRemoved(Event):
    """One line was taken off a list that is not open yet (bớt một dòng)."""

    type: ClassVar[str] = "collection.line_removed"
    list_id: int
    number: int


@dataclass(frozen=True)
class CollectionOpened(Event):
    """The list is to be collected: every line becomes an order (mở thu)."""

    type: ClassVar[str] = "collection.opened"
    list_id: int
    lines: int
    due_vnd: int


@dataclass(frozen=True)
class CollectionPortionDone(Event):
    """A portion of the lines got their orders, or had them cancelled (đã xử lý một phần danh sách)."""

    type: ClassVar[str] = "collection.portion_done"
    list_id: int
    lines: int
    done: bool


@dataclass(frozen=True)
class CollectionClosed(Event):
    """Nothing more is collected from the list; what is not paid is cancelled (khóa đợt thu)."""

    type: ClassVar[str] = "collection.closed"
    list_id: int
    reason: str


@dataclass(frozen=True)
class LineExempted(Event):
    """A line owes less, or nothing, by a group of persons and its evidence (miễn, giảm)."""

    type: ClassVar[str] = "collection.line_exempted"
    list_id: int
    line_id: int
    exemption: str
    old_vnd: int
    new_vnd: int
    evidence: str


@dataclass(frozen=True)
class LineCancelled(Event):
    """A line is collected no longer; what was paid goes back by a refund (không thu nữa)."""

    type: ClassVar[str] = "collection.line_cancelled"
    list_id: int
    line_id: int
    reason: str


@dataclass(frozen=True)
class PayersReminded(Event):
    """Payers who have an account here were told of what is due (nhắc nộp)."""

    type: ClassVar[str] = "collection.reminded"
    list_id: int
    told: int
