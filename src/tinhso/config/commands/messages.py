"""`tinhso messages`: the right to the official account on Zalo, and what waits to be sent."""

from pathlib import Path

import click

from tinhso.config.bootstrap import setup


@click.group()
def command() -> None:
    """Tin nhắn gửi ra ngoài: quyền tài khoản Zalo, gửi ngay các tin đang chờ."""


@command.command("zalo-token")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def zalo_token(file: Path) -> None:
    """Giữ mã đổi (refresh token) lấy ở trang quản lý ứng dụng Zalo, đọc từ tệp; mỗi mã chỉ dùng được một lần."""
    setup()
    from django.conf import settings

    from tinhso.apps.notifications import queries
    from tinhso.apps.notifications.actions import store_tokens
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    app_id = settings.MESSAGING["zalo"]["app_id"]
    if not app_id:
        raise click.ClickException("Chưa đặt TINHSO_ZALO_APP_ID.")
    known = queries.token_state(app_id)
    store_tokens(
        app_id=app_id, access="", refresh=file.read_text().strip(), seconds=0, generation=(known[0] if known else 0) + 1,
        actor=SYSTEM, at=now(),
    )  # fmt: skip
    click.echo("Đã giữ mã; hệ thống đổi lấy mã truy cập ở lần gửi tới. Xóa tệp đi.")


@command.command()
def send() -> None:
    """Gửi ngay các tin đến lượt."""
    setup()
    from tinhso.apps.notifications import flows
    from tinhso.kernel.clock import now

    at = now()
    click.echo(f"{flows.send_due(at=at)} tin, {flows.send_answers(at=at)} câu trả lời")
