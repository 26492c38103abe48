"""`tinhso static`: gather the browser's files where the web process serves them from."""

import click

from tinhso.config.bootstrap import setup


@click.command()
@click.option("--keep", is_flag=True, help="Giữ tệp của bản trước: trang đã mở khi nâng cấp vẫn dùng được.")
def command(keep: bool) -> None:
    """Gom tệp giao diện để máy chủ phục vụ (nén sẵn, tên theo nội dung)."""
    setup()
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0, clear=not keep)
