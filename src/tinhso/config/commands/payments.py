"""`tinhso payments`: bank statements and the daily reconciliation."""

from datetime import datetime
from pathlib import Path

import click

from tinhso.config.bootstrap import setup


@click.group()
def command() -> None:
    """Thu phí, lệ phí: sao kê, đối soát."""


@command.command()
@click.argument("account")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def statement(account: str, file: Path) -> None:
    """Đưa sao kê ngân hàng (CSV) của một tài khoản thu vào sổ."""
    setup()
    from tinhso.apps.payments import flows
    from tinhso.kernel import clock
    from tinhso.kernel.errors import DomainError

    try:
        counts = flows.take_statement_file(account_key=account, content=file.read_bytes(), at=clock.now())
    except DomainError as error:
        raise click.ClickException(error.message) from error
    for kind, count in sorted(counts.items()):
        click.echo(f"{kind}: {count}")


@command.command()
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--account", help="Khóa của tài khoản thu; không nêu thì mọi tài khoản.")
def reconcile(day: datetime, account: str | None) -> None:
    """Đối soát một ngày: nền tảng, ngân hàng và sổ; in từng chênh lệch."""
    setup()
    from tinhso.apps.payments import flows, queries
    from tinhso.kernel import clock

    open_differences = 0
    for key in [account] if account else [one.key for one in queries.collecting_accounts()]:
        row = flows.reconcile(account_key=key, day=day.date(), at=clock.now())
        click.echo(
            f"{key}: nền tảng {row.platform_count} / {row.platform_vnd:,} đ, ngân hàng {row.bank_count} / "
            f"{row.bank_vnd:,} đ, sổ {row.book_count} / {row.book_vnd:,} đ"
        )
        for difference in queries.differences_of(key, day.date()):
            click.echo(
                f"  {difference.get_status_display()}: {difference.get_kind_display()} {difference.external_id} "
                f"(bên kia {difference.theirs_vnd:,} đ, sổ {difference.ours_vnd:,} đ): {difference.explanation}"
            )
            open_differences += difference.status == "open"
    if open_differences:
        raise click.exceptions.Exit(1)
