"""The steps of a deadline in Vietnamese sentences (diễn giải cách tính thời hạn)."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from tinhso.lib.worktime.calendar import DayKind, Rule, WorkingCalendar, minute_of_day
from tinhso.lib.worktime.counting import CLOCK_PAUSE_UNITS
from tinhso.lib.worktime.limits import Limit, LimitUnit
from tinhso.lib.worktime.steps import Addition, Pause, Restart, Step

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
WEEKLY_REST = "ngày nghỉ hằng tuần"


def day(value: date) -> str:
    """`thứ Sáu 13/02/2026`."""
    return f"{_WEEKDAYS[value.weekday()]} {value:%d/%m/%Y}"


def instant_text(value: datetime) -> str:
    """`16:10 thứ Sáu 13/02/2026`."""
    return f"{value:%H:%M} {day(value)}"


def duration_text(minutes: int) -> str:
    """`19 giờ 10 phút`, `50 phút`, `16 giờ`."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} giờ"] if hours else []
    return " ".join([*parts, f"{rest} phút"] if rest or not hours else parts)


def start_step(
    received: datetime, start: datetime, limit: Limit, calendar: WorkingCalendar, *, in_last_hour: bool
) -> Step:
    """From the reception to the start of the clock."""
    if limit.unit is LimitUnit.CLOCK_HOUR:
        rule = f"Thời hạn tính liên tục bắt đầu ngay khi tiếp nhận: {instant_text(start)}."
        return Step(received, start, rule, _basis(calendar, Rule.CLOCK_HOUR))
    if in_last_hour:
        rule = f"Tiếp nhận trong giờ làm việc cuối cùng của ngày: tính như tiếp nhận lúc {instant_text(start)}."
        return _step(received, start, rule, calendar, Rule.LAST_HOUR)
    if start == received:
        rule = f"Tiếp nhận trong giờ làm việc: thời hạn tính từ {instant_text(start)}."
    else:
        rule = f"Tiếp nhận ngoài giờ làm việc: thời hạn tính từ giờ mở cửa kế tiếp, {instant_text(start)}."
    return _step(received, start, rule, calendar, Rule.START)


def count_steps(start: datetime, reached: datetime, limit: Limit, calendar: WorkingCalendar) -> list[Step]:
    """From the start of the clock to the instant the limit reaches."""
    match limit.unit:
        case LimitUnit.WORKING_DAY | LimitUnit.WORKING_HOUR:
            return list(_office_steps(start, reached, limit, calendar))
        case LimitUnit.SAME_DAY:
            return [_same_day_step(start, reached, calendar)]
        case LimitUnit.CLOCK_HOUR:
            rule = f"Cộng {limit.label()} liên tục, kể cả ban đêm và ngày nghỉ: {instant_text(reached)}."
        case _:
            rule = f"Cộng {limit.label()}, kể cả ngày nghỉ: {instant_text(reached)}."
            if limit.unit is not LimitUnit.CALENDAR_DAY and reached.day != start.day:
                rule += f" Tháng đó không có ngày {start.day}, lấy ngày cuối tháng."
    # Days off inside the span are counted here, so they are not listed.
    return [Step(start, reached, rule, _basis(calendar, Rule(limit.unit.value)))]


def settle_steps(reached: datetime, due: datetime, calendar: WorkingCalendar) -> list[Step]:
    """From an end outside office time to the closing it moves to; nothing when it did not move."""
    if reached == due:
        return []
    where = "trong giờ cơ quan không làm việc" if calendar.is_working_day(reached.date()) else "vào ngày nghỉ"
    rule = f"Thời hạn kết thúc {where} ({instant_text(reached)}): chuyển đến hết giờ làm việc, {instant_text(due)}."
    return [_step(reached, due, rule, calendar, Rule.NON_WORKING_END)]


def pause_step(
    pause: Pause, minutes: int, due: datetime, reached: datetime, limit: Limit, calendar: WorkingCalendar
) -> Step:
    """From the due instant without a pause to the one with it. `minutes`: what the pause adds."""
    rule = f"{_paused(pause)}: cộng thêm {duration_text(minutes)}"
    if limit.unit in CLOCK_PAUSE_UNITS:
        rule += f", đến {instant_text(reached)}."
        return Step(due, reached, rule, pause.basis or _basis(calendar, Rule.PAUSE))
    rule += f" làm việc, đến {instant_text(reached)}."
    return _step(due, reached, rule, calendar, Rule.PAUSE, basis=pause.basis)


