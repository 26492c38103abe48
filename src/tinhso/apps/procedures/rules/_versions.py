"""Versions on the line of days, labels of facts, differences between two facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tinhso.apps.procedures.data import FeeFact, LimitFact
from tinhso.lib.canonical import digest

# Parts an official compares first; the others are named as one ("documents: 7 → 8").
COMPARED = ("name", "field", "level", "agency", "decision", "limits", "fees", "documents", "results", "legal_basis")


@dataclass(frozen=True, slots=True)
class Span:
    """Days a version holds: `start` ≤ day < `end`; `rank` is that of its source (a higher one replaces a lower)."""

    id: int
    start: date
    end: date | None
    rank: int = 0

    @property
    def holds_some_day(self) -> bool:
        return self.end is None or self.end > self.start


def place_version(spans: Sequence[Span], start: date, rank: int = 0) -> tuple[dict[int, date], date | None]:
    """Where a new version that starts on a day fits: new ends of earlier ones, and its own end.

    The version in force on that day ends there; one that starts on the same day is replaced (it ends as it begins);
    one that starts later stays, and the new version ends where it begins, unless that one comes from a lower source.
    """
    ends: dict[int, date] = {}
    later: list[date] = []
    for span in spans:
        if not span.holds_some_day:
            continue
        if span.start <= start:
            if span.end is None or span.end > start:
                ends[span.id] = start
        elif span.rank < rank:
            ends[span.id] = span.start
        else:
            later.append(span.start)
    return ends, min(later, default=None)


def abolish(spans: Sequence[Span], day: date) -> dict[int, date]:
    """New ends when a procedure ceases on a day: what holds then ends, what would begin later never begins."""
    return {
        span.id: max(span.start, day)
        for span in spans
        if span.holds_some_day and (span.end is None or span.end > max(span.start, day))
    }


def limit_label(limits: Sequence[LimitFact]) -> str:
    """The limits in one line: `7 ngày làm việc`, or `7 đến 10 ngày làm việc` in words of each case."""
    labels = list(dict.fromkeys(fact.limit.label() if fact.limit else fact.text for fact in limits))
    short = [label for label in labels if label and len(label) <= 60]
    return " hoặc ".join(short[:3])


def fee_label(fees: Sequence[FeeFact]) -> str:
    """The fees in one line: `Miễn phí`, `100.000 đồng`, `Theo quy định`; empty when nothing is known."""
    if not fees:
        return ""
    amounts = [fee.amount_vnd for fee in fees]
    if all(amount == 0 for amount in amounts):
        return "Miễn phí"
    known = sorted({amount for amount in amounts if amount})
    if not known:
        return "Theo quy định"
    text = dong(known[0]) if len(known) == 1 else f"{dong(known[0])} – {dong(known[-1])}"
    return f"{text} đồng"


def dong(amount: int) -> str:
    """An amount as people write it: 1.000.000."""
    return f"{amount:,}".replace(",", ".")


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What an official should look at: `[{"part", "before", "after"}]`, lists by their length and items changed."""
    rows = []
    for part in COMPARED:
        old, new = before.get(part), after.get(part)
        if old != new:
            rows.append({"part": part, "before": _shown(old), "after": _shown(new)})
    return rows


def _shown(value: Any) -> Any:
    if isinstance(value, list):
        names = [_name(item) for item in value]
        return {"count": len(value), "items": names[:20]}
    if isinstance(value, Mapping):
        return value.get("number") or value.get("name") or dict(value)
    return value


def _name(item: Any) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    for key in ("limit", "amount_vnd", "name", "document", "text", "note"):
        if key in item:
            return str(item[key])[:160]
    return ""


def content_digest(value: Any) -> str:
    """SHA-256 of a content value in canonical JSON; fractions count as their text, since canonical JSON has none."""
    return digest(_without_floats(value))


def _without_floats(value: Any) -> Any:
    if isinstance(value, float):
        return str(value)
    if isinstance(value, dict):
        return {key: _without_floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_floats(inner) for inner in value]
    return value
