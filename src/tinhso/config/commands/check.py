"""`tinhso check`: settings, routes, models and migrations fit together."""

import warnings

import click

from tinhso.config.bootstrap import setup


@click.command()
def command() -> None:
    """Kiểm tra cấu hình, đường dẫn, mô hình và bản cập nhật cơ sở dữ liệu."""
    setup()
    from django.core.management import call_command

    call_command("check", fail_level="WARNING")
    with warnings.catch_warnings():
        # Models and migrations are compared by themselves; no database need be running for it.
        warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
