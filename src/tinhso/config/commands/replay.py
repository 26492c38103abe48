"""`tinhso replay`: a province's months lived again."""

import os
import time
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinhso.config import paths
from tinhso.config.bootstrap import setup

if TYPE_CHECKING:
    from tinhso.config.replay.play import Outcome, Tally


@click.command()
@click.argument("scenario")
@click.option(
    "--share", type=click.FloatRange(0, 1, min_open=True), default=1.0, show_default=True, help="Phần được chạy."
)
@click.option("--processes", type=click.IntRange(1, 64), default=os.cpu_count() or 1, show_default=True)
@click.option(
    "--papers-every", type=click.IntRange(0), default=25, show_default=True,
    help="Cứ bao nhiêu hồ sơ thì một hồ sơ có giấy tờ lập, ký, đóng dấu thật; 1: mọi hồ sơ; 0: không.",
)  # fmt: skip
@click.option(
    "--here", is_flag=True, help="Chạy trong bản cài đang trỏ tới (TINHSO_DATA_DIR, DATABASE_URL), không tạo bản riêng."
)
@click.option("--folder", type=click.Path(path_type=Path), help="Thư mục của tỉnh được sống lại.")
def command(scenario: str, share: float, processes: int, papers_every: int, here: bool, folder: Path | None) -> None:
    """Sống lại nhiều tháng của một tỉnh theo kịch bản ở content/replays, bằng chính các nghiệp vụ thật với đồng hồ được dời.

    Bị dừng giữa chừng thì chạy lại lệnh cũ để đi tiếp. Xong thì kiểm đếm độc lập (tinhso recount).
    """
    if here:
        _play(scenario, share=share, processes=processes, papers_every=papers_every)
        return
    from tinhso.config.replay.installation import lived_in

    with lived_in(folder or paths.data_dir().parent / f"replay-{scenario}", scenario):
        _play(scenario, share=share, processes=processes, papers_every=papers_every)


def _play(name: str, *, share: float, processes: int, papers_every: int) -> None:
    setup()
    from django.conf import settings

    from tinhso.apps.directory import queries as directory
    from tinhso.apps.exchange.actions import make_partitions
    from tinhso.config.replay import scenario as scenarios
    from tinhso.config.replay.play import play
    from tinhso.config.replay.stage import ReplayStage
    from tinhso.kernel.actions import lasting_facts
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import PROVINCE_TIME

    if not settings.DEMO:
        raise click.ClickException("Chỉ chạy trên bản dùng thử (TINHSO_DEMO=1): mọi người và hồ sơ ở đây là hư cấu.")
    try:
        scenario = scenarios.read(settings.CONTENT_DIR, name)
        directory.begin_request()  # the directory does not change while this runs: read it once
        with lasting_facts():
            stage = ReplayStage(scenario, papers_every=papers_every)
            begins = datetime.combine(scenario.first_day, clock_time(0), PROVINCE_TIME)
            make_partitions(actor=SYSTEM, at=begins, months=len(scenario.days()) // 28 + 2)
            count = round(scenario.cases * share)
            click.echo(f"{scenario.title}: {count} hồ sơ, {round(scenario.exchanges * share)} giao dịch")
            outcome = play(stage, count, share=share, processes=processes, tell=_Teller(count, scenario.days()))
    except scenarios.ScenarioError as error:
        raise click.ClickException(str(error)) from error
    _report(outcome)
    _recount()


class _Teller:
    """A line a week of the replay: how far, how fast, how long still."""

    def __init__(self, count: int, days: list[date]) -> None:
        self._count, self._days, self._began = count, days, time.monotonic()

    def __call__(self, tally: "Tally", day: date) -> None:
        if day.weekday() != 4 and day != self._days[-1]:
            return
        seconds = max(time.monotonic() - self._began, 0.001)
        filed = tally.filed.value
        left = (self._count - filed) * seconds / max(filed, 1)
        click.echo(
            f"      {day:%d/%m/%Y}: {filed}/{self._count} hồ sơ, {tally.acts.value} việc, {tally.exchanged.value} giao dịch;"
            f" {filed / seconds:.1f} hồ sơ/giây, còn khoảng {left / 60:.0f} phút"
        )


def _report(outcome: "Outcome") -> None:
    from tinhso.config.replay.play import parts

    click.echo(
        f"{outcome.filed} hồ sơ, {outcome.acts} việc, {outcome.exchanged} giao dịch trong {outcome.seconds:.0f} giây;"
        f" {outcome.ended_early} hồ sơ dừng sớm theo quy định"
    )
    total = sum(outcome.spent.values()) / 1e9
    click.echo(f"Thời gian xử lý của Python: {total:.0f} giây, gồm")
    for part, seconds in parts(outcome.spent):
        if seconds >= total / 200:
            click.echo(f"  {seconds:8.1f} s  {part}")


def _recount() -> None:
    from tinhso.config.commands.recount import check

    check()
