"""What the law and the house say of petitions, computed from values: dates, allowed acts, codes, traces of persons."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

from tinhso.apps.petitions.data import Dues, PetitionLimits
from tinhso.apps.petitions.enums import PetitionAct, PetitionClass, PetitionStatus, PetitionTopic
from tinhso.lib.text import fold
from tinhso.lib.worktime import Pause, WorkingCalendar, compute_deadline

# Crockford's letters: nothing that is read for something else. Ten of them are fifty bits: a code is also the key with
# which a sender without an account finds her petition again, so it must not be guessable.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TOKEN_LENGTH = 10
_READ_AS = str.maketrans("ILO", "110")
_CODE = re.compile(r"PA-?([0-9ILO]{6})-?([0-9A-Z]{5})-?([0-9A-Z]{5})", re.ASCII)

_S, _A = PetitionStatus, PetitionAct
_DONE_IN: dict[PetitionAct, frozenset[PetitionStatus]] = {
    _A.ACCEPT: frozenset({_S.SENT}),
    _A.REFUSE: frozenset({_S.SENT}),
    _A.ASK: frozenset({_S.SENT, _S.HANDLING}),
    _A.GIVE: frozenset({_S.ASKED}),
    _A.LAPSE: frozenset({_S.ASKED}),
    _A.FORWARD: frozenset({_S.SENT, _S.HANDLING}),
    _A.DRAFT: frozenset({_S.HANDLING}),
    _A.RETURN: frozenset({_S.DRAFTED}),
    _A.APPROVE: frozenset({_S.DRAFTED}),
    _A.PUBLISH: frozenset({_S.ANSWERED}),
    _A.WITHHOLD: frozenset({_S.ANSWERED}),
    _A.TAKE_DOWN: frozenset({_S.ANSWERED}),
    _A.RATE: frozenset({_S.ANSWERED}),
}

HIDDEN = "[…]"
_TRACES = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),  # thư điện tử
    re.compile(r"\bh\d\d(?:\.\d+)*-\d{6}-\d{3,}"),  # mã hồ sơ
    re.compile(r"(?<!\d)\d{3}[ .]?\d{3}[ .]?\d{3}[ .]?\d{3}(?!\d)"),  # số định danh
    re.compile(r"(?<!\d)(?:\+?84|0)(?:[ .-]?\d){8,10}(?!\d)"),  # số điện thoại
    re.compile(r"(?<!\d)\d{9}(?!\d)"),  # số chứng minh nhân dân cũ
)


def is_done_in(act: PetitionAct, status: PetitionStatus) -> bool:
    """Whether an act belongs to this status (việc nào ở bước nào)."""
    return status in _DONE_IN[act]


def compute_dues(
    limits: PetitionLimits,
    *,
    sent_at: datetime,
    here_since: datetime,
    asked: Sequence[tuple[datetime, datetime | None]],
    calendar: WorkingCalendar,
) -> Dues:
    """The dates of a petition by the calendar of the unit that has it (thời hạn xử lý).

    The answer is counted from the day it was sent, whoever had it meanwhile: passing it on wins no time. Refusing and
    asking are counted from the day it came to this unit. While the sender is asked the clock stands still.
    """
    pauses = [Pause(start, end, "Chờ người gửi bổ sung") for start, end in asked]
    answer = compute_deadline(received_at=sent_at, limit=limits.answer.limit, calendar=calendar, pauses=pauses)
    refuse = compute_deadline(received_at=here_since, limit=limits.refuse.limit, calendar=calendar)
    ask = compute_deadline(received_at=here_since, limit=limits.ask.limit, calendar=calendar)
    assert refuse.due_at is not None and ask.due_at is not None  # noqa: S101, PT018 - no pause, so both have an end
    return Dues(refuse_by=refuse.due_at, ask_by=ask.due_at, answer_by=answer.due_at)


def must_publish(topic: str) -> bool:
    """Whether question and answer are to be published: all but a person's complaint about her own case."""
    return topic != PetitionTopic.COMPLAINT


def suggested_class(topic: str) -> PetitionClass:
    """The class the officer finds ticked; the decision is his."""
    return PetitionClass.REGULATION if topic == PetitionTopic.REGULATION else PetitionClass.STAFF


def petition_code(day: datetime, token: str) -> str:
    """`PA-261122-7KQ2M-XW9PD`: the day it was sent in the province and ten random letters."""
    return f"PA-{day:%y%m%d}-{token[:5]}-{token[5:]}"


def parse_code(text: str) -> str:
    """The code as it is written, whatever case, spaces and look-alike letters were typed; empty when it is none."""
    found = _CODE.fullmatch("".join(text.split()).upper()[:40])
    if found is None:
        return ""
    return "-".join(["PA", *(part.translate(_READ_AS) for part in found.groups())])


def personal_traces(text: str, known: Iterable[str]) -> list[str]:
    """Pieces of a text by which the sender could be known: numbers, addresses, and the `known` names and contacts."""
    normal, spans = _spans(text, known)
    return [normal[start:end] for start, end in spans]


def hide_traces(text: str, known: Iterable[str]) -> str:
    """The text with every such piece replaced; a suggestion for the officer who publishes."""
    normal, spans = _spans(text, known)
    for start, end in reversed(spans):
        normal = normal[:start] + HIDDEN + normal[end:]
    return normal


def _spans(text: str, known: Iterable[str]) -> tuple[str, list[tuple[int, int]]]:
    normal = unicodedata.normalize("NFC", text)
    plain = "".join(_plain(letter) for letter in normal)
    patterns = [*_TRACES, *filter(None, map(_known_pattern, known))]
    found = sorted(match.span() for pattern in patterns for match in pattern.finditer(plain))
    merged: list[tuple[int, int]] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return normal, merged


def _plain(letter: str) -> str:
    """One letter without its marks, still one letter: so that places in both texts are the same."""
    folded = fold(letter)
    return folded if len(folded) == 1 else letter


def _known_pattern(value: str) -> re.Pattern[str] | None:
    words = fold(value).split()
    if sum(map(len, words)) < 4:  # «An» alone is a word of every text
        return None
    return re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)")
