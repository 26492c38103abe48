"""`tinhso officer`: the first people of an installation; everybody after them is taken on from the pages."""

import secrets
from datetime import datetime

import click

from tinhso.config.bootstrap import setup

_DAY = click.DateTime(formats=["%Y-%m-%d", "%d/%m/%Y"])


@click.group()
def command() -> None:
    """Cán bộ đầu tiên của một bản cài đặt: người quản trị; những người sau được nhận từ trang làm việc."""


@command.command("take-on")
@click.argument("username")
@click.option("--name", "full_name", required=True, help="Họ và tên.")
@click.option("--code", required=True, help="Mã cán bộ, công chức.")
@click.option("--unit", "unit_code", required=True, help="Mã đơn vị, ví dụ H48 hoặc H48.101.")
@click.option("--role", default="unit_admin", show_default=True, help="Vai trò trong content/roles.")
@click.option("--from", "since", type=_DAY, help="Ngày bắt đầu; bỏ trống là hôm nay.")
def take_on(username: str, full_name: str, code: str, unit_code: str, role: str, since: datetime | None) -> None:
    """Nhận một cán bộ và in mật khẩu đầu tiên (chỉ hiện lần này). Lần đăng nhập đầu tiên yêu cầu gắn mã xác thực."""
    setup()
    from tinhso.apps.accounts.actions import take_on_officer
    from tinhso.apps.directory.queries import unit_on
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now, today

    unit = unit_on(unit_code, today(), scheme="org", today=today()).unit
    password = secrets.token_urlsafe(12)
    made = take_on_officer(
        code=code, full_name=full_name, username=username, password=password, unit_id=unit.id, role=role,
        valid_from=since.date() if since else today(), actor=SYSTEM, at=now(),
    )  # fmt: skip
    click.echo(f"Đã tạo {made.username} ({made.full_name}) ở {unit.name}.")
    click.echo(f"Mật khẩu đầu tiên: {password}")
