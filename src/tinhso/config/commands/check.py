"""`tinhso check`: settings, routes, models and migrations fit together."""

import click

from tinhso.config.bootstrap import setup


@click.command()
def command() -> None:
    """Kiểm tra cấu hình, đường dẫn, mô hình và bản cập nhật cơ sở dữ liệu."""
    setup()
    from django.core.management import call_command

    call_command("check", fail_level="WARNING")
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)
