"""`tinhso audit`: seal and verify the log."""

import sys

import click

from tinhso.config.bootstrap import setup


@click.group()
def command() -> None:
    """Niêm phong và kiểm tra nhật ký sự kiện."""


@command.command()
def verify() -> None:
    """Kiểm tra mọi niêm phong: dòng bị sửa, mất, chèn hay đổi thứ tự đều bị phát hiện."""
    setup()
    from tinhso.apps.audit.queries import verify_log

    report = verify_log()
    for problem in report.problems:
        place = f"niêm phong {problem.seal_id}" if problem.seal_id else "ngoài niêm phong"
        click.echo(f"✗ {place}, dòng {problem.entry_id or '-'}: {problem.message}")
    click.echo(f"{report.entries} dòng, {report.seals} niêm phong, {report.unsealed} dòng chờ niêm phong")
    if not report.ok:
        sys.exit(1)
    click.echo("✓ Nhật ký nguyên vẹn")


@command.command()
def seal() -> None:
    """Niêm phong ngay những dòng chưa niêm phong."""
    setup()
    from tinhso.apps.audit.actions import seal_entries
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    click.echo(f"{seal_entries(actor=SYSTEM, at=now())} dòng đã niêm phong")