def open_pause_step(pause: Pause, calendar: WorkingCalendar) -> Step:
    """The clock stands still: there is no due instant until the pause ends."""
    rule = f"{_paused(pause)}, chưa kết thúc: có ngày hẹn khi hết tạm dừng."
    return Step(pause.start, pause.start, rule, pause.basis or _basis(calendar, Rule.PAUSE))


def late_pause_step(pause: Pause, due: datetime) -> Step:
    """A pause that begins when the time has already run out."""
    return Step(due, due, f"{_paused(pause)}: thời hạn đã hết trước đó nên không cộng thêm.", pause.basis)


def addition_step(addition: Addition, due: datetime, reached: datetime, calendar: WorkingCalendar) -> Step:
    """From the due instant before an extension to the one after it."""
    rule = f"{_extended(addition)}: thêm {addition.amount.label()} kể từ ngày hẹn cũ, đến {instant_text(reached)}."
    return _step(due, reached, rule, calendar, Rule(addition.amount.unit.value), basis=addition.basis)


def late_addition_step(addition: Addition, due: datetime) -> Step:
    """An extension decided when the time had already run out."""
    return Step(due, due, f"{_extended(addition)}: thời hạn đã hết trước đó nên không cộng thêm.", addition.basis)


def restart_step(received: datetime, restart: Restart, at: datetime, limit: Limit) -> Step:
    """From the reception to the instant from which the limit counts anew."""
    why = f"{restart.reason}: " if restart.reason else ""
    what = f"tính thời hạn {limit.label()}" if restart.limit else "thời hạn tính lại từ đầu"
    rule = f"Tiếp nhận {instant_text(received)}. {why}{what} kể từ {instant_text(at)}."
    return Step(received, at, rule, restart.basis)


def late_restart_step(restart: Restart, due: datetime) -> Step:
    """A restart whose waiting began when the time had already run out."""
    why = restart.reason or "Tính lại từ đầu"
    return Step(due, due, f"{why}: yêu cầu khi thời hạn đã hết nên không tính lại.", restart.basis)


def kept_step(restart: Restart, due: datetime, reached: datetime) -> Step:
    """A restart that would end earlier than what has been promised: the promise stands."""
    why = f"{restart.reason}: " if restart.reason else ""
    rule = f"{why}tính lại từ đầu thì hết hạn {instant_text(reached)}, sớm hơn ngày đã hẹn nên giữ ngày đã hẹn."
    return Step(due, due, rule, restart.basis)


def _extended(addition: Addition) -> str:
    words = f"Gia hạn lúc {instant_text(addition.at)}"
    return f"{words} ({addition.reason})" if addition.reason else words


def _paused(pause: Pause) -> str:
    words = f"Tạm dừng từ {instant_text(pause.start)}"
    words += f" đến {instant_text(pause.end)}" if pause.end else ""
    return f"{words} ({pause.reason})" if pause.reason else words


def _same_day_step(start: datetime, due: datetime, calendar: WorkingCalendar) -> Step:
    cutoff = f"{calendar.rules.same_day_cutoff // 60:02}:{calendar.rules.same_day_cutoff % 60:02}"
    if minute_of_day(start) < calendar.rules.same_day_cutoff:
        rule = f"Tính từ trước {cutoff}: trả trong ngày, đến hết giờ làm việc {instant_text(due)}."
    else:
        rule = f"Tính từ {cutoff} trở đi: trả trong ngày làm việc tiếp theo, đến {instant_text(due)}."
    return _step(start, due, rule, calendar, Rule.SAME_DAY)


def _office_steps(start: datetime, due: datetime, limit: Limit, calendar: WorkingCalendar) -> Iterator[Step]:
    """One step per run of consecutive working days, one per stretch of days off between two runs."""
    first, offset = calendar.place(start)
    last = calendar.day_number(due) - 1
    # From the opening of a day, that day is itself day one; from any later minute, day one is the day after.
    day_one = first if offset == 0 else first + 1
    at, run_first = start, first
    for index in range(first, last + 1):
        if index == last:
            yield _run_step(at, due, (run_first, index, day_one), limit, calendar, is_last=True)
        elif (calendar.day_at(index + 1) - calendar.day_at(index)).days > 1:
            closing = calendar.closing(index)
            yield _run_step(at, closing, (run_first, index, day_one), limit, calendar, is_last=False)
            at, run_first = calendar.next_open(closing), index + 1
            yield _step(closing, at, "", calendar, Rule.OFFICE_HOURS)


