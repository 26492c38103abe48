"""Câu trả lời (what answers are judged with): surroundings, look-ups and the one error of cleaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

# Raw text longer than this is refused unread: no question needs it, and no rule should be run over it.
LONGEST_RAW_TEXT = 100_000


class AddressLookup(Protocol):
    """Danh mục đơn vị hành chính (provinces and communes as they were on a day)."""

    def provinces(self, as_of: date) -> Sequence[tuple[str, str]]:
        """(code, name) of every province of that day, in the order they are offered."""
        ...

    def communes(self, as_of: date) -> Sequence[tuple[str, str, str]]:
        """(code, name, province_code) of every commune of that day, in the order they are offered."""
        ...


class RememberedPlaces:
    """Danh mục đã đọc (a look-up that asks the one behind it once for each day)."""

    def __init__(self, lookup: AddressLookup) -> None:
        self._lookup = lookup
        self._provinces: dict[date, Sequence[tuple[str, str]]] = {}
        self._communes: dict[date, Sequence[tuple[str, str, str]]] = {}

    def provinces(self, as_of: date) -> Sequence[tuple[str, str]]:
        """As `AddressLookup`."""
        if as_of not in self._provinces:
            self._provinces[as_of] = self._lookup.provinces(as_of)
        return self._provinces[as_of]

    def communes(self, as_of: date) -> Sequence[tuple[str, str, str]]:
        """As `AddressLookup`."""
        if as_of not in self._communes:
            self._communes[as_of] = self._lookup.communes(as_of)
        return self._communes[as_of]


class FileLookup(Protocol):
    """Tệp đã lưu (files this person may refer to)."""

    def get(self, file_id: str) -> Mapping[str, Any] | None:
        """{id, name, size, media_type, sha256} of a stored file, None if there is none or it is someone else's."""
        ...


class AnswerError(ValueError):
    """Câu trả lời không dùng được (the message is the sentence shown beside the field)."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Hoàn cảnh trả lời (everything outside the answers that judging them needs)."""

    today: date
    lookup: AddressLookup | None = None
    files: FileLookup | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> "Surroundings":
        """From the `context` callers give: `today` (ISO date or date), `applicant`, `channel`, `lookup`, `files`.

        Raises:
            KeyError: `today` is missing.
        """
        today = context["today"]
        day = today if isinstance(today, date) else date.fromisoformat(today)
        applicant = {"full_name": None, "personal_id": None, "kind": None, **(context.get("applicant") or {})}
        variables = {
            "today": day.isoformat(),
            "channel": context.get("channel") or "",
            "applicant": {name: value for name, value in applicant.items() if isinstance(value, str | int | None)},
        }
        return cls(day, remembered(context.get("lookup")), context.get("files"), variables)

    def day(self, text: str) -> date:
        """The day of a limit: an ISO date or `today`."""
        return self.today if text == "today" else date.fromisoformat(text)


def remembered(lookup: AddressLookup | None) -> AddressLookup | None:
    """The same look-up, asked once a day; one that remembers already stays as it is."""
    return lookup if lookup is None or isinstance(lookup, RememberedPlaces) else RememberedPlaces(lookup)


def lowered(label: str) -> str:
    """A label inside a sentence: “Họ và tên” becomes “họ và tên”, abbreviations stay."""
    return label[:1].lower() + label[1:] if label[1:2].islower() or label[1:2] == " " else label
