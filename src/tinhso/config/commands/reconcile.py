"""`tinhso reconcile`: comparing what we hold with what the other side holds."""

import click

from tinhso.config.bootstrap import setup


@click.group()
def command() -> None:
    """Đối soát với hệ thống bên ngoài."""


@command.command()
@click.option("--send", is_flag=True, help="Trước hết gửi những gì đang chờ, nhận hồ sơ mới nộp trên cổng.")
def national(send: bool) -> None:
    """Đối soát hồ sơ với Cổng Dịch vụ công quốc gia, in những chỗ hai bên khác nhau."""
    setup()
    from tinhso.apps.reconciliation import flows, queries
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now
    from tinhso.kernel.errors import DomainError

    if not flows.is_connected():
        raise click.ClickException("Chưa khai báo kết nối với Cổng Dịch vụ công quốc gia.")
    try:
        if send:
            report = flows.keep_in_step(clock=now)
            click.echo(f"{report.delivered} thông điệp đã gửi, {report.failed} chưa gửi được")
        found = flows.reconcile(actor=SYSTEM, clock=now)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    click.echo(
        f"{found.compared} hồ sơ đã so, {found.waiting} đang chờ gửi, {found.found} chỗ khác nhau, {found.gone} đã khớp lại"
    )
    for one in queries.list_differences(actor=SYSTEM, limit=500):
        click.echo(f"  {one.code}  {one.get_kind_display()}: ở đây «{one.ours or '-'}», bên kia «{one.theirs or '-'}»")
