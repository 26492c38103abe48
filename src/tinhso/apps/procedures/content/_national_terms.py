"""Time limits and fees in national records: the two places where the portal's data errs most."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from tinhso.apps.procedures.data import FeeFact, LimitFact
from tinhso.apps.procedures.enums import DataProblem
from tinhso.lib.text import canonical, fold
from tinhso.lib.worktime import Limit, LimitUnit

Problems = list[tuple[DataProblem, str]]

# A bare hour in the portal's data is an office hour until content says otherwise (docs/decisions).
UNITS = {
    "working_day": LimitUnit.WORKING_DAY,
    "day": LimitUnit.CALENDAR_DAY,
    "hour": LimitUnit.WORKING_HOUR,
    "month": LimitUnit.MONTH,
    "year": LimitUnit.YEAR,
}
CHANNELS = {"online": "Nộp trực tuyến", "postal": "Nộp qua bưu chính", "direct": "Nộp trực tiếp"}
LONGEST_NOTE = 600
SMALLEST_FEE = 1000
_WORKING_DAYS_IN_WORDS = re.compile(r"(\d{1,3}(?:[.,]\d)?) ngay lam viec")
_TIME_WORDS = re.compile(r"\b(ngay|gio|thang|nam|tuan|phut|ngay sau|tuc thi)\b")
_FOREIGN = re.compile(r"\b(usd|do la|dola|eur|euro)\b|\$")
_NO_FEE = re.compile(r"^(khong( co| thu( (phi|le phi|phi, le phi))?)?|mien( phi| le phi)?|chua quy dinh)\b")
_FEE_WORDS = re.compile(
    r"\d{1,3}(\.\d{3})+|dong|theo quy dinh|quy dinh cua|hoi dong nhan dan|hdnd|muc thu|nop (phi|le phi)"
)


def read_limits(methods: list[Mapping[str, Any]], problems: Problems) -> tuple[LimitFact, ...]:
    """The limits of the channels, one line where they agree."""
    found: dict[tuple[str, str], list[str]] = {}
    facts: dict[tuple[str, str], LimitFact] = {}
    for method in methods:
        fact = _limit(method, problems)
        if fact is not None:
            key = (str(fact.limit or ""), fact.text)
            facts.setdefault(key, fact)
            found.setdefault(key, []).append(CHANNELS.get(str(method.get("channel")), ""))
    if not facts:
        problems.append((DataProblem.LIMIT_ABSENT, ""))
    if len({str(fact.limit) for fact in facts.values()}) > 1:
        problems.append((DataProblem.LIMITS_DIFFER, ", ".join(sorted({str(fact.limit) for fact in facts.values()}))))
    if len(facts) == 1:
        return tuple(facts.values())
    return tuple(
        LimitFact(name=", ".join(dict.fromkeys(found[key])), limit=fact.limit, text=fact.text)
        for key, fact in facts.items()
    )


def _limit(method: Mapping[str, Any], problems: Problems) -> LimitFact | None:
    value, unit = method.get("time_value"), method.get("time_unit")
    words = next(
        (text for text in (_note(method.get("time_text")), _note(method.get("note"))) if _tells_time(text)), ""
    )
    if value is not None and unit in UNITS:
        try:
            return LimitFact(limit=Limit(Decimal(str(value)), UNITS[unit]), text=_differing_note(words, value))
        except (ValueError, InvalidOperation):
            problems.append((DataProblem.LIMIT_VALUE, f"{value} {unit}"))
            return LimitFact(text=words or f"{value} {unit}")
    if value:
        problems.append((DataProblem.LIMIT_UNIT, str(value)))
    said = set(_WORKING_DAYS_IN_WORDS.findall(folded(words)))
    if len(said) == 1:
        amount = Decimal(said.pop().replace(",", "."))
        if amount > 0:
            return LimitFact(limit=Limit(amount, LimitUnit.WORKING_DAY), text=words)
    if words:
        return LimitFact(text=words)
    return LimitFact(text=f"{value} (nguồn không ghi đơn vị)") if value else None


def _tells_time(text: str) -> bool:
    return bool(text) and _TIME_WORDS.search(folded(text)) is not None


def _differing_note(words: str, value: object) -> str:
    """Words beside a clear number are kept only when they name another number of days: then there are cases."""
    said = {Decimal(text.replace(",", ".")) for text in _WORKING_DAYS_IN_WORDS.findall(folded(words))}
    return words if said - {Decimal(str(value))} else ""


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Notes and group names repeat; folding them once is a third of the time of an import."""
    return fold(text)


def _note(value: Any) -> str:
    return _shortened(value) if isinstance(value, str) else ""


@lru_cache(maxsize=4096)
def _shortened(text: str) -> str:
    """A note repeats for every channel, so it is cleaned once."""
    return canonical(text[: 2 * LONGEST_NOTE])[:LONGEST_NOTE].strip()


def read_fees(methods: list[Mapping[str, Any]], problems: Problems) -> tuple[FeeFact, ...]:
    """The fees of all channels, each once."""
    fees: dict[tuple[int | None, str], FeeFact] = {}
    seen: set[tuple[DataProblem, str]] = set()
    for method in methods:
        listed = method.get("fees")
        for entry in listed if isinstance(listed, list) else []:
            if not isinstance(entry, Mapping):
                continue
            fee, problem = _fee(entry)
            fees.setdefault((fee.amount_vnd, folded(fee.note)), fee)
            if problem and problem not in seen:
                seen.add(problem)
                problems.append(problem)
    return tuple(fees.values())


def _fee(entry: Mapping[str, Any]) -> tuple[FeeFact, tuple[DataProblem, str] | None]:
    amount, note = entry.get("amount"), _note(entry.get("note"))
    plain = folded(note)
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < 0:
        return FeeFact(note=note), None
    shown = f"{amount} đồng: {note[:80]}".rstrip(": ")
    if amount and _FOREIGN.search(plain):
        return FeeFact(note=note), (DataProblem.FEE_CURRENCY, shown)
    if 0 < amount < SMALLEST_FEE:
        in_full = f"{amount}.000"
        if re.search(rf"(?<![\d.]){re.escape(in_full)}(?![\d.])", note):
            return FeeFact(amount_vnd=amount * 1000, note=note), (DataProblem.FEE_THOUSANDS, shown)
        noted = f"nguồn ghi {amount}, chưa rõ đơn vị"
        return FeeFact(note=f"{note} ({noted})" if note else noted), (DataProblem.FEE_TOO_SMALL, shown)
    if amount == 0 and note and not _NO_FEE.match(plain) and _FEE_WORDS.search(plain):
        return FeeFact(note=note), (DataProblem.FEE_ZERO_BUT_NOTED, shown)
    return FeeFact(amount_vnd=amount, note="" if _NO_FEE.match(plain) else note), None
