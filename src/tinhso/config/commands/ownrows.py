"""`tinhso ownrows`: the database's own second layer under citizens' pages, as SQL for its administrator."""

import click

from tinhso.config.bootstrap import setup


@click.command()
@click.option("--off", is_flag=True, help="the SQL that takes the layer away")
@click.option("--role", default="", help="the application's role; from the settings when empty")
def command(off: bool, role: str) -> None:
    """In SQL đặt (hoặc gỡ) lớp bảo vệ thứ hai: trang của công dân chỉ đọc được dòng của chính họ; chạy bằng psql."""
    setup()
    from django.conf import settings

    from tinhso.kernel import ownrows

    lines = ownrows.removal() if off else ownrows.statements(role or str(settings.DATABASES["default"]["USER"]))
    for line in lines:
        click.echo(f"{line};")
