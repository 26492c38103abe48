"""`tinhso vault`: bring what was made before there were vaults into them; for operators."""

import click

from tinhso.config.bootstrap import setup


@click.group()
def command() -> None:
    """Kho giấy tờ: đưa kết quả cũ vào kho."""


@command.command()
def backfill() -> None:
    """Đưa mọi kết quả đã ký từ trước vào kho của chủ hồ sơ. Dừng giữa chừng thì chạy lại: phần đã vào được bỏ qua."""
    setup()
    from tinhso.apps.cases import flows
    from tinhso.kernel.clock import now

    kept, left = flows.backfill_vault(at=now(), told=_told)
    click.echo(f"✓ Đã đưa {kept} kết quả vào kho")
    if left:
        raise click.ClickException(
            f"{left} kết quả chưa đọc được lúc này (tệp đang giữ lại, kho tệp ngoài tầm); mời chạy lại sau."
        )


def _told(kept: int, left: int) -> None:
    click.echo(f"  … {kept}" + (f", chưa đọc được {left}" if left else ""))
