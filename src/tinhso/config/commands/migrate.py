"""`tinhso migrate`: bring the database's schema up to date."""

import click

from tinhso.config.bootstrap import setup


@click.command()
@click.option("--verbosity", type=click.IntRange(0, 3), default=1, show_default=True)
def command(verbosity: int) -> None:
    """Cập nhật cấu trúc cơ sở dữ liệu và quyền của ứng dụng."""
    setup(owner=True)
    from tinhso.config.database import migrate

    migrate(verbosity=verbosity)