def _run_step(
    at: datetime, until: datetime, run: tuple[int, int, int], limit: Limit, calendar: WorkingCalendar, *, is_last: bool
) -> Step:
    run_first, run_last, day_one = run
    if limit.unit is LimitUnit.WORKING_HOUR or limit.amount < 1 or run_last < day_one:
        worked = duration_text(calendar.between(at, until))
        rule = f"Tính {worked} làm việc, {_days(calendar.day_at(run_first), calendar.day_at(run_last))}"
    else:
        counted_first = max(run_first, day_one)
        rule = f"Đếm ngày làm việc thứ {counted_first - day_one + 1}"
        if run_last > counted_first:
            rule += f" đến thứ {run_last - day_one + 1}"
        rule += f": {_days(calendar.day_at(counted_first), calendar.day_at(run_last))}"
    bases = [_basis(calendar, Rule(limit.unit.value))]
    for made_up in _made_up_days(at.date(), until.date(), calendar):
        rule += f", kể cả {day(made_up)} làm bù"
        bases.append(_special_basis(calendar, made_up))
    if is_last:
        fraction = limit.amount % 1 if limit.unit is LimitUnit.WORKING_DAY else 0
        rule += f", gồm phần lẻ {_decimal(fraction)} ngày" if fraction else ""
        rule += f"; đủ thời hạn lúc {instant_text(until)}"
    return Step(at, until, f"{rule}.", _joined(bases))


def _step(from_: datetime, to: datetime, rule: str, calendar: WorkingCalendar, key: Rule, *, basis: str = "") -> Step:
    """A step whose rule ends with the days off it passes over, and whose basis names theirs."""
    days_off = [value for value in _each_day(from_.date(), to.date()) if not calendar.is_working_day(value)]
    bases = [basis or _basis(calendar, key), *(_special_basis(calendar, value) for value in days_off)]
    sentences = [rule] if rule else []
    if days_off:
        sentences.append(f"Không tính: {', '.join(_named(days_off, calendar))}.")
    return Step(from_, to, " ".join(sentences), _joined(bases))


def _named(days_off: list[date], calendar: WorkingCalendar) -> Iterator[str]:
    """`Tết Nguyên đán (16/02/2026 đến 20/02/2026)` for each stretch of days off that bear one name."""

    def name(value: date) -> str:
        special = calendar.special_day(value)
        return special.name if special else WEEKLY_REST

    # Within a stretch of consecutive dates, date minus rank is constant.
    ranked = [(name(value), value.toordinal() - rank, value) for rank, value in enumerate(days_off)]
    for (label, _), stretch in groupby(ranked, key=lambda item: item[:2]):
        values = [value for *_, value in stretch]
        yield f"{label} ({_dates(values[0], values[-1])})"


def _made_up_days(first: date, last: date, calendar: WorkingCalendar) -> list[date]:
    made_up = []
    for value in _each_day(first, last):
        special = calendar.special_day(value)
        if special is not None and special.kind is DayKind.SWAPPED_WORKING:
            made_up.append(value)
    return made_up


def _each_day(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _days(first: date, last: date) -> str:
    return day(first) if first == last else f"{day(first)} đến {day(last)}"


def _dates(first: date, last: date) -> str:
    return f"{first:%d/%m/%Y}" if first == last else f"{first:%d/%m/%Y} đến {last:%d/%m/%Y}"


def _decimal(value: Decimal | int) -> str:
    return f"{Decimal(value).normalize():f}".replace(".", ",")


def _basis(calendar: WorkingCalendar, key: Rule) -> str:
    return calendar.rules.basis.get(key, "")


def _special_basis(calendar: WorkingCalendar, value: date) -> str:
    special = calendar.special_day(value)
    return special.basis if special else ""


def _joined(bases: list[str]) -> str:
    return "; ".join(dict.fromkeys(filter(None, bases)))
