"""A list of public days shared by calendars (ngày nghỉ lễ, Tết, nghỉ bù, hoán đổi), year by year."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from tinhso.apps.calendars.content._reader import Reader
from tinhso.lib.worktime import DayKind, SpecialDay, WorktimeError


@dataclass(frozen=True, slots=True)
class Basis:
    """Căn cứ pháp lý: how it is cited, from when it holds, and what is still open about it."""

    text: str
    effective_from: date
    open_point: str  # "giả định", "chờ xác nhận" or nothing


@dataclass(frozen=True, slots=True)
class PublicDays:
    """Ngày nghỉ dùng chung: the days, the years they cover, and what is still open about them."""

    days: tuple[SpecialDay, ...]
    years: frozenset[int]
    assumptions: tuple[str, ...]


def read_basis(reader: Reader, *, assumed: bool = False) -> Basis:
    """A legal basis: `{document, article, effective_from, confirmed}`."""
    document, article = reader.text("document"), reader.text("article", "")
    effective_from = reader.day("effective_from")
    confirmed = reader.flag("confirmed", default=True)
    reader.done()
    open_point = "giả định" if assumed else "" if confirmed else "chờ xác nhận"
    return Basis(_marked(f"{document}, {article}" if article else document, open_point), effective_from, open_point)


def read_public_days(reader: Reader) -> PublicDays:
    """The whole file."""
    reader.text("title")
    reader.texts("sources")
    bases = {name: read_basis(inner) for name, inner in reader.named("bases").items()}
    assumptions = [f"{reader.place}: {basis.text}" for basis in bases.values() if basis.open_point]
    days: list[SpecialDay] = []
    swaps: dict[date, date] = {}
    years: list[int] = []
    for block in reader.each("years"):
        year, announced = block.number("year"), block.flag("announced", default=True)
        if not announced:
            assumptions.append(f"{reader.place}: ngày nghỉ năm {year} là dự kiến, chưa có thông báo")
        for item in block.each("days"):
            name = item.text("basis")
            if name and name not in bases:
                item.problem(f"không có căn cứ “{name}” trong “bases”")
            special = read_day(item, bases.get(name), swaps, announced=announced)
            if special is not None and special.day.year != year:
                item.problem(f"ngày {special.day:%d/%m/%Y} không thuộc năm {year}")
            elif special is not None:
                days.append(special)
        block.done()
        years.append(year)
    reader.done()
    if years != sorted(set(years)):
        reader.problem("các năm phải xếp tăng dần, không trùng")
    check_order(reader, days)
    check_swaps(reader, days, swaps)
    return PublicDays(tuple(days), frozenset(years), tuple(assumptions))


def read_day(
    reader: Reader, basis: Basis | None, swaps: dict[date, date], *, announced: bool = True
) -> SpecialDay | None:
    """One day; None when it has problems. Pairs of swapped days are noted in `swaps` (off -> made up on)."""
    before = len(reader.problems)
    day, name, kind = reader.day("date"), reader.text("name"), reader.text("kind")
    hours = reader.hours("hours") if reader.has("hours") else None
    replaces = reader.day("replaces") if reader.has("replaces") else None
    made_up_on = reader.day("made_up_on") if kind == DayKind.SWAPPED_OFF else None
    reader.done()
    if kind and kind not in list(DayKind):
        reader.problem(f"“kind” phải là một trong: {', '.join(DayKind)}")
    if basis is not None and basis.effective_from > day > date.min:
        reader.problem(f"căn cứ “{basis.text}” chưa có hiệu lực vào ngày {day:%d/%m/%Y}")
    if len(reader.problems) > before or basis is None:
        return None
    if made_up_on is not None:
        swaps[day] = made_up_on
    text = basis.text if announced else _marked(basis.text, "dự kiến, chưa có thông báo")
    try:
        return SpecialDay(day, DayKind(kind), name, text, replaces=replaces, hours=hours)
    except WorktimeError as error:
        reader.problem(str(error))
        return None


def check_order(reader: Reader, days: list[SpecialDay]) -> None:
    """Days stand in order and none twice."""
    for earlier, later in pairwise(days):
        if earlier.day >= later.day:
            reader.problem(f"ngày {later.day:%d/%m/%Y} phải đứng sau ngày {earlier.day:%d/%m/%Y}, không trùng")


def check_swaps(reader: Reader, days: list[SpecialDay], swaps: dict[date, date]) -> None:
    """Every day taken off by a swap is worked on another, and every day worked replaces one taken off."""
    worked = {special.day: special.replaces for special in days if special.kind is DayKind.SWAPPED_WORKING}
    for off, made_up_on in swaps.items():
        if worked.get(made_up_on) != off:
            reader.problem(f"ngày nghỉ hoán đổi {off:%d/%m/%Y} không có ngày làm bù {made_up_on:%d/%m/%Y} tương ứng")
    for day, replaced in worked.items():
        if replaced is not None and swaps.get(replaced) != day:
            reader.problem(f"ngày làm bù {day:%d/%m/%Y} không có ngày nghỉ hoán đổi {replaced:%d/%m/%Y} tương ứng")


def _marked(text: str, open_point: str) -> str:
    return f"{text} ({open_point})" if open_point else text
