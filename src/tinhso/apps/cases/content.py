"""Clock scenarios: what happens to a case and when it is due, in files that an official reads and writes.

`content/scenarios/clock/*.yaml`. A scenario becomes the log of a case; the rules that read it are the ones of the product.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from tinhso.apps.audit.data import EntryData
from tinhso.apps.cases.data import ReminderRule
from tinhso.apps.cases.enums import PauseReason
from tinhso.lib.worktime import ZONE, Limit, LimitError
from tinhso.lib.yamltext import load_yaml

FOLDER = "scenarios/clock"
REMINDERS = Path("work/reminders.yaml")
_KEYS = {
    "name", "limit", "after_supplement", "last_hour_tomorrow", "new_holiday", "happens", "due", "first_due", "class",
    "indicator_766", "why",
}  # fmt: skip
_CLASSES = (None, "early", "on_time", "late")


@dataclass(frozen=True, slots=True)
class ClockScenario:
    """One scenario as its file tells it. `due` is None where the clock stands still at the end.

    `happens` is the log it amounts to; `finished_at` when a result was there; `new_holiday` a day that the calendar
    gives free after the case was received; `first_due` what was promised before that.
    """

    file: str
    name: str
    limit: str
    after_supplement: str
    last_hour_tomorrow: bool
    new_holiday: date | None
    happens: tuple[EntryData, ...]
    due: datetime | None
    first_due: datetime | None
    lateness: str | None
    indicator_766: bool | None
    finished_at: datetime | None


def load_clock_scenarios(root: Path) -> tuple[list[ClockScenario], list[str]]:
    """Every clock scenario under the content root, and what is wrong with the files, one sentence each."""
    found: list[ClockScenario] = []
    problems: list[str] = []
    for path in sorted((root / FOLDER).glob("*.yaml")):
        value = load_yaml(path.read_text(encoding="utf-8"))
        for number, item in enumerate(value["scenarios"], 1):
            where = f"{FOLDER}/{path.name}[{number}]"
            try:
                found.append(_read(item, where))
            except (KeyError, TypeError, ValueError, LimitError) as error:
                problems.append(f"{where}: {error}")
    return found, problems


def check(root: Path) -> list[str]:
    """What is wrong with the clock scenarios and the rules of reminders; for `tinhso content check`."""
    return [*load_clock_scenarios(root)[1], *_reminders_wrong(root)]


def _read(item: Mapping[str, Any], where: str) -> ClockScenario:
    unknown = set(item) - _KEYS
    if unknown:
        raise ValueError(f"không có khóa {', '.join(sorted(unknown))}")
    Limit.parse(str(item["limit"]))
    happens: list[EntryData] = []
    for line in item["happens"]:
        happens += _entries(line, str(item["limit"]), len(happens))
    if [entry.at for entry in happens] != sorted(entry.at for entry in happens):
        raise ValueError("các việc phải theo thứ tự thời gian")
    if item.get("class") not in _CLASSES:
        raise ValueError(f"class chỉ có thể là early, on_time, late: {item['class']}")
    holiday = item.get("new_holiday")
    return ClockScenario(
        file=where, name=str(item["name"]), limit=str(item["limit"]),
        after_supplement=str(item.get("after_supplement", "resume")),
        last_hour_tomorrow=bool(item.get("last_hour_tomorrow", False)),
        new_holiday=date.fromisoformat(str(holiday)) if holiday else None, happens=tuple(happens),
        due=_instant(item["due"]) if item["due"] else None,
        first_due=_instant(item["first_due"]) if item.get("first_due") else None, lateness=item.get("class"),
        indicator_766=item.get("indicator_766"),
        finished_at=next((entry.at for entry in happens if entry.type == "case.resolved"), None),
    )  # fmt: skip


def _entries(line: Mapping[str, Any], limit: str, so_far: int) -> list[EntryData]:
    """One line of a scenario: `{verb: instant}` or `{verb: {at: instant, …}}`."""
    ((verb, value),) = line.items()
    if verb not in _VERBS:
        raise ValueError(f"không biết việc “{verb}”; dùng được: {', '.join(sorted(_VERBS))}")
    values = dict(value) if isinstance(value, Mapping) else {"at": value}
    at = _instant(values.pop("at"))
    kind, payload = _VERBS[verb](at.isoformat(), {"limit": limit, **values})
    row = EntryData(
        id=so_far + 1, stream="case:1", sequence=so_far + 1, type=kind, payload=payload, actor_kind="officer",
        actor_id=None, actor_name="", at=at, recorded_at=at,
    )  # fmt: skip
    return [row]


def _instant(value: Any) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return at if at.tzinfo else at.replace(tzinfo=ZONE)


_Verb = Callable[[str, dict[str, Any]], tuple[str, dict[str, Any]]]


def _stop(at: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    reason = PauseReason(values["reason"])
    basis = values.get("basis", "")
    return "case.clock_suspended", {"pause_id": reason, "reason": reason, "basis": basis, "note": "", "since": at}


def _go_on(at: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "case.clock_resumed", {"pause_id": PauseReason(values["reason"]), "until": at}


def _extend(at: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    amount = f"{int(values['days'])} working_day"
    return "case.deadline_extended", {"decided_at": at, "amount": amount, "reason": "", "basis": ""}


_DUTY = PauseReason.FINANCIAL_DUTY
_VERBS: dict[str, _Verb] = {
    "received": lambda at, v: ("case.received", {"received_at": at, "limit": v["limit"]}),
    "received_elsewhere": lambda at, v: (
        "case.received",
        {"received_at": at, "limit": v["limit"], "starts_clock": False},
    ),
    "agency_has_it": lambda at, v: ("case.clock_started", {"started_at": at}),
    "supplement_asked": lambda at, v: ("case.supplement_requested", {"stage": "appraisal", "requested_at": at}),
    "supplement_given": lambda at, v: ("case.supplement_answered", {"stage": "appraisal", "answered_at": at}),
    "stopped": _stop,
    "went_on": _go_on,
    "duty_sent": lambda at, v: (
        "case.financial_duty_began",
        {"pause_id": _DUTY, "reason": _DUTY, "basis": "", "note": "", "since": at},
    ),
    "duty_paid": lambda at, v: (
        "case.financial_duty_ended",
        {"pause_id": _DUTY, "until": at, "limit": v.get("second_limit", "")},
    ),
    "extended": _extend,
    "handed_over": lambda at, v: (
        "case.handed_over",
        {"handed_over_at": at, "restarts_clock": bool(v.get("restarts_clock", False))},
    ),
    "moved_to_limit": lambda at, v: ("case.limit_changed", {"limit": v["new_limit"]}),
    "result": lambda at, v: ("case.resolved", {"resolved_at": at}),
    "assigned": lambda at, v: ("case.assigned", {}),
}


_REMINDER_KEYS = {
    "effective_from", "due_soon_percent", "last_day", "escalate_after_hours", "escalate_top_after_hours", "basis", "assumed",
}  # fmt: skip


class WorkContentError(ValueError):
    """The file of reminders is wrong; the message names every problem."""


def load_reminders(root: Path) -> tuple[ReminderRule, ...]:
    """When people are reminded and whom an overdue case is reported to (`content/work`), the earliest rule first.

    Raises:
        WorkContentError: with all problems found.
    """
    source = load_yaml((root / REMINDERS).read_text(encoding="utf-8"))
    items = source.get("reminders") or [] if isinstance(source, dict) else []
    problems = [problem for number, item in enumerate(items, 1) for problem in _reminder_problems(number, item)]
    if not items:
        problems.append("không có khối `reminders` nào")
    days = [item.get("effective_from") for item in items if isinstance(item, dict)]
    if len(set(days)) != len(days):
        problems.append("hai khối cùng ngày hiệu lực")
    if problems:
        raise WorkContentError("; ".join(problems))
    rules = [ReminderRule(**{**item, "assumed": bool(item.get("assumed", False))}) for item in items]
    return tuple(sorted(rules, key=lambda rule: rule.effective_from))


def reminders_at(root: Path, on: date) -> ReminderRule | None:
    """The rule in force on a day; None before the first."""
    held = [rule for rule in _reminders(root) if rule.effective_from <= on]
    return held[-1] if held else None


@lru_cache(maxsize=4)
def _reminders(root: Path) -> tuple[ReminderRule, ...]:
    return load_reminders(root)


def _reminder_problems(number: int, item: Any) -> list[str]:
    if not isinstance(item, dict):
        return [f"khối {number}: phải là các cặp khóa, giá trị"]
    found = [f"khối {number}: khóa lạ {key}" for key in sorted(set(item) - _REMINDER_KEYS)]
    found += [f"khối {number}: thiếu {key}" for key in sorted(_REMINDER_KEYS - {"assumed"} - set(item))]
    if found:
        return found
    if type(item["effective_from"]) is not date:
        found.append(f"khối {number}: effective_from phải là ngày")
    if not isinstance(item["due_soon_percent"], int) or not 1 <= item["due_soon_percent"] <= 99:
        found.append(f"khối {number}: due_soon_percent phải từ 1 đến 99")
    hours = [item["escalate_after_hours"], item["escalate_top_after_hours"]]
    if any(not isinstance(hour, int) or hour < 0 for hour in hours) or hours[0] > hours[1]:
        found.append(f"khối {number}: giờ báo cáo phải là số nguyên, và báo lãnh đạo không sớm hơn báo trưởng bộ phận")
    return found


def _reminders_wrong(root: Path) -> list[str]:
    if not (root / REMINDERS).exists():
        return []
    try:
        load_reminders(root)
    except WorkContentError as error:
        return [f"{REMINDERS}: {error}"]
    return []
