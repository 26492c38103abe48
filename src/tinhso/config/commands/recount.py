"""`tinhso recount`: an independent recount of everything from log and database."""

import os
import sys
import time
from typing import TYPE_CHECKING

import click

from tinhso.config import embedded, paths

if TYPE_CHECKING:
    from tinhso.config.recount.findings import Tally


@click.command()
def command() -> None:
    """Kiểm đếm độc lập từ nhật ký: hồ sơ, đồng hồ, sổ kết quả, đánh giá, khoản thu, biên lai, thông báo, giao dịch, niêm phong.

    Dùng SQL và phép tính riêng, không dùng mã nghiệp vụ. Có chỗ sai thì in từng chỗ và kết thúc với mã 1.
    """
    check()


def check() -> None:
    """Recount and tell; ends the program with 1 where something is wrong."""
    import psycopg

    from tinhso.config.recount import cases, logs, money, ratings, registers
    from tinhso.config.recount.findings import Tally

    address = os.environ.get("DATABASE_URL") or embedded.Cluster(paths.data_dir() / "postgres").url(
        embedded.APPLICATION
    )
    tally, began = Tally(), time.monotonic()
    with psycopg.connect(address) as connection:
        # One picture of everything, whoever writes meanwhile.
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for part in (cases, registers, ratings, money, logs):
            part.check(connection, tally)
    _tell(tally, time.monotonic() - began)
    if not tally.is_right:
        sys.exit(1)


def _tell(tally: "Tally", seconds: float) -> None:
    for what, number in tally.counted.items():
        click.echo(f"  {number:>12,}  {what}")
    for finding in tally.findings:
        click.echo(f"✗ {finding.kind} · {finding.where}: {finding.words}")
    for kind, number in tally.found.items():
        click.echo(f"✗ {number} chỗ: {kind}")
    click.echo(f"{'✓ Mọi thứ khớp' if tally.is_right else '✗ Có chỗ không khớp'} ({seconds:.0f} giây)")
