"""`tinhso deadline explain`: how a due date comes about.

From the calendars in content, without a database; or, with `--case`, from the log of a case.
"""

import json
from datetime import datetime
from typing import IO, Any

import click

from tinhso.apps.calendars.content import CalendarFileError, load_calendars
from tinhso.apps.calendars.data import CalendarDefinition
from tinhso.apps.calendars.rules import calendar_of_unit, working_calendar
from tinhso.config.bootstrap import setup
from tinhso.config.paths import CONTENT
from tinhso.lib.worktime import ZONE, Deadline, Limit, Pause, WorktimeError, compute_deadline, instant_text

_LENGTH_OF_DATE = len("2026-02-13")


class InputError(click.ClickException):
    """What was typed is wrong: one Vietnamese sentence on standard error and exit code 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence alone."""
        click.echo(self.message, file=file, err=file is None)


@click.group(name="deadline")
def command() -> None:
    """Tính và diễn giải thời hạn giải quyết."""


@command.command()
@click.option("--case", "case_code", help="Mã hồ sơ: diễn giải từ nhật ký của hồ sơ (cần cơ sở dữ liệu).")
@click.option("--limit", "limit_text", help="Thời hạn, ví dụ “7 working_day”, “24 clock_hour”, “same_day”.")
@click.option("--received", "received_text", help="Lúc tiếp nhận, ví dụ 2026-02-13T16:10 (giờ Việt Nam).")
@click.option("--unit", "unit_code", help="Mã đơn vị giải quyết, ví dụ H48; để trống nếu chỉ có một lịch.")
@click.option("--pause", "pause_texts", multiple=True, help="Khoảng tạm dừng TỪ..ĐẾN; để trống ĐẾN nếu đang tạm dừng.")
@click.option("--last-hour-tomorrow", is_flag=True, help="Tiếp nhận trong giờ làm việc cuối tính sang ngày sau.")
@click.option("--json", "as_json", is_flag=True, help="In JSON: due_at và steps (from, to, rule, basis).")
def explain(
    case_code: str | None,
    limit_text: str | None,
    received_text: str | None,
    unit_code: str | None,
    pause_texts: tuple[str, ...],
    last_hour_tomorrow: bool,
    as_json: bool,
) -> None:
    """In ngày giờ hẹn trả và từng bước tính, kèm quy tắc và căn cứ."""
    if case_code:
        _explain_case(case_code, as_json=as_json)
        return
    if not limit_text:
        raise InputError('Thiếu thời hạn: thêm --limit, ví dụ --limit "7 working_day".')
    if not received_text:
        raise InputError("Thiếu lúc tiếp nhận: thêm --received, ví dụ --received 2026-02-13T16:10.")
    try:
        limit = Limit.parse(limit_text)
        received_at = _instant(received_text)
        deadline = compute_deadline(
            received_at=received_at,
            limit=limit,
            calendar=working_calendar(_definition(unit_code)),
            pauses=[_pause(text) for text in pause_texts],
            last_hour_tomorrow=last_hour_tomorrow,
        )
    except (WorktimeError, CalendarFileError) as error:
        raise InputError(str(error)) from error
    if as_json:
        click.echo(json.dumps(deadline.to_dict(), ensure_ascii=False, indent=2))
    else:
        _print(limit.label(), received_at, deadline)


def _explain_case(code: str, *, as_json: bool) -> None:
    """The deadline of a case, from its log alone."""
    setup()
    from tinhso.apps.cases.queries import explain_deadline, find_by_code
    from tinhso.kernel.clock import now

    case = find_by_code(code)
    if case is None:
        raise InputError(f"Không có hồ sơ nào mang mã “{code}”.")
    explained = explain_deadline(case, now())
    if explained is None or case.received_at is None:
        raise InputError(f"Hồ sơ {case.code} chưa bắt đầu tính thời hạn.")
    if as_json:
        click.echo(json.dumps(explained.to_dict(), ensure_ascii=False, indent=2))
        return
    basis = f" ({explained.basis})" if explained.basis else ""
    click.echo(f"Hồ sơ:     {case.code}")
    _print(f"{explained.limit_label}{basis}", case.received_at, explained.deadline)
    for pause in explained.open_pauses:
        click.echo(f"Đang dừng từ {instant_text(pause.since.astimezone(ZONE))}: {pause.label}")
    for sentence in (explained.shortened, *explained.moved, explained.late_note, explained.disagreement):
        if sentence:
            click.echo(sentence)


def _definition(unit_code: str | None) -> CalendarDefinition:
    definitions = load_calendars(CONTENT / "calendars")
    if unit_code:
        found = calendar_of_unit(definitions.values(), unit_code.strip().upper())
        if found is None:
            known = ", ".join(unit for definition in definitions.values() for unit in definition.units)
            raise InputError(f"Không có lịch làm việc cho đơn vị “{unit_code}”; mã đơn vị phải bắt đầu bằng: {known}.")
        return found
    if len(definitions) > 1:
        raise InputError(f"Có {len(definitions)} lịch làm việc: thêm --unit với mã đơn vị giải quyết.")
    return next(iter(definitions.values()))


def _instant(text: str) -> datetime:
    """An instant as typed; without zone it is Vietnamese time."""
    unclear = InputError(f"Không hiểu thời điểm “{text}”: hãy viết ngày và giờ như 2026-02-13T16:10.")
    if len(text.strip()) <= _LENGTH_OF_DATE:
        raise unclear
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise unclear from None
    return instant if instant.tzinfo else instant.replace(tzinfo=ZONE)


def _pause(text: str) -> Pause:
    start, dots, end = text.partition("..")
    if not dots:
        raise InputError(f"Không hiểu khoảng tạm dừng “{text}”: hãy viết như 2026-03-03T10:00..2026-03-05T10:00.")
    return Pause(_instant(start), _instant(end) if end else None)


def _print(limit: str, received_at: datetime, deadline: Deadline) -> None:
    due = instant_text(deadline.due_at) if deadline.due_at else "chưa có, đang tạm dừng"
    click.echo(f"Thời hạn:  {limit}")
    click.echo(f"Tiếp nhận: {instant_text(received_at.astimezone(ZONE))}")
    click.echo(f"Hẹn trả:   {due}")
    click.echo()
    for number, step in enumerate((step for step in deadline.steps if step.rule), 1):
        click.echo(f"{number:2}. {step.rule}")
        if step.from_ != step.to:
            click.echo(f"    {instant_text(step.from_)} → {instant_text(step.to)}")
        if step.basis:
            click.echo(f"    Căn cứ: {step.basis}")
